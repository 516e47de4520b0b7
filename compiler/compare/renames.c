/* Decides which files that only one image has are one file under another name: those of the same bytes, mode, owner and attributes. */
#include "compare/stages.h"

#include <stdlib.h>
#include <string.h>

#include "model/content.h"
#include "model/xattr.h"
#include "support/memory.h"

enum { CHUNK_SIZE = 64 << 10 };

static int
by_size(const void *a_, const void *b_)
{
	const struct alone *a = a_, *b = b_;

	if (a->node->content->size != b->node->content->size)
		return a->node->content->size < b->node->content->size ? -1 : 1;
	return (a->change > b->change) - (a->change < b->change);
}

static int
compare_bytes_of(const struct alone *a, const struct alone *b)
{
	if (a->node->content->size != b->node->content->size)
		return a->node->content->size < b->node->content->size ? -1 : 1;
	return memcmp(a->digest.bytes, b->digest.bytes, sizeof a->digest.bytes);
}

static int
by_bytes(const void *a_, const void *b_)
{
	const struct alone *a = a_, *b = b_;
	int order = compare_bytes_of(a, b);

	return order ? order : (a->change > b->change) - (a->change < b->change);
}

/* Leaves in LIST, which is sorted by size, only files of sizes that are in OTHER too. Gives their number. */
static size_t
keep_sizes(struct alone *list, size_t count, const struct alone *other, size_t other_count)
{
	size_t kept = 0, k = 0;

	for (size_t i = 0; i < count; i++) {
		while (k < other_count && other[k].node->content->size < list[i].node->content->size)
			k++;
		if (k < other_count && other[k].node->content->size == list[i].node->content->size)
			list[kept++] = list[i];
	}
	return kept;
}

/* Of each chunk that is not all zeroes, and of its place: the same for holes as for zeroes, and holes are as large as somebody says. */
static bool
take_digest(struct content_reader *reader, struct alone *file)
{
	const struct content *content = file->node->content;
	unsigned char bytes[CHUNK_SIZE];
	struct digest_stream stream;

	digest_begin(&stream);
	if (!content_reader_open(reader, content))
		return false;
	for (uint64_t at = 0, part; (at = content_reader_data(reader, at)) < content->size; at += part) {
		at -= at % CHUNK_SIZE;
		part = content->size - at < CHUNK_SIZE ? content->size - at : CHUNK_SIZE;
		if (!content_reader_seek(reader, at) || !content_reader_read(reader, bytes, part))
			return false;
		if (memory_is_zero(bytes, part))
			continue;
		digest_add(&stream, &at, sizeof at);
		digest_add(&stream, bytes, part);
	}
	file->digest = digest_end(&stream);
	return content_reader_close(reader);
}

static bool
take_digests(struct comparison *x, struct alones *files)
{
	struct content_reader reader = {.fd = -1};
	bool good = true;

	for (size_t i = 0; i < files->count && good; i++)
		good = take_digest(&reader, &files->list[i]);
	if (!good)
		content_report(x->c, &reader.failure, (struct span){0});
	content_reader_end(&reader);
	return good;
}

static bool
same_facts(const struct node *a, const struct node *b)
{
	return a->mode == b->mode && a->owner == b->owner && a->group == b->group && xattrs_equal(a->xattrs, b->xattrs);
}

/* One change instead of two. That of the new name stays without a word until all is done. */
static void
rename_file(struct comparison *x, const struct alone *from, const struct alone *to)
{
	struct change *change = &x->diff->changes[from->change], *gone = &x->diff->changes[to->change];

	change->what = "renamed";
	change->before = change->path;
	change->after = gone->path;
	gone->what = NULL;
	x->diff->content_change_count--;
}

/* Both lists are sorted by bytes: of those that are the same, the first goes with the first. */
static void
pair(struct comparison *x, const struct alones *removed, const struct alones *added)
{
	size_t i = 0, k = 0;

	while (i < removed->count && k < added->count) {
		const struct alone *from = &removed->list[i], *to = &added->list[k];
		int order = compare_bytes_of(from, to);

		if (order == 0 && same_facts(from->node, to->node))
			rename_file(x, from, to);
		i += order <= 0;
		k += order >= 0;
	}
}

static void
drop_paired(struct diff *d, size_t first)
{
	size_t kept = first;

	for (size_t i = first; i < d->change_count; i++)
		if (d->changes[i].what)
			d->changes[kept++] = d->changes[i];
	d->change_count = kept;
}

bool
compare_renames(struct comparison *x, struct alones *removed, struct alones *added, size_t first)
{
	if (removed->count == 0 || added->count == 0)
		return true;
	qsort(removed->list, removed->count, sizeof *removed->list, by_size);
	qsort(added->list, added->count, sizeof *added->list, by_size);
	removed->count = keep_sizes(removed->list, removed->count, added->list, added->count);
	added->count = keep_sizes(added->list, added->count, removed->list, removed->count);
	if (removed->count == 0)
		return true;
	if (!take_digests(x, removed) || !take_digests(x, added))
		return false;
	qsort(removed->list, removed->count, sizeof *removed->list, by_bytes);
	qsort(added->list, added->count, sizeof *added->list, by_bytes);
	pair(x, removed, added);
	drop_paired(x->diff, first);
	return true;
}
