/* Decides how names stand in a depfile, so that make and ninja both take them for what they are. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emit.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

static void
list(struct compilation *c, struct emit_vouched *vouched, const struct content *content)
{
	*ARENA_PUSH(c->arena, vouched->read, vouched->read_count) = seen_path(c->arena, content);
}

/* The sources of all files below NODE. */
static void
list_sources(struct compilation *c, struct emit_vouched *vouched, const struct node *node)
{
	if (node->kind == NODE_FILE && node->content->kind == CONTENT_HOST)
		list(c, vouched, node->content);
	for (uint32_t i = 0; i < node->child_count; i++)
		list_sources(c, vouched, node->children[i]);
}

void
emit_list_read(struct compilation *c, const struct plan *plan, struct emit_vouched *vouched)
{
	size_t kept = 1;

	for (size_t i = 0; i < c->seen_count; i++)
		list(c, vouched, c->seen[i].content);
	list_sources(c, vouched, plan->tree->root);
	qsort(vouched->read + 1, vouched->read_count - 1, sizeof *vouched->read, text_order);
	for (size_t i = 1; i < vouched->read_count; i++)
		if (strcmp(vouched->read[i], vouched->read[kept - 1]) != 0 && strcmp(vouched->read[i], vouched->read[0]) != 0)
			vouched->read[kept++] = vouched->read[i];
	vouched->read_count = kept;
}

/*
 * The first byte of PATH that has no form which both understand, or NULL. ninja ends a name at most of them, and make takes others
 * for patterns. For make "a(b)" is a member of an archive, a rule whose first word is followed by '=' gives a variable its value,
 * and '%' in a target is a pattern. Of '\' in front of '#' and ':' make halves the number, ninja takes one away.
 */
static const char *
strange_byte(const char *path, bool is_target, bool is_first)
{
	for (; *path; path++)
		if ((unsigned char)*path < ' ' || *path == '\x7f' || strchr("*?[]|;<>^`\"'&", *path) ||
				(*path == '\\' && (path[1] == '#' || path[1] == ':')) || (*path == '(' && text_ends_with(path, ")")) ||
				(is_target && *path == '%') || (is_first && *path == '='))
			return path;
	return NULL;
}

/* As make and ninja read it: '\' stands in front of blank, '#' and ':', and '$' is doubled; other '\' stand for themselves, but in
 * front of a blank, where each needs another one. */
static void
put_name(FILE *out, const char *path)
{
	size_t backslashes = 0;

	for (; *path; path++) {
		if (*path == ' ' || *path == '#' || *path == ':')
			for (size_t i = 0; i <= backslashes; i++)
				putc('\\', out);
		if (*path == '$')
			putc('$', out);
		putc(*path, out);
		backslashes = *path == '\\' ? backslashes + 1 : 0;
	}
}

static bool
put_all(struct compilation *c, FILE *out, const char *path, const struct emit_vouched *vouched, bool phony)
{
	const char *name = path, *bad = strange_byte(path, true, true);

	if (!bad)
		put_name(out, path);
	putc(':', out);
	for (size_t i = 0; !bad && i < vouched->read_count; i++) {
		name = vouched->read[i];
		bad = strange_byte(name, phony, i == 0);
		fputs(i ? " \\\n  " : " ", out);
		put_name(out, name);
	}
	putc('\n', out);
	for (size_t i = 0; phony && i < vouched->read_count; i++) {
		put_name(out, vouched->read[i]);
		fputs(":\n", out);
	}
	if (bad)
		diag_help(diag(&c->diags, DIAG_DEPFILE_NAME, (struct span){0}, "'%s' cannot be named in a depfile: make or ninja would read "
			"'%s' as something else", name, text_escape_bytes(c->arena, bad, 1)), "give it another name, or build without -MD");
	return !bad;
}

/* Whether DEPFILE is none of the files that it is to tell of: it would be written over. */
static bool
is_apart(struct compilation *c, const char *depfile, const char *path, const struct emit_vouched *vouched)
{
	static const struct emit_role role = {"depfile", "-MF"};
	struct emit_input *files = NULL;
	size_t count = 0;

	*ARENA_PUSH(c->arena, files, count) = (struct emit_input){.path = path};
	for (size_t i = 0; i < vouched->read_count; i++)
		*ARENA_PUSH(c->arena, files, count) = (struct emit_input){.path = vouched->read[i]};
	return emit_is_apart(c, depfile, &role, files, count);
}

static bool
write_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t put = write(fd, text, size);

		if (put < 0 && errno != EINTR)
			return false;
		text += put > 0 ? put : 0;
		size -= put > 0 ? (size_t)put : 0;
	}
	return true;
}

/* Writes the depfile as a whole or not at all; into what is no regular file, such as a pipe, as it is. */
static int
write_depfile(struct compilation *c, const char *path, const char *text, size_t size)
{
	struct stat info;
	int fd, error;

	if (stat(path, &info) < 0 || S_ISREG(info.st_mode))
		return file_replace(c->arena, path, text, size);
	fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno;
	error = write_all(fd, text, size) ? 0 : errno;
	return close(fd) < 0 && !error ? errno : error;
}

bool
emit_depfile(struct compilation *c, const char *depfile, const char *path, const struct emit_vouched *vouched, bool phony)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out;
	int error = 0;
	bool good;

	if (!is_apart(c, depfile, path, vouched))
		return false;
	out = open_memstream(&text, &size);
	if (!out)
		memory_exhausted();
	good = put_all(c, out, path, vouched, phony);
	if (fclose(out) != 0)
		memory_exhausted();
	if (good && (error = write_depfile(c, depfile, text, size)))
		diag(&c->diags, DIAG_DEPFILE_UNWRITABLE, (struct span){0}, "cannot write the depfile '%s': %s", depfile, strerror(error));
	free(text);
	return good && !error;
}
