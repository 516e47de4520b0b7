/*
 * Decides whether an image is still what a build would make: all that it was made of is as it was. Nothing is opened for that but the
 * stamp beside the image; what vouches for bytes is that a file's number, size and both its times are those it had when it was read.
 *
 *	rootc stamp 3
 *	how SHA256                 of the program and all that was asked of it
 *	image IDENTITY             the file that was written
 *	sha256 HEX                 of it, or "-"
 *	sectors SIZE               of its disk, bytes
 *	in DIRECTORY
 *	file IDENTITY PATH         below that directory, through no link, and so on: a file, or a directory, as it was before its names were
 *	                           read; "-" as the IDENTITY of one that had just changed: it counts as another
 *	path IDENTITY PATH         a file, by whatever links
 *	read PATH                  for the depfile
 *	end LINES
 *
 * An IDENTITY is device, inode, size, mtime and ctime in hexadecimal digits, without blanks between them.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "emit/emit.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/processors.h"
#include "support/program.h"
#include "support/text.h"

static const char title[] = "rootc stamp 3";

enum {
	IDENTITY_SIZE = 8 * 17 + 1, /* numbers of 64 bits, each with a mark behind it */
	LARGEST_STAMP = 1 << 30,
	MOST_THREADS = 4,
	BUFFER_SIZE = 256 * 1024,
	PORTION = 256, /* items that a thread takes at once: they cost about as much as its start */
};

static char *
put_number(char *to, uint64_t number)
{
	char digits[16];
	size_t count = 0;

	do
		digits[count++] = "0123456789abcdef"[number & 15];
	while (number >>= 4);
	while (count)
		*to++ = digits[--count];
	*to++ = '.';
	return to;
}

/* The identity of CONTENT, which is stamped, into TO (IDENTITY_SIZE bytes). */
static void
put_identity(char *to, const struct content *content)
{
	to = put_number(to, content->device);
	to = put_number(to, content->inode);
	to = put_number(to, content->size);
	to = put_number(to, (uint64_t)content->mtime_s);
	to = put_number(to, content->mtime_ns);
	to = put_number(to, (uint64_t)content->ctime_s);
	to = put_number(to, content->ctime_ns);
	*to = '\0';
}

/* The same of what INFO is of. A directory's size is the file system's affair. */
static void
put_identity_of(char *to, const struct stat *info)
{
	struct content content = {.size = S_ISDIR(info->st_mode) ? 0 : (uint64_t)info->st_size};

	content_stamp(&content, info);
	put_identity(to, &content);
}

static const char *
stamp_name(struct arena *a, const char *output)
{
	const char *slash = strrchr(output, '/');
	int directory = slash ? (int)(slash + 1 - output) : 0;

	return arena_printf(a, "%.*s.%s.stamp", directory, output, output + directory);
}

/* What a stamp for HOW says it is for; NULL: this program cannot be told from others, and no stamp counts. */
static const char *
how_line(struct arena *a, const char *how)
{
	const char *program = program_id(a), *text;
	struct digest digest;
	char hex[DIGEST_HEX];

	if (!program)
		return NULL;
	text = arena_printf(a, "%s\n%s", program, how);
	digest = digest_of(text, strlen(text));
	return arena_printf(a, "how %s", digest_format(&digest, hex));
}

/* Reading: one of the files and directories that are looked at again. */
struct item {
	const char *identity, *name;
	const char *directory; /* NAME leads below it, through no link; NULL: NAME is a path like any other */
};

struct stamp {
	struct arena *arena;
	char *at;              /* what is still to be read */
	size_t line_count;
	struct item *items;
	size_t item_count;
	atomic_size_t next;    /* nobody has begun with what comes from here */
	atomic_bool differs;
};

static char *
load(struct arena *a, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat info;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size < LARGEST_STAMP) {
		text = arena_alloc(a, (size_t)info.st_size + 1);
		if (file_read(fd, text, (size_t)info.st_size) != info.st_size)
			text = NULL;
	}
	close(fd);
	return text;
}

static char *
next_line(struct stamp *s)
{
	char *line = s->at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	s->at = end + 1;
	s->line_count++;
	return line;
}

