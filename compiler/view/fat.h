#ifndef VIEW_FAT_H
#define VIEW_FAT_H

#include <stdio.h>

#include "model/layout.h"

struct compilation;
struct json;

/* What view_map and view_plan_json tell of a FAT file system. */
void map_fat(FILE *, struct compilation *, const struct fat_layout *);
void json_fat(struct json *, struct compilation *, const struct fat_layout *);

#endif
