/*
 * Decides how an image is drawn: a bar of the partitions to scale, and a map whose squares have the colour of what most of their
 * bytes are. The colours are those of Okabe and Ito, which all kinds of sight tell apart, with greys; every one is named beside it.
 */
#include "view/view.h"

#include <inttypes.h>
#include <string.h>

#include "model/ext.h"
#include "support/compilation.h"
#include "support/text.h"
#include "view/picture.h"
#include "view/words.h"
#include "view/xml.h"

enum class {
	CLASS_BOOT,
	CLASS_STRUCTURE,
	CLASS_INODES,
	CLASS_NAMES,
	CLASS_DATA,
	CLASS_PIECES,
	CLASS_SLACK,
	CLASS_JOURNAL,
	CLASS_FREE,
	CLASS_GAP,
	CLASS_UNKNOWN,
	CLASSES,
};

static const struct {
	const char *name, *color;
} classes[CLASSES] = {
	[CLASS_BOOT] = {"boot code and partition table", "#000000"},
	[CLASS_STRUCTURE] = {"superblocks, descriptors, bitmaps, maps", "#e69f00"},
	[CLASS_INODES] = {"inode tables", "#f0e442"},
	[CLASS_NAMES] = {"directories, links, attributes", "#56b4e9"},
	[CLASS_DATA] = {"files in one piece", "#0072b2"},
	[CLASS_PIECES] = {"files in several pieces", "#d55e00"},
	[CLASS_SLACK] = {"rest of a file's last block", "#8a8a8a"},
	[CLASS_JOURNAL] = {"journal", "#cc79a7"},
	[CLASS_FREE] = {"free space", "#dedede"},
	[CLASS_GAP] = {"outside partitions and file systems", "#ffffff"},
	[CLASS_UNKNOWN] = {"not understood by rootc", "#009e73"},
};

enum {
	COLUMNS = 128, ROWS_MOST = 64,
	CELL = 7,
	LEFT = 76, TOP = 118, BAR_TOP = 48, BAR_HEIGHT = 28,
	MAP_WIDTH = COLUMNS * CELL,
	WIDTH = LEFT + MAP_WIDTH + 20,
	LEGEND_ROW = 20, LEGEND_COLUMNS = 2,
	GLYPH = 8, /* width of a character, about */
	CELL_LEAST = 512,
	FAT_CLUSTERS_BEFORE = 2, /* numbers that no cluster has */
};

/* What is drawn. */
struct picture {
	FILE *out;
	struct compilation *c;
	const struct image *image;
	uint64_t cell_bytes;
	size_t cell_count, rows;
	uint64_t (*cells)[CLASSES]; /* bytes of each class in each square */
	uint64_t sums[CLASSES];
	unsigned files, in_pieces;
	bool **pieces; /* by partition, then beside its inodes, or for the first cluster of a run: whether the file is in pieces */
	const char *mark; /* behind the ids, of which a page with several pictures has several */
};

/* Whether between the bytes START and END of the image there is nothing but what a file system puts between files. */
static bool
is_structure(const struct image *image, uint64_t start, uint64_t end)
{
	for (const struct owner *o = image_owner(image, start); o < image->owners + image->owner_count && o->offset < end; o++)
		if (o->kind < OWNER_SUPERBLOCK || (o->kind > OWNER_FREE_INODES && o->kind != OWNER_MAP))
			return false;
	return true;
}

/* Whether a file's blocks do not follow one another, but for what the file system itself puts between them. */
static bool
is_in_pieces(const struct image *image, const struct partition_layout *p, const struct ext_inode *inode)
{
	uint64_t start = layout_offset(image->layout, p);

	for (size_t i = 1; i < inode->run_count; i++) {
		uint64_t end = inode->runs[i - 1].first + inode->runs[i - 1].count, next = inode->runs[i].first;

		if (next < end || (next > end && !is_structure(image, start + end * p->ext->block_size, start + next * p->ext->block_size)))
			return true;
	}
	return false;
}

