/*
 * The only program of a virtual machine whose kernel judges images (tests/trees/): as its init, mounts file systems read-only,
 * lists all that is in them, then mounts them for writing, makes, renames and removes files, and unmounts.
 *
 * Disks are NVMe namespaces. The last is ours: it begins with lines "NAMESPACE PARTITION TYPE" and an empty one, and from RESULTS
 * on takes what was found, in the words of tests/trees/tree.py:
 *   # NAMESPACE PARTITION read     then a line for each path
 *   # NAMESPACE PARTITION wrote MADE REMOVED
 *   ! WHAT                         something failed, or the kernel complained
 *   # end
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { RESULTS = 1 << 20, JOBS_MAX = 1 << 16, NEW_FILES = 12, DIRECTORIES_MAX = 25, WAIT_MS = 60000 };

static FILE *results;
static int messages;
static uint32_t crc_table[256];
static char path[8192];
static unsigned made, removed, changed_directories;

static void
complain(const char *what)
{
	fprintf(results, "! %s: %s\n", what, strerror(errno));
}

static void
make_crc_table(void)
{
	for (uint32_t i = 0; i < 256; i++) {
		crc_table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			crc_table[i] = crc_table[i] >> 1 ^ (crc_table[i] & 1 ? UINT32_C(0xedb88320) : 0);
	}
}

/* The CRC-32 of zlib, over all that can be read. */
static uint32_t
checksum(int directory, const char *name)
{
	static unsigned char buffer[1 << 18];
	uint32_t crc = UINT32_MAX;
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW);
	ssize_t got = -1;

	while (fd >= 0 && (got = read(fd, buffer, sizeof buffer)) > 0)
		for (ssize_t i = 0; i < got; i++)
			crc = crc >> 8 ^ crc_table[(crc ^ buffer[i]) & 255];
	if (got < 0)
		complain(path);
	if (fd >= 0)
		close(fd);
	return ~crc;
}

static void
put_escaped(const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte >= 0x21 && byte <= 0x7e && byte != '%')
			fputc(byte, results);
		else
			fprintf(results, "%%%02X", byte);
	}
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* " @NAME=HEX" for each extended attribute of NAME in the current directory, by name. */
static void
list_xattrs(const char *name)
{
	static char list[1 << 16], *names[1 << 12];
	static unsigned char value[1 << 16];
	ssize_t size = llistxattr(name, list, sizeof list);
	size_t count = 0;

	if (size < 0)
		complain(path);
	for (char *at = list; at < list + size; at += strlen(at) + 1)
		names[count++] = at;
	qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 0; i < count; i++) {
		fputs(" @", results);
		put_escaped(names[i]);
		fputc('=', results);
		size = lgetxattr(name, names[i], value, sizeof value);
		if (size < 0)
			complain(path);
		for (ssize_t k = 0; k < size; k++)
			fprintf(results, "%02x", value[k]);
	}
}

/* There is no call for the attributes of a name in a directory: the directory becomes the current one. */
static void
list_entry(int directory, const char *name, const struct stat *info)
{
	char target[4097] = "";

	fprintf(results, "%c %04o %u %u %lu %lld ", S_ISDIR(info->st_mode) ? 'd' : S_ISLNK(info->st_mode) ? 'l' :
		S_ISREG(info->st_mode) ? 'f' : S_ISCHR(info->st_mode) ? 'c' : S_ISBLK(info->st_mode) ? 'b' : '?',
		info->st_mode & 07777, info->st_uid, info->st_gid, (unsigned long)info->st_nlink, (long long)info->st_mtime);
	put_escaped(*path ? path : "/");
	if (S_ISREG(info->st_mode))
		fprintf(results, " %lld %08x", (long long)info->st_size, checksum(directory, name));
	if (S_ISCHR(info->st_mode) || S_ISBLK(info->st_mode))
		fprintf(results, " %u %u", major(info->st_rdev), minor(info->st_rdev));
	if (S_ISLNK(info->st_mode)) {
		if (readlinkat(directory, name, target, sizeof target - 1) != info->st_size)
			complain(path);
		fputc(' ', results);
		put_escaped(target);
	}
	if (directory != AT_FDCWD && fchdir(directory) < 0)
		complain(path);
	list_xattrs(name);
	fputc('\n', results);
}

/* Calls VISIT for NAME in DIRECTORY, whose path is in PATH, and for all below. Each name is looked up, not only read. */
static void
walk(int directory, const char *name, void (*visit)(int, const char *, const struct stat *))
{
	size_t length = strlen(path);
	struct dirent *item;
	struct stat info;
	DIR *below;

	if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
		complain(path);
		return;
	}
	visit(directory, name, &info);
	if (!S_ISDIR(info.st_mode))
		return;
	below = fdopendir(openat(directory, name, O_RDONLY | O_DIRECTORY));
	if (!below) {
		complain(path);
		return;
	}
	while (errno = 0, item = readdir(below)) {
		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		snprintf(path + length, sizeof path - length, "/%s", item->d_name);
		walk(dirfd(below), item->d_name, visit);
		path[length] = '\0';
	}
	if (errno)
		complain(path);
	closedir(below);
}

/* A full disk is no fault. */
static bool
done(int result, const char *what)
{
	if (result < 0 && errno != ENOSPC && errno != EDQUOT)
		complain(what);
	return result >= 0;
}

