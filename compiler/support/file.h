#ifndef SUPPORT_FILE_H
#define SUPPORT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* Careful opening and reading of files that somebody else made. All give -1 and errno on failure, and never block on a FIFO. */

/* Opens PATH for reading; it must be a regular file (else EISDIR for a directory, EINVAL for anything else). */
int file_open(const char *path);

/* The same for PATH, relative, below the directory DIRECTORY: no component of PATH may be a link (ELOOP) or "..". */
int file_open_beneath(const char *directory, const char *path);

/*
 * Opens (O_PATH) the directory below DIRECTORY that holds the last component of PATH, relative, which is left in *NAME; the same
 * rules hold for the components before it.
 */
int file_open_parent(const char *directory, const char *path, const char **name);

/* Opens NAME, no link, in the directory open in DIRECTORY_FD. Only what is read tells whether it is a regular file. */
int file_open_in(int directory_fd, const char *name);

/* Reads until SIZE bytes or the end of the file; the number read. */
ssize_t file_read(int fd, void *bytes, size_t size);

/* The same from OFFSET on; the descriptor's own position stays. */
ssize_t file_read_at(int fd, void *bytes, size_t size, off_t offset);

/* Writes all SIZE bytes at OFFSET, in spite of signals and short writes; 0, or -1 and errno. */
int file_write_at(int fd, const void *bytes, size_t size, off_t offset);

#endif
