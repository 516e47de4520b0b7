/* Decides what of an archive counts: its entries' names, kinds, modes, owners and bytes; never its times or its scripts. */
#include "fetch/unpack.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

enum { ENTRIES_MAX = 1 << 20, XATTRS_MAX = 1024 /* of an entry: no file system stores so many */ };

static const int64_t unpacked_bytes_max = INT64_C(16) << 30;
static const size_t name_bytes_max = (size_t)128 << 20; /* of all names and attributes together, which are held in memory */
static const char most_names[] = "1048576 entries, or 128 MiB of names and attributes";

bool
unpack_is_possible(struct store *store)
{
	struct libarchive library;
	bool ok = libarchive_load(&library, store->c, store->at);

	libarchive_unload(&library);
	return ok;
}

bool
unpack_broken(struct unpacking *u, const char *why)
{
	u->told = diag(&u->store->c->diags, DIAG_ARCHIVE_BROKEN, u->store->at, "cannot unpack '%s': %s", u->shown, why);
	return false;
}

bool
unpack_broken_entry(struct unpacking *u, const char *path, const char *why)
{
	return unpack_broken(u, arena_printf(u->store->c->arena, "entry '%.200s' %s", path, why));
}

static bool
too_large(struct unpacking *u, const char *what)
{
	diag(&u->store->c->diags, DIAG_INPUT_TOO_LARGE, u->store->at, "'%s' holds more than %s", u->shown, what);
	return false;
}

/* The member of an ar file (ar(5)), as a .deb is one, whose name begins with "data.tar". */
static bool
find_data_member(struct unpacking *u)
{
	char header[60 + 1] = "", size_field[11];

	for (u->at = 8; pread(u->fd, header, 60, u->at) == 60; ) {
		char *end;
		long long size;

		memcpy(size_field, header + 48, 10);
		size_field[10] = '\0';
		size = strtoll(size_field, &end, 10);
		u->at += 60;
		if (header[58] != '`' || header[59] != '\n' || end == size_field || size < 0 || size > u->end - u->at)
			break;
		if (strncmp(header, "data.tar", 8) == 0) {
			u->end = u->at + size;
			return true;
		}
		u->at += size + (size & 1);
	}
	return unpack_broken(u, "it is no .deb: it has no member data.tar");
}

/* Sets where in the file the tar lies. */
static bool
find_tar(struct unpacking *u)
{
	char magic[8];
	struct stat info;

	if (fstat(u->fd, &info) < 0)
		return unpack_broken(u, strerror(errno));
	u->end = info.st_size;
	if (pread(u->fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "!<arch>\n", sizeof magic) == 0)
		return find_data_member(u);
	return true;
}

static la_ssize_t
read_some(struct archive *reader, void *context, const void **bytes)
{
	struct unpacking *u = context;
	size_t want = u->end - u->at < UNPACK_READ_SIZE ? (size_t)(u->end - u->at) : UNPACK_READ_SIZE;
	ssize_t got;

	do
		got = pread(u->fd, u->buffer, want, u->at);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		u->library.set_error(reader, errno, "%s", strerror(errno));
	else
		u->at += got;
	*bytes = u->buffer;
	return got;
}

bool
unpack_open(struct unpacking *u)
{
	const struct libarchive *l = &u->library;
	int (*const filters[])(struct archive *) = {
		l->read_support_filter_gzip, l->read_support_filter_xz, l->read_support_filter_zstd,
		l->read_support_filter_bzip2, l->read_support_filter_lzma, l->read_support_filter_lz4,
		l->read_support_filter_compress,
	};

	if (!(u->reader = l->read_new()))
		memory_exhausted();
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		if (libarchive_add_filter(l, u->reader, filters[i]) < ARCHIVE_WARN)
			memory_exhausted();
	if (l->read_support_format_tar(u->reader) < ARCHIVE_WARN)
		memory_exhausted();
	if (l->read_open(u->reader, u, NULL, read_some, NULL) >= ARCHIVE_WARN)
		return true;
	unpack_broken(u, l->error_string(u->reader));
	if (u->advice)
		diag_help(u->told, "%s", u->advice);
	return false;
}

