#include "command/next.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/arena.h"
#include "support/compilation.h"
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

static const char *const *
template_names(void)
{
	static const char *names[TEMPLATES + 1];

	for (int i = 0; i < TEMPLATES; i++)
		names[i] = templates[i].name;
	return names;
}

static enum rootc_status
no_template(const char *name)
{
	const char *nearest = text_nearest(name, template_names(), TEMPLATES);

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

/* Adds to the file PATH what git need not keep, as far as it does not say so already. */
static enum rootc_status
write_gitignore(const char *path)
{
	static const char *const lines[] = {"/.rootc/\n", "*.img\n", "*.img.stamp\n", "*.img.new\n"};
	enum { LINES = sizeof lines / sizeof *lines };
	FILE *file = fopen(path, "a+e");
	bool has[LINES] = {false}, is_ended = true;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return cannot("write", path);
	for (ssize_t size; (size = getline(&line, &room, file)) > 0; is_ended = line[size - 1] == '\n')
		for (int i = 0; i < LINES; i++)
			has[i] |= strcmp(line, lines[i]) == 0;
	free(line);
	for (int i = 0; i < LINES; i++) {
		if (has[i])
			continue;
		fprintf(file, "%s%s", is_ended ? "" : "\n", lines[i]);
		is_ended = true;
	}
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

static enum rootc_status
make_directory(struct arena *a, int template, const char *directory, const char *name)
{
	const char *manifest = arena_printf(a, "%s/%s.yaml", directory, name);
	enum rootc_status status;

	if (mkdir(directory, 0777) < 0 && errno != EEXIST)
		return cannot("make", directory);
	status = write_manifest(manifest, template, name);
	if (status == ROOTC_DONE)
		status = write_schema(arena_printf(a, "%s/rootc.schema.json", directory));
	if (status == ROOTC_DONE)
		status = write_gitignore(arena_printf(a, "%s/.gitignore", directory));
	return status;
}

/* How the comment of TEMPLATE begins, up to the first full stop or colon: it stands behind the line for editors and an empty one. */
static const char *
summary(struct arena *a, int template)
{
	const char *text = strchr(templates[template].before_name, '\n') + strlen("\n#\n# ");
	char *words = arena_strdup(a, text), *to = words;

	for (; *text && strncmp(text, ". ", 2) != 0 && strncmp(text, ".\n", 2) != 0 && strncmp(text, ": ", 2) != 0; text++)
		if (*text == '\n' && text[1] == '#')
			text++;
		else
			*to++ = *text;
	*to = '\0';
	return words;
}

static enum rootc_status
list_templates(void)
{
	struct arena *a = arena_new();

	for (int i = 0; i < TEMPLATES; i++)
		printf("%-17s %s\n", templates[i].name, summary(a, i));
	arena_free(a);
	return ROOTC_DONE;
}

/* A single operand that is called as a template is one of that; else without a template it is the first in the Makefile's list. */
static enum rootc_status
run(const struct invocation *in)
{
	int template = in->operand_count ? find_template(in->operands[0]) : 0;
	enum rootc_status status = ROOTC_USAGE;
	const char *name;
	char *directory;
	struct rootc *r;
	struct arena *a;

	if (in->operand_count == 0)
		return list_templates();
	if (template < 0 && in->operand_count == 2)
		return no_template(in->operands[0]);
	template = template < 0 ? 0 : template;
	r = invocation_begin(in);
	a = rootc_compilation(r)->arena;
	directory = arena_strdup(a, in->operands[in->operand_count - 1]);
	name = last_component(directory);
	if (rootc_can_be_name(r, name))
		status = make_directory(a, template, directory, name);
	if (status == ROOTC_DONE && in->verbosity != VERBOSITY_QUIET)
		printf("%s/%s.yaml: a copy of template %s\nnext: rootc run %s\n", directory, name, templates[template].name,
			next_word(a, directory));
	return invocation_end(in, r, status);
}

const struct command command_init = {
	.name = "init",
	.operands = "[[TEMPLATE] DIR]",
	.summary = "begin a manifest from a template",
	.details = "Makes DIR with a manifest of its name, which is a commented copy of TEMPLATE, the schema for editors beside it, and a\n"
		".gitignore. No file that is there is written over. Without TEMPLATE it is the one that DIR is called as, or else minimal.\n"
		"Without operands, lists the templates.\n",
	.run = run,
	.words = template_names,
	.mask = ON_INIT,
	.operands_most = 2,
};
