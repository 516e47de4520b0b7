#include "model/image.h"

const struct owner *
image_owner(const struct image *image, uint64_t offset)
{
	size_t low = 0, high = image->owner_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (image->owners[middle].offset <= offset)
			low = middle;
		else
			high = middle;
	}
	return &image->owners[low];
}

bool
finding_is_damage(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_TRUNCATED:
	case FINDING_NO_TABLE:
	case FINDING_TABLE:
	case FINDING_CHECKSUM:
	case FINDING_INVALID:
	case FINDING_SHARED:
	case FINDING_COUNT:
		return true;
	case FINDING_NOT_UNDERSTOOD:
	case FINDING_UNOWNED:
		return false;
	}
	return true;
}
