#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "support/file.h"
#include "support/text.h"

/*
 * fetch_lock and fetch_files against an apt made of shell scripts, put first in PATH: they answer from the files in
 * $ROOTC_TEST (uris, show, names, the .debs), append what they were asked to `asked`, and fail where a file says so.
 */
struct fixture {
	struct compilation *c;
	const char *directory, *store, *lock_path;
	char *old_path;
	struct manifest manifest;
	struct m_input input;
	struct m_text packages[4];
	struct lock lock;
	struct m_locked_input locked;
	struct m_locked_file files[4];
	struct lock_wishes wishes;
};

static const char fake_apt_get[] =
	"#!/bin/sh\n"
	"cd \"$ROOTC_TEST\" || exit 9\n"
	"echo \"$0 $*\" >>asked\n"
	"for last; do :; done\n"
	"case \" $* \" in\n"
	"*' update '*) [ -f hang ] && { echo $$ >pid; exec sleep 20; }\n"
	"	[ -f update ] && cat update >&2; [ -f new-show ] && mv new-show show; exit 0;;\n"
	"*' install '*) [ -f broken ] && { cat broken; echo 'E: Unable to correct problems' >&2; exit 100; }\n"
	"	if [ -f \"uris-$last\" ]; then cat \"uris-$last\"; else cat uris; fi;;\n"
	"*' download '*) [ -f offline ] && { echo 'E: Failed to fetch it' >&2; exit 100; }; cp ./*.deb \"$OLDPWD\";;\n"
	"esac\n";

static const char fake_apt_cache[] =
	"#!/bin/sh\n"
	"cd \"$ROOTC_TEST\" || exit 9\n"
	"echo \"$0 $*\" >>asked\n"
	"case \" $* \" in\n"
	"*' pkgnames '*) cat names;;\n"
	"*' show '*) cat show;;\n"
	"esac\n";

static const char *
path_of(struct fixture *f, const char *name)
{
	return arena_printf(f->c->arena, "%s/%s", f->directory, name);
}

