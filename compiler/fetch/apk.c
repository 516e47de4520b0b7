/* Decides what of an .apk of Alpine are its files: what the hash in its control is of, from there to the end. */
#include "fetch/unpack.h"

#include <errno.h>
#include <string.h>

#include "support/compilation.h"
#include "support/file.h"

/*
 * An .apk of Alpine's format 2 is tars, each compressed by gzip and without an end but the last: signatures, control, files. So it
 * reads as one tar, whose first entries are .SIGN.* and .PKGINFO, a text of lines KEY = VALUE, and scripts.
 */
enum { CONTROL_MAX = 65536 /* bytes of .PKGINFO */, STREAMS_MAX = 16 /* before the files */ };

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
		return unpack_broken_entry(u, path, "is there twice");
	u->has_info = true;
	if (size > CONTROL_MAX)
		return unpack_broken_entry(u, path, "has more than 64 KiB");
	text = arena_alloc(u->arena, (size_t)size + 2);
	*text = '\n';
	while ((result = u->library.read_data_block(u->reader, &bytes, &length, &offset)) == ARCHIVE_OK) {
		if (offset < 0 || offset > size || (int64_t)length > size - offset)
			return unpack_broken(u, "a file's pieces do not fit together");
		memcpy(text + 1 + offset, bytes, length);
	}
	if (result != ARCHIVE_EOF)
		return unpack_broken(u, u->library.error_string(u->reader));
	at = strstr(text, key);
	if (!at)
		return true;
	at += strlen(key);
	at[strcspn(at, "\n")] = '\0';
	u->has_data_hash = digest_parse(at, &u->data_hash);
	return u->has_data_hash ? true : unpack_broken_entry(u, path, "has a datahash that is no SHA-256");
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

	for (; (got = file_read_at(u->fd, u->buffer, UNPACK_READ_SIZE, at)) >= HEADER; at += got - HEADER + 1)
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
	while ((got = file_read_at(u->fd, u->buffer, UNPACK_READ_SIZE, at)) > 0) {
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
			unpack_broken(u, strerror(errno));
			return -1;
		}
		if (digest_equal(&digest, &u->data_hash))
			return at;
	}
	unpack_broken(u, "its files are not those that its .PKGINFO has the datahash of");
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
	return unpack_open(u);
}

/* Takes the control of an .apk from ENTRY on: *NEXT is the entry behind it, or NULL. COUNT: how many it has. */
static bool
take_control(struct unpacking *u, struct archive_entry *entry, struct archive_entry **next, size_t *count)
{
	for (*count = 0; entry; entry = unpack_next(u), ++*count) {
		struct index_row row = {.path = unpack_path(u, entry)};

		if (!row.path || !unpack_attributes(u, &row, entry))
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

	for (*count = 0; (entry = unpack_next(u)); ++*count) {
		const char *path = unpack_path(u, entry);

		if (!path || !is_control(path))
			return path ? unpack_broken(u, "its files are not those that its .PKGINFO has the datahash of") : false;
	}
	return !u->has_failed;
}

bool
unpack_apk(struct unpacking *u, struct archive_entry *entry)
{
	size_t count, in_front;
	off_t at, end = u->end;

	if (!take_control(u, entry, &entry, &count))
		return false;
	if (!u->has_data_hash)
		return entry ? unpack_entries(u, entry) : unpack_broken(u, "it has neither files nor a datahash");
	if ((at = find_data(u)) < 0 || !read_between(u, 0, at) || !only_control(u, &in_front) || !read_between(u, at, end) ||
			!unpack_entries(u, unpack_next(u)))
		return false;
	return entry || count >= in_front + u->rows.count ? true : unpack_broken(u, "the tar of its control has an end, behind which the files do not count");
}
