#include "model/manifest.h"

#include <stdlib.h>
#include <string.h>

struct device_range
device_range(const char *path)
{
	const char *bracket = strchr(path, '[');
	struct device_range r = {.start = strlen(path), .end = strlen(path)};
	char *end;

	if (!bracket)
		return r;
	r.start = (size_t)(bracket - path);
	r.low = (unsigned)strtoul(bracket + 1, &end, 10);
	r.high = (unsigned)strtoul(end + 1, &end, 10);
	r.end = (size_t)(end + 1 - path);
	return r;
}