static void
write_file(struct fixture *f, const char *name, const void *bytes, size_t size, unsigned mode)
{
	int fd = open(path_of(f, name), O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(file_write_at(fd, bytes, size, 0), 0);
	close(fd);
}

static void
write_text(struct fixture *f, const char *name, const char *text)
{
	write_file(f, name, text, strlen(text), 0644);
}

static const char *
read_text(struct fixture *f, const char *name)
{
	char *text = arena_alloc(f->c->arena, 65536);
	int fd = open(path_of(f, name), O_RDONLY);

	assert_true(fd >= 0);
	assert_true(file_read(fd, text, 65535) >= 0);
	close(fd);
	return text;
}

static struct fixture *
begin(void)
{
	struct compilation *c = unit_compilation();
	struct fixture *f = ARENA_NEW(c->arena, struct fixture);
	char *directory = arena_strdup(c->arena, "/tmp/rootc-unit-XXXXXX");

	assert_non_null(mkdtemp(directory));
	f->c = c;
	f->directory = directory;
	f->store = arena_printf(c->arena, "%s/store", directory);
	f->lock_path = arena_printf(c->arena, "%s/x.lock", directory);
	f->old_path = arena_strdup(c->arena, getenv("PATH"));
	assert_int_equal(mkdir(path_of(f, "bin"), 0755), 0);
	write_file(f, "bin/apt-get", fake_apt_get, sizeof fake_apt_get - 1, 0755);
	write_file(f, "bin/apt-cache", fake_apt_cache, sizeof fake_apt_cache - 1, 0755);
	setenv("PATH", arena_printf(c->arena, "%s/bin:%s", directory, f->old_path), 1);
	setenv("ROOTC_TEST", directory, 1);
	f->packages[0] = (struct m_text){.at = {.line = 6, .column = 16}, .v = "busybox", .given = true};
	f->input = (struct m_input){.name = "debian", .kind = INPUT_PACKAGES, .key_at = {.line = 5, .column = 3}};
	f->input.packages = (struct m_texts){.at = {.line = 6, .column = 15}, .v = f->packages, .count = 1};
	f->input.architecture = (struct m_text){.at = {.line = 7, .column = 19}, .v = "amd64"};
	f->manifest = (struct manifest){.directory = directory, .inputs = &f->input, .input_count = 1};
	f->locked = (struct m_locked_input){.name = "debian", .architecture.v = "amd64", .files = f->files};
	f->locked.packages = f->input.packages;
	f->lock = (struct lock){.inputs = &f->locked, .input_count = 1};
	write_text(f, "names", "zlib1g\nbusybox\nlibc6\n");
	return f;
}

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

static void
end(struct fixture *f)
{
	setenv("PATH", f->old_path, 1);
	unsetenv("ROOTC_TEST");
	assert_int_equal(nftw(f->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char show_two[] =
	"Package: libc6\nVersion: 2.36-9\nArchitecture: amd64\nDescription: a\n Version: not this\nFilename: pool/l/libc6_2.36-9_amd64.deb\n"
	"Size: 20\nSHA256: " HASH_B "\n\n"
	"Package: busybox\nVersion: 1:1.35.0-4\nArchitecture: amd64\nFilename: pool/b/busybox_1.35.0-4_amd64.deb\nSize: 10\n"
	"SHA256: " HASH_A "\n\n";

static bool
make_lock(struct fixture *f)
{
	struct lock *lock = fetch_lock(f->c, &f->manifest, f->store, &f->wishes);

	return lock && fetch_write_lock(f->c, lock, NULL, f->lock_path, f->manifest.at);
}

/* The lock without its last line, which must be the sum of what is above it. */
static const char *
read_sealed(struct fixture *f)
{
	const char *text = read_text(f, "x.lock"), *sum = strstr(text, "\nsum: ");
	char hex[DIGEST_HEX];
	struct digest digest;

	assert_non_null(sum);
	digest = digest_of(text, (size_t)(sum + 1 - text));
	assert_string_equal(sum, arena_printf(f->c->arena, "\nsum: %s\n", digest_format(&digest, hex)));
	return arena_strndup(f->c->arena, text, (size_t)(sum + 1 - text));
}

TEST(a_lock_is_sorted_and_quoted_only_where_yaml_needs_it)
{
	struct fixture *f = begin();

	write_text(f, "uris",
		"'http://x/y' libc6_2.36-9_amd64.deb 20 MD5Sum:0\n"
		"'http://x/it's' busybox_1%3a1.35.0-4_amd64.deb 10 MD5Sum:0\n");
	write_text(f, "show", show_two);
	assert_true(make_lock(f));
	unit_expect_none(f->c);
	assert_string_equal(read_sealed(f),
		"# Written by `rootc lock`. Commit it beside the manifest; do not edit it.\n"
		"lock: 2\n"
		"inputs:\n"
		"  debian:\n"
		"    architecture: amd64\n"
		"    packages: [busybox]\n"
		"    files:\n"
		"      - {package: busybox, version: \"1:1.35.0-4\", architecture: amd64, file: busybox_1.35.0-4_amd64.deb, size: 10, "
		"sha256: " HASH_A "}\n"
		"      - {package: libc6, version: 2.36-9, architecture: amd64, file: libc6_2.36-9_amd64.deb, size: 20, "
		"sha256: " HASH_B "}\n");
	end(f);
}

TEST(a_manifest_without_packages_has_an_empty_lock_and_needs_no_apt)
{
	struct fixture *f = begin();

	f->manifest.input_count = 0;
	assert_true(make_lock(f));
	assert_non_null(strstr(read_text(f, "x.lock"), "inputs: {}\n"));
	assert_int_equal(access(f->store, F_OK), -1);
	end(f);
}

TEST(an_unknown_package_is_told_at_its_name_with_the_nearest_one)
{
	struct fixture *f = begin();

	f->packages[0].v = "buzybox";
	f->packages[1] = (struct m_text){.at = {.line = 6, .column = 25}, .v = "-o=Dir::Bin=/tmp/evil"};
	f->input.packages.count = 2;
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_PACKAGE_UNKNOWN, 6, 16);
	assert_string_equal(f->c->diags.list[0]->help, "did you mean 'busybox'?");
	unit_expect(f->c, 1, DIAG_PACKAGE_UNKNOWN, 6, 25);
	assert_null(strstr(read_text(f, "asked"), "evil"));
	assert_int_equal(access(f->lock_path, F_OK), -1);
	assert_int_equal(diagnostics_status(&f->c->diags), 3);
	end(f);
}

TEST(a_host_without_apt_is_told_so)
{
	struct fixture *f = begin();

	setenv("PATH", "/nonexistent", 1);
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_APT_FAILED, 7, 19);
	assert_int_equal(f->c->diags.count, 1);
	assert_non_null(strstr(f->c->diags.list[0]->text, "cannot run 'apt-get'"));
	assert_int_equal(diagnostics_status(&f->c->diags), 4);
	end(f);
}

TEST(without_any_list_the_words_of_apt_are_shown)
{
	struct fixture *f = begin();

	write_text(f, "names", "");
	write_text(f, "update", "W: Failed to fetch http://deb.debian.org  Could not resolve\n");
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_APT_FAILED, 7, 19);
	assert_int_equal(f->c->diags.list[0]->note_count, 1);
	assert_non_null(strstr(f->c->diags.list[0]->notes[0].text, "Could not resolve"));
	end(f);
}

TEST(a_source_that_fails_is_a_warning_when_all_packages_were_found)
{
	struct fixture *f = begin();

	write_text(f, "update", "N: a notice\nW: Failed to fetch https://third.example/  timed out\nW: Key is stored in legacy trusted.gpg\n");
	write_text(f, "uris", "'http://x/y' busybox_1%3a1.35.0-4_amd64.deb 10 MD5Sum:0\n");
	write_text(f, "show", show_two);
	assert_true(make_lock(f));
	assert_int_equal(f->c->diags.error_count, 0);
	unit_expect(f->c, 0, DIAG_APT_SOURCE_FAILED, 7, 19);
	assert_int_equal(f->c->diags.list[0]->note_count, 1);
	end(f);
}

TEST(a_source_that_fails_is_told_beside_a_package_that_it_may_have)
{
	struct fixture *f = begin();

	write_text(f, "update", "W: Failed to fetch https://third.example/  timed out\n");
	f->packages[0].v = "third";
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_APT_SOURCE_FAILED, 7, 19);
	unit_expect(f->c, 1, DIAG_PACKAGE_UNKNOWN, 6, 16);
	end(f);
}

