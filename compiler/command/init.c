#include "command/command.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "support/arena.h"
#include "support/text.h"

/* The manifests of manifests/, whose lines "name: ..." are left out: see templates.sh. */
static const struct {
	const char *name, *before_name, *after_name;
} templates[] = {
#include "command/templates.inc"
};

enum { TEMPLATES = sizeof templates / sizeof *templates };

/* The index of the template NAME, or -1. */
static int
find_template(const char *name)
{
	for (int i = 0; i < TEMPLATES; i++)
		if (strcmp(templates[i].name, name) == 0)
			return i;
	return -1;
}

static enum rootc_status
no_template(const char *name)
{
	const char *names[TEMPLATES], *nearest;

	for (int i = 0; i < TEMPLATES; i++)
		names[i] = templates[i].name;
	nearest = text_nearest(name, names, TEMPLATES);
	if (nearest)
		return usage_error("there is no template '%s'; did you mean '%s'?", name, nearest);
	return usage_error("there is no template '%s'; 'rootc init' lists them", name);
}

static enum rootc_status
cannot(const char *what, const char *path)
{
	usage_error("cannot %s %s: %s", what, path, strerror(errno));
	return ROOTC_OUTPUT;
}

/* Closes FILE, which is PATH. */
static enum rootc_status
finish(FILE *file, const char *path)
{
	bool failed = ferror(file);

	return fclose(file) == EOF || failed ? cannot("write", path) : ROOTC_DONE;
}

static enum rootc_status
write_manifest(const char *path, int template, const char *name)
{
	FILE *file = fopen(path, "wxe");

	if (!file)
		return cannot("make", path);
	fprintf(file, "%sname: %s\n%s", templates[template].before_name, name, templates[template].after_name);
	return finish(file, path);
}

/* One that is there already serves another manifest beside it, and stays. */
static enum rootc_status
write_schema(const char *path)
{
	FILE *file = fopen(path, "wxe");

	if (!file)
		return errno == EEXIST ? ROOTC_DONE : cannot("make", path);
	rootc_print_schema(file);
	return finish(file, path);
}

/* An older one has lines of the user's own, and stays. */
static enum rootc_status
write_gitignore(const char *path)
{
	FILE *file = fopen(path, "wxe");

	if (!file)
		return errno == EEXIST ? ROOTC_DONE : cannot("make", path);
	fputs("/.rootc/\n*.img\n", file);
	return finish(file, path);
}

/* The last component of PATH, which loses the slashes at its end. */
static const char *
last_component(char *path)
{
	size_t size = strlen(path);
	char *slash;

	while (size > 1 && path[size - 1] == '/')
		path[--size] = '\0';
	slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Whether read/ takes NAME as the manifest's. */
static bool
is_manifest_name(const char *name)
{
	static const char legal[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
	size_t size = strlen(name);

	return size >= 1 && size <= 63 && strspn(name, legal) == size && !strchr("._-", name[0]);
}

static enum rootc_status
init(struct arena *a, int template, char *directory)
{
	const char *name = last_component(directory);
	const char *manifest = arena_printf(a, "%s/%s.yaml", directory, name);
	enum rootc_status status;

	if (!is_manifest_name(name))
		return usage_error("'%s' cannot be a manifest's name: lower-case letters, digits, '.', '_' and '-', with a letter or digit first", name);
	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return cannot("make", directory);
	status = write_manifest(manifest, template, name);
	if (status == ROOTC_DONE)
		status = write_schema(arena_printf(a, "%s/rootc.schema.json", directory));
	if (status == ROOTC_DONE)
		status = write_gitignore(arena_printf(a, "%s/.gitignore", directory));
	if (status == ROOTC_DONE)
		printf("%s: a copy of template %s\nnext: rootc run %s\n", manifest, templates[template].name, directory);
	return status;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct arena *a = arena_new();
	char *directory;
	int template = 0; /* what is first in the Makefile's list */
	enum rootc_status status;

	if (in->operand_count == 0) {
		for (int i = 0; i < TEMPLATES; i++)
			puts(templates[i].name);
		arena_free(a);
		return ROOTC_DONE;
	}
	directory = (char *)(uintptr_t)arena_printf(a, "%s", in->operands[in->operand_count - 1]);
	if (in->operand_count == 2)
		template = find_template(in->operands[0]);
	status = template <0 ? no_template(in->operands[0]) : init(a, template, directory);
	arena_free(a);
	return status;
}

const struct command command_init = {
	.name = "init",
	.operands = "[[TEMPLATE] DIR]",
	.summary = "begin a manifest from a template",
	.details = "Makes DIR with a manifest of its name, which is a commented copy of TEMPLATE (minimal), the schema for editors beside it,\n"
		   "and a .gitignore. No file that is there is written over. Without operands, lists the templates.\n",
	.run = run,
	.mask = ON_INIT,
	.operands_most = 2,
};
