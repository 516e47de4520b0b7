/* Decides what manifest makes an image again, and what no manifest can say of it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "decompile/stages.h"
#include "model/content.h"
#include "model/partition_type.h"
#include "support/calendar.h"
#include "support/memory.h"
#include "support/text.h"

enum { CHUNK_SIZE = 64 << 10, NAME_MOST = 36, PAGE_SIZE = 4096, LEAST_PAGES = 10 };

void
decompile_unsaid(struct decompiling *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	*ARENA_PUSH(d->c->arena, d->unsaid, d->unsaid_count) = arena_vprintf(d->c->arena, format, args);
	va_end(args);
}

void
decompile_file(struct decompiling *d, const char *path, const struct content *content)
{
	*ARENA_PUSH(d->c->arena, d->entries, d->entry_count) = (struct decompiled_entry){.path = path, .content = content};
}

/* The end of the last byte of CONTENT, which is open in READER, that is not zero; false: it cannot be read. */
static bool
find_end(struct content_reader *reader, const struct content *content, uint64_t *end)
{
	unsigned char bytes[CHUNK_SIZE];

	*end = 0;
	for (uint64_t at = 0; at < content->size; at += CHUNK_SIZE) {
		size_t size = content->size - at < CHUNK_SIZE ? (size_t)(content->size - at) : CHUNK_SIZE;

		if (!content_reader_read(reader, bytes, size))
			return false;
		while (size && !bytes[size - 1])
			size--;
		if (size)
			*end = at + size;
	}
	return true;
}

static void
add_run(struct arena *a, struct image_bytes *bytes, uint64_t start, uint64_t offset, uint64_t end)
{
	if (offset < end)
		*ARENA_PUSH(a, bytes->runs, bytes->count) = (struct image_run){.start = start, .offset = offset, .size = end - offset};
}

const struct content *
decompile_bytes(struct decompiling *d, uint64_t start, uint64_t end, bool has_table)
{
	enum { TABLE_START = 0x1b8 };
	struct arena *a = d->c->arena;
	struct image_bytes *bytes = ARENA_NEW(a, struct image_bytes);
	struct content *content = ARENA_NEW(a, struct content);
	struct content_reader reader = {.fd = -1};
	uint64_t used;

	bytes->path = d->image->path;
	end = end < d->image->size ? end : d->image->size;
	if (has_table)
		add_run(a, bytes, 0, start, start + TABLE_START);
	add_run(a, bytes, has_table ? RECORD_SIZE : 0, has_table ? start + RECORD_SIZE : start, end);
	*content = (struct content){.kind = CONTENT_IMAGE, .size = end > start ? end - start : 0, .image = bytes, .shown = d->image->path};
	if (!content_reader_open(&reader, content) || !find_end(&reader, content, &used) || !content_reader_close(&reader)) {
		content_report(d->c, &reader.failure, (struct span){0});
		used = 0;
	}
	content_reader_end(&reader);
	content->size = used;
	while (bytes->count && bytes->runs[bytes->count - 1].start >= used)
		bytes->count--;
	if (bytes->count && bytes->runs[bytes->count - 1].start + bytes->runs[bytes->count - 1].size > used)
		bytes->runs[bytes->count - 1].size = used - bytes->runs[bytes->count - 1].start;
	return used ? content : NULL;
}

bool
decompile_read(struct decompiling *d, const struct content *content, void *bytes)
{
	struct content_reader reader = {.fd = -1};
	bool good = content_reader_open(&reader, content) && content_reader_read(&reader, bytes, content->size) && content_reader_close(&reader);

	if (!good)
		content_report(d->c, &reader.failure, (struct span){0});
	content_reader_end(&reader);
	return good;
}

/* Whether file systems A and B have one UUID or volume id, by which no manifest could tell them apart. */
static bool
is_twin(const struct partition_layout *a, const struct partition_layout *b)
{
	if (a->ext && b->ext)
		return memcmp(a->ext->uuid, b->ext->uuid, sizeof a->ext->uuid) == 0 && !memory_is_zero(a->ext->uuid, sizeof a->ext->uuid);
	return a->fat && b->fat && a->fat->volume_id == b->fat->volume_id;
}

static bool
has_twin(const struct decompiling *d, const struct part *p)
{
	for (const struct part *other = d->parts; other < p; other++)
		if (other->form == PART_FILES && is_twin(other->layout, p->layout))
			return true;
	return false;
}

