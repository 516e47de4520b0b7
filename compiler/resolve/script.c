/*
 * Decides what a script needs: its interpreter, and for /usr/bin/env the program that env will look for (elf-rules
 * K6).
 */
#include <string.h>

#include "resolve/resolver.h"
#include "support/text.h"

/* exec_binprm of the kernel gives up at the sixth. */
enum { MOST_SCRIPTS = 5 };

/* WALK: how far the interpreter's path leads; NULL when it is only a name. */
static void
report_missing(struct resolver *r, const struct root *root, const char *interpreter, const char *where, const struct walk *walk)
{
	struct lack *lack = lack_of(r, interpreter);

	if (lack->told) {
		lack_repeat(lack, root->need);
		return;
	}
	lack->told = diag(&r->c->diags, DIAG_INTERPRETER_MISSING, root->need->why.at, "the script '%s' is run by '%s', which is %s",
		root->need->path, interpreter, where);
	need_explain(lack->told, root->need);
	diag_help(lack->told, r->manifest->kernel.facts ? "add an input that has it, or name it in 'busybox.applets'" :
		"add an input that has it, or put it there under 'files' or 'busybox.applets'");
	if (walk)
		walk_explain(r->c, walk, lack->told);
}

static void
report_missing_path(struct resolver *r, const struct root *root, const char *path)
{
	struct place place = place_find(r, path);

	report_missing(r, root, path, place.walk.entry ? "not a file" : "not in the pool", &place.walk);
}

/* Makes PATH part of the image as the script's interpreter; false when there is nothing to run at PATH. */
static bool
take(struct resolver *r, const struct root *root, const char *path, const char *how)
{
	struct place place = place_find(r, path);
	struct reason why = {.at = root->need->why.at, .needed_by = root->need};
	struct need *need;

	if (place.file || place.is_applet)
		return true;
	if (!place.content)
		return false;
	why.text = arena_printf(r->c->arena, "%s of %s", how, root->need->path);
	need = place_take(r, &place, why);
	root_add(r, (struct root){.need = need, .content = place.content, .mode = need->entry->mode,
		.xattrs = need->entry->xattrs,
		.must_run = true, .depth = root->depth + 1});
	return true;
}

/* The first word of env's arguments that is no option and no NAME=VALUE; without -S all of the argument is one word. */
static const char *
env_program(struct compilation *c, const char *argument)
{
	size_t length;

	if (!text_starts_with(argument, "-S") && !text_starts_with(argument, "--split-string"))
		return argument;
	for (;; argument += length) {
		argument += strspn(argument, " \t");
		length = strcspn(argument, " \t");
		if (length == 0)
			return NULL;
		if (argument[0] == '-' && text_starts_with(argument, "-S") && length > 2)
			return arena_strndup(c->arena, argument + 2, length - 2);
		if (argument[0] != '-' && !memchr(argument, '=', length))
			return arena_strndup(c->arena, argument, length);
	}
}

/* In the PATH that an init or a shell of the image has, or more. */
static void
take_from_path(struct resolver *r, const struct root *root, const char *name)
{
	static const char *const directories[] = {"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin",
		"/sbin", "/bin"};

	if (strchr(name, '/')) {
		if (name[0] != '/' || !take(r, root, name, "#! env"))
			report_missing_path(r, root, name);
		return;
	}
	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		if (take(r, root, arena_printf(r->c->arena, "%s/%s", directories[i], name), "#! env"))
			return;
	report_missing(r, root, name,
		"in none of /usr/local/sbin, /usr/local/bin, /usr/sbin, /usr/bin, /sbin and /bin of the pool", NULL);
}

static bool
ends_in_program(struct resolver *r, const struct root *root, const struct file_facts *facts)
{
	for (unsigned scripts = 1; facts->kind == FILE_SCRIPT; scripts++) {
		struct place place;

		if (facts->problem)
			break;
		if (scripts > MOST_SCRIPTS) {
			diag(&r->c->diags, DIAG_SCRIPT_BROKEN, root->need->why.at,
				"the kernel cannot run the script '%s': its interpreters are scripts, more than %d deep",
				root->need->path, (int)MOST_SCRIPTS);
			return false;
		}
		place = place_find(r, facts->interpreter);
		if (!place.content)
			break;
		facts = facts_of(r, place.content, root->need->why.at);
	}
	return true;
}

void
resolve_script(struct resolver *r, const struct root *root, const struct file_facts *facts)
{
	const char *program;

	if (facts->problem) {
		need_explain(diag_help(diag(&r->c->diags, DIAG_SCRIPT_BROKEN, root->need->why.at,
			"the kernel cannot run the script '%s': %s", root->need->path, facts->problem),
			"%s", facts->remedy), root->need);
		return;
	}
	if (root->depth == 0 && !ends_in_program(r, root, facts))
		return;
	if (!take(r, root, facts->interpreter, "#!")) {
		report_missing_path(r, root, facts->interpreter);
		return;
	}
	if (!text_ends_with(facts->interpreter, "/env") || !facts->argument)
		return;
	program = env_program(r->c, facts->argument);
	if (program)
		take_from_path(r, root, program);
}