/* Looks at each file once: of a file in a thousand pieces, each piece asks. */
static void
find_pieces_of_ext(struct picture *p, size_t partition)
{
	const struct partition_layout *l = &p->image->layout->partitions[partition];
	const struct ext_layout *ext = l->ext;
	bool *pieces = p->pieces[partition] = ARENA_ARRAY(p->c->arena, bool, ext->inode_used_count + 1);

	for (size_t i = 0; i < ext->inode_used_count; i++) {
		if (!ext->inodes[i].node || ext->inodes[i].node->kind != NODE_FILE)
			continue;
		pieces[i] = is_in_pieces(p->image, l, &ext->inodes[i]);
		p->files++;
		p->in_pieces += pieces[i];
	}
}

static void
find_pieces_of_fat(struct picture *p, size_t partition)
{
	const struct fat_layout *fat = p->image->layout->partitions[partition].fat;
	bool *pieces = p->pieces[partition] = ARENA_ARRAY(p->c->arena, bool, (size_t)fat->cluster_count + FAT_CLUSTERS_BEFORE);

	for (size_t i = 0; i < fat->object_count; i++) {
		const struct fat_object *object = &fat->objects[i];

		if (object->is_directory)
			continue;
		for (size_t k = 0; object->run_count > 1 && k < object->run_count; k++)
			pieces[object->runs[k].first] = true;
		p->files++;
		p->in_pieces += object->run_count > 1;
	}
}

static void
find_pieces(struct picture *p)
{
	const struct layout *l = p->image->layout;

	p->pieces = ARENA_ARRAY(p->c->arena, bool *, l->partition_count + 1);
	for (size_t i = 0; i < l->partition_count; i++)
		if (l->partitions[i].ext)
			find_pieces_of_ext(p, i);
		else if (l->partitions[i].fat)
			find_pieces_of_fat(p, i);
}

static enum class
class_of_data(const struct picture *p, const struct owner *o)
{
	const bool *pieces = o->partition < 0 ? NULL : p->pieces[o->partition];
	const struct ext_layout *ext = pieces ? p->image->layout->partitions[o->partition].ext : NULL;

	return pieces && pieces[ext ? ext_inode_index(ext, o->number) : o->number] ? CLASS_PIECES : CLASS_DATA;
}

static enum class
class_of(const struct picture *p, const struct owner *o)
{
	switch (o->kind) {
	case OWNER_BOOT_CODE:
	case OWNER_PARTITION_TABLE:
	case OWNER_GPT_HEADER:
	case OWNER_GPT_ENTRIES:
	case OWNER_BOOT_LOADER:
	case OWNER_BOOT_BLOCK:
		return CLASS_BOOT;
	case OWNER_SUPERBLOCK:
	case OWNER_DESCRIPTORS:
	case OWNER_RESERVED_GDT:
	case OWNER_BLOCK_BITMAP:
	case OWNER_INODE_BITMAP:
	case OWNER_MAP:
	case OWNER_BOOT_SECTOR:
	case OWNER_FSINFO:
	case OWNER_FAT:
	case OWNER_SWAP_HEADER:
		return CLASS_STRUCTURE;
	case OWNER_INODE:
	case OWNER_FREE_INODES:
		return CLASS_INODES;
	case OWNER_DIRECTORY:
	case OWNER_LINK:
	case OWNER_ATTRIBUTES:
	case OWNER_FAT_DIRECTORY:
		return CLASS_NAMES;
	case OWNER_DATA:
	case OWNER_FAT_DATA:
		return class_of_data(p, o);
	case OWNER_SLACK:
	case OWNER_FAT_SLACK:
		return CLASS_SLACK;
	case OWNER_JOURNAL:
		return CLASS_JOURNAL;
	case OWNER_FREE:
		return CLASS_FREE;
	case OWNER_GAP:
		return CLASS_GAP;
	case OWNER_UNKNOWN:
		break;
	}
	return CLASS_UNKNOWN;
}

