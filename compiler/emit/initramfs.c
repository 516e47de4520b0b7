/*
 * Writes an initial ramdisk into memory: a cpio archive of the "new ASCII" kind (the kernel's Documentation/driver-api/early-userspace/
 * buffer-format.rst), packed or not.
 */
#include "emit/emit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "emit/gzip.h"
#include "emit/zstd.h"
#include "support/compilation.h"
#include "support/memo.h"
#include "support/memory.h"
#include "support/text.h"

enum {
	HEADER = 110,
	ALIGNMENT = 4,
	LARGEST = 512 * 1024 * 1024, /* no machine would unpack more before it starts */
};

static const char trailer[] = "TRAILER!!!";

static const uint32_t type_of[] = {
	[NODE_DIRECTORY] = 0040000, [NODE_FILE] = 0100000, [NODE_LINK] = 0120000, [NODE_CHAR] = 0020000, [NODE_BLOCK] = 0060000};

struct archive {
	struct compilation *c;
	unsigned char *bytes; /* NULL while the size is counted */
	uint64_t size;        /* so far */
	uint32_t number;      /* of the next inode */
	uint32_t time;
	bool failed;
};

/* Room for SIZE bytes, zeroed, and zeroes up to the next multiple of four; NULL while the size is counted. */
static unsigned char *
room(struct archive *a, uint64_t size)
{
	unsigned char *at = a->bytes ? a->bytes + a->size : NULL;
	uint64_t padded = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;

	if (at)
		memset(at, 0, (size_t)padded);
	a->size += padded;
	return at;
}

static uint64_t
data_size(const struct node *node)
{
	switch (node->kind) {
	case NODE_FILE:
		return node->content->size;
	case NODE_LINK:
		return strlen(node->target);
	case NODE_DIRECTORY:
	case NODE_CHAR:
	case NODE_BLOCK:
		break;
	}
	return 0;
}

/* A header and the name behind it. Names are relative, the root is ".". */
static void
put_header(struct archive *a, const char *name, const struct node *node)
{
	size_t name_size = strlen(name) + 1;
	unsigned char *at = room(a, HEADER + name_size);
	bool is_device = node && (node->kind == NODE_CHAR || node->kind == NODE_BLOCK);

	if (!at)
		return;
	snprintf((char *)at, HEADER + 1, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", node ? a->number : 0,
		node ? type_of[node->kind] | node->mode : 0, node ? node->owner : 0, node ? node->group : 0, node && node->kind == NODE_DIRECTORY ? 2 : 1,
		node ? a->time : 0, node ? (uint32_t)data_size(node) : 0, 0, 0, is_device ? node->major : 0, is_device ? node->minor : 0,
		(unsigned)name_size, 0);
	memcpy(at + HEADER, name, name_size);
}

static bool
read_file(struct archive *a, const struct node *node, unsigned char *at)
{
	const struct content *content = node->content;
	struct compilation *c = a->c;
	bool good;
	int fd;

	if (content->kind == CONTENT_BYTES) {
		memcpy(at, content->bytes, (size_t)content->size);
		return true;
	}
	fd = content_open(c, content, node->why->at);
	if (fd < 0)
		return false;
	good = content_read_exactly(c, content, node->why->at, fd, at, (size_t)content->size) &&
		content_unchanged(c, content, node->why->at, fd);
	close(fd);
	return good;
}

static void
put_data(struct archive *a, const struct node *node)
{
	unsigned char *at = room(a, data_size(node));

	if (at && node->kind == NODE_FILE)
		a->failed |= !read_file(a, node, at);
	else if (at && node->kind == NODE_LINK)
		memcpy(at, node->target, strlen(node->target));
}

/* NODE and all below it but what lies on a partition, parents first, names bytewise. Recursion is as deep as the paths are. */
static void
put_node(struct archive *a, const struct node *node)
{
	put_header(a, node->parent ? node_path(a->c, node) + 1 : ".", node);
	put_data(a, node);
	a->number++;
	for (size_t i = 0; i < node->child_count && !node->is_mount; i++)
		put_node(a, node->children[i]);
}

static void
put_archive(struct archive *a, const struct tree *tree)
{
	a->size = 0;
	a->number = 1;
	put_node(a, tree->root);
	put_header(a, trailer, NULL);
}

static bool
is_too_large(const struct archive *a, struct span at)
{
	if (a->size <= LARGEST)
		return false;
	diag_label(diag(&a->c->diags, DIAG_INITRAMFS_TOO_LARGE, at, "the initramfs would take %s", text_bytes(a->c->arena, a->size)),
		"at most %s", text_bytes(a->c->arena, LARGEST));
	return true;
}

/* Times have 32 bits, without a sign. */
static uint32_t
time_of(int64_t epoch)
{
	return epoch < 0 ? 0 : epoch > UINT32_MAX ? UINT32_MAX : (uint32_t)epoch;
}

static void
pack(struct compilation *c, enum compression compression, struct content *content)
{
	const unsigned char *bytes = (const unsigned char *)content->bytes;
	size_t size = (size_t)content->size;

	switch (compression) {
	case COMPRESSION_NONE:
		return;
	case COMPRESSION_GZIP:
		bytes = memo_encode(c->memo, "gzip", gzip, c->arena, bytes, size, &size);
		break;
	case COMPRESSION_ZSTD:
		bytes = memo_encode(c->memo, "zstd", zstd, c->arena, bytes, size, &size);
		break;
	}
	content->bytes = (const char *)bytes;
	content->size = size;
}

const struct content *
emit_initramfs(struct compilation *c, const struct manifest *m, const struct tree *tree)
{
	const struct m_initramfs *from = &m->kernel.initramfs;
	struct archive a = {.c = c, .time = time_of(m->epoch.v)};
	struct content *content = ARENA_NEW(c->arena, struct content);
	size_t size;

	put_archive(&a, tree);
	if (is_too_large(&a, from->at))
		return NULL;
	size = (size_t)a.size;
	a.bytes = arena_alloc(c->arena, size);
	put_archive(&a, tree);
	ASSERT(a.size == size);
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = (const char *)a.bytes, .size = size, .shown = "the initramfs"};
	progress_begin(&c->progress, ROOTC_PACKING, NULL, 0);
	pack(c, (enum compression)from->compression.v, content);
	return a.failed ? NULL : content;
}
