/* Decides which image of an OCI image layout is meant: by its tag, its architecture, its hash, and never by its place in a list. */
#include "fetch/oci.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/oci_documents.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/digest.h"
#include "support/file.h"
#include "support/text.h"

/*
 * A layout is read as far as these go. A document counts as DOCUMENT_LEAST bytes at least, so that an index cannot name one small
 * document over and over.
 */
enum { DOCUMENT_MAX = 4 << 20, DOCUMENT_LEAST = 4096, DOCUMENTS_MAX = 64 << 20, DEEPEST = 4, IMAGES_MAX = 1024, LAYERS_MAX = 512 };

struct image_offer {
	const struct oci_descriptor *manifest;
	const char *tag;
	struct oci_platform platform;
};

struct layout {
	struct compilation *c;
	const struct m_input *input;
	const char *host; /* the directory, as it is opened */
	size_t bytes;     /* of documents, read so far */
	struct image_offer *offers; /* images with the tag that is asked for, each once */
	size_t offer_count;
};

const char *
oci_blob_path(struct arena *arena, const char *hex)
{
	return arena_printf(arena, "blobs/sha256/%s", hex);
}

static bool
broken(const struct layout *l, const char *path, const char *fault)
{
	diag(&l->c->diags, DIAG_OCI_BROKEN, l->input->oci.at, "'%s/%s' %s", l->host, path, fault);
	return false;
}

static bool
too_large(const struct layout *l, const char *path, const char *how)
{
	diag(&l->c->diags, DIAG_INPUT_TOO_LARGE, l->input->oci.at, "'%s/%s' %s", l->host, path, how);
	return false;
}

/* Reads the document at PATH, open in FD, into *TEXT. */
static bool
read_open(struct layout *l, const char *path, int fd, const char **text, size_t *size)
{
	struct stat info;
	char *bytes;
	ssize_t got;

	if (fstat(fd, &info) < 0)
		return broken(l, path, arena_printf(l->c->arena, "cannot be read: %s", strerror(errno)));
	if (info.st_size > DOCUMENT_MAX)
		return too_large(l, path, "has more than 4 MiB");
	seen_file(l->c, arena_printf(l->c->arena, "%s/%s", l->host, path), fd);
	bytes = arena_alloc(l->c->arena, (size_t)info.st_size);
	got = file_read(fd, bytes, (size_t)info.st_size);
	if (got < 0)
		return broken(l, path, arena_printf(l->c->arena, "cannot be read: %s", strerror(errno)));
	*text = bytes;
	*size = (size_t)got;
	l->bytes += *size > DOCUMENT_LEAST ? *size : DOCUMENT_LEAST;
	return l->bytes <= DOCUMENTS_MAX ? true : too_large(l, "index.json", "leads to more than 64 MiB of indexes and manifests");
}

static bool
read_text(struct layout *l, const char *path, const char **text, size_t *size)
{
	int fd = file_open_beneath(l->host, path);
	bool ok;

	if (fd < 0)
		return broken(l, path, arena_printf(l->c->arena, "cannot be read: %s", strerror(errno)));
	ok = read_open(l, path, fd, text, size);
	close(fd);
	return ok;
}

static bool
read_document(struct layout *l, const char *path, enum oci_media media, struct oci_document *document)
{
	const char *text, *fault;
	size_t size;

	if (!read_text(l, path, &text, &size))
		return false;
	fault = oci_parse(l->c->arena, media, text, size, document);
	return fault ? broken(l, path, fault) : true;
}

/* The same for the document of a descriptor, which must be what that says. */
static bool
read_described(struct layout *l, const struct oci_descriptor *d, struct oci_document *document)
{
	const char *path = oci_blob_path(l->c->arena, d->hex), *text, *fault;
	struct digest digest;
	char hex[DIGEST_HEX];
	size_t size;

	if (!read_text(l, path, &text, &size))
		return false;
	digest = digest_of(text, size);
	if (size != d->size || strcmp(digest_format(&digest, hex), d->hex) != 0) {
		diag_label(diag(&l->c->diags, DIAG_HASH_MISMATCH, l->input->oci.at, "'%s/%s' is not what its name says", l->host, path),
			"it has %zu bytes and the SHA-256 %s", size, hex);
		return false;
	}
	fault = oci_parse(l->c->arena, d->media, text, size, document);
	return fault ? broken(l, path, fault) : true;
}

