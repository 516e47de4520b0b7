/* Shows the bytes of a file as they are. */
#include "view/view.h"

#include "model/content.h"

enum { CHUNK_SIZE = 64 << 10 };

static bool
print(FILE *out, struct content_reader *reader, const struct content *content)
{
	char bytes[CHUNK_SIZE];

	for (uint64_t at = 0; at < content->size; at += CHUNK_SIZE) {
		size_t part = content->size - at < CHUNK_SIZE ? (size_t)(content->size - at) : CHUNK_SIZE;

		if (!content_reader_read(reader, bytes, part))
			return false;
		if (fwrite(bytes, 1, part, out) != part)
			return true; /* what becomes of OUT is its owner's to see */
	}
	return true;
}

bool
view_content(FILE *out, struct compilation *c, const struct content *content)
{
	struct content_reader reader = {.fd = -1};
	bool good = content_reader_open(&reader, content) && print(out, &reader, content) && content_reader_close(&reader);

	if (!good)
		content_report(c, &reader.failure, (struct span){0});
	content_reader_end(&reader);
	return good;
}
