/* Writes one FAT file system as it was planned. */
#include "emit/fat.h"

#include "emit/output.h"
#include "emit/stages.h"
#include "model/content.h"
#include "support/compilation.h"
#include "support/memory.h"

enum { FIRST_CLUSTER = 2, BUFFER_SIZE = 1024 * 1024 };

bool
fat_write(struct fat_writer *w, uint32_t sector, uint64_t at, const void *bytes, size_t size)
{
	return output_write(w->out, w->offset + (uint64_t)sector * w->layout->sector_size + at, bytes, size);
}

uint32_t
fat_sector_of(const struct fat_layout *l, const struct fat_object *object)
{
	if (object->first_cluster)
		return l->data_sector + (object->first_cluster - FIRST_CLUSTER) * l->sectors_per_cluster;
	return l->data_sector - l->root_entries / (l->sector_size / 32);
}

/* From the reader to the disk, a buffer at a time; zeroes are there already. */
static bool
copy(struct fat_writer *w, struct content_reader *reader, const struct fat_object *file, unsigned char *buffer)
{
	uint32_t sector = fat_sector_of(w->layout, file);
	size_t size;

	if (!content_reader_open(reader, file->node->content))
		return false;
	for (uint64_t at = 0; at < file->size; at += size) {
		size = file->size - at < BUFFER_SIZE ? (size_t)(file->size - at) : BUFFER_SIZE;
		if (!content_reader_read(reader, buffer, size))
			return false;
		if (!memory_is_zero(buffer, size) && !fat_write(w, sector, at, buffer, size))
			return false;
	}
	return content_reader_close(reader);
}

static bool
write_file(struct fat_writer *w, struct content_reader *reader, const struct fat_object *file, unsigned char *buffer)
{
	const struct content *content = file->node->content;
	bool ok = false;

	switch (content->kind) {
	case CONTENT_BYTES:
		return file->size == 0 || fat_write(w, fat_sector_of(w->layout, file), 0, content->bytes, content->size);
	case CONTENT_HOST:
	case CONTENT_IMAGE:
		ok = copy(w, reader, file, buffer);
		break;
	}
	if (!ok && !w->out->failed)
		content_report(w->out->c, &reader->failure, file->node->why->at);
	return ok;
}

static bool
write_files(struct fat_writer *w)
{
	struct content_reader reader = {.fd = -1};
	unsigned char *buffer = arena_alloc(w->out->c->arena, BUFFER_SIZE);
	bool ok = true;

	for (size_t i = 0; ok && i < w->layout->object_count; i++)
		if (!w->layout->objects[i].is_directory)
			ok = write_file(w, &reader, &w->layout->objects[i], buffer);
	content_reader_end(&reader);
	return ok;
}

bool
emit_fat(struct output *out, const struct partition_layout *p, uint64_t offset)
{
	struct fat_writer w = {.out = out, .layout = p->fat, .offset = offset};

	return fat_write_boot(&w) && fat_write_fats(&w) && fat_write_directories(&w) && write_files(&w);
}