/* What stands behind WORD and a blank in LINE; NULL: it begins otherwise. */
static char *
after(char *line, const char *word)
{
	size_t length = strlen(word);

	return line && strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

/* Takes back what put_path did, in place. */
static char *
unescape(char *text)
{
	char *to = strchr(text, '\\');

	for (const char *from = to; from && *from; from++) {
		if (*from == '\\' && from[1])
			*to++ = *++from == 'n' ? '\n' : *from;
		else
			*to++ = *from;
	}
	if (to)
		*to = '\0';
	return text;
}

/* TEXT is an identity and a name. */
static bool
add_item(struct stamp *s, char *text, const char *directory)
{
	char *blank = strchr(text, ' ');

	if (!blank)
		return false;
	*blank = '\0';
	*ARENA_PUSH(s->arena, s->items, s->item_count) =
		(struct item){.identity = text, .name = unescape(blank + 1), .directory = directory};
	return true;
}

/* The part of the stamp that tells what the image was made of. False: it is not whole. */
static bool
parse(struct stamp *s, struct emit_vouched *vouched)
{
	const char *directory = NULL;
	char *line, *rest;

	while ((line = next_line(s))) {
		if ((rest = after(line, "end")))
			return strtoull(rest, NULL, 10) == s->line_count && *s->at == '\0';
		if ((rest = after(line, "in")))
			directory = unescape(rest);
		else if ((rest = after(line, "read")))
			*ARENA_PUSH(s->arena, vouched->read, vouched->read_count) = unescape(rest);
		else if (!((rest = after(line, "file")) && directory && add_item(s, rest, directory)) &&
				!((rest = after(line, "path")) && add_item(s, rest, NULL)))
			return false;
	}
	return false;
}

/*
 * Each is looked for as it was opened. What the manifest names by a path may be reached through links; whatever they lead to is told
 * by its number.
 */
static bool
is_as_it_was(const struct item *item, struct open_directories *directories)
{
	const char *name = item->name;
	int fd = item->directory ? directories_enter_parent(directories, item->directory, name, &name) : AT_FDCWD;
	char now[IDENTITY_SIZE];
	struct stat info;

	if ((item->directory && fd < 0) || fstatat(fd, name, &info, item->directory ? AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH : 0) < 0)
		return false;
	put_identity_of(now, &info);
	return strcmp(now, item->identity) == 0;
}

static void *
look_again(void *stamp)
{
	struct open_directories directories = {0};
	struct stamp *s = stamp;
	size_t first;

	while (!s->differs && (first = atomic_fetch_add(&s->next, PORTION)) < s->item_count)
		for (size_t i = first; i < first + PORTION && i < s->item_count && !s->differs; i++)
			if (!is_as_it_was(&s->items[i], &directories))
				s->differs = true;
	directories_close(&directories);
	return NULL;
}

static bool
all_as_it_was(struct stamp *s)
{
	size_t worth = 1 + s->item_count / (4 * PORTION), most = processors_count(), running = 0;
	pthread_t threads[MOST_THREADS];

	most = most < MOST_THREADS ? most : MOST_THREADS;
	most = most < worth ? most : worth;
	while (running + 1 < most && pthread_create(&threads[running], NULL, look_again, s) == 0)
		running++;
	look_again(s);
	while (running)
		pthread_join(threads[--running], NULL);
	return !s->differs;
}

static bool
is_of_image(struct stamp *s, const char *output, struct emit_vouched *vouched)
{
	char now[IDENTITY_SIZE], *line;
	struct stat info;

	if (fstatat(AT_FDCWD, output, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(info.st_mode))
		return false;
	put_identity_of(now, &info);
	line = after(next_line(s), "image");
	if (!line || strcmp(line, now) != 0)
		return false;
	vouched->bytes = (uint64_t)info.st_size;
	line = after(next_line(s), "sha256");
	if (!line || (vouched->has_digest = strcmp(line, "-") != 0, vouched->has_digest && !digest_parse(line, &vouched->digest)))
		return false;
	line = after(next_line(s), "sectors");
	return line && (vouched->sector_size = (uint32_t)strtoul(line, NULL, 10)) != 0;
}

bool
emit_is_current(struct compilation *c, const char *output, const char *how, struct emit_vouched *vouched)
{
	struct stamp s = {.arena = c->arena, .at = load(c->arena, stamp_name(c->arena, output))};
	const char *wanted, *line;

	*vouched = (struct emit_vouched){0};
	return s.at && (wanted = how_line(c->arena, how)) &&
		(line = next_line(&s)) && strcmp(line, title) == 0 &&
		(line = next_line(&s)) && strcmp(line, wanted) == 0 &&
		is_of_image(&s, output, vouched) && parse(&s, vouched) && all_as_it_was(&s);
}

/* Writing. */
struct printing {
	FILE *out;
	struct arena *arena;
	size_t line_count;
	const char *directory; /* of the last file, by address */
};

static void
put_path(struct printing *p, const char *path)
{
	const char *plain = path;

	for (; *path; path++) {
		if (*path != '\n' && *path != '\\')
			continue;
		fwrite_unlocked(plain, 1, (size_t)(path - plain), p->out);
		fputs_unlocked(*path == '\n' ? "\\n" : "\\\\", p->out);
		plain = path + 1;
	}
	fwrite_unlocked(plain, 1, (size_t)(path - plain), p->out);
}

static void
put_line(struct printing *p, const char *word, const char *identity, const char *path)
{
	fputs_unlocked(word, p->out);
	if (identity) {
		putc_unlocked(' ', p->out);
		fputs_unlocked(identity, p->out);
	}
	putc_unlocked(' ', p->out);
	put_path(p, path);
	putc_unlocked('\n', p->out);
	p->line_count++;
}

static void
put_content(struct printing *p, const char *word, const struct content *content, const char *path)
{
	char identity[IDENTITY_SIZE] = "-";

	if (content->settled)
		put_identity(identity, content);
	put_line(p, word, identity, path);
}

/* A file or directory below a directory on the host: many have the same one. */
static void
put_file(struct printing *p, const struct content *content)
{
	if (content->directory != p->directory) {
		p->directory = content->directory;
		put_line(p, "in", NULL, content->directory);
	}
	put_content(p, "file", content, content->path);
}

static bool
is_on_host(const struct content *content)
{
	return content->kind == CONTENT_HOST && content->stamped;
}

/* All files of the pool that lie on the host, those that are shadowed too: they may be no more tomorrow. */
static void
put_pool(struct printing *p, const struct entry *directory)
{
	for (uint32_t i = 0; i < directory->child_count; i++)
		for (const struct entry *e = directory->children[i]; e; e = e->shadowed)
			if (e->kind == ENTRY_FILE && is_on_host(e->content))
				put_file(p, e->content);
	for (uint32_t i = 0; i < directory->child_count; i++)
		for (const struct entry *e = directory->children[i]; e; e = e->shadowed)
			if (e->kind == ENTRY_DIRECTORY)
				put_pool(p, e);
}

static void
put_seen(struct printing *p, const struct compilation *c)
{
	for (size_t i = 0; i < c->seen_count; i++)
		switch (c->seen[i].kind) {
		case SEEN_PATH:
			put_content(p, "path", c->seen[i].content, seen_path(p->arena, c->seen[i].content));
			break;
		case SEEN_FILE:
		case SEEN_DIRECTORY:
			put_file(p, c->seen[i].content);
			break;
		case SEEN_OPENED:
			break;
		}
}

void
emit_stamp(struct compilation *c, const char *output, const char *how, const struct pool *pool, const struct emit_vouched *vouched)
{
	const char *path = stamp_name(c->arena, output), *for_this = how_line(c->arena, how);
	struct printing p = {.arena = c->arena};
	char identity[IDENTITY_SIZE], hex[DIGEST_HEX] = "-";
	bool settled = false;
	struct stat info;
	int fd, failed;

	/* A new file under the name: of two builds that write at once, neither writes into the other's. */
	unlink(path);
	if (!for_this || file_look(&c->clock, AT_FDCWD, output, &info, &settled) < 0 || !settled ||
		info.st_dev != vouched->device || info.st_ino != vouched->inode) /* another build's, by now */
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || !(p.out = fdopen(fd, "w"))) {
		if (fd >= 0)
			close(fd);
		return;
	}
	setvbuf(p.out, NULL, _IOFBF, BUFFER_SIZE);
	put_identity_of(identity, &info);
	if (vouched->has_digest)
		digest_format(&vouched->digest, hex);
	fprintf(p.out, "%s\n%s\nimage %s\nsha256 %s\nsectors %" PRIu32 "\n", title, for_this, identity, hex, vouched->sector_size);
	p.line_count = 5;
	put_seen(&p, c);
	if (pool)
		put_pool(&p, pool->root);
	for (size_t i = 0; i < vouched->read_count; i++)
		put_line(&p, "read", NULL, vouched->read[i]);
	fprintf(p.out, "end %zu\n", p.line_count + 1);
	failed = ferror(p.out);
	if (fclose(p.out) != 0 || failed)
		unlink(path);
}
