/* Decides what the directories of a FAT say (fatgen103, "FAT Directory Structure" and "Long Directory Entries"). */
#include "load/fat.h"

#include <inttypes.h>
#include <string.h>

#include "model/content.h"
#include "model/tree.h"
#include "support/text.h"

enum {
	BASE = 8,
	UNITS = 13,       /* of UTF-16 in an entry */
	PARTS_MOST = 20,
	LAST_PART = 0x40,
	DELETED = 0xe5,
	KANJI = 0x05,     /* instead of that at the start of a name */
	READ_ONLY = 0x01,
	HIDDEN = 0x02,
	SYSTEM = 0x04,
	VOLUME_LABEL = 0x08,
	DIRECTORY = 0x10,
	ARCHIVE = 0x20,
	LONG_NAME = 0x0f,
	LOWER_BASE = 0x08, /* in NTRes */
	LOWER_EXTENSION = 0x10,
	ATTRIBUTES = 0x3f,
};

/* A long name while its parts go by, the last one first. */
struct long_name {
	uint16_t units[PARTS_MOST * UNITS];
	size_t length;
	unsigned parts, missing; /* of those, how many are still to come */
	uint8_t sum;
};

/* A directory or a file that is still to be read. */
struct pending {
	struct node *node;
	size_t directory, entry; /* where its entry is, by the index of the object that this is in */
	uint32_t first;          /* cluster */
	uint32_t size;           /* bytes */
};

/* All that are: the directories by the index of their objects. */
struct walk {
	struct fat_loader *f;
	struct pending *directories, *files;
	size_t directory_count, file_count;
};

/* A directory while it is read. */
struct directory {
	struct walk *w;
	struct fat_loader *f;
	size_t index; /* of its object */
	struct node *node;
	struct long_name name;
	bool ended;
	uint64_t entries; /* gone by, up to the end */
};

static uint8_t
checksum(const unsigned char *alias)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < FAT_ALIAS; i++)
		sum = (uint8_t)((sum >> 1 | sum << 7) + alias[i]);
	return sum;
}

static void
bad_entry(const struct directory *d, uint64_t at, const char *what)
{
	load_finding(d->f->l, FINDING_INVALID, at, FAT_ENTRY, "an entry of the directory '%s' %s", load_path(d->f->l, d->node), what);
}

static size_t
add_object(struct fat_loader *f, const struct pending *p, bool is_read_only)
{
	struct fat_layout *l = f->layout;

	*ARENA_PUSH(f->l->c->arena, l->objects, l->object_count) = (struct fat_object){.node = p->node, .parent = p->directory,
		.is_directory = p->node->kind == NODE_DIRECTORY, .is_read_only = is_read_only};
	return l->object_count - 1;
}

/* Follows the clusters of object INDEX; FIRST is what its entry says. */
static struct fat_chain
place(struct fat_loader *f, size_t index, uint32_t first)
{
	struct fat_object *object = &f->layout->objects[index];
	struct fat_chain chain = {0};

	if (first)
		chain = fat_chain(f, first, object->node);
	object->first_cluster = chain.clusters ? first : 0;
	object->cluster_count = chain.clusters;
	object->runs = chain.runs;
	object->run_count = chain.run_count;
	return chain;
}

/* Part of a long name. */
static void
add_part(struct directory *d, const unsigned char *entry, uint64_t at)
{
	static const unsigned char places[UNITS] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
	struct long_name *name = &d->name;
	unsigned part = entry[0] & ~(unsigned)LAST_PART;

	if (entry[0] & LAST_PART && part >= 1 && part <= PARTS_MOST && !name->missing)
		*name = (struct long_name){.parts = part, .missing = part, .sum = entry[13]};
	if (!name->missing || part != name->missing || entry[13] != name->sum || entry[12] || get16(entry + 26) ||
	    (entry[0] & LAST_PART && part != name->parts)) {
		bad_entry(d, at, "is a part of a long name that does not belong there");
		name->missing = name->parts = 0;
		return;
	}
	name->missing--;
	for (size_t i = 0; i < UNITS; i++)
		name->units[name->missing * UNITS + i] = (uint16_t)get16(entry + places[i]);
	if (name->missing)
		return;
	while (name->length < name->parts * UNITS && name->units[name->length])
		name->length++;
	for (size_t i = name->length + 1; i < name->parts * UNITS; i++)
		if (name->units[i] != UINT16_MAX) {
			bad_entry(d, at, "has a long name with something behind its end");
			break;
		}
}

