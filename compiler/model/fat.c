#include "model/fat.h"

#include <inttypes.h>
#include <string.h>

#include "support/arena.h"

const char *
fat_volume_text(struct arena *a, const struct fat_layout *l)
{
	return arena_printf(a, "%04" PRIX32 "-%04" PRIX32, l->volume_id >> 16, l->volume_id & 0xffff);
}

const char *
fat_label_text(struct arena *a, const struct fat_layout *l)
{
	size_t length = strlen(l->label);

	while (length && l->label[length - 1] == ' ')
		length--;
	return arena_strndup(a, l->label, length);
}
