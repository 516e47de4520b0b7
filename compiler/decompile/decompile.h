#ifndef DECOMPILE_DECOMPILE_H
#define DECOMPILE_DECOMPILE_H

#include "model/decompiled.h"
#include "model/image.h"

struct compilation;

/*
 * A manifest, for a target called NAME, that makes IMAGE again: byte for byte when rootc made it, else an image that holds the same.
 * Its files are for a directory of its own. What cannot be said is told. NULL, with a diagnostic: the image cannot be read.
 */
const struct decompiled *decompile_image(struct compilation *, const struct image *, const char *name);

#endif
