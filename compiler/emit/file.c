/* Makes one file of an image a file of the host. */
#include "emit/emit.h"

#include <inttypes.h>
#include <sys/stat.h>

#include "emit/output.h"
#include "model/content.h"
#include "support/compilation.h"
#include "support/memory.h"

enum { CHUNK_SIZE = 64 << 10 };

/* What is zero stays a hole. */
static bool
copy(struct output *o, struct content_reader *reader, uint64_t size)
{
	unsigned char bytes[CHUNK_SIZE];

	for (uint64_t at = 0, part; (at = content_reader_data(reader, at)) < size; at += part) {
		part = size - at < CHUNK_SIZE ? size - at : CHUNK_SIZE;
		if (!content_reader_seek(reader, at) || !content_reader_read(reader, bytes, part))
			return false;
		if (!memory_is_zero(bytes, part) && !output_write(o, at, bytes, part))
			return false;
	}
	return true;
}

/* Whether the files at both paths are the same one. */
static bool
is_same(const char *a, const char *b)
{
	struct stat one, other;

	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool
emit_file(struct compilation *c, const struct content *content, const char *image, const char *path)
{
	struct content_reader reader = {.fd = -1};
	struct output o;
	bool good;

	if (is_same(path, image)) {
		diag(&c->diags, DIAG_OUTPUT_UNWRITABLE, (struct span){0}, "cannot write '%s': it is the image that the file comes from", path);
		return false;
	}
	progress_begin(&c->progress, ROOTC_WRITING, path, content->size);
	good = output_begin(&o, c, path, content->size) && content_reader_open(&reader, content) && copy(&o, &reader, content->size) &&
		content_reader_close(&reader) && output_publish(&o);
	if (!good && reader.failure.content)
		content_report(c, &reader.failure, (struct span){0});
	content_reader_end(&reader);
	output_end(&o);
	return good;
}
