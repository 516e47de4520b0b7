/* Decides where the bytes of the manifest's `files`, `raw` and `boot_code` come from: the pool, or the manifest's own directory. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/seen.h"
#include "resolve/resolver.h"
#include "support/file.h"
#include "support/text.h"

static const struct content *
from_pool(struct resolver *r, const struct m_text *source, const struct entry **entry)
{
	struct walk walk = walk_path(r->c, r->closure->pool, source->v);
	struct diag *d;

	if (walk.end != WALK_FOUND) {
		d = walk_report(r->c, &walk, source->v, source->at);
		diag_note(d, (struct span){0},
			"a source that begins with '/' is a path in the pool, never on the host");
		if (text_is_pattern(source->v))
			diag_help(d, "a source is one file, and no pattern; '/PATH/**' as the name of a file copies all below a directory");
		return NULL;
	}
	if (walk.entry->kind != ENTRY_FILE) {
		bool is_directory = walk.entry->kind == ENTRY_DIRECTORY;

		d = diag(&r->c->diags, DIAG_POOL_PATH_KIND, source->at, "'%s' is %s in the pool, not a file", source->v,
			is_directory ? "a directory" : "a device, FIFO or socket");
		if (is_directory)
			diag_help(d, "a copy of all below it is a file '/PATH/**': {source: %s}", source->v);
		return NULL;
	}
	*entry = walk.entry;
	return walk.entry->content;
}

/* PATH without empty and "." components, or NULL with a diagnostic when it leads up. */
static const char *
relative_path(struct resolver *r, const struct m_text *source)
{
	char *clean = arena_alloc(r->c->arena, strlen(source->v) + 2), *end = clean;

	for (const char *part = source->v; *part; part += strcspn(part, "/")) {
		size_t length;

		part += strspn(part, "/");
		length = strcspn(part, "/");
		if (length == 2 && memcmp(part, "..", 2) == 0) {
			diag_help(diag(&r->c->diags, DIAG_SOURCE_OUTSIDE, source->at,
				"'%s' leads out of the manifest's directory", source->v),
				"keep the file below the manifest, or make its directory an input");
			return NULL;
		}
		if (length == 0 || (length == 1 && *part == '.'))
			continue;
		if (end != clean)
			*end++ = '/';
		memcpy(end, part, length);
		end += length;
	}
	return end == clean ? "." : clean;
}

static const char *
why_unreadable(int error)
{
	switch (error) {
	case EINVAL:
		return "it is a FIFO, a device or a socket";
	case ELOOP:
	case ENOTDIR:
		return "it is a link or lies behind one, or behind a file";
	default:
		return strerror(error);
	}
}

static void
report_unreadable(struct resolver *r, const struct m_text *source, int error)
{
	struct diag *d = diag(&r->c->diags, DIAG_FILE_UNREADABLE, source->at, "cannot read '%s': %s", source->v, why_unreadable(error));
	const char *habit = text_path_habit(source->v);

	if (error == EISDIR)
		diag_help(d, "name the directory as an input, 'directory: %s': its files are then below '/'", source->v);
	else if (error == ENOENT && habit)
		diag_help(d, "%s", habit);
	else if (error == ENOENT)
		diag_help(d, "a path that does not begin with '/' starts beside the manifest that has it");
}

static const struct content *
from_host(struct resolver *r, const struct m_text *source)
{
	struct content *content = ARENA_NEW(r->c->arena, struct content);
	const char *path = relative_path(r, source), *directory = manifest_directory(r->c->arena, r->manifest, &source->at);
	struct stat info;
	bool good, settled;
	int fd;

	if (!path)
		return NULL;
	fd = file_open_beneath(directory, path);
	good = fd >= 0 && file_look(&r->c->clock, fd, "", &info, &settled) == 0;
	if (good) {
		*content = (struct content){
			.kind = CONTENT_HOST,
			.size = (uint64_t)info.st_size,
			.directory = directory,
			.path = path,
			.shown = source->v,
		};
		content_stamp(content, &info);
		content->settled = settled;
		seen_add(r->c, SEEN_FILE, content);
	} else {
		report_unreadable(r, source, errno);
	}
	if (fd >= 0)
		close(fd);
	return good ? content : NULL;
}

const struct content *
source_content(struct resolver *r, const struct m_text *source, const struct entry **entry)
{
	return source->v[0] == '/' ? from_pool(r, source, entry) : from_host(r, source);
}

/* The file as what needs others: at its path in the image, from where $ORIGIN counts. */
static struct need *
given_need(struct resolver *r, const struct m_file *file, const struct content *content, uint16_t mode, size_t index)
{
	struct need *need = ARENA_NEW(r->c->arena, struct need);
	struct entry *entry;

	*need = (struct need){.path = file->path, .entry = r->closure->source_entries[index],
		.why = {.at = file->source.v ? file->source.at : file->key_at, .text = "files"}};
	if (!need->entry) {
		entry = ARENA_NEW(r->c->arena, struct entry);
		*entry = (struct entry){
			.name = strrchr(file->path, '/') + 1,
			.kind = ENTRY_FILE,
			.mode = mode,
			.content = content,
		};
		need->entry = entry;
	}
	return need;
}

static const struct content *
written_content(struct resolver *r, const struct m_file *file)
{
	struct content *content = ARENA_NEW(r->c->arena, struct content);

	*content = (struct content){
		.kind = CONTENT_BYTES,
		.bytes = file->content.v,
		.size = strlen(file->content.v),
		.shown = file->path,
	};
	return content;
}

static uint16_t
mode_of(const struct m_file *file, const struct content *content, const struct entry *entry)
{
	if (file->mode.given)
		return file->mode.v;
	if (entry)
		return entry->mode;
	return content->executable ? 0755 : 0644;
}

static void
resolve_source(struct resolver *r, size_t index)
{
	const struct m_file *file = &r->manifest->files[index];
	const struct content *content = NULL;
	const struct entry *entry;
	uint16_t mode;

	if (file->source.v)
		content = r->closure->sources[index] = source_content(r, &file->source, &r->closure->source_entries[index]);
	else if (file->content.v)
		content = written_content(r, file);
	if (!content)
		return;
	entry = r->closure->source_entries[index];
	mode = mode_of(file, content, entry);
	r->given[index] = given_need(r, file, content, mode, index);
	root_add(r, (struct root){.need = r->given[index], .content = content, .mode = mode,
		.xattrs = xattrs_of_file(r->c->arena, file, entry ? entry->xattrs : NULL)});
}

void
resolve_sources(struct resolver *r)
{
	const struct entry *entry; /* of no consequence: the bytes enter no tree */

	if (r->manifest->disk.boot_code.v)
		r->closure->boot_code = source_content(r, &r->manifest->disk.boot_code, &entry);
	for (size_t i = 0; i < r->manifest->partition_count; i++) {
		const struct m_text *raw = &r->manifest->partitions[i].raw;

		if (raw->v)
			r->closure->raws[i] = source_content(r, raw, &entry);
	}
	for (size_t i = 0; i < r->manifest->file_count; i++)
		if (!r->manifest->files[i].is_subtree)
			resolve_source(r, i);
}
