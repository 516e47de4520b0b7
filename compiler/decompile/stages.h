#ifndef DECOMPILE_STAGES_H
#define DECOMPILE_STAGES_H

#include <stdio.h>

#include "decompile/decompile.h"
#include "support/compilation.h"

/* What the files of decompile/ ask of one another. */

/* The directory beside the manifest that has the files of all partitions, as they will be mounted. */
#define TREE_DIRECTORY "tree"

/* How a partition is said. */
enum part_form {
	PART_EMPTY, /* its bytes are zeroes */
	PART_FILES, /* a file system, of which the manifest has the files */
	PART_SWAP,
	PART_RAW,   /* its bytes are a file */
};

/* A name of a file that has several, and the one under which the manifest has the file itself. */
struct first_name {
	const struct node *file, *name;
};

struct part {
	const struct partition_layout *layout;
	enum part_form form;
	const char *name;
	const char *mount;          /* PART_FILES: where, or NULL: nothing is in it */
	const char *raw;            /* PART_RAW: the path of the file, beside the manifest */
	struct first_name *first_names; /* by file */
	size_t first_name_count;
};

/* A decompilation on its way. */
struct decompiling {
	struct compilation *c;
	const struct image *image;
	const char *name;
	struct part *parts; /* as the layout has its partitions */
	struct decompiled_entry *entries;
	size_t entry_count;
	const char **unsaid;
	size_t unsaid_count;
	size_t values;      /* that the manifest has for the files, so far */
};

/* Takes down what no manifest can say. */
void decompile_unsaid(struct decompiling *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Has CONTENT, of the image, written to PATH. */
void decompile_file(struct decompiling *, const char *path, const struct content *content);

/* TEXT as a scalar of YAML that can stand anywhere; NULL: it is no UTF-8. */
const char *decompile_scalar(struct arena *, const char *text);

/* The same; NULL also: it is not one line of characters that one sees. */
const char *decompile_line(struct arena *, const char *text);

/* TEXT, whatever it is, as it can stand in a comment. */
const char *decompile_comment(struct arena *, const char *text);

/*
 * The bytes [START, END) of the image, of which those behind the last that is not zero are left out; HAS_TABLE: in the first sector,
 * what the partition table has is zero. NULL: all are zero, or cannot be read, which is then a diagnostic.
 */
const struct content *decompile_bytes(struct decompiling *, uint64_t start, uint64_t end, bool has_table);

/* Reads all bytes of CONTENT into BYTES; false with a diagnostic. */
bool decompile_read(struct decompiling *, const struct content *, void *bytes);

/* Under which name the manifest has each file of P that has several: that after which its inode was numbered, else the first. */
void decompile_first_names(struct decompiling *, struct part *p);

/* The name of the file that NODE is, under which the manifest has it; NODE, when there is no other, or it is a link, which can have but one. */
const struct node *decompile_first_name(const struct part *, const struct node *node);

/* With how many devices that follow it NODE, one itself, is said, it included; 0: it is said with one before it. */
unsigned decompile_range(const struct node *);

/* The path that stands for COUNT devices, of which the one at PATH is the first. */
const char *decompile_range_path(struct arena *, const char *path, unsigned count);

/* Why no manifest can have the files of P, or NULL. */
const char *decompile_obstacle(struct decompiling *, const struct part *p);

/* The byte in front of which boot code may lie: behind a GPT's sector 0 comes the GPT, behind an MBR's up to the first partition nothing. */
uint64_t decompile_boot_end(const struct decompiling *);

/* Takes down in which fields the table has something else than what comes out of its partitions. */
void decompile_table_fields(struct decompiling *);

/* Takes down the same of the boot sector of the FAT in P, and of the superblock of what is no FAT. */
void decompile_fat_fields(struct decompiling *, const struct part *p);
void decompile_ext_fields(struct decompiling *, const struct part *p);

/* Decides where the partitions with files are mounted. */
void decompile_mounts(struct decompiling *);

/* Writes the keys of the disk and the partitions. */
void decompile_disk(struct decompiling *, FILE *out);

/* Writes the keys of the files and devices, and takes down what is to lie in the tree. */
void decompile_trees(struct decompiling *, FILE *out);

#endif
