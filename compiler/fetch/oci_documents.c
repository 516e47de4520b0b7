/* Decides what the documents of an OCI image layout say: no more of them is read than is needed, and nothing that two readers could read
 * differently. */
#include "fetch/oci_documents.h"

#include <string.h>

#include "support/digest.h"
#include "support/json_reader.h"
#include "support/text.h"

struct reading {
	struct json_reader json;
	const char *fault; /* the first; NULL: that it is no JSON */
};

/* A member of an object that counts. READ puts its value into the struct of the object, at OFFSET. */
struct member {
	const char *key;
	size_t offset;
	bool (*read)(struct reading *, void *at);
};

static const struct {
	const char *type;
	enum oci_media media;
} types[] = {
	{"application/vnd.oci.image.index.v1+json", OCI_INDEX},
	{"application/vnd.oci.image.manifest.v1+json", OCI_MANIFEST},
	{"application/vnd.oci.image.config.v1+json", OCI_CONFIG},
	{"application/vnd.oci.image.layer.v1.tar", OCI_LAYER},
	{"application/vnd.oci.image.layer.v1.tar+gzip", OCI_LAYER},
	{"application/vnd.oci.image.layer.v1.tar+zstd", OCI_LAYER},
	/* Docker's own, which are the same documents and may stand in a layout. */
	{"application/vnd.docker.distribution.manifest.list.v2+json", OCI_INDEX},
	{"application/vnd.docker.distribution.manifest.v2+json", OCI_MANIFEST},
	{"application/vnd.docker.container.image.v1+json", OCI_CONFIG},
	{"application/vnd.docker.image.rootfs.diff.tar", OCI_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar.gzip", OCI_LAYER},
	{"application/vnd.docker.image.rootfs.diff.tar.zstd", OCI_LAYER},
};

static bool
wrong(struct reading *r, const char *fault)
{
	r->fault = r->fault ? r->fault : fault;
	return false;
}

static bool
read_members(struct reading *r, const struct member *members, void *into)
{
	unsigned met = 0;
	const char *key;

	if (!json_enter(&r->json, '{'))
		return false;
	while ((key = json_next_key(&r->json))) {
		unsigned i = 0;

		while (members[i].key && strcmp(members[i].key, key) != 0)
			i++;
		if (members[i].key && met & 1u << i)
			return wrong(r, arena_printf(r->json.arena, "has '%s' twice in one object", key));
		met |= 1u << i;
		if (members[i].key ? !members[i].read(r, (char *)into + members[i].offset) : !json_skip(&r->json))
			return false;
	}
	return !r->json.is_broken;
}

static bool
read_text(struct reading *r, void *at)
{
	return (*(const char **)at = json_read_text(&r->json));
}

static bool
read_size(struct reading *r, void *at)
{
	return json_read_number(&r->json, at);
}

static bool
read_platform(struct reading *r, void *at)
{
	static const struct member members[] = {
		{"os", offsetof(struct oci_platform, os), read_text},
		{"architecture", offsetof(struct oci_platform, architecture), read_text},
		{"variant", offsetof(struct oci_platform, variant), read_text},
		{0},
	};

	return read_members(r, members, at);
}

static bool
read_annotations(struct reading *r, void *at)
{
	static const struct member members[] = {
		{"org.opencontainers.image.ref.name", offsetof(struct oci_descriptor, tag), read_text},
		{0},
	};

	return read_members(r, members, at);
}

static bool
is_sha256(const char *digest)
{
	return text_starts_with(digest, "sha256:") && strlen(digest) == 7 + DIGEST_HEX - 1 &&
		strspn(digest + 7, "0123456789abcdef") == DIGEST_HEX - 1;
}

static bool
read_descriptor(struct reading *r, void *at)
{
	static const struct member members[] = {
		{"mediaType", offsetof(struct oci_descriptor, type), read_text},
		{"digest", offsetof(struct oci_descriptor, digest), read_text},
		{"size", offsetof(struct oci_descriptor, size), read_size},
		{"platform", offsetof(struct oci_descriptor, platform), read_platform},
		{"annotations", 0, read_annotations},
		{0},
	};
	struct oci_descriptor *d = at;

	if (!read_members(r, members, d))
		return false;
	if (!d->type || !d->digest)
		return wrong(r, "has a descriptor without a media type or a digest");
	if (!is_sha256(d->digest))
		return wrong(r, arena_printf(r->json.arena, "has the digest '%.100s', which is no SHA-256", d->digest));
	d->hex = d->digest + 7;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(types[i].type, d->type) == 0)
			d->media = types[i].media;
	return true;
}

static bool
read_descriptors(struct reading *r, void *at)
{
	struct oci_descriptors *d = at;

	if (!json_enter(&r->json, '['))
		return false;
	while (json_next_item(&r->json)) {
		struct oci_descriptor one = {0};

		if (!read_descriptor(r, &one))
			return false;
		*ARENA_PUSH(r->json.arena, d->list, d->count) = one;
	}
	return !r->json.is_broken;
}

/* A document that could be taken for one of two kinds is none (CVE-2021-41190). */
static bool
refuse_other_kind(struct reading *r, void *at)
{
	(void)at;
	return wrong(r, "is both an index and a manifest");
}

#define AT(member) offsetof(struct oci_document, member)

static const struct member layout_members[] = {{"imageLayoutVersion", AT(layout_version), read_text}, {0}};
static const struct member index_members[] = {
	{"manifests", AT(manifests), read_descriptors}, {"config", 0, refuse_other_kind}, {"layers", 0, refuse_other_kind}, {0}};
static const struct member manifest_members[] = {
	{"config", AT(config), read_descriptor}, {"layers", AT(layers), read_descriptors}, {"manifests", 0, refuse_other_kind}, {0}};
static const struct member config_members[] = {
	{"os", AT(platform.os), read_text},
	{"architecture", AT(platform.architecture), read_text},
	{"variant", AT(platform.variant), read_text},
	{0},
};

static const struct member *
members_of(enum oci_media media)
{
	switch (media) {
	case OCI_INDEX:
		return index_members;
	case OCI_MANIFEST:
		return manifest_members;
	case OCI_CONFIG:
		return config_members;
	case OCI_OTHER:
	case OCI_LAYER:
		break;
	}
	return layout_members;
}

const char *
oci_parse(struct arena *arena, enum oci_media media, const char *text, size_t size, struct oci_document *document)
{
	struct reading r = {.json = {.arena = arena, .at = text, .end = text + size}};

	*document = (struct oci_document){0};
	if (read_members(&r, members_of(media), document) && json_at_end(&r.json))
		return NULL;
	return r.fault ? r.fault : "is no JSON, or not of the form that it should have";
}
