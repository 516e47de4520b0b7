/* Decides what an initial ramdisk holds: archives of cpio's newc, each as it is or packed (kernel documentation, initramfs-buffer-format). */
#include "load/load.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/content.h"
#include "support/compilation.h"
#include "support/libarchive.h"
#include "support/memory.h"

enum {
	HEADER = 110,
	MAGIC = 6,
	FIELDS = 13,
	ALIGNMENT = 4,
	PATH_MOST = 4096,
	ENTRIES_MOST = 65536,
	LINKED_MOST = 4096,       /* names of files that have several */
	ARCHIVE_MOST = 256 << 20, /* bytes, packed or not */
	TYPE_MASK = 0170000, TYPE_CHAR = 0020000, TYPE_DIRECTORY = 0040000, TYPE_BLOCK = 0060000, TYPE_FILE = 0100000, TYPE_LINK = 0120000,
};

/* The fields of a header, in its order. */
enum { C_INO, C_MODE, C_UID, C_GID, C_NLINK, C_MTIME, C_FILESIZE, C_MAJ, C_MIN, C_RMAJ, C_RMIN, C_NAMESIZE, C_CHKSUM };

/* Ways to pack that the kernel knows, by what it begins with; FILTER: how libarchive is told of it. */
struct packing {
	const char *magic;
	size_t length;
	const char *name;
	size_t filter;
};

#define FILTER(name) offsetof(struct libarchive, read_support_filter_##name)

static const struct packing packings[] = {
	{"\x1f\x8b", 2, "gzip", FILTER(gzip)},
	{"\x28\xb5\x2f\xfd", 4, "zstd", FILTER(zstd)},
	{"\xfd\x37\x7a\x58\x5a", 5, "xz", FILTER(xz)},
	{"BZh", 3, "bzip2", FILTER(bzip2)},
	{"\x02\x21\x4c\x18", 4, "lz4", FILTER(lz4)},
	{"\x5d\0\0", 3, "lzma", FILTER(lzma)},
	{"\x89\x4c\x5a\x4f", 4, "lzo", 0},
};

/* A file that has several names, while its archive is read. */
struct linked {
	uint32_t number, major, minor;
	struct node *node;
};

struct reading {
	struct compilation *c;
	struct tree *tree;
	struct linked *linked; /* of this archive */
	size_t linked_count, entry_count;
	const char *why_not;   /* what was not understood; NULL: nothing */
};

static bool
stops(struct reading *r, const char *why_not)
{
	r->why_not = why_not;
	return false;
}

static bool
is_header(const unsigned char *at, size_t size)
{
	return size >= MAGIC && (memcmp(at, "070701", MAGIC) == 0 || memcmp(at, "070702", MAGIC) == 0);
}

static bool
get_fields(const unsigned char *header, uint32_t fields[FIELDS])
{
	char text[9] = {0}, *end;

	for (size_t i = 0; i < FIELDS; i++) {
		memcpy(text, header + MAGIC + 8 * i, 8);
		fields[i] = (uint32_t)strtoul(text, &end, 16);
		if (end != text + 8 || text[0] == '-' || text[0] == '+' || text[0] == ' ')
			return false;
	}
	return true;
}

/* The child NAME of DIRECTORY, a directory of its own if it is not there; NULL: it is none. */
static struct node *
enter(struct reading *r, struct node *directory, const char *name, size_t length)
{
	struct node *node = node_child(directory, name, length);

	if (node)
		return node->kind == NODE_DIRECTORY ? node : NULL;
	node = ARENA_NEW(r->c->arena, struct node);
	*node = (struct node){.name = arena_strndup(r->c->arena, name, length), .parent = directory, .kind = NODE_DIRECTORY, .mode = 0755,
		.is_read = true};
	node_adopt(r->c, node);
	return node;
}

/* The node at PATH, new or to be another one now, as what comes later in an archive takes the place of what was there; NULL: it cannot be. */
static struct node *
make_node(struct reading *r, const char *path)
{
	struct node *directory = r->tree->root, *node;
	const char *name = path, *slash;
	size_t length;

	for (; (slash = strchr(name, '/')); name = slash + 1) {
		length = (size_t)(slash - name);
		if (length == 0 || (length == 1 && name[0] == '.'))
			continue;
		if ((length == 2 && memcmp(name, "..", 2) == 0) || length > 255 || !(directory = enter(r, directory, name, length)))
			return NULL;
	}
	length = strlen(name);
	if (length == 0 || strcmp(name, ".") == 0)
		return directory;
	if (length > 255 || strcmp(name, "..") == 0)
		return NULL;
	if ((node = node_child(directory, name, length)))
		return node;
	node = ARENA_NEW(r->c->arena, struct node);
	*node = (struct node){.name = arena_strndup(r->c->arena, name, length), .parent = directory};
	node_adopt(r->c, node);
	return node;
}