/* The number that the file NAME holds once it is there, or zero after ten seconds. */
static pid_t
await_number(struct fixture *f, const char *name)
{
	for (int i = 0; i < 1000; i++, usleep(10000))
		if (access(path_of(f, name), F_OK) == 0 && strchr(read_text(f, name), '\n'))
			return (pid_t)strtol(read_text(f, name), NULL, 10);
	return 0;
}

TEST(apt_dies_with_a_rootc_that_is_killed)
{
	struct fixture *f = begin();
	pid_t rootc, apt;
	int status;

	write_text(f, "hang", "");
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	rootc = fork();
	if (rootc == 0)
		_exit(make_lock(f));
	apt = await_number(f, "pid");
	assert_true(apt > 0);
	assert_int_equal(kill(rootc, SIGKILL), 0);
	assert_int_equal(waitpid(rootc, &status, 0), rootc);
	assert_int_equal(waitpid(apt, &status, 0), apt);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	end(f);
}

TEST(packages_that_cannot_be_installed_together_leave_the_old_lock)
{
	struct fixture *f = begin();

	write_text(f, "x.lock", "old");
	write_text(f, "broken", "Reading package lists...\nThe following packages have unmet dependencies:\n busybox : Depends: nothing\n");
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_APT_FAILED, 5, 3);
	assert_int_equal(f->c->diags.list[0]->note_count, 3);
	assert_string_equal(read_text(f, "x.lock"), "old");
	end(f);
}