/* Why a manifest cannot have the file system of P, or NULL. */
static const char *
filesystem_obstacle(struct decompiling *d, const struct part *p)
{
	const struct ext_layout *ext = p->layout->ext;

	if (!p->layout->root)
		return "has a file system that is not understood";
	if (ext && ext->block_size != 1024 && ext->block_size != 2048 && ext->block_size != 4096)
		return "has blocks of a size that no manifest can say";
	if (ext && ext->block_size < d->image->layout->sector_size)
		return "has blocks smaller than the disk's sectors";
	if (has_twin(d, p))
		return ext ? "has the UUID of one in front of it" : "has the volume id of one in front of it";
	return decompile_obstacle(d, p);
}

static bool
is_whole_swap(const struct layout *l, const struct partition_layout *p)
{
	return p->swap->pages >= LEAST_PAGES && p->swap->pages == layout_bytes(l, p) / PAGE_SIZE;
}

/* P as a file, for the reason WHY, which is NULL where that needs none. */
static void
make_raw(struct decompiling *d, struct part *p, const char *why)
{
	uint64_t start = layout_offset(d->image->layout, p->layout);
	const struct content *content = decompile_bytes(d, start, start + layout_bytes(d->image->layout, p->layout), false);

	p->form = content ? PART_RAW : PART_EMPTY;
	if (why)
		decompile_unsaid(d, "what partition %" PRIu32 " holds, which is a file as a whole: it %s", p->layout->number, why);
	if (!content)
		return;
	p->raw = arena_printf(d->c->arena, "%s.raw", p->name);
	decompile_file(d, p->raw, content);
}

/* Whether NAME can be that of a partition, and is no other one's so far. */
static bool
can_be_name(const struct decompiling *d, const char *name, const struct part *until)
{
	size_t length = strlen(name);

	for (const struct part *p = d->parts; p < until; p++)
		if (strcmp(p->name, name) == 0)
			return false;
	return length && length <= NAME_MOST && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-")] == '\0';
}

/* A GPT has a name for P; what it is called with an MBR is of no consequence. */
static void
name_part(struct decompiling *d, struct part *p)
{
	const char *name = p->layout->from->name;

	p->name = arena_printf(d->c->arena, "p%" PRIu32, p->layout->number);
	if (can_be_name(d, name, p))
		p->name = name;
	else
		decompile_unsaid(d, "the name '%s' of partition %" PRIu32, name, p->layout->number);
	if (p->layout->nameless && d->image->layout->table == TABLE_GPT)
		decompile_unsaid(d, "that partition %" PRIu32 " has no name", p->layout->number);
	if (p->layout->number != (uint32_t)(p - d->parts) + 1)
		decompile_unsaid(d, "that partition %zu is number %" PRIu32, (size_t)(p - d->parts) + 1, p->layout->number);
}

static void
decide_part(struct decompiling *d, size_t i)
{
	struct part *p = &d->parts[i];
	const struct partition_layout *layout = p->layout = &d->image->layout->partitions[i];
	const char *obstacle;

	name_part(d, p);
	if (layout->ext || layout->fat) {
		decompile_first_names(d, p);
		p->form = PART_FILES;
		if ((obstacle = filesystem_obstacle(d, p)))
			make_raw(d, p, obstacle);
	} else if (layout->swap && is_whole_swap(d->image->layout, layout)) {
		p->form = PART_SWAP;
	} else {
		make_raw(d, p, layout->swap ? "is swap space that does not fill it" : NULL);
	}
}

/* The time that FAT's entries have. The first that there is stands for all before it, such as the epoch that is not written. */
static int64_t
epoch_of_fat(const struct fat_layout *fat)
{
	struct moment moment = calendar_fat(fat->date, fat->time, fat->hundredths);

	return moment.given && moment.seconds > CALENDAR_FAT_FIRST ? moment.seconds : 0;
}

/* The one time that all of an image has: of the first ext file system, else of the first FAT. */
static int64_t
epoch_of(struct decompiling *d)
{
	const struct layout *l = d->image->layout;
	const struct ext_layout *ext = NULL;
	int64_t epoch = 0;

	for (size_t i = 0; i < l->partition_count; i++) {
		const struct part *p = &d->parts[i];

		if (p->form != PART_FILES)
			continue;
		if (p->layout->ext && ext && ext->epoch != p->layout->ext->epoch)
			decompile_unsaid(d, "the time of partition %" PRIu32 ", %" PRId64, p->layout->number, p->layout->ext->epoch);
		ext = ext ? ext : p->layout->ext;
		if (!ext && !epoch && p->layout->fat)
			epoch = epoch_of_fat(p->layout->fat);
	}
	return ext ? ext->epoch : epoch;
}

