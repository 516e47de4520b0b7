/* Runs every test that registered itself, or those whose "file:name" holds one of the arguments. */
#include "unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct open_compilation {
	struct compilation c;
	struct open_compilation *next;
};

static struct unit_test *registered;
static size_t registered_count;
static struct open_compilation *open_compilations;

void
unit_register(struct unit_test *test)
{
	test->next = registered;
	registered = test;
	registered_count++;
}

struct compilation *
unit_compilation(void)
{
	struct open_compilation *new = calloc(1, sizeof *new);

	assert_non_null(new);
	new->c.arena = arena_new();
	new->c.diags.arena = new->c.arena;
	new->next = open_compilations;
	open_compilations = new;
	return &new->c;
}

const struct reason *
unit_reason(struct compilation *c, struct reason reason)
{
	struct reason *copy = ARENA_NEW(c->arena, struct reason);

	*copy = reason;
	return copy;
}

static int
close_compilations(void **state __attribute__((unused)))
{
	while (open_compilations) {
		struct open_compilation *next = open_compilations->next;

		directories_close(&open_compilations->c.directories);
		arena_free(open_compilations->c.arena);
		free(open_compilations);
		open_compilations = next;
	}
	return 0;
}

void
unit_expect_at(const struct compilation *c, size_t index, enum diag_kind kind, uint32_t line, uint32_t column,
	const char *file, int at)
{
	const struct diag *d;

	if (index >= c->diags.count) {
		print_error("%s:%d: there are %zu diagnostics, no number %zu\n", file, at, c->diags.count, index);
		_fail(file, at);
		return;
	}
	d = c->diags.list[index];
	if (d->kind == kind && d->at.line == line && d->at.column == column)
		return;
	print_error("%s:%d: diagnostic %zu is %u:%u: %s [%s], not %u:%u: [%s]\n", file, at, index,
		d->at.line, d->at.column, d->text, diag_catalogue[d->kind].name, line, column, diag_catalogue[kind].name);
	_fail(file, at);
}

void
unit_expect_none_at(const struct compilation *c, const char *file, int at)
{
	const struct diag *d;

	if (c->diags.count == 0)
		return;
	d = c->diags.list[0];
	print_error("%s:%d: unexpected: %u:%u: %s [%s]\n", file, at, d->at.line, d->at.column, d->text,
		diag_catalogue[d->kind].name);
	_fail(file, at);
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static char *
full_name(const struct unit_test *test)
{
	const char *file = base_name(test->file);
	size_t size = strlen(file) + strlen(test->name) + 2;
	char *name = malloc(size);

	if (name)
		snprintf(name, size, "%s:%s", file, test->name);
	return name;
}

static bool
wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strstr(name, argv[i]))
			return true;
	return argc < 2;
}

int
main(int argc, char **argv)
{
	struct CMUnitTest *tests = calloc(registered_count + 1, sizeof *tests);
	size_t count = registered_count, chosen;
	int failed;

	/* The list runs backwards; the tests are to run as they stand in their files. */
	for (struct unit_test *t = registered; tests && t; t = t->next)
		tests[--count] = (struct CMUnitTest){full_name(t), t->run, NULL, close_compilations, NULL};
	chosen = 0;
	for (size_t i = 0; tests && i < registered_count; i++) {
		if (tests[i].name && wanted(tests[i].name, argc, argv))
			tests[chosen++] = tests[i];
		else
			free((void *)(uintptr_t)tests[i].name);
	}
	if (chosen == 0) {
		fprintf(stderr, "unit: no test to run\n");
		free(tests);
		return 2;
	}
	failed = _cmocka_run_group_tests("rootc", tests, chosen, NULL, NULL);
	for (size_t i = 0; i < chosen; i++)
		free((void *)(uintptr_t)tests[i].name);
	free(tests);
	return failed ? 1 : 0;
}
