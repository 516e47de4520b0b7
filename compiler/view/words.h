#ifndef VIEW_WORDS_H
#define VIEW_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "model/image.h"

struct arena;

/* How the views call things. */

const char *word_node(enum node_kind);             /* "dir", "file", "link", "char", "block" */
const char *word_filesystem_of(const struct partition_layout *); /* "ext2", or NULL: it has none */
const char *word_owner(enum owner_kind);           /* "block bitmap" */
const char *word_finding(enum finding_kind);       /* "not-understood" */

/* What the table calls its disk and the type of a partition: numbers in an MBR, GUIDs in a GPT. */
const char *word_disk_id(struct arena *, const struct layout *);

/* Behind a number of sectors, in listings for programs and for people: how large they are, where that is not the usual. */
const char *word_sector_size(struct arena *, uint32_t sector_size);
const char *word_large_sectors(struct arena *, uint32_t sector_size);
const char *word_partition_type(struct arena *, const struct layout *, const struct partition_layout *);

/* What a partition holds, "ext4" or "raw blob 512 bytes"; NULL: nothing. */
const char *word_contents(struct arena *, const struct partition_layout *);

/* The same in a word, "swap"; how much of it is free, "2 MiB", or NULL: it is nothing that has free space. */
const char *word_holds(const struct partition_layout *);
const char *word_free(struct arena *, const struct partition_layout *);

/* The type of a partition for people: with its name, if it has one. */
const char *word_partition_use(struct arena *, const struct layout *, const struct partition_layout *);

/* "file:line:column", or as much of it as there is; not escaped. */
const char *word_place(struct arena *, const struct span *);

/* The words at a place of a line, escaped; "" when it has none. */
const char *word_quote(struct arena *, const struct span *);

/* "debian (busybox 1:1.35.0-4)": who gave an entry of the pool. */
const char *word_origin(struct arena *, const struct entry *);

/* Whose an inode is: its node's path, or "<journal>" and the like. Not escaped. */
const char *word_inode(struct compilation *, const struct ext_inode *);

#endif
