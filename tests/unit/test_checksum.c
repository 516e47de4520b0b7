#include "unit.h"

#include "support/checksum.h"

/* The check values of the catalogue of CRCs: sums of the nine digits. */
TEST(checksums_are_those_of_the_catalogue)
{
	static const unsigned char digits[] = "123456789";

	assert_int_equal(checksum_crc32(digits, 9), 0xcbf43926);
	assert_int_equal(checksum_crc32c(UINT32_MAX, digits, 9), (uint32_t)~0xe3069283u);
	assert_int_equal(checksum_crc16(0, digits, 9), 0xbb3d);
}

TEST(a_checksum_goes_on_where_another_one_ended)
{
	static const unsigned char digits[] = "123456789";

	assert_int_equal(checksum_crc32c(checksum_crc32c(7, digits, 4), digits + 4, 5), checksum_crc32c(7, digits, 9));
	assert_int_equal(checksum_crc16(checksum_crc16(7, digits, 4), digits + 4, 5), checksum_crc16(7, digits, 9));
}