static bool
is_offered(const struct layout *l, const char *hex)
{
	for (size_t i = 0; i < l->offer_count; i++)
		if (strcmp(l->offers[i].manifest->hex, hex) == 0)
			return true;
	return false;
}

/* What the image at D is for: as the index says, or else its configuration. False with diagnostics. */
static bool
find_platform(struct layout *l, const struct oci_descriptor *d, struct oci_platform *platform)
{
	struct oci_document manifest, config = {0};

	*platform = d->platform;
	if (platform->architecture)
		return true;
	if (!read_described(l, d, &manifest))
		return false;
	if (manifest.config.media == OCI_CONFIG && !read_described(l, &manifest.config, &config))
		return false;
	*platform = config.platform;
	return true;
}

/* Takes down the images that are in INDEX, or in an index that it names. What is neither image nor index may lie there, too. */
static bool
take_images(struct layout *l, const struct oci_descriptors *index, const char *tag, unsigned depth)
{
	for (size_t i = 0; i < index->count; i++) {
		const struct oci_descriptor *d = &index->list[i];
		const char *its_tag = depth == 0 ? d->tag : tag;
		struct image_offer offer = {.manifest = d, .tag = its_tag};
		struct oci_document below;

		if (l->input->tag.v && (!its_tag || strcmp(its_tag, l->input->tag.v) != 0))
			continue;
		if (d->media == OCI_INDEX && depth == DEEPEST)
			return too_large(l, "index.json", "has indexes in indexes, more than 4 deep");
		if (d->media == OCI_INDEX && (!read_described(l, d, &below) || !take_images(l, &below.manifests, its_tag, depth + 1)))
			return false;
		if (d->media != OCI_MANIFEST || is_offered(l, d->hex))
			continue;
		if (l->offer_count == IMAGES_MAX)
			return too_large(l, "index.json", "has more than 1024 images");
		if (!find_platform(l, d, &offer.platform))
			return false;
		*ARENA_PUSH(l->c->arena, l->offers, l->offer_count) = offer;
	}
	return true;
}

static bool
is_for(const struct oci_platform *p, const char *debian)
{
	/* Where the words of Debian and Go differ. */
	static const struct {
		const char *debian, *architecture, *variant;
	} names[] = {
		{"armel", "arm", "v5"}, {"armhf", "arm", "v7"}, {"i386", "386", NULL}, {"mips64el", "mips64le", NULL},
		{"mipsel", "mipsle", NULL}, {"ppc64el", "ppc64le", NULL},
	};
	const char *architecture = debian, *variant = NULL;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcmp(names[i].debian, debian) != 0)
			continue;
		architecture = names[i].architecture;
		variant = names[i].variant;
	}
	return p->architecture && strcmp(p->architecture, architecture) == 0 && (!p->os || strcmp(p->os, "linux") == 0) &&
		(!variant || !p->variant || strcmp(p->variant, variant) == 0);
}

static const char *
describe(struct arena *arena, const struct image_offer *offer)
{
	const struct oci_platform *p = &offer->platform;

	return arena_printf(arena, "%s%s%s%s/%s%s%s, sha256: %s", offer->tag ? "tag '" : "", offer->tag ? offer->tag : "",
		offer->tag ? "', " : "", p->os ? p->os : "?", p->architecture ? p->architecture : "?", p->variant ? "/" : "",
		p->variant ? p->variant : "", offer->manifest->hex);
}

