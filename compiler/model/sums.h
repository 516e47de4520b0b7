#ifndef MODEL_SUMS_H
#define MODEL_SUMS_H

#include "support/digest.h"
#include "support/source.h"

/*
 * What a list of sums, in the form of sha256sum(1), says of one image. Of the golden images of a project it is committed with the
 * manifests, so that every change of an image's bytes shows in a review.
 */
struct sums {
	const char *path;
	const struct source *source; /* empty when there is no such file yet */
	const char *name;            /* of the image, as a line has it */
	bool escaped;                /* NAME has a '\', and so has the line in front */
	struct span at;              /* the 64 digits of its line; line 0: it has none */
	struct digest digest;        /* what they say */
};

#endif
