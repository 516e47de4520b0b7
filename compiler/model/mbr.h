#ifndef MODEL_MBR_H
#define MODEL_MBR_H

#include <stdint.h>

#include "model/layout.h"

/* What of a Master Boot Record follows from a rule of rootc's (UEFI 2.10, 5.2): no manifest says it. */

enum {
	MBR_DISK_ID = 0x1b8, /* what lies in front of it is boot code */
	MBR_RESERVED = 0x1bc,
	MBR_ENTRIES = 0x1be,
	MBR_ENTRY_SIZE = 16,
	MBR_ENTRY_COUNT = 4,
	MBR_SIGNATURE = 0x1fe,
	MBR_FIRST_CHS = 1, /* in an entry, here and below */
	MBR_TYPE = 4,
	MBR_LAST_CHS = 5,
	MBR_FIRST_LBA = 8,
	MBR_SECTORS = 12,
	MBR_TYPE_PROTECTIVE = 0xee,
	MBR_HEADS = 255, /* of the geometry that everybody claims */
	MBR_TRACK = 63,  /* sectors */
};

/* Puts sector LBA as cylinder, head and sector; one that is too far away for that is the last that there is. */
void mbr_put_chs(unsigned char chs[3], uint64_t lba);

/*
 * Puts the table in front of a GPT into SECTOR, which is zero: one partition that covers the disk, as far as an MBR can say it, so that
 * nobody who knows only MBRs takes the disk for empty.
 */
void mbr_put_protective(unsigned char sector[RECORD_SIZE], const struct layout *);

/* What an entry of TYPE stands for, when that is no partition with these bounds, where the kernel and libfdisk then look; or NULL. */
const char *mbr_container(uint64_t type);

#endif
