/* Decides the page about a plan that people read: how full, what is large, what shadows what, what nobody asked for. */
#include "view/view.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/compilation.h"
#include "support/text.h"
#include "view/words.h"

enum { PAGE_WIDTH = 80, LARGEST = 10, MOST_IMPLIED = 20, BAR_WIDTH = 20 };

struct item {
	const struct node *node;
	const char *path;
	uint64_t bytes;
};

/* What a walk over the tree finds. */
struct page {
	FILE *out;
	struct compilation *c;
	const struct plan *plan;
	uint64_t counts[NODE_BLOCK + 1], hardlinks, bytes, parents;
	struct item *files, *needed;
	size_t file_count, needed_count;
};

static void
collect(struct page *p, const struct node *node)
{
	struct item item = {.node = node, .path = node_path(p->c, node)};

	*(node->original ? &p->hardlinks : &p->counts[node->kind]) += 1;
	p->parents += node->implied;
	if (node->kind == NODE_FILE && !node->original) {
		item.bytes = node->content->size;
		p->bytes += item.bytes;
		*ARENA_PUSH(p->c->arena, p->files, p->file_count) = item;
	}
	if (node->why->needed_by && !node->implied)
		*ARENA_PUSH(p->c->arena, p->needed, p->needed_count) = item;
	for (size_t i = 0; i < node->child_count; i++)
		collect(p, node->children[i]);
}

/* TEXT escaped, its beginning cut so that it takes at most WIDTH columns. */
static const char *
fit(struct page *p, const char *text, size_t width)
{
	const char *shown = text_escape(p->c->arena, text);
	size_t length = strlen(shown), points = text_code_points(shown, length), i = 0;

	if (points <= width)
		return shown;
	for (size_t skipped = points - (width - 3); skipped > 0; skipped--)
		i += text_sequence_length(shown + i, length - i);
	return arena_printf(p->c->arena, "...%s", shown + i);
}

static void
print_head(struct page *p)
{
	const struct layout *layout = p->plan->layout;

	fprintf(p->out, "%s: %s, partition table %s, disk id %s%s\n", fit(p, p->plan->manifest->name.v, 30),
		text_bytes(p->c->arena, layout->disk_bytes), table_names[layout->table], word_disk_id(p->c->arena, layout),
		word_large_sectors(p->c->arena, layout->sector_size));
	for (size_t i = 0; i < p->plan->manifest->base_count; i++)
		fprintf(p->out, "  %s %s\n", i ? "which extends" : "extends", fit(p, p->plan->manifest->bases[i].v, PAGE_WIDTH - 16));
}

/* "[########............]  40% of 31.2 MiB used": of COUNT blocks or clusters. */
static void
print_bar(struct page *p, uint64_t used, uint64_t count, uint64_t bytes_each)
{
	uint64_t cells = count ? (used * BAR_WIDTH + count - 1) / count : 0;
	uint64_t percent = count ? used * 100 / count : 0;
	char bar[BAR_WIDTH + 1] = "";

	for (size_t i = 0; i < BAR_WIDTH; i++)
		bar[i] = i < cells ? '#' : '.';
	fprintf(p->out, "      [%s] %3" PRIu64 "%% of %s used", bar, percent, text_bytes(p->c->arena, count * bytes_each));
}

static void
print_fill(struct page *p, const struct partition_layout *part)
{
	const struct ext_layout *ext = part->ext;
	const struct fat_layout *fat = part->fat;

	if (ext) {
		print_bar(p, ext->block_count - ext->free_blocks, ext->block_count, ext->block_size);
		fprintf(p->out, ", %u of %u inodes\n", ext->inode_count - ext->free_inodes, ext->inode_count);
	} else if (fat) {
		print_bar(p, fat->cluster_count - fat->free_clusters, fat->cluster_count, fat_cluster_bytes(fat));
		fprintf(p->out, ", FAT%u\n", fat->bits);
	}
}

static void
print_partition(struct page *p, const struct partition_layout *part)
{
	struct arena *a = p->c->arena;

	fprintf(p->out, "  %u %-14s %10s from sector %" PRIu64, part->number, fit(p, part->from->name, 14),
		text_bytes(a, layout_bytes(p->plan->layout, part)), part->first_lba);
	if (word_filesystem_of(part))
		fprintf(p->out, ", %s", word_filesystem_of(part));
	else if (part->swap)
		fputs(", swap", p->out);
	else if (part->raw)
		fprintf(p->out, ", raw %s", fit(p, part->from->raw.v, 24));
	if (part->from->mount.v)
		fprintf(p->out, " at %s", fit(p, part->from->mount.v, 16));
	fputs(part->bootable ? ", bootable\n" : "\n", p->out);
	print_fill(p, part);
}

