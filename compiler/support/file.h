#ifndef SUPPORT_FILE_H
#define SUPPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct arena;

/* Directories that stay open for the next file in them. Begins as zeroes. */
struct open_directories {
	struct entered_directory {
		const char *directory; /* by its address; NULL: none */
		char path[256];        /* below it, LENGTH bytes */
		size_t length;
		int fd;
	} top, list[4]; /* TOP: the one they are below */
	unsigned oldest; /* of LIST: the next to make room */
};

struct stat;

/* A time that has passed, on the clock that gives files their times. One thread's own; begins as zeroes. */
struct file_clock {
	int64_t s;
	long ns;
};

/* Whether PATH is a directory, or a link to one. */
bool file_is_directory(const char *path);

/* Careful opening and reading of files that somebody else made. All give -1 and errno on failure, and never block on a FIFO. */

/* Opens PATH for reading; it must be a regular file (else EISDIR for a directory, EINVAL for anything else). */
int file_open(const char *path);

/* The same for PATH, relative, below the directory DIRECTORY: no component of PATH may be a link (ELOOP) or "..". */
int file_open_beneath(const char *directory, const char *path);

/*
 * The directory below DIRECTORY to which the first LENGTH bytes of PATH lead, by the rules of file_open_beneath: a descriptor
 * (O_PATH) that is closed by one of the next calls, or by directories_close.
 */
int directories_enter(struct open_directories *, const char *directory, const char *path, size_t length);

/* The same for all of PATH but its last component, which is left in *NAME. */
int directories_enter_parent(struct open_directories *, const char *directory, const char *path, const char **name);

/* Opens for its names the directory PATH, relative, below DIRECTORY, by the same rules; "" is DIRECTORY itself. The caller closes it. */
int directories_open(struct open_directories *, const char *directory, const char *path);

void directories_close(struct open_directories *);

/* Opens NAME, no link, in the directory open in DIRECTORY_FD. Only what is read tells whether it is a regular file. */
int file_open_in(int directory_fd, const char *name);

/*
 * What NAME in the directory open in FD is, no link followed ("": what is open in FD), into INFO; 0, or -1 and errno. *SETTLED: any
 * change from now on will show in INFO. Times have a grain, so for a file that has just changed this waits, 20 ms at most.
 */
int file_look(struct file_clock *, int fd, const char *name, struct stat *info, bool *settled);

/* Reads until SIZE bytes or the end of the file; the number read. */
ssize_t file_read(int fd, void *bytes, size_t size);

/* The same from OFFSET on; the descriptor's own position stays. */
ssize_t file_read_at(int fd, void *bytes, size_t size, off_t offset);

/*
 * Where from OFFSET on, below SIZE, the next byte of the file lies that may not be zero; SIZE: there is none. A file system that
 * knows no holes has data everywhere.
 */
uint64_t file_next_data(int fd, uint64_t offset, uint64_t size);

/* Writes all SIZE bytes at OFFSET, in spite of signals and short writes; 0, or -1 and errno. */
int file_write_at(int fd, const void *bytes, size_t size, off_t offset);

/*
 * Makes the file PATH hold the SIZE BYTES, with mode 0644: a temporary beside it, fsync, rename. 0, or an error number; PATH is then
 * what it was.
 */
int file_replace(struct arena *, const char *path, const void *bytes, size_t size);

#endif
