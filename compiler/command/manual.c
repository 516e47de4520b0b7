#include "command/command.h"
#include "command/options.h"

#include <string.h>

#include "support/arena.h"
#include "support/mdoc.h"
#include "support/text.h"

/* The pages beside those of the commands. */
static void print_rootc(void), print_manifest(void), print_errors(void);

static const struct {
	const char *name;
	int section;
	void (*print)(void);
} pages[] = {
	{"rootc", 1, print_rootc},
	{"rootc-manifest", 5, print_manifest},
	{"rootc-errors", 7, print_errors},
};

enum { PAGES = sizeof pages / sizeof *pages };

static const struct {
	enum rootc_status status;
	const char *means;
} statuses[] = {
	{ROOTC_DONE, "It is done."},
	{ROOTC_NO, "The answer is no: two images differ, or one is not as it should be."},
	{ROOTC_USAGE, "The command line is wrong."},
	{ROOTC_MANIFEST, "The manifest has errors."},
	{ROOTC_INPUT, "An input is missing, broken or not what the lock says."},
	{ROOTC_OUTPUT, "The output or the host failed."},
	{ROOTC_UNSEEN, "'rootc run' did not see what it expected."},
	{ROOTC_BUG, "A bug in rootc."},
};

static void
print_statuses(void)
{
	mdoc_section(stdout, "EXIT STATUS");
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
		printf(".It %d\n", (int)statuses[i].status);
		mdoc_text(stdout, statuses[i].means);
	}
	puts(".It 128+n\nSignal n ended it.\n.El");
}

/* All pages of the table but SELF. */
static void
print_see_also(const char *self)
{
	bool some = false;

	mdoc_section(stdout, "SEE ALSO");
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(pages[i].name, self) != 0) {
			printf("%s.Xr %s %d", some ? " ,\n" : "", pages[i].name, pages[i].section);
			some = true;
		}
	putchar('\n');
}

static void
print_environment(void)
{
	static const struct {
		const char *name, *text;
	} rows[] = {
		{"CI", "When it is 'true', inputs must be what the lock says, as with --locked, where there is a lock that tells of all."},
		{"NO_COLOR", "When it is set, messages have no colour, as with --color never."},
		{"TERM", "When it is not set, empty or 'dumb', what takes long is told of in lines, as where standard error is no terminal."},
	};

	mdoc_section(stdout, "ENVIRONMENT");
	mdoc_text(stdout, "None of it decides a byte of an image.");
	puts(".Bl -tag -width NO_COLOR");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		printf(".It Ev %s\n", rows[i].name);
		mdoc_text(stdout, rows[i].text);
	}
	puts(".El");
}

static void
print_rootc(void)
{
	mdoc_begin(stdout, "rootc", 1, "compile one manifest into one bootable disk image");
	mdoc_section(stdout, "SYNOPSIS");
	puts(".Nm\n.Ar command\n.Op Ar option ...\n.Op Ar operand ...");
	mdoc_section(stdout, "DESCRIPTION");
	mdoc_text(stdout, "One YAML manifest goes in: disk size, partitions, file systems, kernel, busybox applets, device nodes, the boot menu. "
		"One bootable disk image comes out, the same bytes every time. Nothing needs root.\n\nThe commands, each with a page of its own:\n");
	puts(".Bl -tag -width completion");
	for (size_t i = 0; commands[i]; i++) {
		printf(".It Cm %s\n", commands[i]->name);
		mdoc_text(stdout, commands[i]->summary);
	}
	puts(".El");
	print_environment();
	print_statuses();
	mdoc_section(stdout, "EXAMPLES");
	mdoc_text(stdout, "A first image, booted in QEMU:\n  rootc init demo\n  rootc run demo");
	print_see_also("rootc");
}

static void
print_manifest(void)
{
	mdoc_begin(stdout, "rootc-manifest", 5, "what a manifest of rootc says");
	mdoc_section(stdout, "DESCRIPTION");
	rootc_print_manual(stdout);
	print_see_also("rootc-manifest");
}