TEST(a_lock_that_cannot_be_written_is_the_hosts_fault)
{
	struct fixture *f = begin();

	f->manifest.input_count = 0;
	f->lock_path = path_of(f, "no/such/directory/x.lock");
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_LOCK_UNWRITABLE, 0, 0);
	assert_int_equal(diagnostics_status(&f->c->diags), 5);
	end(f);
}

static const struct pool *
pool_of(struct fixture *f)
{
	return fetch_pool(f->c, &f->manifest, &f->lock, f->store, false);
}

TEST(a_lock_without_the_input_is_stale)
{
	struct fixture *f = begin();

	f->lock.input_count = 0;
	assert_null(pool_of(f));
	unit_expect(f->c, 0, DIAG_LOCK_STALE, 5, 3);
	end(f);
}

TEST(a_lock_for_another_architecture_is_stale)
{
	struct fixture *f = begin();

	f->locked.architecture = (struct m_text){.at = {.line = 4, .column = 19}, .v = "arm64"};
	assert_null(pool_of(f));
	unit_expect(f->c, 0, DIAG_LOCK_STALE, 7, 19);
	assert_int_equal(f->c->diags.list[0]->notes[0].at.line, 4);
	end(f);
}

TEST(a_lock_for_other_packages_is_stale_whatever_their_order)
{
	struct fixture *f = begin();
	struct m_text then[2] = {{.at = {.line = 5, .column = 17}, .v = "zlib1g"}, {.v = "busybox"}};

	f->locked.packages = (struct m_texts){.v = then, .count = 2};
	f->packages[1].v = "zlib1g";
	f->input.packages.count = 2;
	assert_non_null(pool_of(f));
	f->input.packages.count = 1;
	assert_null(pool_of(f));
	unit_expect(f->c, 0, DIAG_LOCK_STALE, 6, 15);
	f->locked.packages.count = 0;
	assert_null(pool_of(f));
	unit_expect(f->c, 1, DIAG_LOCK_STALE, 6, 16);
	end(f);
}

static void
lock_file(struct fixture *f, const char *package, const char *version, const char *sha256, uint64_t size)
{
	unsigned line = (unsigned)f->locked.file_count + 10;

	f->files[f->locked.file_count++] = (struct m_locked_file){
		.at = {.line = line, .column = 9},
		.package = {.at = {.line = line, .column = 19}, .v = package},
		.version = {.at = {.line = line, .column = 30}, .v = version},
		.architecture = {.v = "amd64"}, .file = {.v = "busybox_amd64.deb"}, .size = {.v = size},
		.sha256 = {.at = {.line = line, .column = 99}, .v = sha256},
	};
}

TEST(an_edited_lock_cannot_give_apt_options_or_paths)
{
	static const char *const versions[] = {"", "1/../../x", "1 -o x", "1\n", "1%2f"};

	for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
		struct fixture *f = begin();

		lock_file(f, "busybox", versions[i], HASH_A, 10);
		assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
		unit_expect(f->c, 0, DIAG_LOCK_STALE, 10, 30);
		assert_int_equal(access(path_of(f, "asked"), F_OK), -1);
		end(f);
	}
}

TEST(packages_that_are_not_in_the_store_are_counted_once)
{
	struct fixture *f = begin();

	lock_file(f, "busybox", "1:1.35.0-4", HASH_A, 10);
	lock_file(f, "libc6", "2.36-9", HASH_B, 20);
	assert_null(pool_of(f));
	assert_int_equal(f->c->diags.count, 1);
	unit_expect(f->c, 0, DIAG_NOT_FETCHED, 5, 3);
	assert_non_null(strstr(f->c->diags.list[0]->text, "lacks 2 of the 2 packages"));
	assert_int_equal(access(f->store, F_OK), -1);
	end(f);
}

