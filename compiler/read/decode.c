/* Decides what a mapping means by walking a schema's rows: which keys may be, must be, and what was probably meant. */

#include "read/stages.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/manifest.h"
#include "read/foreign.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* A mapping on its way into its struct. */
struct mapping {
	struct compilation *c;
	const struct schema *schema;
	const struct value *value;
	const char *subject;
	char *to;
};

const char *
doc_phrase(struct compilation *c, const char *doc)
{
	char *phrase = arena_strndup(c->arena, doc, strlen(doc) - 1);

	/* An abbreviation keeps its capitals. */
	if (phrase[0] >= 'A' && phrase[0] <= 'Z' && !(phrase[1] >= 'A' && phrase[1] <= 'Z'))
		phrase[0] = (char)(phrase[0] - 'A' + 'a');
	return phrase;
}

static const struct field *
find_field(const struct schema *s, const char *key)
{
	for (const struct field *f = s->fields; f->key; f++)
		if (strcmp(f->key, key) == 0)
			return f;
	return NULL;
}

/* All keys of S, in an array that ends in NULL. */
static const char **
keys_of(struct compilation *c, const struct schema *s, size_t *count)
{
	const char **keys;

	for (*count = 0; s->fields[*count].key; ++*count)
		;
	keys = ARENA_ARRAY(c->arena, const char *, *count + 1);
	for (size_t i = 0; i < *count; i++)
		keys[i] = s->fields[i].key;
	return keys;
}

/* The key of S that WORD was probably meant to be, or NULL. */
static const char *
nearest_key(struct compilation *c, const struct schema *s, const char *word)
{
	size_t count;
	const char **keys = keys_of(c, s, &count);

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(keys[i], word) == 0)
			return keys[i];
	return text_nearest(word, keys, count);
}

/* The key that MEMBER was meant to have, as far as it is there: "size" of "{size:4MiB}", whose ':' lacks a blank. */
static const char *
meant_key(struct compilation *c, const struct member *member)
{
	const char *colon = strchr(member->key, ':');

	if (!colon || !colon[1] || !value_is_null(member->value))
		return member->key;
	return arena_strndup(c->arena, member->key, (size_t)(colon - member->key));
}

/* The key of S that MEMBER was probably meant to have, or NULL. */
static const char *
probable_key(struct compilation *c, const struct schema *s, const struct member *member)
{
	const struct foreign *other = foreign_find(s->foreign, member->key);

	return other ? other->meant : nearest_key(c, s, meant_key(c, member));
}

/* Whether an unknown key of M was probably meant to be KEY: then its absence is no second mistake. */
static bool
is_slip(const struct mapping *m, const char *key)
{
	for (size_t i = 0; i < m->value->count; i++) {
		const struct member *member = &m->value->members[i];
		const char *nearest;

		if (find_field(m->schema, member->key))
			continue;
		nearest = probable_key(m->c, m->schema, member);
		if (nearest && strcmp(nearest, key) == 0)
			return true;
	}
	return m->value->incomplete;
}

/* "a partition", "an input" */
static const char *
one(struct compilation *c, const struct schema *s)
{
	return arena_printf(c->arena, "%s %s", strchr("aeiou", s->noun[0]) ? "an" : "a", s->noun);
}

/* Where KEY could stand, as help: in a mapping below S, below a name or in an item there, or at the top; NULL: nowhere. */
static const char *
place_for(struct compilation *c, const struct schema *s, const char *key)
{
	for (const struct field *f = s->fields; f->key; f++) {
		if (!f->of || !find_field(f->of, key))
			continue;
		if (f->kind == KIND_MAPPING)
			return arena_printf(c->arena, "'%s' belongs in '%s'", key, f->key);
		return arena_printf(c->arena, f->kind == KIND_NAMED ? "'%s' belongs to %s: write '%s: {NAME: {%s: ...}}'" :
			"'%s' belongs to %s: write '%s: [{%s: ...}]'", key, one(c, f->of), f->key, key);
	}
	if (s != &manifest_schema && find_field(&manifest_schema, key))
		return arena_printf(c->arena, "'%s' stands at the top of the manifest, without indentation", key);
	return NULL;
}

/* Adds to D, about a word, what somebody meant whose tool has that word. */
static void
suggest_foreign(struct diag *d, const struct foreign *other)
{
	if (other->help)
		diag_help(d, "%s", other->help);
	else
		diag_help(d, "did you mean '%s'?", other->meant);
}