static void
print_errors(void)
{
	mdoc_begin(stdout, "rootc-errors", 7, "what the messages of rootc mean");
	mdoc_section(stdout, "DESCRIPTION");
	mdoc_text(stdout, "Each message ends with its name in brackets. These are all of them, as 'rootc explain' tells them.");
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < DIAG_KINDS; i++) {
		printf(".It Sy %s\n", diag_catalogue[i].name);
		view_explanation_page(stdout, &diag_catalogue[i]);
	}
	puts(".El");
	print_see_also("rootc-errors");
}

/* Operands as usage shows them: what is in brackets may be left out. */
static void
print_operands(const char *operands)
{
	bool begun = false;

	for (const char *at = operands; *at; begun = true) {
		size_t size = strcspn(at, " []");

		if (*at == ' ') {
			at++;
			continue;
		}
		fputs(begun ? " " : ".", stdout);
		if (size)
			printf("Ar %.*s", (int)size, at);
		else
			fputs(*at == '[' ? "Oo" : "Oc", stdout);
		at += size ? size : 1;
	}
	if (begun)
		putchar('\n');
}

static void
print_options(const struct command *command)
{
	struct option_row row;

	mdoc_section(stdout, "OPTIONS");
	puts(".Bl -tag -width Ds");
	for (int at = 0; options_next(command, &at, &row);) {
		printf(".It ");
		if (row.brief[0])
			printf("Fl %s , ", row.brief);
		printf("Fl -%s", row.name);
		if (row.argument) {
			printf(" Ar ");
			mdoc_argument(stdout, row.argument);
		}
		putchar('\n');
		mdoc_text(stdout, row.help);
	}
	puts(".El");
}

static void
print_command(const struct command *command)
{
	struct arena *a = arena_new();

	mdoc_begin(stdout, arena_printf(a, "rootc-%s", command->name), 1, command->summary);
	mdoc_section(stdout, "SYNOPSIS");
	printf(".Nm rootc %s\n.Op Ar option ...\n", command->name);
	print_operands(command->operands);
	mdoc_section(stdout, "DESCRIPTION");
	mdoc_text(stdout, command->details);
	print_options(command);
	print_statuses();
	print_see_also("");
	arena_free(a);
}

static const char *const *
page_names(void)
{
	static const char *names[PAGES + COMMANDS_MOST + 1];
	static char texts[COMMANDS_MOST][32];
	size_t count = 0;

	for (; count < PAGES; count++)
		names[count] = pages[count].name;
	for (size_t i = 0; commands[i]; i++) {
		snprintf(texts[i], sizeof texts[i], "rootc-%s", commands[i]->name);
		names[count++] = texts[i];
	}
	return names;
}

static enum rootc_status
print_page(const char *name)
{
	const char *const *names = page_names();
	size_t index = text_index(names, name), count = 0;
	const char *nearest;

	while (names[count])
		count++;
	if (index < count) {
		if (index < PAGES)
			pages[index].print();
		else
			print_command(commands[index - PAGES]);
		return ROOTC_DONE;
	}
	nearest = text_nearest(name, names, count);
	if (nearest)
		return usage_error("there is no page '%s'; did you mean '%s'?", name, nearest);
	return usage_error("there is no page '%s'; 'rootc manual' lists them", name);
}

static enum rootc_status
run(const struct invocation *in)
{
	const char *const *names = page_names();

	if (in->operand_count)
		return print_page(in->operands[0]);
	for (size_t i = 0; names[i]; i++)
		printf("%s.%d\n", names[i], i < PAGES ? pages[i].section : 1);
	return ROOTC_DONE;
}

const struct command command_manual = {
	.name = "manual",
	.operands = "[PAGE]",
	.summary = "print a page of the manual, for man",
	.details = "The page is mdoc(7), which man shows:\n\n  rootc manual rootc-build | man -l -\n\nWithout PAGE, lists all of them with their "
		"sections. 'make install' puts them where man finds them.\n",
	.run = run,
	.words = page_names,
	.mask = ON_MANUAL,
	.operands_most = 1,
};