/* NAME without a leading or trailing slash and "." components; NULL with a diagnostic when it leads elsewhere. */
static const char *
clean_path(struct unpacking *u, const char *name)
{
	char *path = arena_alloc(u->arena, strlen(name) + 1), *to = path;

	u->name_bytes += strlen(name);
	for (const char *from = name, *end; *from; from = end) {
		end = from + strcspn(from, "/");
		if (end > from && !(end - from == 1 && *from == '.')) {
			if (to > path)
				*to++ = '/';
			memcpy(to, from, (size_t)(end - from));
			to += end - from;
		}
		end += *end == '/';
	}
	if (index_path_is_clean(path))
		return path;
	unpack_broken_entry(u, name, strlen(path) > INDEX_PATH_MAX ? "has too long a path" : "has '..' or too long a name in its path");
	return NULL;
}

static bool
take_hard_link(struct unpacking *u, struct index_row *row, const char *target)
{
	const char *path = row->path, *wanted = clean_path(u, target);
	struct index_row *there;

	if (!wanted)
		return false;
	there = rows_find(&u->rows, wanted);
	if (!there || there->kind == ENTRY_DIRECTORY)
		return unpack_broken_entry(u, path, "is a hard link to what is no file before it");
	if (there->kind == ENTRY_FILE && there->file == 0)
		there->file = ++u->file_count;
	*row = *there;
	row->path = path;
	return true;
}

static bool
copy_bytes(struct unpacking *u, struct store_blob *blob, int64_t size)
{
	const void *bytes;
	size_t length;
	la_int64_t offset;
	int result;

	while ((result = u->library.read_data_block(u->reader, &bytes, &length, &offset)) == ARCHIVE_OK) {
		if (offset < 0 || (uint64_t)offset < blob->size || (int64_t)length > size - offset)
			return unpack_broken(u, "a file's pieces do not fit together");
		if (!store_blob_add(blob, (uint64_t)offset, bytes, length))
			return false;
	}
	return result == ARCHIVE_EOF ? true : unpack_broken(u, u->library.error_string(u->reader));
}

static bool
take_file(struct unpacking *u, struct index_row *row, int64_t size)
{
	struct store_blob blob;
	bool ok;

	u->bytes += size;
	ok = store_blob_begin(&blob, u->store) && copy_bytes(u, &blob, size) &&
		store_blob_end(&blob, (uint64_t)size, &row->digest);
	store_blob_abandon(&blob);
	if (!ok)
		return false;
	row->size = (uint64_t)size;
	return true;
}

static bool
take_link(struct unpacking *u, struct index_row *row, const char *target)
{
	if (!target || *target == '\0' || strlen(target) > INDEX_PATH_MAX)
		return unpack_broken_entry(u, row->path, "is a link with no target, or one that is too long");
	u->name_bytes += strlen(target);
	row->target = arena_strdup(u->arena, target);
	return true;
}

static enum entry_kind
entry_kind_of(unsigned type)
{
	switch (type) {
	case AE_IFREG:
		return ENTRY_FILE;
	case AE_IFDIR:
		return ENTRY_DIRECTORY;
	case AE_IFLNK:
		return ENTRY_LINK;
	default:
		return ENTRY_OTHER;
	}
}

/* Those of namespaces that Linux has; others are left by other systems, and nothing could be done with them. */
static bool
is_meant_for_linux(const char *name)
{
	return text_starts_with(name, "user.") || text_starts_with(name, "trusted.") || text_starts_with(name, "security.") ||
		text_starts_with(name, "system.");
}

static bool
take_xattrs(struct unpacking *u, struct index_row *row, struct archive_entry *entry)
{
	struct xattrs *set = NULL;
	const char *name;
	const void *value;
	size_t size;

	u->library.entry_xattr_reset(entry);
	while (u->library.entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK) {
		struct xattr x = {.size = size};

		u->name_bytes += sizeof x + strlen(name) + size;
		if (u->name_bytes > name_bytes_max)
			return too_large(u, most_names);
		if (!is_meant_for_linux(name))
			continue;
		if (set && set->count == XATTRS_MAX)
			return unpack_broken_entry(u, row->path, "has more than 1024 extended attributes");
		x.name = arena_strdup(u->arena, name);
		x.value = memcpy(arena_alloc(u->arena, size), value, size);
		row->xattrs = set = set ? set : ARENA_NEW(u->arena, struct xattrs);
		xattrs_put(u->arena, set, &x);
	}
	return true;
}

