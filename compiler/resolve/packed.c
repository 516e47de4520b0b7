/* Unpacks single files, with libarchive: an archive of one entry without a name ("raw") to it. */
#include "resolve/packed.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "resolve/bytes.h"
#include "support/checksum.h"
#include "support/compilation.h"
#include "support/libarchive.h"
#include "support/little_endian.h"
#include "support/memory.h"
#include "support/text.h"

enum { READ_SIZE = 65536 };

static const char *const names[] = {[PACKING_NONE] = "", [PACKING_GZIP] = "gzip", [PACKING_XZ] = "xz", [PACKING_ZSTD] = "zstd"};

static const int codes[] = {
	[PACKING_NONE] = ARCHIVE_FILTER_NONE, [PACKING_GZIP] = ARCHIVE_FILTER_GZIP, [PACKING_XZ] = ARCHIVE_FILTER_XZ,
	[PACKING_ZSTD] = ARCHIVE_FILTER_ZSTD};

struct unpacking {
	struct libarchive library;
	struct archive *reader;
	struct bytes bytes;
	uint64_t at;        /* in the packed file */
	bool failed;        /* to read it */
	struct arena *arena;
	size_t capacity, most;
	struct unpacked *out;
	unsigned char buffer[READ_SIZE];
};

static bool
broken(struct unpacking *u, const char *why)
{
	u->out->broken = why;
	return false;
}

static la_ssize_t
read_some(struct archive *reader, void *context, const void **bytes)
{
	struct unpacking *u = context;
	uint64_t left = u->bytes.content->size - u->at;
	size_t size = left < READ_SIZE ? (size_t)left : READ_SIZE;

	if (!bytes_read(&u->bytes, u->at, u->buffer, size)) {
		u->failed = true;
		u->library.set_error(reader, EIO, "unreadable");
		return -1;
	}
	u->at += size;
	*bytes = u->buffer;
	return (la_ssize_t)size;
}

static int
support(struct unpacking *u, enum packing packing)
{
	const struct libarchive *l = &u->library;

	switch (packing) {
	case PACKING_NONE:
		break;
	case PACKING_GZIP:
		return libarchive_add_filter(l, u->reader, l->read_support_filter_gzip);
	case PACKING_XZ:
		return libarchive_add_filter(l, u->reader, l->read_support_filter_xz);
	case PACKING_ZSTD:
		return libarchive_add_filter(l, u->reader, l->read_support_filter_zstd);
	}
	return ARCHIVE_OK;
}

/* What it says itself of damages depends on its version. */
static bool
damaged(struct unpacking *u, enum packing packing)
{
	return broken(u, arena_printf(u->bytes.c->arena, "what is packed in it by %s is damaged or cut off", names[packing]));
}

static bool
open_reader(struct unpacking *u, enum packing packing)
{
	const struct libarchive *l = &u->library;
	struct archive_entry *entry;

	if (!(u->reader = l->read_new()) || support(u, packing) < ARCHIVE_WARN || l->read_support_format_raw(u->reader) < ARCHIVE_WARN)
		memory_exhausted();
	if (l->read_open(u->reader, u, NULL, read_some, NULL) < ARCHIVE_WARN || l->read_next_header(u->reader, &entry) != ARCHIVE_OK)
		return damaged(u, packing);
	if (l->filter_code(u->reader, 0) != codes[packing] || l->filter_code(u->reader, 1) != ARCHIVE_FILTER_NONE)
		return broken(u, arena_printf(u->bytes.c->arena, "it is not packed once by %s, as its name says", names[packing]));
	return true;
}

/* Makes room for SIZE bytes more and a NUL. */
static void
reserve(struct unpacking *u, size_t size)
{
	size_t wanted = u->out->size + size + 1;
	char *more;

	if (wanted <= u->capacity)
		return;
	u->capacity = wanted < 2 * u->capacity ? 2 * u->capacity : wanted;
	more = arena_alloc(u->arena, u->capacity);
	if (u->out->size)
		memcpy(more, u->out->bytes, u->out->size);
	u->out->bytes = more;
}

/* Whether the checksum and the size behind a gzip stream (RFC 1952) are those of what came out, which libarchive does not ask. */
static bool
gzip_agrees(struct unpacking *u)
{
	enum { TRAILER = 8 };
	unsigned char trailer[TRAILER];

	if (!bytes_read(&u->bytes, u->bytes.content->size - TRAILER, trailer, TRAILER)) {
		u->failed = true;
		return false;
	}
	return get32(trailer) == checksum_crc32((unsigned char *)u->out->bytes, u->out->size) && get32(trailer + 4) == (uint32_t)u->out->size;
}

static bool
take_bytes(struct unpacking *u, enum packing packing)
{
	const void *bytes;
	size_t size;
	la_int64_t offset;
	int result;

	while ((result = u->library.read_data_block(u->reader, &bytes, &size, &offset)) == ARCHIVE_OK) {
		if (size > u->most - u->out->size)
			return broken(u, arena_printf(u->bytes.c->arena, "it unpacks to more than %s", text_bytes(u->bytes.c->arena, u->most)));
		reserve(u, size);
		memcpy(u->out->bytes + u->out->size, bytes, size);
		u->out->size += size;
	}
	if (result != ARCHIVE_EOF)
		return damaged(u, packing);
	reserve(u, 0);
	u->out->bytes[u->out->size] = '\0';
	return packing != PACKING_GZIP || gzip_agrees(u) || damaged(u, packing);
}

bool
packed_read(struct compilation *c, struct arena *arena, const struct content *content, struct span at, enum packing packing,
	size_t most, struct unpacked *out)
{
	struct arena *scratch = arena_new();
	struct unpacking *u = ARENA_NEW(scratch, struct unpacking);
	bool good = false;

	*out = (struct unpacked){0};
	*u = (struct unpacking){.bytes = {.c = c, .content = content, .at = at, .fd = -1}, .arena = arena, .most = most, .out = out};
	if (!libarchive_load(&u->library, c, at) ||
	    (content->kind == CONTENT_HOST && (u->bytes.fd = content_open(c, content, at)) < 0))
		goto out;
	good = open_reader(u, packing) && take_bytes(u, packing);
	good = !u->failed && (good || out->broken) && bytes_unchanged(&u->bytes);
out:
	if (u->reader)
		u->library.read_free(u->reader);
	if (u->bytes.fd >= 0)
		close(u->bytes.fd);
	libarchive_unload(&u->library);
	arena_free(scratch);
	return good;
}