static void
print_partitions(struct page *p)
{
	const struct layout *layout = p->plan->layout;

	if (layout->partition_count)
		fputs("\nPartitions\n", p->out);
	for (size_t i = 0; i < layout->partition_count; i++)
		print_partition(p, &layout->partitions[i]);
	if (layout->region_count)
		fputs("\nBoot code\n", p->out);
	for (size_t i = 0; i < layout->region_count; i++)
		fprintf(p->out, "  %-16s %6zu bytes at sector %" PRIu64 "\n",
			layout->regions[i].owner, layout->regions[i].size, layout->regions[i].offset / layout->sector_size);
}

static int
larger_first(const void *a_, const void *b_)
{
	const struct item *a = a_, *b = b_;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return strcmp(a->path, b->path);
}

static void
print_files(struct page *p)
{
	struct arena *a = p->c->arena;

	fprintf(p->out, "\nContents: %s (%s), %s, %s, %s", text_count(a, p->counts[NODE_FILE], "file", "files"),
		text_bytes(a, p->bytes), text_count(a, p->counts[NODE_DIRECTORY], "directory", "directories"),
		text_count(a, p->counts[NODE_LINK], "link", "links"),
		text_count(a, p->counts[NODE_CHAR] + p->counts[NODE_BLOCK], "device", "devices"));
	if (p->hardlinks)
		fprintf(p->out, ", %s", text_count(a, p->hardlinks, "hard link", "hard links"));
	fputc('\n', p->out);
	if (p->file_count == 0)
		return;
	qsort(p->files, p->file_count, sizeof *p->files, larger_first);
	for (const struct item *f = p->files; f < p->files + p->file_count && f < p->files + LARGEST; f++)
		fprintf(p->out, "  %10s  %s\n", text_bytes(a, f->bytes), fit(p, f->path, PAGE_WIDTH - 14));
}

/* Directories lie over one another without hiding anything. */
static bool
hides_something(const struct entry *entry)
{
	return entry && entry->shadowed &&
		!(entry->kind == ENTRY_DIRECTORY && entry->shadowed->kind == ENTRY_DIRECTORY);
}

static void
print_shadow(struct page *p, bool *printed, const struct entry *entry)
{
	const char *path, *words;

	if (!hides_something(entry))
		return;
	if (!*printed)
		fputs("\nShadowed inputs\n", p->out);
	*printed = true;
	path = fit(p, entry_path(p->c, entry), PAGE_WIDTH - 3);
	words = arena_printf(p->c->arena, "%s shadows %s", word_origin(p->c->arena, entry),
		word_origin(p->c->arena, entry->shadowed));
	fprintf(p->out, "  %s:", path);
	fputs(text_code_points(path, strlen(path)) + strlen(words) + 4 <= PAGE_WIDTH ? " " : "\n      ", p->out);
	fprintf(p->out, "%s\n", fit(p, words, PAGE_WIDTH - 6));
}

static void
print_shadowed(struct page *p)
{
	const struct closure *closure = p->plan->closure;
	bool printed = false;

	if (!closure)
		return;
	for (size_t i = 0; i < closure->need_count; i++)
		print_shadow(p, &printed, closure->needs[i]->entry);
	for (size_t i = 0; closure->source_entries && i < p->plan->manifest->file_count; i++)
		print_shadow(p, &printed, closure->source_entries[i]);
}

static int
by_cause(const void *a_, const void *b_)
{
	const struct item *a = a_, *b = b_;
	int order = strcmp(a->node->why->needed_by->path, b->node->why->needed_by->path);

	return order ? order : strcmp(a->path, b->path);
}

static void
print_needed(struct page *p)
{
	const char *cause = NULL;

	qsort(p->needed, p->needed_count, sizeof *p->needed, by_cause);
	for (size_t i = 0; i < p->needed_count && i < MOST_IMPLIED; i++) {
		const char *path = p->needed[i].node->why->needed_by->path;

		if (!cause || strcmp(cause, path) != 0)
			fprintf(p->out, "  by %s:\n", fit(p, path, PAGE_WIDTH - 6));
		cause = path;
		fprintf(p->out, "      %s\n", fit(p, p->needed[i].path, PAGE_WIDTH - 6));
	}
	if (p->needed_count > MOST_IMPLIED)
		fprintf(p->out, "  and %zu more\n", p->needed_count - MOST_IMPLIED);
}

static void
print_implied(struct page *p)
{
	if (p->parents + p->needed_count == 0)
		return;
	fputs("\nImplied (`rootc why MANIFEST PATH` tells more)\n", p->out);
	if (p->parents)
		fprintf(p->out, "  %s, mode 0755, owner 0:0\n",
			text_count(p->c->arena, p->parents, "parent directory", "parent directories"));
	if (p->needed_count)
		print_needed(p);
}

void
view_plan(FILE *out, struct compilation *c, const struct plan *plan)
{
	struct page p = {.out = out, .c = c, .plan = plan};

	collect(&p, plan->tree->root);
	print_head(&p);
	print_partitions(&p);
	print_files(&p);
	print_shadowed(&p);
	print_implied(&p);
}