/* Bytes of a short name from START to END: what is not ASCII is in an encoding that the file system does not name, and shown as '?'. */
static char *
put_short(char *to, const unsigned char *entry, size_t start, size_t end, bool is_lower)
{
	while (end > start && entry[end - 1] == ' ')
		end--;
	if (start && end > start)
		*to++ = '.';
	for (size_t i = start; i < end; i++) {
		if (entry[i] >= 0x80 || (i == 0 && entry[0] == KANJI))
			*to++ = '?';
		else
			*to++ = is_lower && entry[i] >= 'A' && entry[i] <= 'Z' ? (char)(entry[i] + 'a' - 'A') : (char)entry[i];
	}
	return to;
}

/* Windows NT marks names that are all small without a long one, and Linux shows them so. */
static const char *
short_text(struct arena *a, const unsigned char *entry)
{
	char *text = arena_alloc(a, FAT_ALIAS + 2);

	put_short(put_short(text, entry, 0, BASE, entry[12] & LOWER_BASE), entry, BASE, FAT_ALIAS, entry[12] & LOWER_EXTENSION);
	return text;
}

static bool
is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* The name of the entry with the alias ENTRY begins with, in *E as it is written and as text. */
static const char *
take_name(struct directory *d, const unsigned char *entry, uint64_t at, struct fat_dirent *e)
{
	struct arena *a = d->f->l->c->arena;
	struct long_name *name = &d->name;
	uint16_t *units;

	memcpy(e->alias, entry, FAT_ALIAS);
	if (!name->parts)
		return short_text(a, entry);
	if (name->missing || name->sum != checksum(entry)) {
		bad_entry(d, at, "has a long name that is of another one");
		return short_text(a, entry);
	}
	units = ARENA_ARRAY(a, uint16_t, name->length + 1);
	memcpy(units, name->units, name->length * sizeof *units);
	e->long_name = units;
	e->long_length = name->length;
	return text_from_utf16(a, units, name->length);
}

static struct remarks *
get_remarks(struct arena *a, const unsigned char *entry)
{
	struct remarks *r = ARENA_NEW(a, struct remarks);

	r->moments[MOMENT_CREATED] = calendar_fat(get16(entry + 16), get16(entry + 14), entry[13]);
	r->moments[MOMENT_ACCESSED] = calendar_fat(get16(entry + 18), 0, 0);
	r->moments[MOMENT_MODIFIED] = calendar_fat(get16(entry + 24), get16(entry + 22), 0);
	r->flags = entry[11] & (HIDDEN | SYSTEM | ARCHIVE);
	return r;
}

/* Linux makes up modes: a file that is read-only can be told. */
static struct node *
new_node(struct directory *d, const char *name, const unsigned char *entry)
{
	struct arena *a = d->f->l->c->arena;
	struct node *node = ARENA_NEW(a, struct node);

	*node = (struct node){.name = name, .parent = d->node, .kind = entry[11] & DIRECTORY ? NODE_DIRECTORY : NODE_FILE,
		.mode = entry[11] & DIRECTORY || !(entry[11] & READ_ONLY) ? 0755 : 0555,
		.is_read = true, .remarks = get_remarks(a, entry)};
	*ARENA_PUSH(a, d->node->children, d->node->child_count) = node;
	return node;
}

static void
take_time(struct fat_layout *l, const unsigned char *entry)
{
	if (l->date)
		return;
	l->hundredths = entry[13];
	l->time = (uint16_t)get16(entry + 22);
	l->date = (uint16_t)get16(entry + 24);
}

/* "." leads to the directory itself, ".." to the one that it is in: 0 for the root. */
static void
check_dots(struct directory *d, const unsigned char *entry, uint64_t at)
{
	const struct fat_layout *l = d->f->layout;
	const struct fat_object *object = &l->objects[d->index];
	uint32_t cluster = get16(entry + 26) | (l->bits == 32 ? get16(entry + 20) << 16 : 0);
	bool own = entry[1] == ' ';
	uint32_t wanted = own ? object->first_cluster : object->parent ? l->objects[object->parent].first_cluster : 0;

	if (cluster != wanted || !(entry[11] & DIRECTORY) || get32(entry + 28))
		bad_entry(d, at, own ? "is '.' and does not lead to itself" : "is '..' and does not lead to the directory that it is in");
}

static void
check_label(struct directory *d, const unsigned char *entry, uint64_t at)
{
	struct fat_layout *l = d->f->layout;

	if (d->index) {
		bad_entry(d, at, "is a label, which only the root has");
		return;
	}
	if (memcmp(l->label, entry, FAT_ALIAS) != 0)
		load_finding(d->f->l, FINDING_TABLE, at, FAT_ALIAS, "the label in the root directory is not that of the boot sector");
	memcpy(l->label, entry, FAT_ALIAS);
}

