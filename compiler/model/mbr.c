#include "model/mbr.h"

#include <stddef.h>
#include <string.h>

#include "support/little_endian.h"

/* Nothing reads what counts them any more, but its bytes must be somebody's rule. */
enum { CYLINDERS = 1024 };

void
mbr_put_chs(unsigned char chs[3], uint64_t lba)
{
	uint64_t cylinder = lba / (MBR_HEADS * MBR_TRACK), head = lba / MBR_TRACK % MBR_HEADS, sector = lba % MBR_TRACK + 1;

	if (cylinder >= CYLINDERS) {
		cylinder = CYLINDERS - 1;
		head = MBR_HEADS - 1;
		sector = MBR_TRACK;
	}
	chs[0] = (unsigned char)head;
	chs[1] = (unsigned char)(sector | (cylinder >> 8 & 3) << 6);
	chs[2] = (unsigned char)cylinder;
}

void
mbr_put_protective(unsigned char sector[RECORD_SIZE], const struct layout *layout)
{
	uint64_t rest = layout->disk_bytes / layout->sector_size - 1;

	memcpy(sector + MBR_ENTRIES, (unsigned char[]){0, 0, 2, 0, MBR_TYPE_PROTECTIVE, 0xff, 0xff, 0xff}, 8);
	put32(sector + MBR_ENTRIES + MBR_FIRST_LBA, 1);
	put32(sector + MBR_ENTRIES + MBR_SECTORS, (uint32_t)(rest < UINT32_MAX ? rest : UINT32_MAX));
	put16(sector + MBR_SIGNATURE, 0xaa55);
}

const char *
mbr_container(uint64_t type)
{
	static const struct {
		uint64_t type;
		const char *meaning;
	} containers[] = {
		{0x05, "an extended partition"},
		{0x0f, "an extended partition"},
		{0x85, "an extended partition"},
		{MBR_TYPE_PROTECTIVE, "a disk with a GPT"},
	};

	for (size_t i = 0; i < sizeof containers / sizeof *containers; i++)
		if (type == containers[i].type)
			return containers[i].meaning;
	return NULL;
}