static void
report_unknown_key(const struct mapping *m, const struct member *member)
{
	struct diag *d = diag(&m->c->diags, DIAG_KEY_UNKNOWN, member->key_at, "unknown key '%s' in %s", member->key,
		m->subject);
	const char *nearest = nearest_key(m->c, m->schema, member->key), *place = place_for(m->c, m->schema, member->key);
	const struct foreign *other = foreign_find(m->schema->foreign, member->key);
	const char *meant = meant_key(m->c, member);
	size_t count;
	const char **keys = keys_of(m->c, m->schema, &count);

	if (meant != member->key)
		diag_help(d, "a blank must follow the ':' of a key: write '%s: %s'", meant,
			member->key + strlen(meant) + 1);
	else if (other)
		suggest_foreign(d, other);
	else if (place)
		diag_help(d, "%s", place);
	else if (nearest)
		diag_help(d, "did you mean '%s'?", nearest);
	else
		diag_help(d, "the keys here are %s", text_join(m->c->arena, keys, count, ", ", " and "));
}

static bool
has_member(const struct mapping *m, const char *key)
{
	return value_member(m->value, key) != NULL;
}

static struct span
key_place(const struct mapping *m, const char *key)
{
	for (size_t i = 0; i < m->value->count; i++)
		if (strcmp(m->value->members[i].key, key) == 0)
			return m->value->members[i].key_at;
	return m->value->at;
}

/* What is missing in a mapping could stand as well in what it is laid over. */
static void
note_bases(struct diag *d, const struct value *v)
{
	for (; v->base; v = v->base)
		diag_note(d, v->base->at, "nor is it here, in '%s', which is extended", v->base->at.source->name);
}

static void
report_missing(const struct mapping *m, const struct field *f)
{
	struct diag *d;

	if (is_slip(m, f->key))
		return;
	d = diag(&m->c->diags, DIAG_KEY_MISSING, m->value->at, "the key '%s' is missing in %s", f->key, m->subject);
	note_bases(d, m->value);
	diag_help(d, "%s: %s", f->key, doc_phrase(m->c, f->doc));
}

static const char *
kind_noun(enum value_kind kind)
{
	static const char *const nouns[] = {[VALUE_SCALAR] = "text", [VALUE_LIST] = "list",
		[VALUE_MAPPING] = "mapping"};

	return nouns[kind];
}

/* The only key that S must have, or NULL: it has several, or none. */
static const char *
only_required_key(const struct schema *s)
{
	const char *key = NULL;

	for (const struct field *f = s->fields; f->key; f++) {
		if (!f->required || f->only_with)
			continue;
		if (key)
			return NULL;
		key = f->kind == KIND_MAPPINGS || f->kind == KIND_NAMED ? NULL : f->key;
	}
	return key;
}

/* What to write in place of V where a mapping is wanted. */
static const char *
mapping_for(struct compilation *c, const struct value *v, const struct collection *wanted)
{
	const char *colon = value_glued_colon(v), *key = wanted->of && !wanted->is_named ? only_required_key(wanted->of) : NULL;
	const char **keys;
	size_t count;

	if (colon && !memchr(v->text, ' ', (size_t)(colon - v->text)))
		return arena_printf(c->arena, "a blank must follow the ':' of a key: write '%.*s: ...'", (int)(colon - v->text), v->text);
	if (wanted->is_named && v->kind == VALUE_LIST)
		return arena_printf(c->arena, "each %s has a name here: write 'NAME: {...}' in place of a list's items", wanted->of->noun);
	if (key && v->kind == VALUE_SCALAR)
		return arena_printf(c->arena, "write '{%s: %s}'", key, v->text);
	if (strchr(wanted->doc, '{') || (wanted->of && !wanted->is_named && wanted->of->one_of.keys))
		return doc_phrase(c, wanted->doc);
	if (wanted->of == &manifest_schema)
		return "a manifest begins with 'rootc: 1', and `rootc init` makes one to start from";
	if (!wanted->of || wanted->is_named)
		return "write 'key: value' lines, indented below it";
	keys = keys_of(c, wanted->of, &count);
	return arena_printf(c->arena, "write 'key: value' lines, indented below it; the keys are %s", text_join(c->arena, keys, count, ", ", " and "));
}