static bool
set_kind(struct node *node, const uint32_t fields[FIELDS])
{
	switch (fields[C_MODE] & TYPE_MASK) {
	case TYPE_DIRECTORY:
		node->kind = NODE_DIRECTORY;
		return true;
	case TYPE_FILE:
		node->kind = NODE_FILE;
		return true;
	case TYPE_LINK:
		node->kind = NODE_LINK;
		return true;
	case TYPE_CHAR:
	case TYPE_BLOCK:
		node->kind = (fields[C_MODE] & TYPE_MASK) == TYPE_CHAR ? NODE_CHAR : NODE_BLOCK;
		node->major = fields[C_RMAJ];
		node->minor = fields[C_RMIN];
		return true;
	}
	return false;
}

static struct content *
content_of(struct reading *r, const struct node *node, const char *bytes, uint32_t size)
{
	struct content *content = ARENA_NEW(r->c->arena, struct content);

	*content = (struct content){.kind = CONTENT_BYTES, .bytes = bytes, .size = size, .executable = node->mode & 0111, .shown = node->name};
	return content;
}

/* A file of several names has its bytes with one of them. */
static bool
link_names(struct reading *r, struct node *node, const uint32_t fields[FIELDS])
{
	struct linked this = {fields[C_INO], fields[C_MAJ], fields[C_MIN], node};

	for (size_t i = 0; i < r->linked_count; i++) {
		struct linked *l = &r->linked[i];

		if (l->number != this.number || l->major != this.major || l->minor != this.minor || l->node == node)
			continue;
		if (node->content->size)
			l->node->content = node->content;
		node->content = l->node->content;
		node->original = l->node;
		l->node->hardlinks++;
		return true;
	}
	if (r->linked_count == LINKED_MOST)
		return stops(r, "it has too many names of files that have several");
	*ARENA_PUSH(r->c->arena, r->linked, r->linked_count) = this;
	return true;
}

static bool
add_entry(struct reading *r, const char *path, const uint32_t fields[FIELDS], const char *bytes)
{
	struct node *node = make_node(r, path), old;
	struct remarks *remarks = ARENA_NEW(r->c->arena, struct remarks);

	if (!node)
		return stops(r, "it has a name that cannot be");
	old = *node;
	*node = (struct node){.name = old.name, .parent = old.parent, .owner = fields[C_UID], .group = fields[C_GID],
		.mode = fields[C_MODE] & 07777, .is_read = true, .remarks = remarks};
	remarks->moments[MOMENT_MODIFIED] = (struct moment){.seconds = fields[C_MTIME], .given = true};
	if (!set_kind(node, fields))
		return stops(r, "it holds something that is no file, directory, link or device");
	if (old.child_count && node->kind != NODE_DIRECTORY)
		return stops(r, "something takes the place of a directory in it");
	if (node->kind == NODE_DIRECTORY) {
		node->children = old.children;
		node->child_count = old.child_count;
	}
	if (node->kind == NODE_LINK)
		node->target = arena_strndup(r->c->arena, bytes, fields[C_FILESIZE]);
	if (node->kind == NODE_FILE)
		node->content = content_of(r, node, bytes, fields[C_FILESIZE]);
	return node->kind != NODE_FILE || fields[C_NLINK] < 2 || link_names(r, node, fields);
}