static void
add_entry(struct directory *d, const unsigned char *entry, uint64_t at)
{
	struct arena *a = d->f->l->c->arena;
	struct fat_object *object = &d->f->layout->objects[d->index];
	struct pending p = {.directory = d->index, .entry = object->entry_count};
	struct fat_dirent e = {0};
	const char *name = take_name(d, entry, at, &e);

	if (!is_name(name)) {
		bad_entry(d, at, "has a name that cannot be");
		return;
	}
	if (entry[11] & ~ATTRIBUTES)
		bad_entry(d, at, "has attributes that there are not");
	e.node = p.node = new_node(d, name, entry);
	p.first = get16(entry + 26) | (d->f->layout->bits == 32 ? get16(entry + 20) << 16 : 0);
	if (p.node->kind == NODE_DIRECTORY) {
		if (get32(entry + 28))
			bad_entry(d, at, "is a directory that has a size");
		e.object = add_object(d->f, &p, false);
		*ARENA_PUSH(a, d->w->directories, d->w->directory_count) = p;
	} else {
		p.size = get32(entry + 28);
		*ARENA_PUSH(a, d->w->files, d->w->file_count) = p;
	}
	object = &d->f->layout->objects[d->index];
	*ARENA_PUSH(a, object->entries, object->entry_count) = e;
}

static void
read_entry(struct directory *d, const unsigned char *entry, uint64_t at)
{
	bool is_part = (entry[11] & ATTRIBUTES) == LONG_NAME;

	if (entry[0] == DELETED) {
		d->name = (struct long_name){0};
		return;
	}
	if (is_part) {
		add_part(d, entry, at);
		return;
	}
	take_time(d->f->layout, entry);
	if (entry[11] & VOLUME_LABEL)
		check_label(d, entry, at);
	else if (entry[0] == '.' && d->index)
		check_dots(d, entry, at);
	else
		add_entry(d, entry, at);
	d->name = (struct long_name){0};
}

/* The SIZE bytes at AT of the directory. */
static void
read_stretch(struct directory *d, uint64_t at, uint64_t size)
{
	const unsigned char *bytes = load_bytes(d->f->l, at, size, "a directory");
	uint64_t i = 0, other;

	for (; bytes && !d->ended && i + FAT_ENTRY <= size; i += FAT_ENTRY) {
		if ((d->ended = bytes[i] == 0))
			break;
		d->entries++;
		read_entry(d, bytes + i, at + i);
	}
	if (d->ended && (other = load_nonzero(d->f->l, at + i, at + size)) < at + size)
		load_finding(d->f->l, FINDING_UNOWNED, other, at + size - other, "behind the end of a directory not all is zero, from byte %" PRIu64 " on",
			other);
}

static void
sort_children(struct directory *d, uint64_t at)
{
	struct node *node = d->node;

	node_sort_children(node);
	for (size_t i = 1; i < node->child_count; i++)
		if (strcmp(node->children[i - 1]->name, node->children[i]->name) == 0)
			bad_entry(d, at, "has the name of another one");
}

static size_t
path_size(const struct node *node)
{
	size_t size = 0;

	for (; node->parent; node = node->parent)
		size += 1 + strlen(node->name);
	return size;
}

static void
claim_directory(struct fat_loader *f, const struct node *node, uint64_t at, uint64_t size, uint64_t cluster)
{
	load_claim(f->l, &(struct owner){.offset = at, .size = size, .kind = OWNER_FAT_DIRECTORY, .partition = f->l->partition,
		.number = cluster, .node = node});
}

static void
read_clusters(struct directory *d, uint32_t first)
{
	struct fat_loader *f = d->f;
	struct fat_chain chain = place(f, d->index, first);

	if (!chain.clusters)
		load_finding(f->l, FINDING_INVALID, f->offset, RECORD_SIZE, "the directory '%s' has no clusters", load_path(f->l, d->node));
	for (size_t i = 0; i < chain.run_count; i++) {
		uint64_t at = fat_at(f, chain.runs[i].first), size = chain.runs[i].count * f->cluster_bytes;
		uint64_t before = chain.runs[i].logical * f->cluster_bytes;

		claim_directory(f, d->node, at, size, chain.runs[i].first);
		if (before < FAT_DIRECTORY_MOST)
			read_stretch(d, at, size < FAT_DIRECTORY_MOST - before ? size : FAT_DIRECTORY_MOST - before);
	}
}

