/* Decides what of an archive counts: its entries' names, kinds, modes, owners and bytes; never its times or its scripts. */
#include "fetch/stages.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "fetch/rows.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/libarchive.h"
#include "support/memory.h"
#include "support/text.h"

/*
 * An .apk of Alpine's format 2 is tars, each compressed by gzip and without an end but the last: signatures, control, files. So it
 * reads as one tar, whose first entries are .SIGN.* and .PKGINFO, a text of lines KEY = VALUE, and scripts.
 */
enum { CONTROL_MAX = 65536 /* bytes of .PKGINFO */, STREAMS_MAX = 16 /* before the files */ };

enum { ENTRIES_MAX = 1 << 20, READ_SIZE = 65536, XATTRS_MAX = 1024 /* of an entry: no file system stores so many */ };

static const int64_t unpacked_bytes_max = INT64_C(16) << 30;
static const size_t name_bytes_max = (size_t)128 << 20; /* of all names and attributes together, which are held in memory */
static const char most_names[] = "1048576 entries, or 128 MiB of names and attributes";

struct unpacking {
	struct store *store;
	const char *shown;
	struct libarchive library;
	struct arena *arena; /* what is needed until the index is written */
	struct archive *reader;
	int fd;
	off_t at, end;       /* of the tar inside the file */
	struct rows rows;
	int64_t bytes;       /* unpacked so far */
	size_t name_bytes;
	uint32_t file_count; /* with several names */
	bool has_failed;     /* to read the next entry */
	bool has_info;       /* of an .apk: its .PKGINFO is read */
	bool has_data_hash;  /* of one: ... */
	struct digest data_hash; /* ... what its control says of the rest */
	char buffer[READ_SIZE];
};

bool
unpack_is_possible(struct store *store)
{
	struct libarchive library;
	bool ok = libarchive_load(&library, store->c, store->at);

	libarchive_unload(&library);
	return ok;
}

static bool
broken(struct unpacking *u, const char *why)
{
	diag(&u->store->c->diags, DIAG_ARCHIVE_BROKEN, u->store->at, "cannot unpack '%s': %s", u->shown, why);
	return false;
}

static bool
broken_entry(struct unpacking *u, const char *path, const char *why)
{
	return broken(u, arena_printf(u->store->c->arena, "entry '%.200s' %s", path, why));
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
	return broken(u, "it is no .deb: it has no member data.tar");
}

/* Sets where in the file the tar lies. */
static bool
find_tar(struct unpacking *u)
{
	char magic[8];
	struct stat info;

	if (fstat(u->fd, &info) < 0)
		return broken(u, strerror(errno));
	u->end = info.st_size;
	if (pread(u->fd, magic, sizeof magic, 0) == sizeof magic && memcmp(magic, "!<arch>\n", sizeof magic) == 0)
		return find_data_member(u);
	return true;
}

static la_ssize_t
read_some(struct archive *reader, void *context, const void **bytes)
{
	struct unpacking *u = context;
	size_t want = u->end - u->at < READ_SIZE ? (size_t)(u->end - u->at) : READ_SIZE;
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

static bool
open_reader(struct unpacking *u)
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
	if (l->read_open(u->reader, u, NULL, read_some, NULL) < ARCHIVE_WARN)
		return broken(u, l->error_string(u->reader));
	return true;
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
	broken_entry(u, name, strlen(path) > INDEX_PATH_MAX ? "has too long a path" : "has '..' or too long a name in its path");
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
		return broken_entry(u, path, "is a hard link to what is no file before it");
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
			return broken(u, "a file's pieces do not fit together");
		if (!store_blob_add(blob, (uint64_t)offset, bytes, length))
			return false;
	}
	return result == ARCHIVE_EOF ? true : broken(u, u->library.error_string(u->reader));
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
		return broken_entry(u, row->path, "is a link with no target, or one that is too long");
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
			return broken_entry(u, row->path, "has more than 1024 extended attributes");
		x.name = arena_strdup(u->arena, name);
		x.value = memcpy(arena_alloc(u->arena, size), value, size);
		row->xattrs = set = set ? set : ARENA_NEW(u->arena, struct xattrs);
		xattrs_put(u->arena, set, &x);
	}
	return true;
}

