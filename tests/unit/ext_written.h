#ifndef EXT_WRITTEN_H
#define EXT_WRITTEN_H

#include "ext_fixture.h"

#define MIB (UINT64_C(1024) * 1024)

/* The disk ends where the partition does. */
enum { FIRST_LBA = 63, START = FIRST_LBA * SECTOR_USUAL };

/* A written file system, in memory, and for the tools in a file that holds nothing else. */
struct written {
	char directory[32];
	unsigned char *bytes; /* of the disk */
	size_t size;
	struct ext_layout *layout;
	bool ok;
};

/* Writes L, a plan for BYTES bytes; written_image() plans it first, and expects no diagnostic of that. */
struct written written_plan(struct ext_fixture *, struct ext_layout *l, uint64_t bytes);
struct written written_image(struct ext_fixture *, uint64_t bytes);
void written_discard(struct written *);

/* Runs a tool of e2fsprogs on the file system: its exit status and what it printed; -1: it is not installed. */
int written_run(const struct written *, const char *tool, const char *option, const char *value, char *text, size_t size);

/* e2fsck has nothing to say but its five passes and the summary. */
void written_expect_clean(const struct written *);

/* SIZE bytes of text without holes, the same each time. */
char *written_filler(struct ext_fixture *, size_t size);

#endif