TEST(a_version_that_the_archive_has_lost_is_told_after_an_update)
{
	struct fixture *f = begin();

	write_text(f, "show", "");
	lock_file(f, "busybox", "1:1.35.0-4", HASH_A, 10);
	lock_file(f, "libc6", "2.36-9", HASH_B, 20);
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect(f->c, 0, DIAG_NO_LONGER_AVAILABLE, 10, 9);
	unit_expect(f->c, 1, DIAG_NO_LONGER_AVAILABLE, 11, 9);
	assert_non_null(strstr(read_text(f, "asked"), " update\n"));
	assert_null(strstr(read_text(f, "asked"), " download "));
	end(f);
}

TEST(an_archive_that_has_other_bytes_for_a_version_is_not_asked_for_them)
{
	struct fixture *f = begin();

	write_text(f, "show", show_two);
	lock_file(f, "busybox", "1:1.35.0-4", HASH_B, 10);
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect(f->c, 0, DIAG_HASH_MISMATCH, 10, 99);
	assert_null(strstr(read_text(f, "asked"), " download "));
	end(f);
}

/* A .deb with the empty file "x" in an uncompressed data.tar; its hash. */
static const char *
make_deb(struct fixture *f, const char *name, size_t *size)
{
	char *deb = arena_alloc(f->c->arena, 4096), *h, *hex = arena_alloc(f->c->arena, DIGEST_HEX);
	struct digest digest;
	unsigned sum = 0;

	*size = (size_t)sprintf(deb, "!<arch>\n%-16s%-12d%-6d%-6d%-8s%-10d`\n", "data.tar", 0, 0, 0, "100644", 1536);
	h = deb + *size;
	sprintf(h, "x");
	sprintf(h + 100, "0000644");
	sprintf(h + 108, "0000000");
	sprintf(h + 116, "0000000");
	sprintf(h + 124, "00000000000");
	sprintf(h + 136, "00000000000");
	h[156] = '0';
	memcpy(h + 257, "ustar\0" "00", 8);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	sprintf(h + 148, "%06o", sum);
	*size += 1536;
	write_file(f, name, deb, *size, 0644);
	digest = digest_of(deb, *size);
	return digest_format(&digest, hex);
}

static void
offer(struct fixture *f, const char *hex, size_t size)
{
	write_text(f, "show", arena_printf(f->c->arena,
		"Package: busybox\nVersion: 1:1.35.0-4\nArchitecture: amd64\nFilename: p/b.deb\nSize: %zu\nSHA256: %s\n", size, hex));
}

TEST(a_fetched_package_is_in_the_pool_and_is_not_fetched_again)
{
	struct fixture *f = begin();
	size_t size;
	const char *hex = make_deb(f, "busybox_1%3a1.35.0-4_amd64.deb", &size);
	const struct pool *pool;
	const struct entry *x;

	offer(f, hex, size);
	lock_file(f, "busybox", "1:1.35.0-4", hex, size);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect_none(f->c);
	assert_int_equal(access(path_of(f, "store/apt/amd64/downloads/busybox_1%3a1.35.0-4_amd64.deb"), F_OK), -1);
	pool = pool_of(f);
	assert_non_null(pool);
	x = entry_child(pool->root, "x", 1);
	assert_string_equal(x->package, "busybox 1:1.35.0-4");
	assert_string_equal(x->content->shown, "busybox 1:1.35.0-4: /x");
	assert_int_equal(unlink(path_of(f, "asked")), 0);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(access(path_of(f, "asked"), F_OK), -1);
	end(f);
}

