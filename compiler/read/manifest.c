/* Decides what a file says as a manifest or as a lock: its text, its YAML, its format number, its values. */

#include "read/read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* 10,000 lines that each say several things of a file; and an alias that stands for all that is soon read. */
const struct limits manifest_limits = {.bytes = 4u << 20, .values = 100000, .depth = 64, .noun = "manifest"};

/* A lock has six values for each of what may be thousands of packages. */
static const struct limits lock_limits = {.bytes = 16u << 20, .values = 200000, .depth = 64, .noun = "lock"};

/* Another format has other keys: what they are told of would be noise. FORMAT: the row of its number. */
static bool
knows_format(struct compilation *c, const struct value *root, const struct field *format)
{
	const struct value *v = value_member(root, format->key);
	uint64_t number = 0;

	if (!v || v->kind != VALUE_SCALAR || !*v->text || v->text[strspn(v->text, "0123456789")])
		return true;
	number = strtoull(v->text, NULL, 10);
	if (number >= format->min && number <= format->max)
		return true;
	diag_help(diag(&c->diags, DIAG_FORMAT_UNKNOWN, v->at, "format %s is unknown; this rootc knows format %s", v->text,
		format->max == 1 ? "1" : arena_printf(c->arena, "1 to %" PRIu64, format->max)),
		"use the rootc that this was written for, or write '%s: %" PRIu64 "'", format->key, format->max);
	return false;
}

static const char *
subject_of(struct compilation *c, const struct schema *schema)
{
	return arena_printf(c->arena, "the %s", schema->noun);
}

const struct value *
read_root(struct compilation *c, const char *path, struct span named_at, const struct limits *limits, const struct schema *schema)
{
	const struct source *source = read_source(c, path, named_at, limits);
	const struct value *root = source ? read_document(c, source, limits) : NULL;
	const struct collection collection = {.kind = VALUE_MAPPING, .subject = subject_of(c, schema), .doc = schema->doc, .of = schema};

	if (!root || !decode_collection(c, root, &collection) ||
		!knows_format(c, root, &schema->fields[0]))
		return NULL;
	return root;
}

const struct manifest *
read_manifest(struct compilation *c, const char *path)
{
	struct manifest *m = ARENA_NEW(c->arena, struct manifest);
	bool from_stdin = strcmp(path, "-") == 0;
	size_t before = c->diags.error_count;
	const struct value *root;

	m->path = from_stdin ? "<stdin>" : path;
	m->directory = from_stdin ? "." : text_directory(c->arena, path);
	if (!(root = read_root(c, path, (struct span){0}, &manifest_limits, &manifest_schema)) ||
		!(root = extend_document(c, m, root, &manifest_limits)))
		return NULL;
	decode_mapping(c, &manifest_schema, root, subject_of(c, &manifest_schema), m);
	if (m->disk.sector_size.bytes) /* else it is a mistake, and what is in sectors cannot be told */
		decode_sectors(c, &manifest_schema, m, m->disk.sector_size.bytes);
	return c->diags.error_count == before ? m : NULL;
}

/*
 * Whether the sum of a lock is right, which is its last line: then no line of it was lost, changed or merged. Format 1 has none; one
 * that has is another format whose number was changed.
 */
static bool
is_sealed(struct compilation *c, const struct lock *l)
{
	const struct source *source = l->at.source;
	size_t line = l->sum.given ? source->line_start[l->sum.at.line - 1] : source->size;
	struct digest digest = digest_of(source->text, line);
	char hex[DIGEST_HEX];

	if (l->format.v == 1 && !l->sum.given)
		return true;
	if (l->sum.given && strcmp(source->text + line, arena_printf(c->arena, "sum: %s\n", digest_format(&digest, hex))) == 0)
		return true;
	diag(&c->diags, DIAG_LOCK_BROKEN, l->sum.at, "the lock is not as `rootc lock` wrote it: its sum is another one");
	return false;
}

const struct lock *
read_lock(struct compilation *c, const char *path)
{
	struct lock *l = ARENA_NEW(c->arena, struct lock);
	size_t before = c->diags.count, errors_before = c->diags.error_count;
	const struct value *root;

	l->path = path;
	if (access(path, F_OK) != 0) {
		diag_help(diag(&c->diags, DIAG_LOCK_MISSING, source_whole(source_new(c->arena, path, "", 0)),
			"there is no lock"),
			"run 'rootc lock MANIFEST' to pin what the manifest's packages stand for, and commit the file");
		return NULL;
	}
	if ((root = read_root(c, path, (struct span){0}, &lock_limits, &lock_schema)))
		decode_mapping(c, &lock_schema, root, subject_of(c, &lock_schema), l);
	if (root && c->diags.error_count == errors_before && is_sealed(c, l))
		return l;
	/* Whatever is wrong with a lock is wrong with an input, not with the manifest, and nothing to be mended by hand. */
	for (size_t i = before; i < c->diags.count; i++) {
		if (c->diags.list[i]->kind == DIAG_FILE_UNREADABLE)
			continue;
		c->diags.list[i]->kind = DIAG_LOCK_BROKEN;
		diag_help(c->diags.list[i], "restore the file from version control, after a merge either side's, or delete it; then run `rootc lock`");
	}
	return NULL;
}