/* What to write in place of V where a list is wanted. */
static const char *
list_for(struct compilation *c, const struct value *v)
{
	if (v->kind != VALUE_SCALAR)
		return "begin each item with '- '";
	if (strchr(v->text, ','))
		return arena_printf(c->arena, "write '[%s]' for a list", v->text);
	if (!strchr(v->text, ' '))
		return arena_printf(c->arena, "write '[%s]' for a list of one", v->text);
	if (v->text[0] == '-')
		return "a blank must follow the '-' of each item";
	return "begin each item with '- ', or write '[ITEM, ITEM]'";
}

static void
report_kind(struct compilation *c, const struct value *v, const struct collection *wanted)
{
	struct diag *d = diag(&c->diags, DIAG_TYPE_MISMATCH, v->at, "%s must be a %s, not a %s", wanted->subject,
		kind_noun(wanted->kind), kind_noun(v->kind));

	diag_help(d, "%s", wanted->kind == VALUE_MAPPING ? mapping_for(c, v, wanted) : list_for(c, v));
}

bool
decode_collection(struct compilation *c, const struct value *v, const struct collection *wanted)
{
	const char *lack = value_is_null(v) ? "has no value" : "is empty";

	if (v->refused)
		return false;
	if (!value_is_null(v) && v->kind != wanted->kind)
		report_kind(c, v, wanted);
	else if (value_is_null(v) || v->count < wanted->least)
		diag_help(diag(&c->diags, DIAG_VALUE_MISSING, v->at, "%s %s", wanted->subject, lack), "%s", doc_phrase(c, wanted->doc));
	else
		return true;
	return false;
}

/* Whether V is a word, where the one for all of F's may stand. */
static bool
is_word(const struct field *f, const struct value *v)
{
	return f->all && v->kind == VALUE_SCALAR && !v->refused && !value_is_null(v);
}

static void
decode_all(struct compilation *c, const struct field *f, const struct value *v, struct m_texts *to)
{
	struct diag *d;

	to->at = v->at;
	to->all = to->given = strcmp(v->text, f->all) == 0;
	if (to->all)
		return;
	d = diag(&c->diags, DIAG_TYPE_MISMATCH, v->at, "'%s' must be a list, or '%s'", f->key, f->all);
	if (text_nearest(v->text, &f->all, 1))
		diag_help(d, "did you mean '%s'?", f->all);
	else
		diag_help(d, "%s", list_for(c, v));
}

static void
decode_item(struct compilation *c, const struct field *f, const struct value *v, struct m_text *to)
{
	if (decode_scalar(c, f, v, to) && f->all && strcmp(to->v, f->all) == 0)
		diag_help(diag(&c->diags, DIAG_TYPE_MISMATCH, v->at, "'%s' stands in place of a list, not in it", f->all),
			"write '%s: %s'", f->key, f->all);
}

static void
decode_texts(struct compilation *c, const struct field *f, const struct value *v, struct m_texts *to)
{
	to->given = true;
	to->v = ARENA_ARRAY(c->arena, struct m_text, v->count);
	for (; to->count < v->count; to->count++)
		decode_item(c, f, v->items[to->count], &to->v[to->count]);
}

static void
decode_pairs(struct compilation *c, const struct field *f, const struct value *v, struct m_pairs *to)
{
	to->given = true;
	to->v = ARENA_ARRAY(c->arena, struct m_pair, v->count);
	for (; to->count < v->count; to->count++) {
		const struct member *m = &v->members[to->count];
		struct m_pair *pair = &to->v[to->count];

		pair->key_at = m->key_at;
		pair->name = m->key;
		form_matches(c, f->name_form, m->key, m->key_at);
		decode_scalar(c, f, m->value, &pair->value);
	}
}

static void
set_array(char *base, const struct field *f, void *items, size_t count)
{
	memcpy(base + f->offset, &items, sizeof items);
	memcpy(base + f->count_offset, &count, sizeof count);
}

static void
decode_mappings(struct compilation *c, const struct field *f, const struct value *v, char *base)
{
	char *items = arena_alloc(c->arena, v->count * f->of->size);

	set_array(base, f, items, v->count);
	for (size_t i = 0; i < v->count; i++) {
		const struct collection wanted = {.kind = VALUE_MAPPING, .doc = f->of->doc, .of = f->of,
			.subject = arena_printf(c->arena, "item %zu of '%s'", i + 1, f->key)};

		if (decode_collection(c, v->items[i], &wanted))
			decode_mapping(c, f->of, v->items[i], wanted.subject, items + i * f->of->size);
	}
}

