#ifndef SUPPORT_CHECKSUM_H
#define SUPPORT_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/* Their names keep them apart from zlib's, which libraries of ours bring along. */

/* CRC-32 of IEEE 802.3, as gzip (RFC 1952) and GPT (UEFI, 5.3.2) have it. */
uint32_t checksum_crc32(const unsigned char *bytes, size_t size);

/* CRC-32C of Castagnoli without the final inversion, and CRC-16 (0xa001), as ext4 has them, going on from CRC. */
uint32_t checksum_crc32c(uint32_t crc, const unsigned char *bytes, size_t size);
uint16_t checksum_crc16(uint16_t crc, const unsigned char *bytes, size_t size);

/* XXH64 with seed 0, as Zstandard has it (RFC 8878, 3.1.1). */
uint64_t checksum_xxh64(const unsigned char *bytes, size_t size);

#endif
