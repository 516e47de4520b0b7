#ifndef FETCH_OCI_H
#define FETCH_OCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/manifest.h"
#include "support/arena.h"

struct compilation;

/* A file of an OCI image layout that is named by its SHA-256. */
struct oci_blob {
	const char *hex;
	uint64_t size; /* as its descriptor says */
};

/* One image of a layout. */
struct oci_image {
	struct oci_blob manifest;
	struct oci_blob *layers; /* tars, whatever their compression, the lowest first */
	size_t layer_count;
};

/* Where the blob HEX lies in a layout. */
const char *oci_blob_path(struct arena *, const char *hex);

/*
 * The image that INPUT means of the layout HOST (OCI Image Format Specification 1.1): the only one that has its tag, if it names one,
 * its architecture, and Linux; where several have, the one with its sha256. NULL with diagnostics at INPUT's place.
 */
const struct oci_image *oci_read(struct compilation *, const char *host, const struct m_input *);

#endif