/* The schema of the mapping that NAME stands for. */
static const struct schema *
schema_of(const struct schema *s, const char *name)
{
	return s->suffix && text_ends_with(name, s->suffix) ? s->suffixed : s;
}

/* Whether M stands where a name should, but is a key of what F holds below names, with a value of its own. */
static bool
is_nameless(const struct field *f, const struct member *m)
{
	return m->value->kind != VALUE_MAPPING && !value_is_null(m->value) && !m->value->refused && find_field(f->of, m->key);
}

/* NAME: the one above M, when nothing stands below it; else NULL. */
static void
report_nameless(struct compilation *c, const struct field *f, const struct member *m, const char *name)
{
	struct diag *d = diag(&c->diags, DIAG_TYPE_MISMATCH, m->key_at, "'%s' stands where the name of %s is expected", m->key, one(c, f->of));

	if (name)
		diag_help(d, "indent it by more than '%s', which it belongs to", name);
	else
		diag_help(d, "write '%s: {NAME: {%s: ...}}'", f->key, m->key);
}

static void
decode_named(struct compilation *c, const struct field *f, const struct value *v, char *base)
{
	char *items = arena_alloc(c->arena, v->count * f->of->size), *item = items;
	const char *empty = NULL; /* the last name, when its keys are not indented */

	set_array(base, f, items, v->count);
	for (size_t i = 0; i < v->count; i++, item += f->of->size) {
		const struct member *m = &v->members[i];
		const struct schema *of = schema_of(f->of, m->key);
		const struct collection wanted = {.kind = VALUE_MAPPING, .doc = of->doc, .of = of,
			.subject = arena_printf(c->arena, "%s '%s'", of->noun, m->key)};

		memcpy(item + of->key_at_offset, &m->key_at, sizeof m->key_at);
		memcpy(item + of->name_offset, &m->key, sizeof m->key);
		if (is_nameless(f, m)) {
			report_nameless(c, f, m, empty);
			continue;
		}
		form_matches(c, of->name_form, m->key, m->key_at);
		empty = value_is_null(m->value) && i + 1 < v->count && is_nameless(f, m + 1) ? m->key : NULL;
		if (!empty && decode_collection(c, m->value, &wanted))
			decode_mapping(c, of, m->value, wanted.subject, item);
	}
}

static enum value_kind
wanted_kind(enum kind kind)
{
	if (kind == KIND_MAPPING || kind == KIND_NAMED || kind == KIND_PAIRS)
		return VALUE_MAPPING;
	return kind == KIND_TEXTS || kind == KIND_MAPPINGS ? VALUE_LIST : VALUE_SCALAR;
}

static void
decode_field(const struct mapping *m, const struct field *f, const struct value *v)
{
	const struct collection wanted = {.kind = wanted_kind(f->kind), .least = f->min, .doc = f->doc, .of = f->of,
		.subject = arena_printf(m->c->arena, "'%s'", f->key), .is_named = f->kind == KIND_NAMED};

	if (wanted.kind == VALUE_SCALAR)
		decode_scalar(m->c, f, v, m->to + f->offset);
	else if (is_word(f, v))
		decode_all(m->c, f, v, (struct m_texts *)(void *)(m->to + f->offset));
	else if (!decode_collection(m->c, v, &wanted))
		return;
	else if (f->kind == KIND_TEXTS) {
		memcpy(m->to + f->offset, &v->at, sizeof v->at);
		decode_texts(m->c, f, v, (struct m_texts *)(void *)(m->to + f->offset));
	} else if (f->kind == KIND_PAIRS) {
		memcpy(m->to + f->offset, &v->at, sizeof v->at);
		decode_pairs(m->c, f, v, (struct m_pairs *)(void *)(m->to + f->offset));
	} else if (f->kind == KIND_MAPPING) {
		decode_mapping(m->c, f->of, v, wanted.subject, m->to + f->offset);
	} else if (f->kind == KIND_MAPPINGS) {
		decode_mappings(m->c, f, v, m->to);
	} else {
		decode_named(m->c, f, v, m->to);
	}
}