/* How many bytes of each class lie in each square. */
static void
count_bytes(struct picture *p)
{
	const struct image *image = p->image;

	p->cell_bytes = CELL_LEAST;
	while ((image->size + p->cell_bytes - 1) / p->cell_bytes > COLUMNS * ROWS_MOST)
		p->cell_bytes *= 2;
	p->cell_count = (size_t)((image->size + p->cell_bytes - 1) / p->cell_bytes);
	p->rows = (p->cell_count + COLUMNS - 1) / COLUMNS;
	p->cells = arena_array(p->c->arena, p->cell_count + 1, sizeof *p->cells);
	for (const struct owner *o = image->owners; o < image->owners + image->owner_count; o++) {
		enum class class = class_of(p, o);

		p->sums[class] += o->size;
		for (uint64_t at = o->offset, end = o->offset + o->size; at < end;) {
			uint64_t next = (at / p->cell_bytes + 1) * p->cell_bytes;

			next = next < end ? next : end;
			p->cells[at / p->cell_bytes][class] += next - at;
			at = next;
		}
	}
}

static enum class
most_of(const struct picture *p, size_t cell)
{
	enum class most = CLASS_BOOT;

	for (enum class i = CLASS_BOOT; i < CLASSES; i++)
		if (p->cells[cell][i] > p->cells[cell][most])
			most = i;
	return most;
}

static unsigned
height_of(const struct picture *p)
{
	return TOP + (unsigned)p->rows * CELL + 34 + LEGEND_ROW * ((CLASSES + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS) + 8;
}

static const char *
partition_words(const struct picture *p, const struct partition_layout *partition)
{
	struct arena *a = p->c->arena;
	const char *contents = word_holds(partition);

	return arena_printf(a, "%u %s %s%s%s", partition->number, partition->from->name,
		text_bytes(a, layout_bytes(p->image->layout, partition)), contents ? " " : "", contents ? contents : "");
}

const char *
picture_name(const struct image *image)
{
	const char *slash = strrchr(image->path, '/');

	return slash && slash[1] ? slash + 1 : image->path;
}

static void
draw_head(const struct picture *p)
{
	FILE *out = p->out;
	struct arena *a = p->c->arena;
	const struct image *image = p->image;

	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %u %u\" role=\"img\" "
		"aria-labelledby=\"title%s about%s\" font-family=\"sans-serif\" font-size=\"13\">\n<title id=\"title%s\">", WIDTH, height_of(p), WIDTH,
		height_of(p), p->mark, p->mark, p->mark);
	xml_text(out, a, picture_name(image));
	fprintf(out, "</title>\n<desc id=\"about%s\">A disk image of ", p->mark);
	xml_text(out, a, text_bytes(a, image->size));
	fprintf(out, ": %zu partitions.", image->layout->partition_count);
	for (enum class i = CLASS_BOOT; i < CLASSES; i++)
		if (p->sums[i])
			fprintf(out, " %s: %s.", classes[i].name, text_bytes(a, p->sums[i]));
	fprintf(out, "</desc>\n<rect width=\"%u\" height=\"%u\" fill=\"#fff\"/>\n<text x=\"%u\" y=\"26\" font-size=\"16\" font-weight=\"bold\">",
		WIDTH, height_of(p), LEFT);
	xml_text(out, a, picture_name(image));
	fprintf(out, ", %s, %s</text>\n", text_bytes(a, image->size), image->layout->table == TABLE_NONE ? "no partition table" : table_names[image->layout->table]);
}