static void
read_directory(struct walk *w, size_t index)
{
	struct fat_loader *f = w->f;
	const struct fat_layout *l = f->layout;
	struct directory d = {.w = w, .f = f, .index = index, .node = w->directories[index].node};
	uint64_t root_size = (uint64_t)l->root_entries * FAT_ENTRY, at = fat_at(f, FAT_FIRST_CLUSTER) - root_size;

	if (index == 0 && root_size) {
		claim_directory(f, d.node, at, root_size, 0);
		read_stretch(&d, at, root_size);
	} else {
		read_clusters(&d, w->directories[index].first);
		at = fat_at(f, l->objects[index].first_cluster);
	}
	if (d.name.parts)
		bad_entry(&d, at, "is a long name without a short one");
	l->objects[index].size = d.entries * FAT_ENTRY;
	sort_children(&d, at);
}

/* RUN of a file, whose last LEFT bytes begin there: where its bytes are, and what lies behind its end. */
static void
add_run(struct fat_loader *f, const struct node *node, struct image_bytes *bytes, const struct run *run, uint64_t left)
{
	uint64_t all = run->count * f->cluster_bytes, used = left < all ? left : all;
	struct owner owner = {.offset = fat_at(f, run->first), .size = used, .kind = OWNER_FAT_DATA, .partition = f->l->partition,
		.number = run->first, .node = node};

	load_claim(f->l, &owner);
	if (used)
		*ARENA_PUSH(f->l->c->arena, bytes->runs, bytes->count) = (struct image_run){run->logical * f->cluster_bytes, owner.offset, used};
	owner.kind = OWNER_FAT_SLACK;
	owner.offset += used;
	owner.number += used / f->cluster_bytes;
	owner.size = all - used;
	load_claim(f->l, &owner);
}

static void
read_file(struct fat_loader *f, const struct pending *p)
{
	struct arena *a = f->l->c->arena;
	struct image_bytes *bytes = ARENA_NEW(a, struct image_bytes);
	struct content *content = ARENA_NEW(a, struct content);
	size_t index = add_object(f, p, !(p->node->mode & 0222));
	struct fat_chain chain = place(f, index, p->first);
	uint64_t left = p->size, needed = (left + f->cluster_bytes - 1) / f->cluster_bytes;

	f->layout->objects[p->directory].entries[p->entry].object = index;
	f->layout->objects[index].size = p->size;
	bytes->path = f->l->image->path;
	for (size_t i = 0; i < chain.run_count; i++) {
		uint64_t size = chain.runs[i].count * f->cluster_bytes;

		add_run(f, p->node, bytes, &chain.runs[i], left);
		left -= left < size ? left : size;
	}
	*content = (struct content){.kind = CONTENT_IMAGE, .size = p->size, .executable = true, .image = bytes,
		.shown = arena_printf(a, "cluster %" PRIu32 " of %s", p->first, f->l->image->path)};
	p->node->content = content;
	if (chain.clusters != needed)
		load_finding(f->l, FINDING_COUNT, chain.clusters ? fat_at(f, p->first) : f->offset, 0,
			"'%s' has %" PRIu64 " bytes and so %" PRIu64 " clusters, but the FAT has %" PRIu32 " for it",
			load_path(f->l, p->node), (uint64_t)p->size, needed, chain.clusters);
}

/* Now that no list grows any more. */
static void
name_objects(struct fat_layout *l)
{
	for (size_t i = 0; i < l->object_count; i++)
		for (size_t e = 0; e < l->objects[i].entry_count; e++)
			l->objects[l->objects[i].entries[e].object].alias = l->objects[i].entries[e].alias;
}

struct node *
fat_load_tree(struct fat_loader *f)
{
	struct walk w = {.f = f};
	struct node *root = ARENA_NEW(f->l->c->arena, struct node);
	struct pending first = {.node = root, .first = f->root_cluster};

	*root = (struct node){.name = "", .kind = NODE_DIRECTORY, .mode = 0755, .is_read = true};
	*ARENA_PUSH(f->l->c->arena, w.directories, w.directory_count) = first;
	add_object(f, &first, false);
	for (size_t i = 0; i < w.directory_count; i++) {
		if (path_size(w.directories[i].node) <= LOAD_PATH_MOST)
			read_directory(&w, i);
		else
			load_finding(f->l, FINDING_INVALID, f->offset, 0, "directories lie deeper than any path can be");
	}
	for (size_t i = 0; i < w.file_count; i++)
		read_file(f, &w.files[i]);
	name_objects(f->layout);
	return root;
}

const struct fat_dirent *
fat_find(const struct fat_layout *l, const char *const *names, size_t count)
{
	const struct fat_object *object = l->objects;
	const struct fat_dirent *found = NULL;

	for (size_t n = 0; n < count; n++) {
		found = NULL;
		for (size_t i = 0; object->is_directory && i < object->entry_count; i++)
			if (memcmp(object->entries[i].alias, names[n], FAT_ALIAS) == 0)
				found = &object->entries[i];
		if (!found)
			return NULL;
		object = &l->objects[found->object];
	}
	return found;
}
