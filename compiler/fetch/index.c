/* Decides how the contents of an archive are written down, and whether what was read back is whole. */
#include "fetch/index.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"

#define MAGIC "rootc-index 3\n"
#define LAST_LINE "sum %016" PRIx64 "\n"

enum { LAST_LINE_SIZE = sizeof "sum 0123456789abcdef\n" - 1 };

/* An index is some hundred bytes an entry; this is far above what the limits on archives can give. */
static const off_t index_bytes_max = INT64_C(1) << 30;

static const char letters[] = {[ENTRY_DIRECTORY] = 'd', [ENTRY_FILE] = 'f', [ENTRY_LINK] = 'l', [ENTRY_OTHER] = 'o'};

bool
index_path_is_clean(const char *path)
{
	const char *name = path;
	size_t length;

	for (; *path; name += length + 1) {
		length = (size_t)(strchrnul(name, '/') - name);
		if (length == 0 || length > INDEX_NAME_MAX ||
				(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.'))))
			return false;
		if (name[length] == '\0')
			return name + length - path <= INDEX_PATH_MAX;
	}
	return true;
}

/* Little-endian on every host, for a store may be copied. */
static uint64_t
word_at(const unsigned char *b)
{
	return b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 | (uint64_t)b[4] << 32 |
		(uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 | (uint64_t)b[7] << 56;
}

/* One to one in SUM and in WORD. */
static uint64_t
mix(uint64_t sum, uint64_t word)
{
	sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return sum ^ sum >> 32;
}

/*
 * Notices what a crash, a bad disk or an editor does to an index: a change within one word always, any other but for
 * one in 2^64. Against malice no sum would help, for whoever can write an index can write its sum.
 */
static uint64_t
checksum(const char *text, size_t size)
{
	unsigned char last[sizeof(uint64_t)] = {0};
	uint64_t sum = size;

	for (; size >= sizeof last; text += sizeof last, size -= sizeof last)
		sum = mix(sum, word_at((const unsigned char *)text));
	memcpy(last, text, size);
	return mix(sum, word_at(last));
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
print_xattr(FILE *out, const struct xattr *x)
{
	putc(' ', out);
	print_escaped(out, x->name);
	putc('=', out);
	for (size_t i = 0; i < x->size; i++)
		fprintf(out, "%02x", x->value[i]);
}

static void
print_row(FILE *out, const struct index_row *row)
{
	char hex[DIGEST_HEX], blob[BLOB_PATH];

	fprintf(out, "%c %04o %" PRIu32 " %" PRIu32 " ", letters[row->kind], (unsigned)row->mode, row->owner, row->group);
	if (row->kind == ENTRY_FILE)
		fprintf(out, "%" PRIu64 " %s ", row->size, store_blob_path(digest_format(&row->digest, hex), blob));
	print_escaped(out, *row->path ? row->path : ".");
	if (row->kind == ENTRY_LINK) {
		putc(' ', out);
		print_escaped(out, row->target);
	}
	if (row->file)
		fprintf(out, " =%" PRIu32, row->file);
	for (size_t i = 0; row->xattrs && i < row->xattrs->count; i++)
		print_xattr(out, &row->xattrs->list[i]);
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
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	if (!out)
		memory_exhausted();
	fputs(MAGIC, out);
	for (size_t i = 0; i < count; i++)
		print_row(out, rows[i]);
	if (fflush(out) != 0)
		memory_exhausted();
	fprintf(out, LAST_LINE, checksum(text, size));
	if (fclose(out) != 0)
		memory_exhausted();
	ok = store_put(store, index_path(store->c, hex), text, size);
	free(text);
	return ok;
}

/* The whole file at PATH in the store; NULL when it is not there or cannot be read. */
static char *
load(struct compilation *c, int store_fd, const char *path, size_t *size)
{
	int fd = openat(store_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size <= index_bytes_max) {
		*size = (size_t)info.st_size;
		text = arena_alloc(c->arena, *size + 1);
		if (file_read(fd, text, *size) != (ssize_t)*size)
			text = NULL;
	}
	close(fd);
	return text;
}

static bool
is_whole(const char *text, size_t size)
{
	char last[LAST_LINE_SIZE + 1];

	if (size < sizeof MAGIC - 1 + LAST_LINE_SIZE || memcmp(text, MAGIC, sizeof MAGIC - 1) != 0)
		return false;
	size -= LAST_LINE_SIZE;
	snprintf(last, sizeof last, LAST_LINE, checksum(text, size));
	return text[size - 1] == '\n' && memcmp(text + size, last, LAST_LINE_SIZE) == 0;
}

bool
index_open(struct index_reader *reader, struct compilation *c, int store_fd, const char *hex)
{
	size_t size = 0;
	char *text;

	errno = 0;
	text = load(c, store_fd, index_path(c, hex), &size);
	*reader = (struct index_reader){.arena = c->arena, .broken = !text ? errno != ENOENT : !is_whole(text, size)};
	if (!text || reader->broken)
		return false;
	reader->at = text + sizeof MAGIC - 1;
	reader->end = text + size - LAST_LINE_SIZE;
	return true;
}

/* Takes the next word of the line: ends it with a NUL in place. */
static char *
take_word(char **at)
{
	char *word = *at, *end = strchrnul(word, ' ');

	*at = end + (*end != '\0');
	*end = '\0';
	return word;
}

static bool
take_kind(char **at, enum entry_kind *kind)
{
	const char *letter = memchr(letters, (*at)[0], sizeof letters);

	if (!letter || (*at)[1] != ' ')
		return false;
	*kind = (enum entry_kind)(letter - letters);
	*at += 2;
	return true;
}

static bool
take_number(char **at, unsigned base, uint64_t max, uint64_t *value)
{
	const char *digits = *at;

	for (*value = 0; **at != ' '; ++*at) {
		unsigned digit = (unsigned)(unsigned char)**at - '0';

		if (digit >= base || *value > (max - digit) / base)
			return false;
		*value = *value * base + digit;
	}
	return (*at)++ > digits;
}

static int
hex_digit(char digit)
{
	static const signed char values_and_one[UCHAR_MAX + 1] = {
		['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
		['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
	};

	return values_and_one[(unsigned char)digit] - 1;
}

/* The byte that two digits stand for, below zero when they are none. */
static int
hex_byte(const char *digits)
{
	int high = hex_digit(digits[0]);

	return high < 0 ? high : high << 4 | hex_digit(digits[1]);
}

/* "blob/ab/SHA256", of which "ab" is the beginning. */
static bool
take_blob(char **at, struct index_row *row)
{
	const char *blob = take_word(at), *hex = blob + BLOB_PATH - DIGEST_HEX;

	if (*at - blob != BLOB_PATH || memcmp(blob, "blob/", 5) != 0 || memcmp(blob + 5, hex, 2) != 0 || hex[-1] != '/')
		return false;
	for (size_t i = 0; i < DIGEST_SIZE; i++) {
		int byte = hex_byte(hex + 2 * i);

		if (byte < 0)
			return false;
		row->digest.bytes[i] = (uint8_t)byte;
	}
	row->blob = blob;
	return true;
}

static bool
unescape(char *text)
{
	char *to = strchr(text, '\\');

	for (char *from = to; from && *from; from++) {
		int byte;

		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		if (from[1] != 'x' || (byte = hex_byte(from + 2)) <= 0)
			return false;
		*to++ = (char)byte;
		from += 3;
	}
	if (to)
		*to = '\0';
	return true;
}

/* "NAME=VALUE", in place. */
static bool
parse_xattr(char *word, char *equals, struct xattr *x)
{
	unsigned char *to = (unsigned char *)equals;

	*equals = '\0';
	x->name = word;
	x->value = to + 1;
	for (const char *from = equals + 1; *from; from += 2, x->size++) {
		int byte = hex_byte(from);

		if (byte < 0)
			return false;
		*++to = (unsigned char)byte;
	}
	return *word && unescape(word);
}

static bool
parse_file_number(const char *digits, uint32_t *number)
{
	size_t length = strspn(digits, "0123456789");

	*number = length > 0 && length < 8 && !digits[length] ? (uint32_t)strtoul(digits, NULL, 10) : 0;
	return *number > 0 && *number <= INDEX_FILES_MAX;
}

/* What may follow a path and a target: "=NUMBER" and extended attributes. */
static bool
parse_rest(struct arena *a, char *line, struct index_row *row)
{
	struct xattrs *set = NULL;

	while (*line) {
		char *word = take_word(&line), *equals = strrchr(word, '=');
		struct xattr x = {0};

		if (!equals)
			return false;
		if (equals == word && row->kind == ENTRY_FILE && row->file == 0) {
			if (!parse_file_number(word + 1, &row->file))
				return false;
			continue;
		}
		if (!parse_xattr(word, equals, &x))
			return false;
		row->xattrs = set = set ? set : ARENA_NEW(a, struct xattrs);
		xattrs_put(a, set, &x);
	}
	return true;
}

static bool
parse_row(struct arena *a, char *line, struct index_row *row)
{
	uint64_t mode, owner, group;
	char *path, *target;

	if (!take_kind(&line, &row->kind) || !take_number(&line, 8, 07777, &mode) ||
			!take_number(&line, 10, UINT32_MAX, &owner) || !take_number(&line, 10, UINT32_MAX, &group))
		return false;
	row->mode = (uint16_t)mode;
	row->owner = (uint32_t)owner;
	row->group = (uint32_t)group;
	if (row->kind == ENTRY_FILE && (!take_number(&line, 10, INT64_MAX, &row->size) || !take_blob(&line, row)))
		return false;
	path = take_word(&line);
	target = row->kind == ENTRY_LINK ? take_word(&line) : strchr(line, '\0');
	row->path = strcmp(path, ".") == 0 ? "" : path;
	row->target = target;
	return *path && (row->kind == ENTRY_LINK) == (*target != '\0') && parse_rest(a, line, row) && unescape(path) &&
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
	reader->broken = !end || !parse_row(reader->arena, line, row);
	return !reader->broken;
}
