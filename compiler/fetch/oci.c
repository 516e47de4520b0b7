/*
 * Decides what of an OCI image comes into the pool: what its layers leave, each laid over those below it by the rules of the OCI Image
 * Format Specification ("Image Layer Filesystem Changeset"), which are stricter than those by which inputs are laid over one another.
 */
#include "fetch/oci.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/stored.h"
#include "fetch/stages.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

static const uint64_t unpacked_bytes_max = UINT64_C(16) << 30; /* of all layers */

#define WHITEOUT ".wh."        /* in front of the name of what a layer takes away */
#define OPAQUE ".wh..wh..opq"  /* all that the directory had below this layer */

struct flattening {
	struct loading *l;
	const struct m_input *input;
	const char *host;
	struct pool *pool; /* of this image alone */
	uint64_t bytes;    /* of all files of its layers */
};

/* What a layer has at a path. */
struct laid {
	const char *path;
	struct entry entry;
};

struct layer {
	struct arena *arena; /* until it is laid */
	struct laid *list;
	size_t count;
	uint64_t bytes;
};

static const char *
name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_whiteout(const struct laid *laid)
{
	return text_starts_with(name_in(laid->path), WHITEOUT);
}

static bool
wrong_layer(const struct flattening *f, const struct oci_blob *layer, const char *path, const char *fault)
{
	diag(&f->l->c->diags, DIAG_OCI_BROKEN, f->input->oci.at, "'%s/%s' has the entry '%.200s', %s", f->host,
		oci_blob_path(f->l->c->arena, layer->hex), path, fault);
	return false;
}

static bool
take_away(const struct flattening *f, const struct oci_blob *layer, const struct laid *laid)
{
	struct compilation *c = f->l->c;
	const char *name = name_in(laid->path), *hidden = name + sizeof WHITEOUT - 1;
	const char *above = arena_strndup(c->arena, laid->path, (size_t)(name - laid->path) - (name > laid->path));

	if (laid->entry.kind != ENTRY_FILE)
		return wrong_layer(f, layer, laid->path, "which is named as a whiteout, but no file");
	if (strcmp(name, OPAQUE) == 0) {
		pool_empty(c, f->pool, above);
		return true;
	}
	if (*hidden == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0 || text_starts_with(hidden, WHITEOUT))
		return wrong_layer(f, layer, laid->path, "a whiteout of no name that a file could have");
	pool_remove(c, f->pool, *above ? arena_printf(c->arena, "%s/%s", above, hidden) : hidden, false);
	return true;
}

static bool
put(const struct flattening *f, const struct oci_blob *layer, const struct laid *laid)
{
	if (text_starts_with(laid->path, WHITEOUT) || strstr(laid->path, "/" WHITEOUT))
		return wrong_layer(f, layer, laid->path, "which lies below a whiteout");
	/* Only a directory over a directory adds to what is there. */
	pool_remove(f->l->c, f->pool, laid->path, laid->entry.kind == ENTRY_DIRECTORY);
	return pool_put(f->l->c, f->pool, laid->path, &laid->entry);
}

/* Whiteouts come first, wherever they stand: they are about the layers below alone. */
static bool
lay(const struct flattening *f, const struct oci_blob *blob, const struct layer *layer)
{
	bool ok = true;

	for (size_t i = 0; i < layer->count; i++)
		if (is_whiteout(&layer->list[i]))
			ok = take_away(f, blob, &layer->list[i]) && ok;
	for (size_t i = 0; i < layer->count; i++)
		if (!is_whiteout(&layer->list[i]))
			ok = put(f, blob, &layer->list[i]) && ok;
	return ok;
}

/* Reads what the store says of BLOB; false: it says nothing that could be used. */
static bool
load(const struct flattening *f, const struct oci_blob *blob, struct layer *layer)
{
	struct stored_archive walk = {.input = f->input, .origin = f->input->oci.v};
	struct index_row row;
	struct laid laid;

	if (!stored_open(&walk, f->l, blob->hex))
		return false;
	while (stored_next(&walk, &row, &laid.entry)) {
		laid.path = row.path;
		layer->bytes += row.size;
		*ARENA_PUSH(layer->arena, layer->list, layer->count) = laid;
	}
	return !walk.reader.broken;
}

static bool
unpack_open(const struct flattening *f, const struct oci_blob *blob, struct content *content, int fd)
{
	struct diagnostics *diags = &f->l->c->diags;
	char hex[DIGEST_HEX];
	struct digest digest;

	seen_file(f->l->c, content->shown, fd);
	if (host_archive_too_large(f->l->c, f->input->oci.at, content->shown, content->size))
		return false;
	if (!digest_file(fd, &digest)) {
		diag(diags, DIAG_FILE_UNREADABLE, f->input->oci.at, "cannot read '%s': %s", content->shown, strerror(errno));
		return false;
	}
	if (content->size == blob->size && strcmp(digest_format(&digest, hex), blob->hex) == 0)
		return stored_unpack(f->l, content, fd, blob->hex, f->input->oci.at, NULL);
	diag_label(diag(diags, DIAG_HASH_MISMATCH, f->input->oci.at, "'%s' is not what its name says", content->shown),
		"it has %" PRIu64 " bytes and the SHA-256 %s", content->size, digest_format(&digest, hex));
	return false;
}

static bool
unpack(const struct flattening *f, const struct oci_blob *blob)
{
	const char *path = oci_blob_path(f->l->c->arena, blob->hex);
	struct content content = {.kind = CONTENT_HOST, .shown = arena_printf(f->l->c->arena, "%s/%s", f->host, path)};
	int fd = file_open_beneath(f->host, path);
	struct stat info;
	bool ok;

	if (fd < 0 || fstat(fd, &info) < 0) {
		diag(&f->l->c->diags, DIAG_FILE_UNREADABLE, f->input->oci.at, "cannot read '%s': %s", content.shown, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	content.size = (uint64_t)info.st_size;
	content_stamp(&content, &info);
	ok = unpack_open(f, blob, &content, fd);
	close(fd);
	return ok;
}

static bool
lay_layer(struct flattening *f, const struct oci_blob *blob)
{
	struct layer layer = {.arena = arena_new()};
	bool ok = load(f, blob, &layer);

	if (!ok && unpack(f, blob)) {
		layer = (struct layer){.arena = layer.arena};
		ok = load(f, blob, &layer);
	}
	f->bytes += layer.bytes;
	if (ok && f->bytes > unpacked_bytes_max) {
		diag(&f->l->c->diags, DIAG_INPUT_TOO_LARGE, f->input->oci.at, "the layers of '%s' hold more than 16 GiB", f->host);
		ok = false;
	}
	ok = ok && lay(f, blob, &layer);
	arena_free(layer.arena);
	return ok;
}

bool
put_oci(struct loading *l, const struct m_input *input)
{
	struct flattening f = {.l = l, .input = input, .host = host_path(l->c, l->manifest, &input->oci), .pool = pool_new(l->c)};
	const struct oci_image *image = oci_read(l->c, f.host, input);

	if (!image || !is_locked_blob(l->c, l->manifest, l->lock, input, image->manifest.hex))
		return false;
	for (size_t i = 0; i < image->layer_count; i++)
		if (!lay_layer(&f, &image->layers[i]))
			return false;
	return pool_lay(l->c, l->pool, f.pool);
}