TEST(apt_is_given_a_state_of_its_own_and_none_of_the_hosts_hooks)
{
	struct fixture *f = begin();
	const char *asked;

	write_text(f, "uris", "");
	write_text(f, "show", "");
	assert_true(make_lock(f));
	asked = read_text(f, "asked");
	assert_non_null(strstr(asked, arena_printf(f->c->arena, "Dir::State=%s/apt/amd64 ", f->store)));
	assert_non_null(strstr(asked, arena_printf(f->c->arena, "Dir::State::status=%s/apt/amd64/status ", f->store)));
	assert_non_null(strstr(asked, "--print-uris --no-install-recommends --yes install busybox\n"));
	assert_non_null(strstr(read_text(f, "store/apt/amd64/apt.conf"), "#clear APT::Update;\n"));
	end(f);
}

TEST(a_download_with_other_bytes_is_refused_and_removed)
{
	struct fixture *f = begin();
	size_t size;

	make_deb(f, "busybox_1%3a1.35.0-4_amd64.deb", &size);
	offer(f, HASH_A, size);
	lock_file(f, "busybox", "1:1.35.0-4", HASH_A, size);
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect(f->c, 0, DIAG_HASH_MISMATCH, 10, 99);
	assert_int_equal(access(path_of(f, "store/apt/amd64/downloads/busybox_1%3a1.35.0-4_amd64.deb"), F_OK), -1);
	end(f);
}

TEST(a_download_that_fails_shows_the_words_of_apt)
{
	struct fixture *f = begin();
	size_t size;
	const char *hex = make_deb(f, "busybox_1%3a1.35.0-4_amd64.deb", &size);

	offer(f, hex, size);
	write_text(f, "offline", "");
	lock_file(f, "busybox", "1:1.35.0-4", hex, size);
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect(f->c, 0, DIAG_APT_FAILED, 5, 3);
	assert_string_equal(f->c->diags.list[0]->notes[0].text, "E: Failed to fetch it");
	end(f);
}

TEST(old_lists_are_brought_up_to_date_before_a_version_is_given_up)
{
	struct fixture *f = begin();
	size_t size;
	const char *hex = make_deb(f, "busybox_1%3a1.35.0-4_amd64.deb", &size);

	offer(f, hex, size);
	assert_int_equal(rename(path_of(f, "show"), path_of(f, "new-show")), 0);
	write_text(f, "show", "");
	lock_file(f, "busybox", "1:1.35.0-4", hex, size);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	unit_expect_none(f->c);
	end(f);
}

/* Locks and offers one package; its hash. */
static const char *
offer_busybox(struct fixture *f)
{
	size_t size;
	const char *hex = make_deb(f, "busybox_1%3a1.35.0-4_amd64.deb", &size);

	offer(f, hex, size);
	lock_file(f, "busybox", "1:1.35.0-4", hex, size);
	return hex;
}

TEST(what_interrupted_downloads_left_is_removed_once_all_is_there)
{
	static const char old[] = "store/apt/amd64/downloads/busybox_1%3a1.34.0-1_amd64.deb";
	struct fixture *f = begin();

	offer_busybox(f);
	write_text(f, "offline", "");
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	write_text(f, old, "half");
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(access(path_of(f, old), F_OK), 0);
	assert_int_equal(unlink(path_of(f, "offline")), 0);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(access(path_of(f, old), F_OK), -1);
	write_text(f, old, "half");
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(access(path_of(f, old), F_OK), -1);
	end(f);
}

TEST(a_store_of_another_version_is_told_from_an_empty_one_and_mended)
{
	struct fixture *f = begin();
	const char *index = arena_printf(f->c->arena, "store/archive/%s.index", offer_busybox(f));

	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(chmod(path_of(f, index), 0644), 0);
	write_text(f, index, "rootc-index 1\nsha256 " HASH_A "\n");
	assert_null(pool_of(f));
	unit_expect(f->c, 0, DIAG_NOT_FETCHED, 5, 3);
	assert_string_equal(f->c->diags.list[0]->notes[0].text,
		"1 of them is there, but damaged or unpacked by another version of rootc");
	assert_string_equal(f->c->diags.list[0]->help, "run `rootc fetch`");
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_non_null(pool_of(f));
	end(f);
}