static bool
take_attributes(struct unpacking *u, struct index_row *row, struct archive_entry *entry)
{
	const struct libarchive *l = &u->library;
	int64_t owner = l->entry_uid(entry), group = l->entry_gid(entry), size = l->entry_size(entry);

	if (owner < 0 || owner > UINT32_MAX || group < 0 || group > UINT32_MAX)
		return broken_entry(u, row->path, "has an owner that is no number of 32 bits");
	row->kind = entry_kind_of(l->entry_filetype(entry));
	row->mode = (uint16_t)(l->entry_perm(entry) & 07777);
	row->owner = (uint32_t)owner;
	row->group = (uint32_t)group;
	if (size < 0)
		return broken_entry(u, row->path, "has a negative size");
	if (size > unpacked_bytes_max - u->bytes || l->filter_bytes(u->reader, 0) > 2 * unpacked_bytes_max)
		return too_large(u, "16 GiB");
	if (*row->path == '\0' && row->kind != ENTRY_DIRECTORY)
		return broken_entry(u, "/", "is no directory");
	return take_xattrs(u, row, entry);
}

/* A name in the locale's encoding is the archive's own bytes, for the locale is always "C"; pax may have it in UTF-8 alone. */
static const char *
either(const char *bytes, const char *utf8)
{
	return bytes ? bytes : utf8;
}

/* Whether an entry of this name is an .apk's control where it stands in front of the files. */
static bool
is_control(const char *path)
{
	return *path == '.' && !strchr(path, '/');
}

/* Takes from the .PKGINFO of an .apk what it says of its files. */
static bool
take_info(struct unpacking *u, const char *path, int64_t size)
{
	static const char key[] = "\ndatahash = ";
	char *text, *at;
	const void *bytes;
	size_t length;
	la_int64_t offset;
	int result;

	if (u->has_info)
		return broken_entry(u, path, "is there twice");
	u->has_info = true;
	if (size > CONTROL_MAX)
		return broken_entry(u, path, "has more than 64 KiB");
	text = arena_alloc(u->arena, (size_t)size + 2);
	*text = '\n';
	while ((result = u->library.read_data_block(u->reader, &bytes, &length, &offset)) == ARCHIVE_OK) {
		if (offset < 0 || offset > size || (int64_t)length > size - offset)
			return broken(u, "a file's pieces do not fit together");
		memcpy(text + 1 + offset, bytes, length);
	}
	if (result != ARCHIVE_EOF)
		return broken(u, u->library.error_string(u->reader));
	at = strstr(text, key);
	if (!at)
		return true;
	at += strlen(key);
	at[strcspn(at, "\n")] = '\0';
	u->has_data_hash = digest_parse(at, &u->data_hash);
	return u->has_data_hash ? true : broken_entry(u, path, "has a datahash that is no SHA-256");
}

