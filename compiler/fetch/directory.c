/*
 * Decides what of a directory on the host counts, for the pool and for the lock: names, kinds, links' targets, the x bits and the
 * bytes; nothing else.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fetch/index.h"
#include "fetch/stages.h"
#include "model/seen.h"
#include "support/compilation.h"
#include "support/text.h"

struct scan {
	struct compilation *c;
	struct pool *pool;
	const struct m_input *input;
	const char *host; /* the directory, as it is opened */
};

const char *
host_path(struct compilation *c, const struct manifest *m, const struct m_text *path)
{
	return text_below(c->arena, manifest_directory(c->arena, m, &path->at), path->v);
}

static const char *
join(struct arena *arena, const char *directory, const char *name)
{
	return *directory ? arena_printf(arena, "%s/%s", directory, name) : name;
}

static bool
unreadable(const struct scan *s, const char *path, int error)
{
	struct diag *d = diag(&s->c->diags, DIAG_DIRECTORY_UNREADABLE, s->input->directory.at, "cannot read '%s': %s",
		*path ? join(s->c->arena, s->host, path) : s->host, strerror(error));

	if (*path)
		diag_label(d, "it is in this input");
	else if (error == ENOTDIR)
		diag_help(d, "a .deb, an .apk or a tar is an input by 'archive', and a single file by 'file'");
	else if (error == ENOENT && text_path_habit(s->input->directory.v))
		diag_help(d, "%s", text_path_habit(s->input->directory.v));
	else if (error == ENOENT && s->input->directory.v[0] != '/')
		diag_help(d, "the path of a directory starts beside the manifest that has it");
	return false;
}

static bool
too_large(const struct scan *s, const char *path, const char *how)
{
	diag(&s->c->diags, DIAG_INPUT_TOO_LARGE, s->input->directory.at, "'%s' %s",
		*path ? join(s->c->arena, s->host, path) : s->host, how);
	return false;
}

static bool
report_failure(const struct scan *s, const struct look *look)
{
	if (look->error != ENAMETOOLONG || !*look->unreadable)
		return unreadable(s, look->unreadable, look->error);
	if (strlen(look->unreadable) > INDEX_PATH_MAX)
		return too_large(s, "", "has a path of more than 4095 bytes below it");
	return too_large(s, look->unreadable, "is a link with a target of more than 4095 bytes");
}

static bool lay_over(struct scan *, struct entry *directory, struct look *);

/* Puts what LOOK holds, and all below, into DIRECTORY of the pool. */
static bool
lay(struct scan *s, struct entry *directory, struct look *look)
{
	struct look *below = look->below;
	bool ok;

	if (look->depth > LOOK_DEPTH_MAX)
		return too_large(s, "", "is more than 128 directories deep");
	if (look->stamp)
		seen_add(s->c, SEEN_DIRECTORY, look->stamp);
	if (directory->child_count > 0)
		return lay_over(s, directory, look);
	pool_fill(s->pool, directory, look->entries, look->count);
	ok = !look->unreadable || report_failure(s, look);
	for (size_t i = 0; i < look->count; i++)
		if (look->entries[i]->kind == ENTRY_DIRECTORY)
			ok = lay(s, look->entries[i], below++) && ok;
	return ok;
}

/* The same where there is something already. Goes on after a failure: the next one may be of another cause. */
static bool
lay_over(struct scan *s, struct entry *directory, struct look *look)
{
	struct look *below = look->below;
	bool ok = !look->unreadable || report_failure(s, look);

	for (size_t i = 0; i < look->count; i++) {
		struct look *next = look->entries[i]->kind == ENTRY_DIRECTORY ? below++ : NULL;
		struct entry *put = pool_put_in(s->c, s->pool, directory, look->entries[i]);

		ok = put && (!next || lay(s, put, next)) && ok;
	}
	return ok;
}

static struct look *
look_whole(const struct scan *s)
{
	size_t count;
	struct look *top = look_at(s->c, s->input, s->host, &count);

	if (count <= LOOK_ENTRIES_MAX)
		return top;
	too_large(s, "", "has more than 1048576 entries below it");
	return NULL;
}

bool
scan_directory(struct compilation *c, struct pool *pool, const struct manifest *m, const struct m_input *input)
{
	struct scan s = {.c = c, .pool = pool, .input = input, .host = host_path(c, m, &input->directory)};
	struct look *top = look_whole(&s);

	return top && lay(&s, pool->root, top);
}

/* Adds "f 0644 SHA256 PATH", "l 0777 PATH" and the target, "d 0755 PATH" or "o 0644 PATH", each text with a NUL behind it. */
static bool
add_entry(const struct scan *s, struct digest_stream *sum, const struct look *look, const struct entry *entry)
{
	static const char kinds[] = {[ENTRY_DIRECTORY] = 'd', [ENTRY_FILE] = 'f', [ENTRY_LINK] = 'l', [ENTRY_OTHER] = 'o'};
	const char *path = join(s->c->arena, look->path, entry->name);
	char hex[DIGEST_HEX] = "", head[16];
	struct digest digest;

	if (entry->kind == ENTRY_FILE) {
		if (!digest_content(s->c, entry->content, s->input->directory.at, &digest))
			return false;
		digest_format(&digest, hex);
	}
	digest_add(sum, head, (size_t)snprintf(head, sizeof head, "%c %04o ", kinds[entry->kind], (unsigned)entry->mode));
	digest_add(sum, hex, strlen(hex));
	digest_add(sum, " ", *hex != '\0');
	digest_add(sum, path, strlen(path) + 1);
	if (entry->kind == ENTRY_LINK)
		digest_add(sum, entry->target, strlen(entry->target) + 1);
	return true;
}

/* Adds all that LOOK holds, in the order of the names, each directory followed by what that holds. */
static bool
add_look(const struct scan *s, struct digest_stream *sum, const struct look *look)
{
	const struct look *below = look->below;

	if (look->depth > LOOK_DEPTH_MAX)
		return too_large(s, "", "is more than 128 directories deep");
	if (look->stamp)
		seen_add(s->c, SEEN_DIRECTORY, look->stamp);
	if (look->unreadable)
		return report_failure(s, look);
	for (size_t i = 0; i < look->count; i++)
		if (!add_entry(s, sum, look, look->entries[i]) ||
				(look->entries[i]->kind == ENTRY_DIRECTORY && !add_look(s, sum, below++)))
			return false;
	return true;
}

bool
digest_directory(struct compilation *c, const struct manifest *m, const struct m_input *input, struct digest *digest)
{
	const struct scan s = {.c = c, .input = input, .host = host_path(c, m, &input->directory)};
	const struct look *top;
	struct digest_stream sum;
	bool ok;

	progress_begin(&c->progress, ROOTC_HASHING, input->directory.v, 0);
	top = look_whole(&s);
	digest_begin(&sum);
	ok = top && add_look(&s, &sum, top);
	*digest = digest_end(&sum);
	return ok;
}
