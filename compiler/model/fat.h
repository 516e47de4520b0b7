#ifndef MODEL_FAT_H
#define MODEL_FAT_H

#include "model/layout.h"

struct arena;

/* What is told of a FAT file system, as people know it. */

/* "1234-ABCD". */
const char *fat_volume_text(struct arena *, const struct fat_layout *);

/* The label without the blanks that fill it up; not escaped. */
const char *fat_label_text(struct arena *, const struct fat_layout *);

#endif
