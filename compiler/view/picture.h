#ifndef VIEW_PICTURE_H
#define VIEW_PICTURE_H

#include <stdio.h>

#include "model/image.h"

struct compilation;

/* What a picture of IMAGE is called: the same wherever the image lies. */
const char *picture_name(const struct image *);

/* The picture as an element of a page or a file of its own. MARK stands behind its ids, and tells it from others on the page. */
void picture_draw(FILE *, struct compilation *, const struct image *, const char *mark);

#endif
