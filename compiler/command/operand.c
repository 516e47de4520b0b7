#include "command/operand.h"

#include <string.h>

#include "support/compilation.h"

enum rootc_status
operand_find(struct rootc *r, const char *place)
{
	struct arena *a = rootc_compilation(r)->arena;
	const char *path = strstr(place, ":/"), *image, *partition;
	const char *colon = path ? memrchr(place, ':', (size_t)(path - place)) : NULL;

	if (!path || path == place || colon == place || (colon && colon + 1 == path))
		return usage_error("'%s' is no place in an image, such as disk.img:/etc/fstab or disk.img:2:/etc/fstab", place);
	image = arena_strndup(a, place, (size_t)((colon ? colon : path) - place));
	partition = colon ? arena_strndup(a, colon + 1, (size_t)(path - colon - 1)) : NULL;
	return rootc_find(r, image, partition, path + 1);
}