/* To scale, and at least one pixel. A label that does not fit stands in the element's title; the number, too, where that does not. */
static void
draw_bar(const struct picture *p)
{
	const struct layout *l = p->image->layout;

	fprintf(p->out, "<text x=\"%u\" y=\"%u\" text-anchor=\"end\">partitions</text>\n", LEFT - 8, BAR_TOP + 19);
	fprintf(p->out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"#fff\" stroke=\"#000\"/>\n", LEFT, BAR_TOP, MAP_WIDTH, BAR_HEIGHT);
	for (size_t i = 0; i < l->partition_count; i++) {
		const struct partition_layout *partition = &l->partitions[i];
		double scale = (double)MAP_WIDTH / (double)p->image->size;
		double x = LEFT + (double)layout_offset(l, partition) * scale, width = (double)layout_bytes(l, partition) * scale;
		const char *words = partition_words(p, partition);

		x = x > LEFT + MAP_WIDTH - 1 ? LEFT + MAP_WIDTH - 1 : x;
		width = width < 1 ? 1 : width > LEFT + MAP_WIDTH - x ? LEFT + MAP_WIDTH - x : width;
		fputs("<g><title>partition ", p->out);
		xml_text(p->out, p->c->arena, words);
		fprintf(p->out, "</title><rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" fill=\"#d9e8f3\" stroke=\"#000\"/>", (unsigned)(x + 0.5),
			BAR_TOP, (unsigned)(width + 0.5), BAR_HEIGHT);
		if ((double)strlen(words) * GLYPH >= width)
			words = arena_printf(p->c->arena, "%u", partition->number);
		if ((double)(strlen(words) + 1) * GLYPH < width) {
			fprintf(p->out, "<text x=\"%u\" y=\"%u\">", (unsigned)(x + 0.5) + 6, BAR_TOP + 19);
			xml_text(p->out, p->c->arena, words);
			fputs("</text>", p->out);
		}
		fputs("</g>\n", p->out);
	}
}

/* Squares of one class that stand side by side are one rectangle. */
static void
draw_cells(const struct picture *p)
{
	for (size_t i = 0, end; i < p->cell_count; i = end) {
		enum class class = most_of(p, i);
		size_t row_end = (i / COLUMNS + 1) * COLUMNS;

		for (end = i + 1; end < row_end && end < p->cell_count && most_of(p, end) == class; end++)
			;
		fprintf(p->out, "<rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%u\" fill=\"%s\"/>\n", LEFT + i % COLUMNS * CELL,
			TOP + i / COLUMNS * CELL, (end - i) * CELL, CELL, classes[class].color);
	}
}

/* The outline of the squares FIRST to LAST. */
static void
draw_outline(const struct picture *p, size_t first, size_t last)
{
	size_t x = LEFT + first % COLUMNS * CELL, y = TOP + first / COLUMNS * CELL;
	size_t end = LEFT + (last % COLUMNS + 1) * CELL, bottom = TOP + last / COLUMNS * CELL;

	fputs("<path fill=\"none\" stroke=\"#000\" stroke-width=\"1.5\" d=\"", p->out);
	if (first / COLUMNS == last / COLUMNS)
		fprintf(p->out, "M%zu %zuH%zuV%zuH%zuZ", x, y, end, y + CELL, x);
	else
		fprintf(p->out, "M%zu %zuH%uV%zuH%zuV%zuH%uV%zuH%zuZ", x, y, LEFT + MAP_WIDTH, bottom, end, bottom + CELL, LEFT, y + CELL, x);
	fputs("\"/>\n", p->out);
}

/* The numbers of the partitions, to the right of where each begins; one that would stand on another is left out. */
static void
draw_numbers(const struct picture *p)
{
	const struct layout *l = p->image->layout;
	bool taken[1 + ROWS_MOST + 1] = {false};

	for (size_t i = 0; i < l->partition_count; i++) {
		size_t row = (size_t)(layout_offset(l, &l->partitions[i]) / p->cell_bytes / COLUMNS);

		if (row >= p->rows || taken[row] || taken[row + 1] || taken[row + 2])
			continue;
		fprintf(p->out, "<text x=\"%u\" y=\"%zu\" font-size=\"11\">%u</text>\n", LEFT + MAP_WIDTH + 4, TOP + row * CELL + CELL + 2,
			l->partitions[i].number);
		taken[row + 1] = true;
	}
}

