#ifndef EMIT_EXT_H
#define EMIT_EXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/content.h"
#include "model/ext.h"
#include "support/little_endian.h"

struct arena;
struct ext_library;
struct output;

/* What the files of emit_ext ask of one another. All bytes here are those of the disk: little-endian. */

/* Why something could not be written: the one of these that is set. */
struct ext_failure {
	int write_error;      /* errno */
	const char *call;     /* of libext2fs, which gave CODE */
	long code;
	struct content_failure source; /* a file could not be read that was asked for ... */
	struct span at;                /* ... here */
};

/*
 * One file system while it is written. Blocks go through a buffer, so that those that touch on the disk become
 * one write. Each thread has one of its own.
 */
struct ext_writer {
	struct output *out;
	const struct ext_layout *layout;
	const struct m_partition *from;
	uint64_t offset;          /* of the file system, bytes from the start of the disk */
	struct ext_library *library;
	unsigned char *buffer;
	uint64_t buffer_first;    /* the block that its bytes begin with */
	uint32_t buffer_blocks;   /* in it */
	uint64_t blocks_written;  /* so far, those that stay what they are included */
	struct ext_failure failure;
};

/* ext_stream.c */

/* A buffer for a writer. */
unsigned char *ext_buffer(struct arena *);

/*
 * Room for blocks FIRST to FIRST + COUNT - 1, or for as many of them as *GOT says, to be filled before the next
 * call. The bytes are whatever they were. NULL: writing failed.
 */
unsigned char *ext_room(struct ext_writer *, uint64_t first, uint64_t count, uint32_t *got);

/* Room for one block, zeroed. */
unsigned char *ext_zeroed_block(struct ext_writer *, uint64_t block);

/* Writes what is in the buffer, but for zeroes where there is nothing yet but zeroes. Each block is written once. */
bool ext_flush(struct ext_writer *);

/* ext_map.c */

/* The root of the map of INODE, as it stands in the inode. */
void ext_map_root(const struct ext_layout *, const struct ext_inode *inode, unsigned char bytes[EXT_MAP_SIZE]);

/* Writes the blocks of the map of INODE. */
bool ext_write_map(struct ext_writer *, const struct ext_inode *inode);

/* ext_data.c */

/* Writes what INODE, which leads on, holds: a directory's entries, or a link's target. */
bool ext_write_data(struct ext_writer *, const struct ext_inode *inode);

/* Writes the empty journal. */
bool ext_write_journal(struct ext_writer *, const struct ext_inode *inode);

/* ext_index.c */

/* Block BLOCK of an indexed directory, which is no leaf, into zeroed BYTES. */
void ext_put_index_block(const struct ext_layout *, const struct ext_directory *directory, size_t block, unsigned char *bytes);

/* ext_files.c */

/* Writes what all other inodes hold, from their sources, and their maps; then the inode tables. */
bool ext_write_files(struct ext_writer *);

/* ext_attributes.c */

/* The attributes of INODE that lie in the inode itself, behind its fields, into zeroed BYTES: SIZE of them. */
void ext_put_inline_attributes(const struct ext_inode *inode, unsigned char *bytes, size_t size);

/* Writes the block with the others. */
bool ext_write_attributes(struct ext_writer *, const struct ext_inode *inode);

/* ext_inodes.c */

/* Where, in the list of inodes, the next portion of the tables begins: as far behind I as one thread writes at once. No two share a block. */
size_t ext_next_inodes(const struct ext_layout *, size_t i);

/* Writes that portion of the inode tables which has the inodes from FROM on and before TO. */
bool ext_write_inodes(struct ext_writer *, size_t from, size_t to);

/* ext_library.c */

/* Has libext2fs set up the file system, and compares its geometry with the plan's. */
bool ext_library_open(struct ext_writer *);

/* Has it write bitmaps and descriptors; then writes all superblocks, so that no field is left to it. */
bool ext_library_finish(struct ext_writer *);
void ext_library_close(struct ext_writer *);

/* The superblock of GROUP as it stands on the disk, and where: bytes from the start of the file system. */
void ext_compose_superblock(struct ext_writer *, uint32_t group, unsigned char bytes[EXT_SUPERBLOCK_SIZE]);
uint64_t ext_superblock_place(const struct ext_layout *, uint32_t group);

/* The checksum that the descriptor of GROUP must have; 0 where descriptors have none. */
uint16_t ext_descriptor_checksum(const struct ext_writer *, uint32_t group);

/* Put the checksum into a block or an inode of inode NUMBER, where the file system has them. BYTES are aligned to 4. */
bool ext_seal_directory(struct ext_writer *, uint32_t number, unsigned char *bytes);
bool ext_seal_extents(struct ext_writer *, uint32_t number, unsigned char *bytes);
bool ext_seal_attributes(struct ext_writer *, uint32_t number, uint64_t block, unsigned char *bytes);
bool ext_seal_inode(struct ext_writer *, uint32_t number, unsigned char *bytes);

/* ext_check.c */

/* Whether as many blocks have been written as all inodes have. */
bool ext_check_blocks(struct ext_writer *);

/* Whether superblocks, descriptors and bitmaps, read back, are what was planned. */
bool ext_check(struct ext_writer *);

#endif
