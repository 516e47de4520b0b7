/* Decides what a file is by its first bytes: an ELF file, a script, or data. */
#include <string.h>
#include <unistd.h>

#include "resolve/resolver.h"

/* The kernel reads this much of a file to find out (BINPRM_BUF_SIZE since Linux 5.1). */
enum { SCRIPT_LINE = 256 };

/* The interpreter and the rest of the line as one argument, as load_script of the kernel splits them (K6). */
static void
split_line(struct file_facts *facts, char *line, size_t size)
{
	char *end = memchr(line, '\n', size), *word = line + 2;

	facts->remedy = "its first line must be '#!', the absolute path of an interpreter and at most one argument";
	if (!end && size == SCRIPT_LINE) {
		facts->problem = "its first line is longer than 256 bytes";
		return;
	}
	if (!end)
		end = line + size;
	if (memchr(line, '\0', (size_t)(end - line)))
		facts->problem = "its first line has a NUL";
	else if (end[-1] == '\r') {
		facts->problem = "its first line ends in CR LF";
		facts->remedy = "save it with lines that end in LF alone";
	}
	while (end > word && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	word += strspn(word, " \t");
	if (*word != '/' && !facts->problem)
		facts->problem = *word ? "its interpreter is not an absolute path" : "it names no interpreter";
	facts->interpreter = word;
	word += strcspn(word, " \t");
	if (*word) {
		*word++ = '\0';
		facts->argument = word + strspn(word, " \t");
	}
}

static bool
classify(struct bytes *b, struct file_facts *facts)
{
	size_t size = b->content->size < SCRIPT_LINE ? (size_t)b->content->size : SCRIPT_LINE;
	char *head = arena_alloc(b->c->arena, SCRIPT_LINE + 1);

	if (!bytes_read(b, 0, head, size))
		return false;
	if (size >= 2 && memcmp(head, "#!", 2) == 0) {
		facts->kind = FILE_SCRIPT;
		split_line(facts, head, size);
		return true;
	}
	if (size < 4 || memcmp(head, "\177ELF", 4) != 0)
		return true;
	facts->kind = FILE_ELF;
	return facts_read(b, &facts->elf);
}

static bool
look_into(struct bytes *b, struct file_facts *facts)
{
	bool ok;

	if (b->content->kind == CONTENT_BYTES)
		return classify(b, facts);
	if ((b->fd = content_open(b->c, b->content, b->at)) < 0)
		return false;
	ok = classify(b, facts) && bytes_unchanged(b);
	close(b->fd);
	return ok;
}

const struct file_facts *
facts_peek(struct resolver *r, const struct content *content, struct span at)
{
	struct file_facts **known = (struct file_facts **)map_slot(r->c->arena, &r->files, content);
	struct bytes bytes = {.c = r->c, .content = content, .at = at, .fd = -1};

	if (!*known) {
		*known = ARENA_NEW(r->c->arena, struct file_facts);
		if (!look_into(&bytes, *known))
			(*known)->kind = FILE_BROKEN;
	}
	return *known;
}

const struct file_facts *
facts_of(struct resolver *r, const struct content *content, struct span at)
{
	const struct file_facts *facts = facts_peek(r, content, at);

	if (facts->kind == FILE_BROKEN && facts->elf.broken && !*map_slot(r->c->arena, &r->broken, content)) {
		*map_slot(r->c->arena, &r->broken, content) = r;
		facts_report(r->c, content, &facts->elf, at);
	}
	return facts;
}
