/* Decides what a manifest starts from: the documents that `extends` names, laid under its own before anything is decoded. */

#include <string.h>
#include <sys/stat.h>

#include "model/manifest.h"
#include "read/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/names.h"
#include "support/text.h"

enum { MOST_BASES = 16 };

/* The manifest, then each one that the one before it extends. */
struct chain {
	struct compilation *c;
	const struct limits *limits;
	const char *paths[1 + MOST_BASES];
	const struct value *roots[1 + MOST_BASES];
	struct span named_at[1 + MOST_BASES]; /* none for the first */
	size_t count;
	size_t weight; /* values in all of them */
};

static const struct field *
extends_field(void)
{
	for (const struct field *f = manifest_schema.fields; f->key; f++)
		if (strcmp(f->key, "extends") == 0)
			return f;
	BUG("the table lacks extends");
}

/* A file is the same by whatever name; standard input is none of them. */
static bool
is_same_file(const char *a, const char *b)
{
	struct stat of_a, of_b;

	return strcmp(a, "<stdin>") != 0 && stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
		of_a.st_ino == of_b.st_ino;
}

/* Whether the file at PATH is none of the chain; else false with a diagnostic, below which its place shows the way to it. */
static bool
is_new(const struct chain *k, const char *path, const struct m_text *named)
{
	size_t first = 0;

	while (first < k->count && !is_same_file(k->paths[first], path))
		first++;
	if (first == k->count)
		return true;
	diag_help(diag(&k->c->diags, DIAG_EXTENDS_CYCLE, named->at, first + 1 == k->count ? "'%s' is this manifest itself" :
		"'%s' is a manifest that starts from this one", named->v), "a manifest cannot start from itself: remove this 'extends'");
	return false;
}

/* Whether one more may follow, and the values of all are as many as one manifest may have; else false with a diagnostic. */
static bool
has_room(const struct chain *k, const struct m_text *named)
{
	if (k->weight > k->limits->values)
		diag(&k->c->diags, DIAG_MANIFEST_TOO_LARGE, k->named_at[k->count - 1],
			"the %s has more than %zu values together with what it extends", k->limits->noun, k->limits->values);
	else if (named && k->count > MOST_BASES)
		diag(&k->c->diags, DIAG_MANIFEST_TOO_LARGE, named->at, "more than %d manifests extend one another", (int)MOST_BASES);
	else
		return true;
	return false;
}

static void
add(struct chain *k, const char *path, const struct value *root, struct span named_at)
{
	k->paths[k->count] = path;
	k->roots[k->count] = root;
	k->named_at[k->count++] = named_at;
	k->weight += root->weight;
}

/* Reads what NAMED, in a manifest in DIRECTORY, stands for; false with diagnostics. */
static bool
follow(struct chain *k, const char *directory, const struct m_text *named)
{
	const char *path = text_below(k->c->arena, directory, named->v);
	const struct value *root;

	/* Standard input is nothing that a manifest could name. */
	if (strcmp(path, "-") == 0)
		path = "./-";
	if (!has_room(k, named) || !is_new(k, path, named) ||
		!(root = read_root(k->c, path, named->at, k->limits, &manifest_schema)))
		return false;
	add(k, path, root, named->at);
	return has_room(k, NULL);
}

/* The members of MAPPING by their keys. */
static struct names
members_by_key(struct compilation *c, const struct value *mapping)
{
	struct names names = {0};

	for (size_t i = 0; i < mapping->count; i++)
		*names_slot(c->arena, &names, mapping->members[i].key) = &mapping->members[i];
	return names;
}

/* OVER laid over BASE: two mappings key by key, in the order of BASE and then of OVER; anything else replaces what was there. */
static struct value *
lay_over(struct compilation *c, struct value *base, struct value *over)
{
	struct value *both;
	struct names in_base, in_over;

	if (base->kind != VALUE_MAPPING || over->kind != VALUE_MAPPING || over->refused)
		return over;
	in_base = members_by_key(c, base);
	in_over = members_by_key(c, over);
	both = ARENA_NEW(c->arena, struct value);
	*both = *over;
	both->members = NULL;
	both->count = 0;
	both->base = base;
	both->incomplete |= base->incomplete;
	for (size_t i = 0; i < base->count; i++) {
		const struct member *below = &base->members[i], *above = names_find(&in_over, below->key, strlen(below->key));
		struct member member = above ? *above : *below;

		if (above)
			member.value = lay_over(c, below->value, above->value);
		*ARENA_PUSH(c->arena, both->members, both->count) = member;
	}
	for (size_t i = 0; i < over->count; i++)
		if (!names_find(&in_base, over->members[i].key, strlen(over->members[i].key)))
			*ARENA_PUSH(c->arena, both->members, both->count) = over->members[i];
	return both;
}

/* A copy of ROOT, without its own `extends` unless it is the FIRST of the chain. */
static struct value *
own_part(struct compilation *c, const struct value *root, bool first)
{
	struct value *part = ARENA_NEW(c->arena, struct value);

	*part = *root;
	part->members = NULL;
	part->count = 0;
	for (size_t i = 0; i < root->count; i++)
		if (first || strcmp(root->members[i].key, "extends") != 0)
			*ARENA_PUSH(c->arena, part->members, part->count) = root->members[i];
	return part;
}

static const struct value *
lay_all(const struct chain *k)
{
	struct value *all = own_part(k->c, k->roots[k->count - 1], k->count == 1);

	for (size_t i = k->count - 1; i > 0; i--)
		all = lay_over(k->c, all, own_part(k->c, k->roots[i - 1], i == 1));
	return all;
}

const struct value *
extend_document(struct compilation *c, struct manifest *m, const struct value *root, const struct limits *limits)
{
	struct chain k = {.c = c, .limits = limits};
	const char *directory = m->directory;
	const struct value *extends;

	add(&k, m->path, root, (struct span){0});
	while ((extends = value_member(k.roots[k.count - 1], "extends"))) {
		struct m_text named = {0};

		if (!decode_scalar(c, extends_field(), extends, &named) || !follow(&k, directory, &named))
			return NULL;
		directory = text_directory(c->arena, k.paths[k.count - 1]);
		*ARENA_PUSH(c->arena, m->bases, m->base_count) = (struct m_text){named.at, k.paths[k.count - 1], true};
	}
	return k.count == 1 ? root : lay_all(&k);
}
