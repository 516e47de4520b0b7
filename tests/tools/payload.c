/*
 * What the writer is measured with, made by a generator: the same bytes on every machine. And the limits it is measured by.
 * usage: payload make FILES DIRECTORIES MAX_KIB DIRECTORY    files of 0 to MAX_KIB KiB; of large ones there are few
 *        payload article DIRECTORY                           a small system: a kernel, busybox and links to it, a few scripts
 *        payload sparse GIB FILE                             a MiB of data in each GiB
 *        payload file BYTES FILE                             one file
 *        payload copy DIRECTORY FILE                         reads every file into a buffer of 1 MiB, writes that out: the floor
 *        payload write BYTES FILE                            writes as many bytes out of one buffer of 1 MiB
 *        payload time COMMAND...                             runs it, and prints its wall time in us, its CPU time in s, its memory in KiB
 *        payload compare FILE FILE                           prints how many blocks of 4 KiB differ, and how many there are
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KIB = 1024, MIB = 1024 * 1024 };

static unsigned char buffer[MIB];
static size_t filled;
static int out;
static uint64_t state = 88172645463325252u;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* Marsaglia's xorshift. */
static uint64_t
next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void
put(int fd, const void *bytes, size_t size)
{
	if (write(fd, bytes, size) != (ssize_t)size)
		die("write");
}

/* Up to 4 KiB all sizes are as frequent; above, a file of twice the size is half as frequent. */
static size_t
size_below(size_t most)
{
	size_t limit = most;

	if (most <= 4 * KIB)
		return (size_t)(next() % (most + 1));
	for (limit = 4 * KIB; limit < most && next() % 100 < 60; limit *= 2)
		;
	return (size_t)(next() % (limit + 1));
}

static void
make_file(const char *path, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	size_t now;

	if (fd < 0)
		die(path);
	for (; size; size -= now) {
		now = size < MIB ? size : MIB;
		for (size_t i = 0; i < now; i += 8) {
			uint64_t word = next();

			memcpy(buffer + i, &word, 8);
		}
		put(fd, buffer, now);
	}
	close(fd);
}

static void
make(unsigned files, unsigned directories, size_t most, const char *top)
{
	char path[4096];

	if (mkdir(top, 0755) < 0)
		die(top);
	for (unsigned i = 0; i < files; i++) {
		unsigned d = (unsigned)((uint64_t)i * directories / files);

		snprintf(path, sizeof path, "%s/d%u", top, d);
		mkdir(path, 0755);
		snprintf(path, sizeof path, "%s/d%u/file-%u", top, d, i);
		make_file(path, size_below(most));
	}
}

/* The system of the article that the project began with. */
static void
make_article(const char *top)
{
	char path[4096];

	make(12, 4, 4 * KIB, top);
	snprintf(path, sizeof path, "%s/vmlinuz", top);
	make_file(path, 7 * MIB);
	snprintf(path, sizeof path, "%s/busybox", top);
	make_file(path, 1900 * KIB);
	for (unsigned i = 0; i < 400; i++) {
		snprintf(path, sizeof path, "%s/d%u/applet-%u", top, i % 4, i);
		if (symlink("../busybox", path) < 0)
			die(path);
	}
}

static void
make_sparse(unsigned gib, const char *path)
{
	int fd;

	make_file(path, 0);
	fd = open(path, O_WRONLY);
	memset(buffer, 'x', sizeof buffer);
	for (unsigned i = 0; i < gib; i++)
		if (pwrite(fd, buffer, MIB, (off_t)i * KIB * MIB) != MIB)
			die(path);
	if (ftruncate(fd, (off_t)gib * KIB * MIB) < 0)
		die(path);
	close(fd);
}

static int
copy_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
	ssize_t got;
	int fd;

	(void)info;
	(void)where;
	if (type != FTW_F)
		return 0;
	if ((fd = open(path, O_RDONLY)) < 0)
		die(path);
	while ((got = read(fd, buffer + filled, MIB - filled)) > 0)
		if ((filled += (size_t)got) == MIB) {
			put(out, buffer, MIB);
			filled = 0;
		}
	close(fd);
	return 0;
}

static void
copy(const char *directory, const char *file)
{
	out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0 || nftw(directory, copy_one, 64, FTW_PHYS) != 0)
		die(file);
	put(out, buffer, filled);
	close(out);
}

static void
write_bytes(uint64_t bytes, const char *file)
{
	out = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0)
		die(file);
	memset(buffer, 'x', sizeof buffer);
	for (; bytes >= MIB; bytes -= MIB)
		put(out, buffer, MIB);
	put(out, buffer, (size_t)bytes);
	close(out);
}

/* The next block of 4 KiB from FILE into BLOCK, the last one filled with zeroes; whether there is one. */
static int
next_block(FILE *file, unsigned char block[4 * KIB])
{
	memset(block, 0, 4 * KIB);
	return fread(block, 1, 4 * KIB, file) > 0;
}

static void
compare(const char *one, const char *other)
{
	static unsigned char a[4 * KIB], b[4 * KIB];
	FILE *f = fopen(one, "rb"), *g = fopen(other, "rb");
	uint64_t count = 0, differ = 0;

	if (!f || !g)
		die(f ? other : one);
	for (;; count++) {
		int more = next_block(f, a) | next_block(g, b);

		if (!more)
			break;
		differ += memcmp(a, b, sizeof a) != 0;
	}
	printf("%ju %ju\n", (uintmax_t)differ, (uintmax_t)count);
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Nothing but the command lies between both looks at the clock. What it says goes to nowhere, but for its errors. */
static int
time_command(char **command)
{
	struct timespec start, end;
	struct rusage used;
	int status;
	pid_t child;

	clock_gettime(CLOCK_MONOTONIC, &start);
	child = vfork();
	if (child == 0) {
		int nowhere = open("/dev/null", O_WRONLY);

		if (dup2(nowhere, STDOUT_FILENO) >= 0)
			execvp(command[0], command);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &used) < 0)
		die(command[0]);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.0f %.4f %.4f %ld\n", (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3,
		seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss);
	return status == 0 ? 0 : 1;
}

int
main(int count, char **argument)
{
	const char *verb = count > 2 ? argument[1] : "";

	if (count == 6 && strcmp(verb, "make") == 0)
		make((unsigned)atoi(argument[2]), (unsigned)atoi(argument[3]), (size_t)atoi(argument[4]) * KIB, argument[5]);
	else if (count == 3 && strcmp(verb, "article") == 0)
		make_article(argument[2]);
	else if (count == 4 && strcmp(verb, "sparse") == 0)
		make_sparse((unsigned)atoi(argument[2]), argument[3]);
	else if (count == 4 && strcmp(verb, "file") == 0)
		make_file(argument[3], (size_t)atoll(argument[2]));
	else if (count == 4 && strcmp(verb, "copy") == 0)
		copy(argument[2], argument[3]);
	else if (count == 4 && strcmp(verb, "write") == 0)
		write_bytes((uint64_t)atoll(argument[2]), argument[3]);
	else if (count >= 3 && strcmp(verb, "time") == 0)
		return time_command(argument + 2);
	else if (count == 4 && strcmp(verb, "compare") == 0)
		compare(argument[2], argument[3]);
	else
		return fputs("usage: payload make|article|sparse|file|copy|write|time|compare ...: see its source\n", stderr), 2;
	return 0;
}
