/* What an image was made of, so that the next one need not be made of it again. */
#include "emit/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/content.h"
#include "model/layout.h"
#include "support/arena.h"
#include "support/file.h"
#include "support/memory.h"
#include "support/temporary.h"

static const char title[] = "rootc record 1";

enum {
	CLOCK_GRAIN_S = 2, /* FAT's, the coarsest of file times */
	LARGEST_RECORD = 1 << 30,
};

static const char *
image_line(struct arena *a, const struct stat *info)
{
	return arena_printf(a, "image %ju %ju %jd %jd.%09ld %jd.%09ld", (uintmax_t)info->st_dev, (uintmax_t)info->st_ino,
		(intmax_t)info->st_size, (intmax_t)info->st_mtim.tv_sec, info->st_mtim.tv_nsec,
		(intmax_t)info->st_ctim.tv_sec, info->st_ctim.tv_nsec);
}

/* What vouches for the bytes of CONTENT, or NULL. */
static const char *
voucher(struct arena *a, const struct content *content)
{
	char hex[DIGEST_HEX];

	if (content->has_digest)
		return arena_printf(a, "sha256 %s", digest_format(&content->digest, hex));
	if (content->stamped)
		return arena_printf(a, "file %" PRIu32 " %" PRIu64 " %" PRIu64 " %" PRId64 ".%09" PRIu32 " %" PRId64 ".%09" PRIu32,
			content->device, content->inode, content->size, content->mtime_s, content->mtime_ns,
			content->ctime_s, content->ctime_ns);
	return NULL;
}

static void
add_file(struct arena *a, struct record *record, const struct ext_layout *l, uint64_t offset, const struct ext_inode *inode)
{
	const struct content *content = inode->node->content;
	const char *vouched = content->kind == CONTENT_HOST ? voucher(a, content) : NULL;
	uint32_t block_size = l->block_size;

	for (size_t i = 0; vouched && i < inode->run_count; i++) {
		const struct run *run = &inode->runs[i];
		struct record_line line = {
			.offset = offset + run->first * block_size,
			.size = run->count * block_size,
			.changed_s = content->has_digest ? INT64_MIN : content->ctime_s,
		};

		line.text = arena_printf(a, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %s", line.offset, line.size,
			run->logical * block_size, vouched);
		*ARENA_PUSH(a, record->lines, record->count) = line;
	}
}

static int
compare_lines(const void *a, const void *b)
{
	const struct record_line *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

struct record
record_of(struct arena *a, const struct plan *plan)
{
	struct record record = {0};

	for (size_t p = 0; p < plan->layout->partition_count; p++) {
		const struct partition_layout *partition = &plan->layout->partitions[p];

		for (size_t i = 0; partition->ext && i < partition->ext->inode_used_count; i++) {
			const struct ext_inode *inode = &partition->ext->inodes[i];

			if (inode->node && inode->node->kind == NODE_FILE)
				add_file(a, &record, partition->ext, layout_offset(plan->layout, partition), inode);
		}
	}
	if (record.count)
		qsort(record.lines, record.count, sizeof *record.lines, compare_lines);
	return record;
}

static const char *
record_path(struct arena *a, const char *image)
{
	return arena_printf(a, "%s.record", image);
}

/* All of the file at PATH, or NULL. */
static char *
read_whole(struct arena *a, const char *path)
{
	int fd = file_open(path);
	struct stat info;
	char *text = NULL;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &info) == 0 && info.st_size < LARGEST_RECORD) {
		text = arena_alloc(a, (size_t)info.st_size + 1);
		if (file_read(fd, text, (size_t)info.st_size) != info.st_size)
			text = NULL;
	}
	close(fd);
	return text;
}

/* The next line of *TEXT, which moves behind it, or NULL. */
static char *
next_line(char **text)
{
	char *line = *text, *end = line ? strchr(line, '\n') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*text = end + 1;
	return line;
}

/* The offset and the size that LINE begins with; offsets only grow. */
static bool
parse_line(const struct record *record, const char *text, struct record_line *line)
{
	char *end;

	*line = (struct record_line){.text = text};
	line->offset = strtoull(text, &end, 10);
	if (end == text || *end != ' ')
		return false;
	text = end;
	line->size = strtoull(text, &end, 10);
	return end != text && *end == ' ' && (record->count == 0 || line->offset > record->lines[record->count - 1].offset);
}

bool
record_read(struct arena *a, const char *image, const struct stat *info, struct record *record)
{
	char *text = read_whole(a, record_path(a, image)), *line = next_line(&text);
	struct record_line parsed;

	*record = (struct record){0};
	if (!line || strcmp(line, title) != 0)
		return false;
	line = next_line(&text);
	if (!line || strcmp(line, image_line(a, info)) != 0)
		return false;
	while ((line = next_line(&text)) && parse_line(record, line, &parsed))
		*ARENA_PUSH(a, record->lines, record->count) = parsed;
	return line && strcmp(line, arena_printf(a, "end %zu", record->count)) == 0;
}

static void
print(FILE *out, struct arena *a, const struct stat *info, const struct record *record)
{
	size_t count = 0;

	fprintf(out, "%s\n%s\n", title, image_line(a, info));
	for (size_t i = 0; i < record->count; i++) {
		const struct record_line *line = &record->lines[i];

		if (line->changed_s >= info->st_mtim.tv_sec - CLOCK_GRAIN_S)
			continue;
		fprintf(out, "%s\n", line->text);
		count++;
	}
	fprintf(out, "end %zu\n", count);
}

int
record_write(struct arena *a, const char *image, const struct stat *info, const struct record *record)
{
	const char *path = record_path(a, image);
	char *pattern = arena_printf(a, "%s.XXXXXX", path);
	struct temporary temporary;
	int fd = temporary_make(&temporary, pattern), error;
	FILE *out;
	bool good;

	if (fd < 0)
		return errno;
	if (!(out = fdopen(fd, "w")))
		memory_exhausted();
	print(out, a, info, record);
	good = fflush(out) == 0 && fchmod(fd, 0644) == 0;
	good = fclose(out) == 0 && good && rename(pattern, path) == 0;
	error = errno;
	if (!good)
		unlink(pattern);
	temporary_forget(&temporary);
	return good ? 0 : error;
}
