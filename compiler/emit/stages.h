#ifndef EMIT_STAGES_H
#define EMIT_STAGES_H

#include <stdbool.h>

#include "model/layout.h"

struct output;

/* What emit_image calls in turn. Each gives false with a diagnostic recorded. */

/* The partition table: an MBR by libfdisk, with the fields it would derive from the host set by us; a GPT all by ourselves. */
bool emit_table(struct output *, const struct layout *);

/* A GPT, and whether it is there as it was planned. */
bool emit_gpt(struct output *, const struct layout *);
bool gpt_matches(struct output *, const struct layout *);

/* The regions outside the file systems, around the partition table. */
bool emit_regions(struct output *, const struct layout *);

/* Whether the table and the regions, read back, are what was planned. */
bool table_matches(struct output *, const struct layout *);
bool regions_match(struct output *, const struct layout *);

/*
 * What partitions hold, from byte OFFSET of the disk on. One ext2, ext3 or ext4 file system: structures by libext2fs as planned, file
 * data straight from the sources.
 */
bool emit_ext(struct output *, const struct partition_layout *, uint64_t offset);

/* One FAT file system. */
bool emit_fat(struct output *, const struct partition_layout *, uint64_t offset);

/* The header of swap space; a file's bytes as they are. */
bool emit_swap(struct output *, const struct partition_layout *, uint64_t offset);
bool emit_raw(struct output *, const struct partition_layout *, uint64_t offset);

#endif
