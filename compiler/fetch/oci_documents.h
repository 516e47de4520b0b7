#ifndef FETCH_OCI_DOCUMENTS_H
#define FETCH_OCI_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"

/* What is read of the JSON documents of an OCI image layout. */

enum oci_media { OCI_OTHER, OCI_INDEX, OCI_MANIFEST, OCI_CONFIG, OCI_LAYER };

/* What a program is for; NULL where it is not said. */
struct oci_platform {
	const char *os, *architecture, *variant; /* in the words of Go */
};

/* What one document says of another, or of a layer. */
struct oci_descriptor {
	const char *type; /* its media type ... */
	enum oci_media media; /* ... and what that is here */
	const char *digest, *hex; /* of the SHA-256 */
	uint64_t size;
	struct oci_platform platform;
	const char *tag;
};

struct oci_descriptors {
	struct oci_descriptor *list;
	size_t count;
};

/* One document: those members are set that its kind has. */
struct oci_document {
	const char *layout_version;       /* of the file oci-layout */
	struct oci_descriptors manifests; /* OCI_INDEX */
	struct oci_descriptor config;     /* OCI_MANIFEST */
	struct oci_descriptors layers;    /* OCI_MANIFEST */
	struct oci_platform platform;     /* OCI_CONFIG */
};

/* Reads the SIZE bytes of TEXT as a MEDIA, OCI_OTHER for the file oci-layout: NULL, or what is wrong with it. */
const char *oci_parse(struct arena *, enum oci_media media, const char *text, size_t size, struct oci_document *);

#endif
