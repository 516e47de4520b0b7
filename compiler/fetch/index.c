/* Decides how the contents of an archive are written down, and whether what was read back is whole. */
#include "fetch/index.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"

#define MAGIC "rootc-index 1\n"
#define DIGEST_KEY "sha256 "

enum { LAST_LINE = sizeof DIGEST_KEY - 1 + DIGEST_HEX };

/* An index is some hundred bytes an entry; this is far above what the limits on archives can give. */
static const off_t index_bytes_max = INT64_C(1) << 30;

static const char letters[] = {[ENTRY_DIRECTORY] = 'd', [ENTRY_FILE] = 'f', [ENTRY_LINK] = 'l', [ENTRY_OTHER] = 'o'};

bool
index_path_is_clean(const char *path)
{
	const char *name = path;

	for (const char *at = path; *path; at++) {
		size_t length = (size_t)(at - name);

		if (*at != '/' && *at != '\0')
			continue;
		if (length == 0 || length > INDEX_NAME_MAX || at - path > INDEX_PATH_MAX ||
				(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
			return false;
		if (*at == '\0')
			return true;
		name = at + 1;
	}
	return true;
}

static void
print_escaped(FILE *out, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte <= ' ' || byte == '\\' || byte == 0x7f)
			fprintf(out, "\\x%02x", byte);
		else
			putc(byte, out);
	}
}

static void
print_row(FILE *out, const struct index_row *row)
{
	fprintf(out, "%c %04o %" PRIu32 " %" PRIu32 " ", letters[row->kind], (unsigned)row->mode, row->owner, row->group);
	if (row->kind == ENTRY_FILE)
		fprintf(out, "%" PRIu64 " %s ", row->size, row->hex);
	else
		fputs("- - ", out);
	print_escaped(out, *row->path ? row->path : ".");
	if (row->kind == ENTRY_LINK) {
		putc(' ', out);
		print_escaped(out, row->target);
	}
	putc('\n', out);
}

static char *
index_path(struct compilation *c, const char *hex)
{
	return arena_printf(c->arena, "archive/%s.index", hex);
}

bool
index_write(struct store *store, const char *hex, struct index_row *const *rows, size_t count)
{
	char sum[DIGEST_HEX], *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	struct digest digest;
	bool ok;

	if (!out)
		memory_exhausted();
	fputs(MAGIC, out);
	for (size_t i = 0; i < count; i++)
		print_row(out, rows[i]);
	if (fflush(out) != 0)
		memory_exhausted();
	digest = digest_of(text, size);
	fprintf(out, DIGEST_KEY "%s\n", digest_format(&digest, sum));
	if (fclose(out) != 0)
		memory_exhausted();
	ok = store_put(store, index_path(store->c, hex), text, size);
	free(text);
	return ok;
}

/* The whole file at PATH in STORE; NULL when it is not there or cannot be read. */
static char *
load(struct compilation *c, const char *store, const char *path, size_t *size)
{
	int fd = file_open_beneath(store, path);
	struct stat info;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && info.st_size <= index_bytes_max) {
		*size = (size_t)info.st_size;
		text = arena_alloc(c->arena, *size + 1);
		if (file_read(fd, text, *size) != (ssize_t)*size)
			text = NULL;
	}
	close(fd);
	return text;
}

static bool
is_whole(char *text, size_t size)
{
	struct digest said, is;
	char *last;

	if (size < sizeof MAGIC - 1 + LAST_LINE || memcmp(text, MAGIC, sizeof MAGIC - 1) != 0)
		return false;
	last = text + size - LAST_LINE;
	if (last[-1] != '\n' || memcmp(last, DIGEST_KEY, sizeof DIGEST_KEY - 1) != 0 || text[size - 1] != '\n')
		return false;
	text[size - 1] = '\0';
	is = digest_of(text, size - LAST_LINE);
	return digest_parse(last + sizeof DIGEST_KEY - 1, &said) && digest_equal(&said, &is);
}

bool
index_open(struct index_reader *reader, struct compilation *c, const char *store, const char *hex)
{
	size_t size = 0;
	char *text;

	errno = 0;
	text = load(c, store, index_path(c, hex), &size);
	*reader = (struct index_reader){.broken = !text ? errno != ENOENT : !is_whole(text, size)};
	if (!text || reader->broken)
		return false;
	reader->at = text + sizeof MAGIC - 1;
	reader->end = text + size - LAST_LINE;
	return true;
}

/* Takes the next word of the line: ends it with a NUL in place. */
static char *
next_word(char **at)
{
	char *word = *at, *end = strchr(word, ' ');

	if (end)
		*end = '\0';
	*at = end ? end + 1 : word + strlen(word);
	return word;
}

static bool
parse_number(const char *text, unsigned base, uint64_t max, uint64_t *value)
{
	*value = 0;
	if (*text == '\0')
		return false;
	for (; *text; text++) {
		unsigned digit = (unsigned)(unsigned char)*text - '0';

		if (digit >= base || *value > (max - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return true;
}

static int
hex_digit(char c)
{
	const char digits[] = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool
unescape(char *text)
{
	char *to = strchr(text, '\\');

	for (char *from = to; from && *from; from++) {
		int high, low;

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		if (from[1] != 'x' || (high = hex_digit(from[2])) < 0 || (low = hex_digit(from[3])) < 0 || high + low == 0)
			return false;
		*to++ = (char)(high << 4 | low);
		from += 3;
	}
	if (to)
		*to = '\0';
	return true;
}

static bool
parse_kind(const char *word, enum entry_kind *kind)
{
	const char *at = memchr(letters, word[0], sizeof letters);

	if (!at || word[1] != '\0')
		return false;
	*kind = (enum entry_kind)(at - letters);
	return true;
}

static bool
is_hex(const char *text)
{
	return strlen(text) == DIGEST_HEX - 1 && strspn(text, "0123456789abcdef") == DIGEST_HEX - 1;
}

static bool
parse_row(char *line, struct index_row *row)
{
	uint64_t mode, owner, group;
	char *size, *path, *target;

	if (!parse_kind(next_word(&line), &row->kind) || !parse_number(next_word(&line), 8, 07777, &mode) ||
			!parse_number(next_word(&line), 10, UINT32_MAX, &owner) ||
			!parse_number(next_word(&line), 10, UINT32_MAX, &group))
		return false;
	row->mode = (uint16_t)mode;
	row->owner = (uint32_t)owner;
	row->group = (uint32_t)group;
	size = next_word(&line);
	row->hex = next_word(&line);
	path = next_word(&line);
	target = next_word(&line);
	row->path = strcmp(path, ".") == 0 ? "" : path;
	row->target = target;
	if (row->kind == ENTRY_FILE && (!parse_number(size, 10, INT64_MAX, &row->size) || !is_hex(row->hex)))
		return false;
	return *line == '\0' && *path && (row->kind == ENTRY_LINK) == (*target != '\0') && unescape(path) &&
		unescape(target) && index_path_is_clean(row->path);
}

bool
index_next(struct index_reader *reader, struct index_row *row)
{
	char *line = reader->at, *end;

	if (reader->broken || line == reader->end)
		return false;
	end = memchr(line, '\n', (size_t)(reader->end - line));
	*row = (struct index_row){0};
	if (end) {
		*end = '\0';
		reader->at = end + 1;
	}
	reader->broken = !end || !parse_row(line, row);
	return !reader->broken;
}
