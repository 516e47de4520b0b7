/* Tells what could start an image: code for a BIOS, programs for UEFI (UEFI 2.10, 3.5.1.1 and chapter 5). */
#include <string.h>
#include <unistd.h>

#include "load/fat_find.h"
#include "load/load.h"
#include "support/file.h"
#include "support/little_endian.h"

enum {
	SECTOR = 512,
	CODE_END = 0x1b8,
	MBR_ENTRIES = 0x1be,
	MBR_ENTRY = 16,
	MBR_TYPE_ESP = 0xef,
	GPT_HEADER = 92,
	GPT_MOST_ENTRIES = 1024,
};

/* C12A7328-F81F-11D2-BA4B-00A0C93EC93B, as it lies on the disk. */
static const unsigned char esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11, 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

/* Looks into the partition that begins in sector LBA. */
static void
look_into(struct start *start, int fd, uint64_t lba)
{
	static const char *const x86_64[] = {"EFI        ", "BOOT       ", "BOOTX64 EFI"};
	static const char *const arm64[] = {"EFI        ", "BOOT       ", "BOOTAA64EFI"};
	struct fat fat;

	if (lba > INT64_MAX / (2 * SECTOR) || !fat_open(&fat, fd, lba * SECTOR))
		return;
	start->efi_x86_64 |= fat_has(&fat, x86_64, 3);
	start->efi_arm64 |= fat_has(&fat, arm64, 3);
}

static void
look_into_gpt(struct start *start, int fd)
{
	unsigned char header[GPT_HEADER], entry[128];
	uint64_t table;
	uint32_t count, size;

	if (file_read_at(fd, header, sizeof header, SECTOR) != sizeof header || memcmp(header, "EFI PART", 8) != 0)
		return;
	table = get64(header + 72);
	count = get32(header + 80);
	size = get32(header + 84);
	if (table > INT64_MAX / (2 * SECTOR) || size < sizeof entry || size > 4096)
		return;
	for (uint32_t i = 0; i < count && i < GPT_MOST_ENTRIES; i++) {
		if (file_read_at(fd, entry, sizeof entry, (off_t)(table * SECTOR + (uint64_t)i * size)) != sizeof entry)
			return;
		if (memcmp(entry, esp, sizeof esp) == 0)
			look_into(start, fd, get64(entry + 32));
	}
}

struct start
load_start(const char *image)
{
	unsigned char sector[SECTOR];
	struct start start = {0};
	int fd = file_open(image);

	if (fd < 0)
		return start;
	if (file_read_at(fd, sector, sizeof sector, 0) == sizeof sector) {
		for (size_t i = 0; i < CODE_END; i++)
			start.bios |= sector[i] != 0;
		for (size_t at = MBR_ENTRIES; at < MBR_ENTRIES + 4 * MBR_ENTRY; at += MBR_ENTRY)
			if (sector[at + 4] == MBR_TYPE_ESP)
				look_into(&start, fd, get32(sector + at + 8));
		look_into_gpt(&start, fd);
	}
	close(fd);
	return start;
}