/* What is locked: busybox and libc6 of an older day, by a lock as it is read. */
static void
lock_older(struct fixture *f)
{
	lock_file(f, "busybox", "1:1.34.0-1", HASH_A, 10);
	lock_file(f, "libc6", "2.35-1", HASH_B, 20);
	f->wishes.old = &f->lock;
	write_text(f, "show", show_two);
	write_text(f, "uris",
		"'http://x/y' libc6_2.36-9_amd64.deb 20 MD5Sum:0\n"
		"'http://x/z' busybox_1%3a1.35.0-4_amd64.deb 10 MD5Sum:0\n");
}

static bool
is_locked_version(struct fixture *f, const char *package, const char *version)
{
	return strstr(read_text(f, "x.lock"), arena_printf(f->c->arena, "{package: %s, version: %s,", package, version));
}

TEST(what_is_locked_stays_and_nobody_is_asked)
{
	struct fixture *f = begin();

	lock_older(f);
	assert_true(make_lock(f));
	unit_expect_none(f->c);
	assert_int_equal(access(path_of(f, "asked"), F_OK), -1);
	assert_int_equal(access(f->store, F_OK), -1);
	assert_true(is_locked_version(f, "busybox", "\"1:1.34.0-1\""));
	assert_true(is_locked_version(f, "libc6", "2.35-1"));
	end(f);
}

TEST(an_update_takes_todays_versions)
{
	struct fixture *f = begin();

	lock_older(f);
	f->wishes.updates = true;
	assert_true(make_lock(f));
	assert_true(is_locked_version(f, "busybox", "\"1:1.35.0-4\""));
	assert_true(is_locked_version(f, "libc6", "2.36-9"));
	end(f);
}

TEST(an_update_of_one_package_moves_it_and_what_it_needs)
{
	static const char *const names[] = {"libc6"};
	struct fixture *f = begin();

	lock_older(f);
	lock_file(f, "zlib1g", "1.2-1", HASH_B, 30);
	write_text(f, "uris-libc6", "'http://x/y' libc6_2.36-9_amd64.deb 20 MD5Sum:0\n");
	f->wishes = (struct lock_wishes){.old = &f->lock, .updates = true, .names = names, .name_count = 1};
	assert_true(make_lock(f));
	unit_expect_none(f->c);
	assert_true(is_locked_version(f, "busybox", "\"1:1.34.0-1\""));
	assert_true(is_locked_version(f, "libc6", "2.36-9"));
	assert_true(is_locked_version(f, "zlib1g", "1.2-1"));
	end(f);
}

TEST(a_package_that_is_new_in_the_manifest_leaves_the_others)
{
	struct fixture *f = begin();

	lock_older(f);
	f->locked.packages.v = &f->packages[1];
	f->packages[1].v = "busybox";
	f->packages[0].v = "libc6";
	f->input.packages.count = 2;
	write_text(f, "uris-libc6", "'http://x/y' libc6_2.36-9_amd64.deb 20 MD5Sum:0\n");
	assert_true(make_lock(f));
	unit_expect_none(f->c);
	assert_true(is_locked_version(f, "busybox", "\"1:1.34.0-1\""));
	assert_true(is_locked_version(f, "libc6", "2.36-9"));
	end(f);
}

TEST(a_package_that_left_the_manifest_leaves_the_lock)
{
	struct fixture *f = begin();
	struct m_text then[2] = {{.v = "busybox"}, {.v = "zlib1g"}};

	lock_older(f);
	lock_file(f, "zlib1g", "1.2-1", HASH_B, 30);
	f->locked.packages = (struct m_texts){.v = then, .count = 2};
	assert_true(make_lock(f));
	unit_expect_none(f->c);
	assert_true(is_locked_version(f, "busybox", "\"1:1.34.0-1\""));
	assert_true(is_locked_version(f, "libc6", "2.35-1"));
	assert_null(strstr(read_text(f, "x.lock"), "zlib1g"));
	end(f);
}

