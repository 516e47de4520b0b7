#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit/emit.h"
#include "emit/output.h"

enum { SIZE = 3 * 1024 * 1024 };

/* A directory of the test's own, the path of an image in it, and the compilation that writes it. */
struct place {
	struct compilation *c;
	char directory[64];
	const char *path;
};

static struct place
make_place(void)
{
	struct place p = {.c = unit_compilation(), .directory = "/tmp/rootc-unit-XXXXXX"};

	assert_non_null(mkdtemp(p.directory));
	p.path = arena_printf(p.c->arena, "%s/board.img", p.directory);
	return p;
}

static void
put_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
assert_text(const char *path, const char *text)
{
	char there[64] = "";
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(there, 1, sizeof there - 1, f), strlen(text));
	fclose(f);
	assert_string_equal(there, text);
}

/* Removes the place, which must hold COUNT files by now. */
static void
remove_place(struct place *p, size_t count)
{
	DIR *directory = opendir(p->directory);
	struct dirent *entry;
	size_t seen = 0;

	assert_non_null(directory);
	while ((entry = readdir(directory))) {
		if (entry->d_name[0] == '.' && (!entry->d_name[1] || entry->d_name[1] == '.'))
			continue;
		seen++;
		unlinkat(dirfd(directory), entry->d_name, 0);
		unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	}
	closedir(directory);
	rmdir(p->directory);
	assert_int_equal(seen, count);
}

static bool
write_image(struct place *p)
{
	struct output o;
	bool good = output_begin(&o, p->c, p->path, SIZE) && output_write(&o, SIZE - 4, "tail", 4) && output_publish(&o);

	output_end(&o);
	return good;
}

static void
assert_refused(const char *path)
{
	struct compilation *c = unit_compilation();
	struct output o;

	assert_false(emit_can_write(c, path));
	unit_expect(c, 0, DIAG_OUTPUT_UNWRITABLE, 0, 0);
	assert_false(output_begin(&o, c, path, SIZE));
	assert_false(output_write(&o, 0, "x", 1));
	assert_false(output_publish(&o));
	output_end(&o);
	assert_int_equal(c->diags.count, 1);
}

TEST(an_image_has_its_size_its_bytes_and_zeroes_where_none_were_written)
{
	struct place p = make_place();
	char end[8];
	struct stat info;
	int fd;

	assert_true(emit_can_write(p.c, p.path));
	assert_true(write_image(&p));
	unit_expect_none(p.c);
	fd = open(p.path, O_RDONLY);
	assert_int_equal(fstat(fd, &info), 0);
	assert_int_equal(info.st_size, SIZE);
	assert_int_equal(pread(fd, end, sizeof end, SIZE - 8), 8);
	assert_memory_equal(end, "\0\0\0\0tail", 8);
	close(fd);
	remove_place(&p, 1);
}

TEST(the_mode_is_0644_whatever_the_umask)
{
	static const mode_t masks[] = {0000, 0022, 0777};

	for (size_t i = 0; i < 3; i++) {
		struct place p = make_place();
		mode_t before = umask(masks[i]);
		bool good = write_image(&p);
		struct stat info;

		umask(before);
		assert_true(good);
		assert_int_equal(stat(p.path, &info), 0);
		assert_int_equal(info.st_mode & 07777, 0644);
		remove_place(&p, 1);
	}
}

TEST(an_older_image_is_replaced_even_when_it_is_read_only)
{
	struct place p = make_place();
	struct stat info;

	put_text(p.path, "old");
	chmod(p.path, 0444);
	assert_true(write_image(&p));
	assert_int_equal(stat(p.path, &info), 0);
	assert_int_equal(info.st_size, SIZE);
	remove_place(&p, 1);
}

TEST(what_is_not_published_leaves_the_old_image_and_nothing_else)
{
	struct place p = make_place();
	struct output o;

	put_text(p.path, "old");
	assert_true(output_begin(&o, p.c, p.path, SIZE));
	assert_true(output_write(&o, 0, "new", 3));
	output_end(&o);
	assert_text(p.path, "old");
	remove_place(&p, 1);
}

TEST(what_was_written_can_be_read_back)
{
	struct place p = make_place();
	struct output o;
	char there[6];

	assert_true(output_begin(&o, p.c, p.path, SIZE));
	assert_true(output_write(&o, 1000, "abc", 3));
	assert_true(output_read(&o, 999, there, 5));
	assert_memory_equal(there, "\0abc\0", 5);
	output_end(&o);
	remove_place(&p, 0);
}

TEST(a_directory_is_refused)
{
	struct place p = make_place();

	mkdir(p.path, 0755);
	assert_refused(p.path);
	assert_refused(p.directory);
	assert_refused(arena_printf(p.c->arena, "%s/", p.directory));
	remove_place(&p, 1);
}

TEST(a_symbolic_link_is_refused_and_neither_it_nor_its_target_is_touched)
{
	struct place p = make_place();
	const char *target = arena_printf(p.c->arena, "%s/target", p.directory);
	char leads_to[64] = "";

	put_text(target, "precious");
	assert_int_equal(symlink("target", p.path), 0);
	assert_refused(p.path);
	assert_text(target, "precious");
	assert_int_equal(readlink(p.path, leads_to, sizeof leads_to - 1), 6);
	remove_place(&p, 2);
}

