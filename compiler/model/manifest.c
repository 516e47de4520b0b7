#include "model/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "support/arena.h"
#include "support/text.h"

const char *
subtree_directory(struct arena *a, const struct m_file *file)
{
	return arena_strndup(a, file->path, strlen(file->path) - strlen(SUBTREE_SUFFIX));
}

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

const char *const hwcaps_names[] = {
	[HWCAPS_NONE] = "none",
	[HWCAPS_X86_64_V2] = "x86-64-v2",
	[HWCAPS_X86_64_V3] = "x86-64-v3",
	[HWCAPS_X86_64_V4] = "x86-64-v4",
	[HWCAPS_POWER9] = "power9",
	[HWCAPS_POWER10] = "power10",
	[HWCAPS_Z13] = "z13",
	[HWCAPS_Z14] = "z14",
	[HWCAPS_Z15] = "z15",
	[HWCAPS_Z16] = "z16",
	[HWCAPS_Z17] = "z17",
	[HWCAPS_ALL] = "all",
	NULL,
};

const char *const table_names[] = {[TABLE_MBR] = "mbr", [TABLE_GPT] = "gpt", [TABLE_NONE] = "none", NULL};

const char *const filesystem_names[] = {
	[FILESYSTEM_EXT2] = "ext2",
	[FILESYSTEM_EXT3] = "ext3",
	[FILESYSTEM_EXT4] = "ext4",
	[FILESYSTEM_VFAT] = "vfat",
	NULL,
};

const char *const compression_names[] = {[COMPRESSION_NONE] = "none", [COMPRESSION_GZIP] = "gzip", [COMPRESSION_ZSTD] = "zstd", NULL};

const char *const dlopen_names[] = {
	[DLOPEN_REQUIRED] = "required",
	[DLOPEN_RECOMMENDED] = "recommended",
	[DLOPEN_SUGGESTED] = "suggested",
	NULL,
};

const char *
manifest_directory(struct arena *a, const struct manifest *m, const struct span *at)
{
	return at->source && at->source->named_at.line ? text_directory(a, at->source->name) : m->directory;
}

const char *
manifest_relative(struct arena *a, const struct manifest *m, const struct m_text *path)
{
	const char *directory = manifest_directory(a, m, &path->at);
	size_t length = strlen(m->directory);

	if (strcmp(directory, m->directory) == 0)
		return path->v;
	if (strcmp(m->directory, ".") != 0 && strncmp(directory, m->directory, length) == 0 && directory[length] == '/')
		directory += length + 1;
	return text_below(a, directory, path->v);
}

static void
add_source(struct arena *a, const struct m_text ***list, size_t *count, const struct m_text *source)
{
	if (source->v && source->v[0] != '/')
		*ARENA_PUSH(a, *list, *count) = source;
}

const struct m_text **
manifest_host_sources(struct arena *a, const struct manifest *m, size_t *count)
{
	const struct m_text **list = NULL;

	*count = 0;
	add_source(a, &list, count, &m->disk.boot_code);
	add_source(a, &list, count, &m->kernel.initramfs.file);
	add_source(a, &list, count, &m->kernel.initramfs.init);
	for (size_t i = 0; i < m->partition_count; i++)
		add_source(a, &list, count, &m->partitions[i].raw);
	for (size_t i = 0; i < m->file_count; i++)
		add_source(a, &list, count, &m->files[i].source);
	return list;
}

int
partition_holding(const struct manifest *m, const char *path, const char **inside)
{
	size_t longest = 0;
	int found = -1;

	for (size_t i = 0; i < m->partition_count; i++) {
		const char *mount = m->partitions[i].mount.v;
		size_t length = mount && mount[1] ? strlen(mount) : 0; /* "/" is above every path */

		if (!mount || (found >= 0 && length < longest))
			continue;
		if (strncmp(path, mount, length) != 0 || (path[length] && path[length] != '/'))
			continue;
		longest = length;
		found = (int)i;
	}
	*inside = path + longest;
	return found;
}