bool
unpack_attributes(struct unpacking *u, struct index_row *row, struct archive_entry *entry)
{
	const struct libarchive *l = &u->library;
	int64_t owner = l->entry_uid(entry), group = l->entry_gid(entry), size = l->entry_size(entry);

	if (owner < 0 || owner > UINT32_MAX || group < 0 || group > UINT32_MAX)
		return unpack_broken_entry(u, row->path, "has an owner that is no number of 32 bits");
	row->kind = entry_kind_of(l->entry_filetype(entry));
	row->mode = (uint16_t)(l->entry_perm(entry) & 07777);
	row->owner = (uint32_t)owner;
	row->group = (uint32_t)group;
	if (size < 0)
		return unpack_broken_entry(u, row->path, "has a negative size");
	if (size > unpacked_bytes_max - u->bytes || l->filter_bytes(u->reader, 0) > 2 * unpacked_bytes_max)
		return too_large(u, "16 GiB");
	if (*row->path == '\0' && row->kind != ENTRY_DIRECTORY)
		return unpack_broken_entry(u, "/", "is no directory");
	return take_xattrs(u, row, entry);
}

/* A name in the locale's encoding is the archive's own bytes, for the locale is always "C"; pax may have it in UTF-8 alone. */
static const char *
either(const char *bytes, const char *utf8)
{
	return bytes ? bytes : utf8;
}

const char *
unpack_path(struct unpacking *u, struct archive_entry *entry)
{
	const char *name = either(u->library.entry_pathname(entry), u->library.entry_pathname_utf8(entry));

	if (name)
		return clean_path(u, name);
	unpack_broken(u, "an entry has no name");
	return NULL;
}

static bool
take_entry(struct unpacking *u, struct archive_entry *entry)
{
	const struct libarchive *l = &u->library;
	const char *original = either(l->entry_hardlink(entry), l->entry_hardlink_utf8(entry));
	const char *target = either(l->entry_symlink(entry), l->entry_symlink_utf8(entry));
	struct index_row row = {0};
	bool ok = true;

	if (!(row.path = unpack_path(u, entry)))
		return false;
	if (u->rows.count == ENTRIES_MAX || u->name_bytes > name_bytes_max)
		return too_large(u, most_names);
	if (!unpack_attributes(u, &row, entry))
		return false;
	if (original)
		ok = take_hard_link(u, &row, original);
	else if (row.kind == ENTRY_FILE)
		ok = take_file(u, &row, l->entry_size(entry));
	else if (row.kind == ENTRY_LINK)
		ok = take_link(u, &row, target);
	if (ok)
		rows_add(&u->rows, &row);
	return ok;
}

struct archive_entry *
unpack_next(struct unpacking *u)
{
	struct archive_entry *entry;
	int result = u->library.read_next_header(u->reader, &entry);

	/* A warning is about a name that the locale cannot show. */
	if (result == ARCHIVE_OK || result == ARCHIVE_WARN)
		return entry;
	u->has_failed = result != ARCHIVE_EOF;
	if (u->has_failed)
		unpack_broken(u, u->library.error_string(u->reader));
	return NULL;
}

bool
unpack_entries(struct unpacking *u, struct archive_entry *entry)
{
	for (; entry; entry = unpack_next(u))
		if (!take_entry(u, entry))
			return false;
	return !u->has_failed;
}

/* Takes all that the tar has, by what its first entry says that it is. */
static bool
take_all(struct unpacking *u)
{
	struct archive_entry *entry = unpack_next(u);
	const char *name = entry ? u->library.entry_pathname(entry) : NULL;

	if (name && (text_starts_with(name, ".SIGN.") || strcmp(name, ".PKGINFO") == 0))
		return unpack_apk(u, entry);
	return unpack_entries(u, entry);
}

bool
unpack_archive(struct store *store, const struct content *content, int fd, const char *hex, const char *advice)
{
	struct arena *arena = arena_new();
	struct unpacking *u = ARENA_NEW(arena, struct unpacking);
	bool ok = false;

	*u = (struct unpacking){.store = store, .shown = content->shown, .advice = advice, .arena = arena, .rows = {.arena = arena}, .fd = fd};
	if (!libarchive_load(&u->library, store->c, store->at) || !find_tar(u) || !unpack_open(u) || !take_all(u))
		goto out;
	/* Before the index, which would vouch for bytes that were hashed earlier. */
	if (!content_unchanged(store->c, content, store->at, fd))
		goto out;
	rows_sort(&u->rows);
	ok = index_write(store, hex, u->rows.list, u->rows.count);
out:
	if (u->reader)
		u->library.read_free(u->reader);
	libarchive_unload(&u->library);
	arena_free(arena);
	return ok;
}