static size_t
aligned(size_t size)
{
	return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Reads one archive at the start of BYTES; its length, up to the end of its trailer, or 0. */
static size_t
read_archive(struct reading *r, const unsigned char *bytes, size_t size)
{
	size_t at = 0, name_end;
	uint32_t fields[FIELDS];
	const char *name;

	r->linked_count = 0;
	for (;;) {
		if (!is_header(bytes + at, size - at) || size - at < HEADER || !get_fields(bytes + at, fields))
			return stops(r, "one of its headers is not there or broken");
		name_end = at + HEADER + (size_t)fields[C_NAMESIZE];
		name = (const char *)bytes + at + HEADER;
		if (fields[C_NAMESIZE] == 0 || fields[C_NAMESIZE] > PATH_MOST || name_end > size || name[fields[C_NAMESIZE] - 1] ||
		    aligned(name_end) > size || fields[C_FILESIZE] > size - aligned(name_end))
			return stops(r, "it ends too early, or has a name that cannot be");
		at = aligned(name_end) + (size_t)fields[C_FILESIZE];
		if (strcmp(name, "TRAILER!!!") == 0)
			return at;
		if (++r->entry_count > ENTRIES_MOST)
			return stops(r, "it has too many files");
		if (!add_entry(r, name, fields, (const char *)bytes + aligned(name_end)))
			return 0;
		at = aligned(at) < size ? aligned(at) : size;
	}
}

/* The bytes that are packed, while libarchive reads them. */
struct packed {
	const unsigned char *bytes;
	size_t size;
	bool given;
	unsigned char *to; /* unpacked */
	size_t count, capacity;
};

static la_ssize_t
give(struct archive *reader, void *context, const void **bytes)
{
	struct packed *p = context;
	size_t size = p->given ? 0 : p->size;

	(void)reader;
	*bytes = p->bytes;
	p->given = true;
	return (la_ssize_t)size;
}

static void
append(struct arena *a, struct packed *p, const void *bytes, size_t size)
{
	if (p->count + size > p->capacity) {
		unsigned char *more = arena_alloc(a, p->capacity = 2 * (p->count + size));

		if (p->count)
			memcpy(more, p->to, p->count);
		p->to = more;
	}
	memcpy(p->to + p->count, bytes, size);
	p->count += size;
}

/* Unpacks all of P; what is no archive is left alone after its first bytes. NULL, or why it cannot be unpacked. */
static const char *
unpack_with(const struct libarchive *l, struct archive *reader, struct arena *a, struct packed *p)
{
	struct archive_entry *entry;
	const void *bytes;
	la_int64_t offset;
	size_t size;
	int result;

	if (l->read_open(reader, p, NULL, give, NULL) < ARCHIVE_WARN || l->read_next_header(reader, &entry) != ARCHIVE_OK)
		return "what is packed in it is damaged";
	while ((result = l->read_data_block(reader, &bytes, &size, &offset)) == ARCHIVE_OK) {
		if (size > ARCHIVE_MOST - p->count)
			return "it unpacks to more than is read";
		append(a, p, bytes, size);
		if (p->count >= MAGIC && !is_header(p->to, p->count))
			return NULL;
	}
	return result == ARCHIVE_EOF ? NULL : "what is packed in it is damaged";
}

static const char *
unpack(struct reading *r, const struct packing *packing, struct packed *p)
{
	struct compilation quiet = {.arena = r->c->arena, .diags = {.arena = r->c->arena}};
	struct libarchive l;
	struct archive *reader = NULL;
	const char *why_not = "libarchive, which unpacks it, is not installed";

	if (libarchive_load(&l, &quiet, (struct span){0})) {
		int (*support)(struct archive *);

		memcpy(&support, (const char *)&l + packing->filter, sizeof support);
		if (!(reader = l.read_new()) || libarchive_add_filter(&l, reader, support) < ARCHIVE_WARN ||
		    l.read_support_format_raw(reader) < ARCHIVE_WARN)
			memory_exhausted();
		why_not = unpack_with(&l, reader, r->c->arena, p);
		l.read_free(reader);
	}
	libarchive_unload(&l);
	return why_not;
}

static const struct packing *
packing_of(const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
		if (size > packings[i].length && memcmp(bytes, packings[i].magic, packings[i].length) == 0)
			return &packings[i];
	return NULL;
}

/* Archives one behind the other, with zeroes between them; what is behind the last may be packed, where MAY_PACK. */
static bool
read_archives(struct reading *r, const unsigned char *bytes, size_t size, bool may_pack)
{
	const struct packing *packing;

	for (size_t at = 0, length; at < size; at += length) {
		struct packed p = {.bytes = bytes + at, .size = size - at};

		if (bytes[at] == 0) {
			length = 1;
			continue;
		}
		packing = may_pack ? packing_of(p.bytes, p.size) : NULL;
		if (packing && !packing->filter)
			return stops(r, arena_printf(r->c->arena, "it is packed by %s", packing->name));
		if (packing)
			return (r->why_not = unpack(r, packing, &p)) == NULL && read_archives(r, p.to, p.count, false);
		if (!is_header(p.bytes, p.size))
			return stops(r, "there is something else behind an archive in it");
		if (!(length = read_archive(r, p.bytes, p.size)))
			return false;
	}
	return true;
}

/* Whether the first bytes of CONTENT can be those of an initial ramdisk; false, too, when they cannot be read. */
static bool
may_be(const struct content *content)
{
	struct content_reader reader = {.fd = -1};
	unsigned char first[MAGIC];
	bool good = content->size >= MAGIC && content_reader_open(&reader, content) && content_reader_read(&reader, first, MAGIC);

	content_reader_end(&reader);
	return good && (is_header(first, MAGIC) || packing_of(first, MAGIC));
}

const struct node *
load_initramfs(struct compilation *c, const struct content *content, const char **why_not)
{
	struct reading r = {.c = c, .tree = ARENA_NEW(c->arena, struct tree)};
	struct node *root = ARENA_NEW(c->arena, struct node);
	const char *bytes;

	*why_not = "it does not begin as one";
	if (!may_be(content))
		return NULL;
	*why_not = "it is larger than is read";
	if (content->size > ARCHIVE_MOST || !(bytes = content_read(c, content, (struct span){0}, ARCHIVE_MOST)))
		return NULL;
	*root = (struct node){.name = "", .kind = NODE_DIRECTORY, .mode = 0755, .is_read = true};
	r.tree->root = root;
	if (read_archives(&r, (const unsigned char *)bytes, (size_t)content->size, true) && r.entry_count)
		return root;
	*why_not = r.why_not ? r.why_not : "it holds nothing";
	return NULL;
}