static void
draw_map(const struct picture *p)
{
	const struct layout *l = p->image->layout;
	FILE *out = p->out;
	struct arena *a = p->c->arena;

	fprintf(out, "<text x=\"%u\" y=\"%u\">One square is %s, in the colour of what most of it is; partitions are outlined%s. ", LEFT, TOP - 14,
		text_bytes(a, p->cell_bytes), p->image->bare ? "" : " and numbered");
	fprintf(out, "%u of %u files lie in several pieces.</text>\n", p->in_pieces, p->files);
	draw_cells(p);
	fprintf(out, "<defs><pattern id=\"grid%s\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" patternUnits=\"userSpaceOnUse\">"
		"<path d=\"M%u 0V%uH0\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1\"/></pattern></defs>\n", p->mark, LEFT, TOP, CELL, CELL, CELL, CELL);
	fprintf(out, "<rect x=\"%u\" y=\"%u\" width=\"%u\" height=\"%zu\" fill=\"url(#grid%s)\" stroke=\"#bbb\"/>\n", LEFT, TOP, MAP_WIDTH, p->rows * CELL, p->mark);
	for (size_t i = 0; i < l->partition_count; i++) {
		uint64_t start = layout_offset(l, &l->partitions[i]), size = layout_bytes(l, &l->partitions[i]);

		if (start < p->image->size && size)
			draw_outline(p, (size_t)(start / p->cell_bytes),
				(size_t)(((size < p->image->size - start ? start + size : p->image->size) - 1) / p->cell_bytes));
	}
	for (size_t row = 0; row < p->rows; row += 8)
		fprintf(out, "<text x=\"%u\" y=\"%zu\" text-anchor=\"end\" font-size=\"11\">%s</text>\n", LEFT - 8, TOP + row * CELL + CELL + 2,
			text_bytes(a, row * COLUMNS * p->cell_bytes));
	if (!p->image->bare)
		draw_numbers(p);
}

static const char *
share_of(const struct picture *p, enum class class)
{
	uint64_t tenths = (uint64_t)((double)p->sums[class] * 1000 / (double)p->image->size);

	return tenths ? arena_printf(p->c->arena, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10) : "less than 0.1 %";
}

static void
draw_legend(const struct picture *p)
{
	unsigned y = TOP + (unsigned)p->rows * CELL + 34, drawn = 0;

	for (enum class i = CLASS_BOOT; i < CLASSES; i++) {
		unsigned column = drawn % LEGEND_COLUMNS, row = drawn / LEGEND_COLUMNS, x = LEFT + column * (MAP_WIDTH / LEGEND_COLUMNS);

		if (!p->sums[i])
			continue;
		fprintf(p->out, "<rect x=\"%u\" y=\"%u\" width=\"13\" height=\"13\" fill=\"%s\" stroke=\"#000\"/>", x, y + row * LEGEND_ROW - 11, classes[i].color);
		fprintf(p->out, "<text x=\"%u\" y=\"%u\">%s: %s, %s</text>\n", x + 20, y + row * LEGEND_ROW, classes[i].name,
			text_bytes(p->c->arena, p->sums[i]), share_of(p, i));
		drawn++;
	}
}

void
picture_draw(FILE *out, struct compilation *c, const struct image *image, const char *mark)
{
	struct picture p = {.out = out, .c = c, .image = image, .mark = mark};

	find_pieces(&p);
	count_bytes(&p);
	draw_head(&p);
	draw_bar(&p);
	draw_map(&p);
	draw_legend(&p);
	fputs("</svg>\n", out);
}

void
view_image_svg(FILE *out, struct compilation *c, const struct image *image)
{
	picture_draw(out, c, image, "");
}