TEST(a_dangling_link_a_fifo_and_devices_are_refused)
{
	struct place p = make_place();
	const char *fifo = arena_printf(p.c->arena, "%s/fifo", p.directory);

	assert_int_equal(symlink("nowhere", p.path), 0);
	assert_int_equal(mkfifo(fifo, 0644), 0);
	assert_refused(p.path);
	assert_refused(fifo);
	assert_refused("/dev/null");
	assert_refused("/dev/full");
	assert_refused("");
	remove_place(&p, 2);
}

TEST(a_missing_directory_is_told_before_anything_is_read)
{
	struct place p = make_place();

	assert_refused(arena_printf(p.c->arena, "%s/no/board.img", p.directory));
	put_text(p.path, "file");
	assert_refused(arena_printf(p.c->arena, "%s/board.img", p.path));
	remove_place(&p, 1);
}

/* Whether a user for whom modes of directories count is refused PATH; root is not such a user, hence the process. */
static bool
is_refused_to_a_user(struct compilation *c, const char *path)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(1);
		_exit(emit_can_write(c, path) || c->diags.count != 1 || c->diags.list[0]->kind != DIAG_OUTPUT_UNWRITABLE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(a_directory_that_cannot_be_written_is_told_before_anything_is_read)
{
	static const mode_t modes[] = {0555, 0666, 0000};

	for (size_t i = 0; i < 3; i++) {
		struct place p = make_place();
		bool refused;

		chmod(p.directory, modes[i]);
		refused = is_refused_to_a_user(p.c, p.path);
		chmod(p.directory, 0755);
		assert_true(refused);
		remove_place(&p, 0);
	}
}

TEST(a_name_of_255_bytes_can_be_written)
{
	struct place p = make_place();
	char name[256];

	memset(name, 'n', 255);
	name[255] = '\0';
	p.path = arena_printf(p.c->arena, "%s/%s", p.directory, name);
	assert_true(write_image(&p));
	/* Of characters of two bytes the temporary's name must not keep a half. */
	for (size_t i = 0; i < 254; i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	name[254] = '\0';
	p.path = arena_printf(p.c->arena, "%s/%s", p.directory, name);
	assert_true(write_image(&p));
	name[253] = 'x';
	assert_refused(arena_printf(p.c->arena, "%s/%sxyz", p.directory, name));
	remove_place(&p, 2);
}

TEST(two_builds_of_one_path_do_not_meet)
{
	struct place p = make_place();
	struct output one, other;
	struct stat info;

	assert_true(output_begin(&one, p.c, p.path, SIZE));
	assert_true(output_begin(&other, p.c, p.path, 2 * SIZE));
	assert_string_not_equal(one.temporary, other.temporary);
	assert_true(output_publish(&other));
	output_end(&other);
	assert_true(output_publish(&one));
	output_end(&one);
	assert_int_equal(stat(p.path, &info), 0);
	assert_int_equal(info.st_size, SIZE);
	remove_place(&p, 1);
}

/* Ends as a process that a signal ends, with what is unfinished then; gives its exit status. */
static int
abandoned(const struct place *p)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct output one, other;
		bool begun = output_begin(&one, p->c, p->path, SIZE) && output_begin(&other, p->c, p->path, SIZE);

		temporaries_abandon();
		_exit(begun ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

TEST(abandoning_removes_all_temporaries_that_exist_now)
{
	struct place p = make_place();

	put_text(p.path, "old");
	assert_int_equal(abandoned(&p), 0);
	assert_text(p.path, "old");
	assert_true(write_image(&p));
	assert_int_equal(abandoned(&p), 0);
	remove_place(&p, 1);
}

TEST(the_first_failure_is_the_only_one_told)
{
	struct place p = make_place();
	struct rlimit before, tight;
	struct output o;
	bool begun;

	/* The limit does not hold for root's temporaries on every file system, but it does for their size. */
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	tight = (struct rlimit){.rlim_cur = SIZE / 2, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	begun = output_begin(&o, p.c, p.path, SIZE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(begun);
	assert_false(output_write(&o, 0, "x", 1));
	assert_false(output_publish(&o));
	output_end(&o);
	unit_expect(p.c, 0, DIAG_OUTPUT_FAILED, 0, 0);
	assert_int_equal(p.c->diags.count, 1);
	remove_place(&p, 0);
}

TEST(a_size_that_no_file_can_have_is_refused)
{
	struct place p = make_place();
	struct output o;

	assert_false(output_begin(&o, p.c, p.path, UINT64_MAX));
	output_end(&o);
	unit_expect(p.c, 0, DIAG_OUTPUT_FAILED, 0, 0);
	remove_place(&p, 0);
}

TEST(a_digest_reads_holes_as_zeroes)
{
	struct place p = make_place();
	unsigned char *bytes = calloc(1, SIZE);
	struct digest got, wanted;
	struct output o;

	assert_non_null(bytes);
	memcpy(bytes + SIZE - 4, "tail", 4);
	wanted = digest_of(bytes, SIZE);
	free(bytes);
	assert_true(output_begin(&o, p.c, p.path, SIZE));
	assert_true(output_write(&o, SIZE - 4, "tail", 4));
	assert_true(output_digest(&o, &got));
	assert_true(digest_equal(&got, &wanted));
	close(o.fd);
	o.fd = -1;
	assert_false(output_digest(&o, &got));
	assert_false(output_publish(&o));
	output_end(&o);
	unit_expect(p.c, 0, DIAG_OUTPUT_FAILED, 0, 0);
	remove_place(&p, 0);
}
