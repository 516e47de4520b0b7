#include "support/checksum.h"

#include "support/little_endian.h"

uint32_t
checksum_crc32(const unsigned char *bytes, size_t size)
{
	uint32_t table[256], crc = UINT32_MAX;

	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xedb88320u : 0);
	}
	for (size_t i = 0; i < size; i++)
		crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
	return ~crc;
}

/* Four bits at a time: the table is the sums of 0 to 15. */
uint32_t
checksum_crc32c(uint32_t crc, const unsigned char *bytes, size_t size)
{
	static const uint32_t sums[16] = {
		0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3, 0x61c69362, 0x7198540d,
		0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9, 0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75};

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ sums[crc & 15];
		crc = crc >> 4 ^ sums[crc & 15];
	}
	return crc;
}

uint16_t
checksum_crc16(uint16_t crc, const unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc >> 1 ^ (crc & 1 ? 0xa001 : 0));
	}
	return crc;
}

#define XXH_1 UINT64_C(0x9e3779b185ebca87)
#define XXH_2 UINT64_C(0xc2b2ae3d27d4eb4f)
#define XXH_3 UINT64_C(0x165667b19e3779f9)
#define XXH_4 UINT64_C(0x85ebca77c2b2ae63)
#define XXH_5 UINT64_C(0x27d4eb2f165667c5)

static uint64_t
rotate(uint64_t value, unsigned bits)
{
	return value << bits | value >> (64 - bits);
}

static uint64_t
xxh_round(uint64_t sum, uint64_t input)
{
	return rotate(sum + input * XXH_2, 31) * XXH_1;
}

/* What is left behind the last whole stripe of 32 bytes. */
static uint64_t
xxh_tail(uint64_t hash, const unsigned char *at, const unsigned char *end)
{
	for (; end - at >= 8; at += 8)
		hash = rotate(hash ^ xxh_round(0, get64(at)), 27) * XXH_1 + XXH_4;
	if (end - at >= 4) {
		hash = rotate(hash ^ get32(at) * XXH_1, 23) * XXH_2 + XXH_3;
		at += 4;
	}
	for (; at < end; at++)
		hash = rotate(hash ^ *at * XXH_5, 11) * XXH_1;
	hash = (hash ^ hash >> 33) * XXH_2;
	hash = (hash ^ hash >> 29) * XXH_3;
	return hash ^ hash >> 32;
}

uint64_t
checksum_xxh64(const unsigned char *bytes, size_t size)
{
	uint64_t sums[4] = {XXH_1 + XXH_2, XXH_2, 0, -XXH_1}, hash = XXH_5;
	const unsigned char *at = bytes, *end = bytes + size;

	if (size >= 32) {
		for (; end - at >= 32; at += 32)
			for (int i = 0; i < 4; i++)
				sums[i] = xxh_round(sums[i], get64(at + 8 * i));
		hash = rotate(sums[0], 1) + rotate(sums[1], 7) + rotate(sums[2], 12) + rotate(sums[3], 18);
		for (int i = 0; i < 4; i++)
			hash = (hash ^ xxh_round(0, sums[i])) * XXH_1 + XXH_4;
	}
	return xxh_tail(hash + size, at, end);
}