/* That none, or several, of the offers are meant: TOLD of them, COUNT. */
static const struct image_offer *
report_undecided(const struct layout *l, const struct image_offer *const *told, size_t count, bool several)
{
	enum { MOST = 8 };
	struct arena *arena = l->c->arena;
	const char *tag = l->input->tag.v ? arena_printf(arena, " with the tag '%s'", l->input->tag.v) : "";
	const char *number = several ? arena_printf(arena, "has %zu images", count) : "has no image";
	struct diag *d = diag(&l->c->diags, DIAG_OCI_UNDECIDED, l->input->oci.at, "'%s' %s for %s%s", l->host, number,
		l->input->architecture.v, tag);

	for (size_t i = 0; i < count && i < MOST; i++)
		diag_note(d, (struct span){0}, "it has %s", describe(arena, told[i]));
	if (count > MOST)
		diag_note(d, (struct span){0}, "and %zu more", count - MOST);
	diag_help(d, several ? "set tag or sha256 to that of the one that is meant" : "set architecture, tag or sha256 to what the image has");
	return NULL;
}

static const struct image_offer *
choose(const struct layout *l)
{
	const struct image_offer **all = ARENA_ARRAY(l->c->arena, const struct image_offer *, l->offer_count);
	const struct image_offer **fit = ARENA_ARRAY(l->c->arena, const struct image_offer *, l->offer_count);
	size_t count = 0;

	for (size_t i = 0; i < l->offer_count; i++) {
		all[i] = &l->offers[i];
		if (is_for(&l->offers[i].platform, l->input->architecture.v))
			fit[count++] = &l->offers[i];
	}
	if (count == 0)
		return report_undecided(l, all, l->offer_count, false);
	for (size_t i = 0; l->input->sha256.given && i < count; i++)
		if (strcmp(fit[i]->manifest->hex, l->input->sha256.v) == 0)
			return fit[i];
	return count == 1 ? fit[0] : report_undecided(l, fit, count, true);
}

static bool
is_as_agreed(const struct layout *l, const char *hex)
{
	struct diag *d;

	if (!l->input->sha256.given || strcmp(l->input->sha256.v, hex) == 0)
		return true;
	d = diag(&l->c->diags, DIAG_HASH_MISMATCH, l->input->sha256.at, "the image in '%s' is not the one with this SHA-256", l->input->oci.v);
	diag_help(diag_label(d, "it is %s", hex), "bring back the image that was meant, or set sha256: %s", hex);
	return false;
}

static bool
take_layers(struct layout *l, const struct oci_descriptor *d, struct oci_image *image)
{
	const char *path = oci_blob_path(l->c->arena, d->hex);
	struct oci_document manifest;

	if (!read_described(l, d, &manifest))
		return false;
	if (manifest.layers.count > LAYERS_MAX)
		return too_large(l, path, "has more than 512 layers");
	for (size_t i = 0; i < manifest.layers.count; i++) {
		const struct oci_descriptor *layer = &manifest.layers.list[i];

		if (layer->media != OCI_LAYER)
			return broken(l, path, arena_printf(l->c->arena, "has a layer of the unknown type '%.200s'", layer->type));
		*ARENA_PUSH(l->c->arena, image->layers, image->layer_count) = (struct oci_blob){layer->hex, layer->size};
	}
	return true;
}

const struct oci_image *
oci_read(struct compilation *c, const char *host, const struct m_input *input)
{
	struct layout l = {.c = c, .input = input, .host = host};
	struct oci_image *image = ARENA_NEW(c->arena, struct oci_image);
	struct oci_document version, index;
	const struct image_offer *meant;

	if (!read_document(&l, "oci-layout", OCI_OTHER, &version))
		return NULL;
	if (!version.layout_version || strcmp(version.layout_version, "1.0.0") != 0) {
		broken(&l, "oci-layout", "is not of an image layout of version 1.0.0");
		return NULL;
	}
	if (!read_document(&l, "index.json", OCI_INDEX, &index) || !take_images(&l, &index.manifests, NULL, 0) || !(meant = choose(&l)))
		return NULL;
	image->manifest = (struct oci_blob){meant->manifest->hex, meant->manifest->size};
	return is_as_agreed(&l, image->manifest.hex) && take_layers(&l, meant->manifest, image) ? image : NULL;
}