/* Removes every third entry that can be removed by unlink: listed first, for a directory that changes is read as it likes. */
static void
remove_some(int directory)
{
	DIR *d = fdopendir(openat(directory, ".", O_RDONLY | O_DIRECTORY));
	char (*names)[256] = NULL;
	size_t count = 0, seen = 0;
	struct dirent *item;

	while (d && (item = readdir(d)))
		if (item->d_type != DT_DIR && seen++ % 3 == 0) {
			names = realloc(names, (count + 1) * sizeof *names);
			strcpy(names[count++], item->d_name);
		}
	if (d)
		closedir(d);
	for (size_t i = 0; i < count; i++)
		removed += done(unlinkat(directory, names[i], 0), "unlink");
	free(names);
}

static void
make_file(int directory, const char *name, size_t size)
{
	static char bytes[1 << 17];
	int fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (!done(fd, "create"))
		return;
	memset(bytes, name[4], size);
	done((int)write(fd, bytes, size), "write");
	close(fd);
	made++;
}

static void
change_directory(int parent, const char *name, const struct stat *info)
{
	unsigned count = info->st_size > 20000 ? 30 * NEW_FILES : NEW_FILES;
	char new[64], other[64];
	int directory;

	if (!S_ISDIR(info->st_mode) || (changed_directories++ >= DIRECTORIES_MAX && count == NEW_FILES))
		return;
	directory = openat(parent, name, O_RDONLY | O_DIRECTORY);
	if (!done(directory, path))
		return;
	remove_some(directory);
	for (unsigned i = 0; i < count; i++) {
		snprintf(new, sizeof new, "new-%u-%.*s", i, (int)(i % 40), "with-a-name-of-this-or-that-length-------");
		make_file(directory, new, i == 5 ? 100000 : i * 211 % 5000);
	}
	snprintf(other, sizeof other, "renamed");
	if (faccessat(directory, "new-0-", F_OK, 0) == 0)
		done(renameat(directory, "new-0-", directory, other), "rename");
	if (done(mkdirat(directory, "newdir", 0700), "mkdir") && mkdirat(directory, "newdir/below", 0700) == 0)
		made++;
	done(symlinkat("to-what-is-not-there-and-is-much-too-long-a-target-for-any-inode", directory, "newlink"), "symlink");
	close(directory);
}

/* What the kernel said since the last call of ext4 or of disks. */
static void
report_messages(void)
{
	char line[1024];
	ssize_t got;

	while ((got = read(messages, line, sizeof line - 1)) > 0 || (got < 0 && errno == EPIPE)) {
		line[got > 0 ? got : 0] = '\0';
		line[strcspn(line, "\n")] = '\0';
		if (strstr(line, "error") || strstr(line, "warning") || strstr(line, "corrupt") || strstr(line, "BUG") || strstr(line, "Oops"))
			fprintf(results, "! kernel: %s\n", strchr(line, ';') ? strchr(line, ';') + 1 : line);
	}
}

static bool
mounted(const char *device, const char *type, unsigned long flags)
{
	if (mount(device, "/mnt", type, flags, NULL) == 0)
		return true;
	fprintf(results, "! mount of %s as %s: %s\n", device, type, strerror(errno));
	report_messages();
	return false;
}

static void
unmount(void)
{
	if (chdir("/") < 0 || umount("/mnt") < 0)
		complain("umount");
	report_messages();
}

static void
judge(unsigned disk, unsigned partition, const char *type)
{
	char device[64];

	snprintf(device, sizeof device, "/dev/nvme0n%up%u", disk, partition);
	fprintf(results, "# %u %u read\n", disk, partition);
	if (mounted(device, type, MS_RDONLY | MS_NOATIME)) {
		walk(AT_FDCWD, "/mnt", list_entry);
		unmount();
	}
	made = removed = changed_directories = 0;
	if (mounted(device, type, MS_NOATIME)) {
		walk(AT_FDCWD, "/mnt", change_directory);
		unmount();
	}
	fprintf(results, "# %u %u wrote %u %u\n", disk, partition, made, removed);
}

/* The disk with the highest number once there are COUNT of them. */
static int
open_results(unsigned count)
{
	char device[64];
	int fd = -1;

	snprintf(device, sizeof device, "/dev/nvme0n%u", count);
	for (int waited = 0; fd < 0 && waited < WAIT_MS; waited += 20) {
		fd = open(device, O_RDWR);
		usleep(20000);
	}
	return fd;
}

static void
judge_all(unsigned count)
{
	static char jobs[JOBS_MAX + 1];
	unsigned disk, partition;
	char type[8];
	int fd = open_results(count), used;

	if (fd < 0 || pread(fd, jobs, JOBS_MAX, 0) < 0 || lseek(fd, RESULTS, SEEK_SET) < 0 || !(results = fdopen(fd, "w"))) {
		perror("no disk for the results");
		return;
	}
	lseek(messages, 0, SEEK_END);
	for (char *job = jobs; sscanf(job, "%u %u %7s\n%n", &disk, &partition, type, &used) == 3; job += used)
		judge(disk, partition, type);
	fprintf(results, "# end\n");
	fflush(results);
	fsync(fd);
}

int
main(int argc, char **argv)
{
	struct rlimit many = {4096, 4096};

	setrlimit(RLIMIT_NOFILE, &many);
	umask(0);
	mkdir("/dev", 0755);
	mkdir("/mnt", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	messages = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	make_crc_table();
	judge_all(argc > 1 ? (unsigned)atoi(argv[1]) : 0);
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
