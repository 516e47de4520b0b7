#ifndef SUPPORT_PE_H
#define SUPPORT_PE_H

#include <stddef.h>
#include <string.h>

#include "support/little_endian.h"

/* Where what rootc reads and writes of a 64-bit PE program stands, as EFI programs are (Microsoft's PE format; UEFI 2.1.1). */
enum {
	/* in the MS-DOS header, which begins with "MZ" */
	PE_POINTER = 0x3c, /* where the PE header begins */
	PE_DOS_HEADER = 64, /* bytes */

	/* in the PE header: "PE\0\0", the file header, the optional header */
	PE_MACHINE = 4,
	PE_SECTION_COUNT = 6,
	PE_SYMBOLS = 12,
	PE_OPTIONAL_SIZE = 20,
	PE_FLAGS = 22,
	PE_OPTIONAL = 24,
	PE_CODE_SIZE = PE_OPTIONAL + 4,
	PE_DATA_SIZE = PE_OPTIONAL + 8,
	PE_ENTRY = PE_OPTIONAL + 16,
	PE_CODE_BASE = PE_OPTIONAL + 20,
	PE_SECTION_ALIGNMENT = PE_OPTIONAL + 32,
	PE_FILE_ALIGNMENT = PE_OPTIONAL + 36,
	PE_IMAGE_SIZE = PE_OPTIONAL + 56,
	PE_HEADERS_SIZE = PE_OPTIONAL + 60,
	PE_CHECKSUM = PE_OPTIONAL + 64,
	PE_SUBSYSTEM = PE_OPTIONAL + 68,
	PE_STACK_AND_HEAP = PE_OPTIONAL + 72, /* le64: bytes of the stack, those there at once, the same of the heap */
	PE_DIRECTORY_COUNT = PE_OPTIONAL + 108,
	PE_OPTIONAL_LEAST = 112, /* bytes of the optional header, without directories */
	PE_FIXUPS = PE_OPTIONAL + PE_OPTIONAL_LEAST + 5 * 8, /* the sixth directory: le32 address, le32 size */
	PE_DIRECTORIES = 16,

	/* in a section's header, which begins with its name */
	PE_SECTION_NAME = 8, /* bytes */
	PE_VIRTUAL_SIZE = 8,
	PE_VIRTUAL_ADDRESS = 12,
	PE_RAW_SIZE = 16,
	PE_RAW_OFFSET = 20,
	PE_CHARACTERISTICS = 36,
	PE_SECTION_HEADER = 40, /* bytes */

	/* values */
	PE_MACHINE_I386 = 0x14c,
	PE_MACHINE_X86_64 = 0x8664,
	PE_MACHINE_ARM64 = 0xaa64,
	PE_MAGIC_64 = 0x20b, /* of the optional header */
	PE_SUBSYSTEM_EFI = 10,
};

/* The machine that the program beginning with HEAD (SIZE bytes, PE_DOS_HEADER at least) is for; 0: it is no PE program. */
static inline unsigned
pe_machine(const unsigned char *head, size_t size)
{
	size_t pe = get32(head + PE_POINTER);

	if (memcmp(head, "MZ", 2) != 0 || pe > size - PE_SECTION_COUNT || memcmp(head + pe, "PE\0\0", 4) != 0)
		return 0;
	return get16(head + pe + PE_MACHINE);
}

#endif
