/* Composes the core image of GRUB 2 as grub-mkimage does; only what the packing gives is not the same bytes (boot.md 2.1). */

#include "plan/grub_core.h"

#include <string.h>

#include "model/layout.h"
#include "plan/grub.h"
#include "support/compilation.h"
#include "support/little_endian.h"
#include "support/lzma.h"
#include "support/memo.h"

/*
 * From include/grub/kernel.h: the area of modules begins with a mark, its own offset and the size of all. These are as long as an
 * address of the machine, and what is in the area is aligned to one.
 */
enum {
	AREA_MARK = 0x676d696d, /* "mimg" */
	OBJECT_HEAD = 8,
	OBJECT_MODULE = 0,
	OBJECT_CONFIG = 2,
	OBJECT_PREFIX = 3,
};

/* Offsets in lzma_decompress.img and diskboot.img, from include/grub/offsets.h and boot.h of i386-pc. */
enum {
	PACKED_SIZE = 0x08,
	UNPACKED_SIZE = 0x0c,
	REDUNDANCY = 0x10,
	FIRST_BLOCK_ENTRY = 0x1f4, /* le64 sector, le16 count, le16 segment */
	SECOND_SECTOR_SEGMENT = 0x820,
};

static size_t
rounded(const struct grub_files *files, size_t size)
{
	return (size + files->word - 1) / files->word * files->word;
}

/* Puts an object at AT; gives where the next one goes. */
static unsigned char *
put_object(const struct grub_files *files, unsigned char *at, uint32_t type, const void *bytes, size_t size)
{
	put32(at, type);
	put32(at + 4, (uint32_t)(OBJECT_HEAD + rounded(files, size)));
	memcpy(at + OBJECT_HEAD, bytes, size);
	return at + OBJECT_HEAD + rounded(files, size);
}

unsigned char *
grub_core_payload(struct compilation *c, const struct grub_files *files, const struct grub_core *core, size_t *size)
{
	size_t kernel = rounded(files, files->kernel_size), head = 3 * (size_t)files->word, area = head;
	unsigned char *payload, *at;

	area += 2 * OBJECT_HEAD + rounded(files, strlen(core->config) + 1) + rounded(files, strlen(core->prefix) + 1);
	for (size_t i = 0; i < core->module_count; i++)
		area += OBJECT_HEAD + rounded(files, files->modules[i].size);
	*size = kernel + area;
	payload = arena_alloc(c->arena, *size);
	memcpy(payload, files->kernel, files->kernel_size);
	at = payload + kernel;
	put32(at, AREA_MARK);
	put32(at + files->word, (uint32_t)head);
	put32(at + 2 * files->word, (uint32_t)area);
	at += head;
	for (size_t i = 0; i < core->module_count; i++)
		at = put_object(files, at, OBJECT_MODULE, files->modules[i].bytes, files->modules[i].size);
	at = put_object(files, at, OBJECT_CONFIG, core->config, strlen(core->config) + 1);
	put_object(files, at, OBJECT_PREFIX, core->prefix, strlen(core->prefix) + 1);
	return payload;
}

unsigned char *
grub_core_pc(struct compilation *c, const struct grub_files *files, const struct grub_core *core, size_t *size)
{
	size_t payload_size, packed_size;
	const unsigned char *payload = grub_core_payload(c, files, core, &payload_size);
	const unsigned char *packed = memo_encode(c->memo, "lzma", encode_lzma, c->arena, payload, payload_size, &packed_size);
	unsigned char *image, *decompressor;

	*size = BIOS_SECTOR + files->decompressor.size + packed_size;
	*size = (*size + BIOS_SECTOR - 1) / BIOS_SECTOR * BIOS_SECTOR;
	image = arena_alloc(c->arena, *size);
	decompressor = image + BIOS_SECTOR;
	memcpy(image, files->diskboot.bytes, BIOS_SECTOR);
	memcpy(decompressor, files->decompressor.bytes, files->decompressor.size);
	put32(decompressor + PACKED_SIZE, (uint32_t)packed_size);
	put32(decompressor + UNPACKED_SIZE, (uint32_t)payload_size);
	put32(decompressor + REDUNDANCY, 0);
	memcpy(decompressor + files->decompressor.size, packed, packed_size);
	return image;
}

void
grub_core_pc_place(unsigned char *image, size_t size, uint64_t lba)
{
	unsigned char *entry = image + FIRST_BLOCK_ENTRY;

	put32(entry, (uint32_t)(lba + 1));
	put32(entry + 4, (uint32_t)((lba + 1) >> 32));
	put16(entry + 8, (unsigned)(size / BIOS_SECTOR - 1));
	put16(entry + 10, SECOND_SECTOR_SEGMENT);
}