TEST(an_update_of_what_is_not_locked_is_told_with_the_nearest_name)
{
	static const char *const names[] = {"buzybox"};
	struct fixture *f = begin();

	lock_older(f);
	f->wishes = (struct lock_wishes){.old = &f->lock, .updates = true, .names = names, .name_count = 1};
	f->manifest.at.source = source_new(f->c->arena, "x.yaml", "", 0);
	assert_false(make_lock(f));
	unit_expect(f->c, 0, DIAG_PACKAGE_UNKNOWN, 0, 0);
	assert_string_equal(f->c->diags.list[0]->help, "did you mean 'busybox'?");
	end(f);
}

TEST(offline_nothing_is_updated_or_downloaded)
{
	struct fixture *f = begin();
	const char *asked;

	lock_older(f);
	f->wishes.updates = f->wishes.offline = true;
	assert_true(make_lock(f));
	asked = read_text(f, "asked");
	assert_null(strstr(asked, " update\n"));
	assert_int_equal(unlink(path_of(f, "asked")), 0);
	assert_false(fetch_files(f->c, &f->manifest, &f->lock, f->store, true));
	unit_expect(f->c, 0, DIAG_NOT_FETCHED, 5, 3);
	assert_int_equal(access(path_of(f, "asked"), F_OK), -1);
	write_text(f, "names", "");
	assert_false(make_lock(f));
	unit_expect(f->c, 1, DIAG_APT_FAILED, 7, 19);
	end(f);
}

TEST(vendored_packages_need_no_store_and_are_not_written_to)
{
	struct fixture *f = begin();
	const char *hex = offer_busybox(f), *vendor = path_of(f, "vendor"), *none = path_of(f, "none");
	const char *index = arena_printf(f->c->arena, "vendor/archive/%s.index", hex);
	const struct pool *pool;

	assert_false(fetch_vendor(f->c, &f->manifest, &f->lock, f->store, vendor));
	unit_expect(f->c, 0, DIAG_NOT_FETCHED, 5, 3);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_true(fetch_vendor(f->c, &f->manifest, &f->lock, f->store, vendor));
	assert_string_equal(read_text(f, index), read_text(f, arena_printf(f->c->arena, "store/archive/%s.index", hex)));
	assert_true(fetch_vendor(f->c, &f->manifest, &f->lock, none, vendor));
	pool = fetch_pool(f->c, &f->manifest, &f->lock, vendor, true);
	assert_non_null(pool);
	assert_non_null(entry_child(pool->root, "x", 1));
	assert_int_equal(unlink(path_of(f, index)), 0);
	assert_null(fetch_pool(f->c, &f->manifest, &f->lock, vendor, true));
	unit_expect(f->c, 1, DIAG_NOT_FETCHED, 5, 3);
	assert_string_equal(f->c->diags.list[1]->help, "run `rootc fetch` and `rootc vendor`");
	end(f);
}

TEST(a_store_with_a_damaged_file_is_not_vendored)
{
	static const char empty[] = "store/blob/e3/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct fixture *f = begin();

	offer_busybox(f);
	assert_true(fetch_files(f->c, &f->manifest, &f->lock, f->store, false));
	assert_int_equal(chmod(path_of(f, empty), 0644), 0);
	write_text(f, empty, "not empty");
	assert_false(fetch_vendor(f->c, &f->manifest, &f->lock, f->store, path_of(f, "vendor")));
	unit_expect(f->c, 0, DIAG_NOT_FETCHED, 5, 3);
	assert_int_equal(unlink(path_of(f, empty)), 0);
	assert_false(fetch_vendor(f->c, &f->manifest, &f->lock, f->store, path_of(f, "vendor-2")));
	end(f);
}