/* The path of ENTRY; NULL with a diagnostic. */
static const char *
path_of(struct unpacking *u, struct archive_entry *entry)
{
	const char *name = either(u->library.entry_pathname(entry), u->library.entry_pathname_utf8(entry));

	if (name)
		return clean_path(u, name);
	broken(u, "an entry has no name");
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

	if (!(row.path = path_of(u, entry)))
		return false;
	if (u->rows.count == ENTRIES_MAX || u->name_bytes > name_bytes_max)
		return too_large(u, most_names);
	if (!take_attributes(u, &row, entry))
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

/* The next entry; NULL at the end, or with a diagnostic where reading fails. */
static struct archive_entry *
next_entry(struct unpacking *u)
{
	struct archive_entry *entry;
	int result = u->library.read_next_header(u->reader, &entry);

	/* A warning is about a name that the locale cannot show. */
	if (result == ARCHIVE_OK || result == ARCHIVE_WARN)
		return entry;
	u->has_failed = result != ARCHIVE_EOF;
	if (u->has_failed)
		broken(u, u->library.error_string(u->reader));
	return NULL;
}

/* Takes ENTRY and all behind it. */
static bool
take_entries(struct unpacking *u, struct archive_entry *entry)
{
	for (; entry; entry = next_entry(u))
		if (!take_entry(u, entry))
			return false;
	return !u->has_failed;
}

/*
 * Whether a gzip stream (RFC 1952) begins with these 10 bytes: chance makes one of about 10^11 places look so. The last byte is the
 * system, 0 to 13 or unknown.
 */
static bool
is_stream(const unsigned char *header)
{
	return memcmp(header, "\x1f\x8b\x08", 3) == 0 && header[3] < 0x20 && (header[8] == 0 || header[8] == 2 || header[8] == 4) &&
		(header[9] <= 13 || header[9] == 255);
}

/* Where the gzip stream NUMBER, counted from 0, begins; -1: there are not so many. */
static off_t
find_stream(struct unpacking *u, int number)
{
	enum { HEADER = 10 };
	off_t at = 0;
	ssize_t got;

	for (; (got = file_read_at(u->fd, u->buffer, READ_SIZE, at)) >= HEADER; at += got - HEADER + 1)
		for (ssize_t i = 0; i + HEADER <= got; i++)
			if (is_stream((const unsigned char *)u->buffer + i) && number-- == 0)
				return at + i;
	return -1;
}

/* The SHA-256 of the file from AT on. */
static bool
digest_from(struct unpacking *u, off_t at, struct digest *digest)
{
	struct digest_stream stream;
	ssize_t got;

	digest_begin(&stream);
	while ((got = file_read_at(u->fd, u->buffer, READ_SIZE, at)) > 0) {
		digest_add(&stream, u->buffer, (size_t)got);
		at += got;
	}
	*digest = digest_end(&stream);
	return got == 0;
}

/* Where the files of an .apk begin, by the hash that its control has of them; -1 with a diagnostic: nowhere. */
static off_t
find_data(struct unpacking *u)
{
	struct digest digest;
	off_t at;

	for (int stream = 1; stream <= STREAMS_MAX && (at = find_stream(u, stream)) >= 0; stream++) {
		if (!digest_from(u, at, &digest)) {
			broken(u, strerror(errno));
			return -1;
		}
		if (digest_equal(&digest, &u->data_hash))
			return at;
	}
	broken(u, "its files are not those that its .PKGINFO has the datahash of");
	return -1;
}

/* Begins anew with what lies from AT to END. */
static bool
read_between(struct unpacking *u, off_t at, off_t end)
{
	u->library.read_free(u->reader);
	u->reader = NULL;
	u->at = at;
	u->end = end;
	return open_reader(u);
}

/* Takes the control of an .apk from ENTRY on: *NEXT is the entry behind it, or NULL. COUNT: how many it has. */
static bool
take_control(struct unpacking *u, struct archive_entry *entry, struct archive_entry **next, size_t *count)
{
	for (*count = 0; entry; entry = next_entry(u), ++*count) {
		struct index_row row = {.path = path_of(u, entry)};

		if (!row.path || !take_attributes(u, &row, entry))
			return false;
		if (!is_control(row.path))
			break;
		u->bytes += u->library.entry_size(entry);
		if (strcmp(row.path, ".PKGINFO") == 0 && !take_info(u, row.path, u->library.entry_size(entry)))
			return false;
	}
	*next = entry;
	return !u->has_failed;
}

/* Whether what lies in front of the files is nothing but control. COUNT: how many entries. */
static bool
only_control(struct unpacking *u, size_t *count)
{
	struct archive_entry *entry;

	for (*count = 0; (entry = next_entry(u)); ++*count) {
		const char *path = path_of(u, entry);

		if (!path || !is_control(path))
			return path ? broken(u, "its files are not those that its .PKGINFO has the datahash of") : false;
	}
	return !u->has_failed;
}

/*
 * Takes an .apk, whose first entry is ENTRY. Its files are those that its control was made for, and all of them: they are what the
 * datahash is of, from its first byte to the end of the file, and the control must lead there.
 */
static bool
take_apk(struct unpacking *u, struct archive_entry *entry)
{
	size_t count, in_front;
	off_t at, end = u->end;

	if (!take_control(u, entry, &entry, &count))
		return false;
	if (!u->has_data_hash)
		return entry ? take_entries(u, entry) : broken(u, "it has neither files nor a datahash");
	if ((at = find_data(u)) < 0 || !read_between(u, 0, at) || !only_control(u, &in_front) || !read_between(u, at, end) ||
			!take_entries(u, next_entry(u)))
		return false;
	return entry || count >= in_front + u->rows.count ? true : broken(u, "the tar of its control has an end, behind which the files do not count");
}

/* Takes all that the tar has, by what its first entry says that it is. */
static bool
take_all(struct unpacking *u)
{
	struct archive_entry *entry = next_entry(u);
	const char *name = entry ? u->library.entry_pathname(entry) : NULL;

	if (name && (text_starts_with(name, ".SIGN.") || strcmp(name, ".PKGINFO") == 0))
		return take_apk(u, entry);
	return take_entries(u, entry);
}

bool
unpack_archive(struct store *store, const struct content *content, int fd, const char *hex)
{
	struct arena *arena = arena_new();
	struct unpacking *u = ARENA_NEW(arena, struct unpacking);
	bool ok = false;

	*u = (struct unpacking){.store = store, .shown = content->shown, .arena = arena, .rows = {.arena = arena}, .fd = fd};
	if (!libarchive_load(&u->library, store->c, store->at) || !find_tar(u) || !open_reader(u) || !take_all(u))
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