/*
 * Whether the bytes that FINDING is about are in a file that has them as they are. What is behind the image's end is nowhere. Those of an
 * MBR's table are in none: the manifest has the type of an entry, even of one that is not understood, but not what is said of the table as
 * a whole, nor what lies beside it. In front of a GPT, where nothing is said of it, its fields are told one by one.
 */
static bool
is_carried(const struct decompiling *d, const struct finding *finding)
{
	enum { TABLE_BEGIN = 440, TABLE_END = 512, ENTRY_SIZE = 16 };
	const struct layout *l = d->image->layout;

	if (finding->kind == FINDING_TRUNCATED)
		return false;
	if (d->image->bare)
		return d->parts[0].form == PART_RAW;
	if (finding->offset >= TABLE_BEGIN && finding->offset < TABLE_END)
		return l->table == TABLE_GPT || (finding->kind == FINDING_NOT_UNDERSTOOD && finding->size <= ENTRY_SIZE);
	if (finding->offset < decompile_boot_end(d))
		return finding->kind == FINDING_UNOWNED || finding->kind == FINDING_NOT_UNDERSTOOD;
	for (size_t i = 0; i < l->partition_count; i++) {
		const struct partition_layout *p = &l->partitions[i];
		uint64_t start = layout_offset(l, p);

		if (d->parts[i].form == PART_RAW && finding->offset >= start && finding->offset - start < layout_bytes(l, p))
			return true;
	}
	return false;
}

/* What was not understood, or is wrong. */
static void
tell_findings(struct decompiling *d)
{
	for (size_t i = 0; i < d->image->finding_count; i++)
		if (!is_carried(d, &d->image->findings[i]))
			decompile_unsaid(d, "%s", d->image->findings[i].text);
	if (d->image->findings_left_out)
		decompile_unsaid(d, "%" PRIu64 " findings more, such as 'rootc verify' has", d->image->findings_left_out);
	if (d->image->size % d->image->layout->sector_size)
		decompile_unsaid(d, "the last %" PRIu64 " bytes, which are no whole sector", d->image->size % d->image->layout->sector_size);
}

static void
put_head(struct decompiling *d, FILE *out, int64_t epoch)
{
	struct arena *a = d->c->arena;

	fprintf(out, "# What 'rootc decompile' made of an image. The files are in " TREE_DIRECTORY "/, and below are those of which it cannot tell all.\n");
	if (d->unsaid_count)
		fputs("#\n# This cannot be said:\n", out);
	for (size_t i = 0; i < d->unsaid_count; i++)
		fprintf(out, "# - %s\n", decompile_comment(a, d->unsaid[i]));
	fprintf(out, "rootc: 1\nname: %s\n", d->name);
	if (epoch)
		fprintf(out, "epoch: %" PRId64 "\n", epoch);
	fputs("complete: true                  # without this, what programs need would be looked for\n", out);
}

/* The body is written first: what it cannot say stands above it. */
static const char *
manifest_of(struct decompiling *d)
{
	char *head = NULL, *body = NULL;
	const char *manifest;
	size_t head_size, body_size;
	int64_t epoch = epoch_of(d);
	FILE *head_out = open_memstream(&head, &head_size), *body_out = open_memstream(&body, &body_size);

	if (!head_out || !body_out)
		memory_exhausted();
	decompile_disk(d, body_out);
	decompile_trees(d, body_out);
	put_head(d, head_out, epoch);
	if (fclose(head_out) != 0 || fclose(body_out) != 0)
		memory_exhausted();
	manifest = arena_printf(d->c->arena, "%s%s", head, body);
	free(head);
	free(body);
	return manifest;
}

const struct decompiled *
decompile_image(struct compilation *c, const struct image *image, const char *name)
{
	struct decompiled *made = ARENA_NEW(c->arena, struct decompiled);
	struct decompiling d = {.c = c, .image = image, .name = name,
		.parts = ARENA_ARRAY(c->arena, struct part, image->layout->partition_count)};
	size_t errors = c->diags.error_count;

	if (image->layout->partition_count == 0) {
		diag(&c->diags, DIAG_IMAGE_PARTITION, (struct span){0}, "'%s' has no partition of which a manifest could speak", image->path);
		return NULL;
	}
	for (size_t i = 0; i < image->layout->partition_count; i++)
		decide_part(&d, i);
	tell_findings(&d);
	decompile_mounts(&d);
	made->manifest = manifest_of(&d);
	made->path = arena_printf(c->arena, "%s.yaml", name);
	made->entries = d.entries;
	made->entry_count = d.entry_count;
	made->unsaid = d.unsaid;
	made->unsaid_count = d.unsaid_count;
	return c->diags.error_count == errors ? made : NULL;
}
