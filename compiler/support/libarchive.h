#ifndef SUPPORT_LIBARCHIVE_H
#define SUPPORT_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#include "support/source.h"

struct compilation;

/* What is used of libarchive, without its prefix. */
#define LIBARCHIVE_FUNCTIONS(X) \
	X(entry_filetype) X(entry_gid) X(entry_hardlink) X(entry_hardlink_utf8) X(entry_pathname) \
	X(entry_pathname_utf8) X(entry_perm) X(entry_size) X(entry_symlink) X(entry_symlink_utf8) X(entry_uid) X(entry_xattr_next) X(entry_xattr_reset) \
	X(error_string) X(filter_bytes) X(filter_code) X(read_data_block) X(read_free) X(read_new) X(read_next_header) X(read_open) \
	X(read_support_filter_bzip2) X(read_support_filter_compress) X(read_support_filter_gzip) \
	X(read_support_filter_lz4) X(read_support_filter_lzma) X(read_support_filter_xz) X(read_support_filter_zstd) \
	X(read_support_format_raw) X(read_support_format_tar) X(set_error)

#define LIBARCHIVE_MEMBER(name) __typeof__(archive_##name) *name;

/*
 * libarchive, loaded. With all that it needs in turn, it takes longer to load than the rest of the program, and most runs have nothing
 * to unpack: so the program is not linked with it. Once loaded it stays in memory, where who asks next finds it.
 */
struct libarchive {
	void *handle;
	LIBARCHIVE_FUNCTIONS(LIBARCHIVE_MEMBER)
};

/* Loads it. False with a diagnostic at AT: it is not installed. libarchive_unload is due in either case. */
bool libarchive_load(struct libarchive *, struct compilation *, struct span at);
void libarchive_unload(struct libarchive *);

/*
 * Has READER undo a compression by SUPPORT, one of read_support_filter_*, if libarchive can do that by itself; below ARCHIVE_WARN there
 * is no memory.
 */
int libarchive_add_filter(const struct libarchive *, struct archive *reader, int (*support)(struct archive *));

#endif