/* Gives a field that was not written its default, and the place where it could stand. */
static void
leave_out(struct compilation *c, const struct field *f, struct span at, char *base)
{
	const struct value preset = {.kind = VALUE_SCALAR, .at = at, .text = f->preset, .implied = true};
	char *to = base + f->offset;

	if (f->kind == KIND_MAPPINGS || f->kind == KIND_NAMED)
		return;
	memcpy(to, &at, sizeof at);
	if (f->kind == KIND_MAPPING)
		for (const struct field *inner = f->of->fields; inner->key; inner++)
			leave_out(c, inner, at, to);
	else if (f->preset && !decode_scalar(c, f, &preset, to))
		BUG("a default that its own row refuses");
}

static bool
has_one_of(const struct mapping *m)
{
	for (const char *const *key = m->schema->one_of.keys; key && *key; key++)
		if (has_member(m, *key))
			return true;
	return m->schema->one_of.keys == NULL;
}

static void
report_exclusion(const struct mapping *m, const char *key, const char *other)
{
	diag_note(diag(&m->c->diags, DIAG_KEY_CONFLICT, key_place(m, key), "'%s' and '%s' exclude each other", key, other),
		key_place(m, other), "'%s' is here", other);
}

static bool
may_have(const struct mapping *m, const char *key)
{
	return has_member(m, key) || is_slip(m, key);
}

/* Whether one of KEYS, which end in a NULL, is there by the word of HAS. */
static bool
has_any(const struct mapping *m, const char *const *keys, bool has(const struct mapping *, const char *))
{
	for (; *keys; keys++)
		if (has(m, *keys))
			return true;
	return false;
}

/* Where none of the group is there, that is the mistake to report. */
static void
check_company(const struct mapping *m, const struct field *f)
{
	if (f->only_with && has_one_of(m) && !has_any(m, f->only_with, may_have))
		diag(&m->c->diags, DIAG_KEY_CONFLICT, key_place(m, f->key), "'%s' means nothing without '%s'", f->key,
			text_join(m->c->arena, f->only_with, keys_count(f->only_with), "', '", "' or '"));
	if (f->not_with && has_member(m, f->not_with))
		report_exclusion(m, f->key, f->not_with);
}

static void
report_none_of(const struct mapping *m)
{
	const char *const *keys = m->schema->one_of.keys;
	size_t count = 0;

	for (; keys[count]; count++)
		if (is_slip(m, keys[count]))
			return;
	diag_help(diag(&m->c->diags, DIAG_KEY_MISSING, m->value->at, "%s needs one of %s", m->subject,
		text_join(m->c->arena, keys, count, ", ", " and ")), "%s", doc_phrase(m->c, m->schema->doc));
}

/* Exactly one key of the group is there; its number goes where the schema wants it. */
static void
check_one_of(const struct mapping *m)
{
	const struct one_of *group = &m->schema->one_of;
	const char *first = NULL;

	for (unsigned i = 0; group->keys && group->keys[i]; i++) {
		const char *key = group->keys[i];

		if (!has_member(m, key))
			continue;
		if (!first && group->offset != NO_MEMBER)
			memcpy(m->to + group->offset, &i, sizeof i);
		if (first)
			report_exclusion(m, key, first);
		first = first ? first : key;
	}
	if (!has_one_of(m))
		report_none_of(m);
}

void
decode_mapping(struct compilation *c, const struct schema *s, const struct value *root, const char *subject, void *to)
{
	const struct mapping m = {.c = c, .schema = s, .value = root, .subject = subject, .to = to};
	const bool given = true;

	memcpy(m.to, &root->at, sizeof root->at);
	if (s->given_offset != NO_MEMBER)
		memcpy(m.to + s->given_offset, &given, sizeof given);
	for (size_t i = 0; i < root->count; i++)
		if (!find_field(s, root->members[i].key))
			report_unknown_key(&m, &root->members[i]);
	for (const struct field *f = s->fields; f->key; f++) {
		const struct value *v = value_member(root, f->key);

		if (v) {
			decode_field(&m, f, v);
			check_company(&m, f);
			continue;
		}
		if (f->required && (!f->only_with || has_any(&m, f->only_with, has_member)))
			report_missing(&m, f);
		leave_out(c, f, root->at, m.to);
	}
	check_one_of(&m);
}
