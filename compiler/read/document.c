/* Builds the document from libyaml's events and decides what of YAML a manifest may use. Nothing else knows libyaml. */

#include "read/stages.h"

#include <string.h>

#include <yaml.h>

#include "support/compilation.h"
#include "support/memory.h"
#include "support/names.h"
#include "support/text.h"

/* Among more anchors than SUGGESTED no slip is looked for: it would take long, and help nobody. */
enum {
	DEEPEST = 64,
	SUGGESTED = 100,
};

struct anchor {
	const char *name;
	struct value *value;
	bool open; /* its collection has not ended */
};

/* A collection that has not ended. */
struct frame {
	struct value *collection;
	struct value *key;  /* of the member to come, or NULL: a key comes */
	struct names keys;  /* of all members so far: what was written as each */
	size_t value_count, anchor_count; /* before it */
	char bracket; /* that opened it: '[' or '{'; 0 when only its indentation did */
};

struct builder {
	struct compilation *c;
	const struct source *source;
	const struct limits *limits;
	struct frame stack[DEEPEST];
	unsigned depth;
	struct anchor *anchors;
	size_t anchor_count, value_count, document_count;
	struct span quote; /* the last text in quotes, when it has several lines; line 0: none */
	size_t quote_end_line;
	struct value *root;
	bool done, failed;
};

/* The words from START to END, at most to the end of the line. */
static struct span
span_between(const struct builder *b, const yaml_mark_t *start, const yaml_mark_t *end)
{
	struct span at = {.source = b->source, .line = (uint32_t)start->line + 1,
		.column = (uint32_t)start->column + 1};
	size_t length;
	const char *line;

	/* libyaml puts the end of a text without a final line feed on the line behind the last. */
	if (at.line > b->source->line_count)
		return source_span(b->source, b->source->size, 0);
	if (start->line == end->line) {
		at.length = (uint32_t)(end->column - start->column);
		return at;
	}
	line = source_line(b->source, at.line, &length);
	at.length = (uint32_t)text_code_points(line, length);
	at.length = at.length > start->column ? at.length - (uint32_t)start->column : 0;
	return at;
}

static void
stop(struct builder *b)
{
	b->root = NULL;
	b->done = b->failed = true;
}

static struct frame *
innermost(struct builder *b)
{
	return b->depth ? &b->stack[b->depth - 1] : NULL;
}

/* Whether a value that comes now is a key. */
static bool
expects_key(struct builder *b)
{
	const struct frame *f = innermost(b);

	return f && f->collection->kind == VALUE_MAPPING && !f->key;
}

/* Counts WEIGHT more values and looks HEIGHT levels deeper; false, for good, when that is too much. */
static bool
within_limits(struct builder *b, struct span at, size_t weight, unsigned height)
{
	bool too_deep = b->depth + height > b->limits->depth;
	struct diag *d;

	b->value_count += weight;
	if (!too_deep && b->value_count <= b->limits->values)
		return true;
	if (too_deep) {
		diag(&b->c->diags, DIAG_MANIFEST_TOO_LARGE, at, "the %s nests deeper than %u levels",
			b->limits->noun, b->limits->depth);
	} else {
		d = diag(&b->c->diags, DIAG_MANIFEST_TOO_LARGE, at, "the %s has more than %zu values", b->limits->noun, b->limits->values);
		if (weight > 1)
			diag_help(d, "an alias counts as all that it stands for");
	}
	stop(b);
	return false;
}

static void
report_bad_key(struct builder *b, const struct value *key)
{
	struct diag *d;

	if (key->kind != VALUE_SCALAR)
		d = diag(&b->c->diags, DIAG_YAML_UNSUPPORTED, key->at, "a key must be a text, not a %s",
			key->kind == VALUE_LIST ? "list" : "mapping");
	else if (key->plain && strcmp(key->text, "<<") == 0)
		d = diag_help(diag(&b->c->diags, DIAG_YAML_UNSUPPORTED, key->at, "merge keys are not supported"),
			"write the members out; an alias can stand for a whole value");
	else if (*key->text)
		d = diag_help(diag(&b->c->diags, DIAG_VALUE_MISSING, key->at, "the key '%s' is no text to YAML, but nothing", key->text), "quote it");
	else
		d = diag(&b->c->diags, DIAG_VALUE_MISSING, key->at, "a key is empty");
	if (key->kind == VALUE_MAPPING)
		diag_help(d, "'{{' begins no template here; quote a text that begins with '{' or '?'");
	else if (key->kind == VALUE_LIST)
		diag_help(d, "quote a text that begins with '[' or '?'");
}

/* Gives the mapping of F a member with the key that has come, unless it may not have it. */
static void
add_member(struct builder *b, struct frame *f, struct value *value)
{
	struct value *mapping = f->collection, *key = f->key, **known;

	if (key->refused || key->kind != VALUE_SCALAR || value_is_null(key) || (key->plain && strcmp(key->text, "<<") == 0)) {
		if (!key->refused)
			report_bad_key(b, key);
		mapping->incomplete = true;
		return;
	}
	known = (struct value **)names_slot(b->c->arena, &f->keys, key->text);
	if (*known) {
		diag_note(diag(&b->c->diags, DIAG_KEY_TWICE, key->at, "the key '%s' is here twice", key->text),
			(*known)->at, "first written here");
		return;
	}
	*known = key;
	if (mapping->at.length == 0)
		mapping->at = key->at;
	*ARENA_PUSH(b->c->arena, mapping->members, mapping->count) = (struct member){
		.key_at = key->at, .key = key->text, .value = value};
}

/* Puts VALUE where it stands: as the root, an item, a key or a member. */
static void
place(struct builder *b, struct value *value)
{
	struct frame *f = innermost(b);

	if (!f) {
		b->root = value;
	} else if (f->collection->kind == VALUE_LIST) {
		*ARENA_PUSH(b->c->arena, f->collection->items, f->collection->count) = value;
	} else if (!f->key) {
		f->key = value;
	} else {
		add_member(b, f, value);
		f->key = NULL;
	}
}

/* A tag as it is written: libyaml spells '!!' out. */
static const char *
written_tag(struct builder *b, const yaml_char_t *tag)
{
	static const char standard[] = "tag:yaml.org,2002:";
	const char *text = (const char *)tag;

	return text_starts_with(text, standard) ? arena_printf(b->c->arena, "!!%s", text + sizeof standard - 1) : text;
}

static struct anchor *
find_anchor(struct builder *b, const char *name)
{
	for (size_t i = 0; i < b->anchor_count; i++)
		if (strcmp(b->anchors[i].name, name) == 0)
			return &b->anchors[i];
	return NULL;
}

/* Gives V its anchor, unless another value has it. */
static void
add_anchor(struct builder *b, struct value *v, const char *name)
{
	const struct anchor *first = find_anchor(b, name);

	if (first)
		diag_note(diag(&b->c->diags, DIAG_ALIAS_BROKEN, v->at, "the anchor '&%s' is here twice", name),
			first->value->at, "first used here");
	else
		*ARENA_PUSH(b->c->arena, b->anchors, b->anchor_count) = (struct anchor){
			.name = arena_strdup(b->c->arena, name), .value = v, .open = v->kind != VALUE_SCALAR};
}

static struct value *
new_value(struct builder *b, enum value_kind kind, struct span at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct value *v = ARENA_NEW(b->c->arena, struct value);

	*v = (struct value){.kind = kind, .at = at, .weight = 1};
	if (tag)
		diag_help(diag(&b->c->diags, DIAG_YAML_UNSUPPORTED, at, "the tag '%s' is not supported",
			written_tag(b, tag)),
			"%s", strcmp((const char *)tag, "!include") == 0 ? "'extends' starts from another manifest, as a whole" :
			"leave it out: the key decides what its value is");
	if (anchor)
		add_anchor(b, v, (const char *)anchor);
	return v;
}

/* A quote that is not closed swallows lines up to the next one, where the mistake then shows. */
static void
remember_quote(struct builder *b, const yaml_event_t *event, struct span at)
{
	yaml_scalar_style_t style = event->data.scalar.style;
	bool quoted = style == YAML_SINGLE_QUOTED_SCALAR_STYLE || style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;

	b->quote = quoted && event->start_mark.line < event->end_mark.line ? at : (struct span){0};
	b->quote_end_line = event->end_mark.line;
}

static void
take_scalar(struct builder *b, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;
	size_t length = event->data.scalar.length;
	struct span at = span_between(b, &event->start_mark, &event->end_mark);
	struct value *v;

	if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
		event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
		at.length = 1;
	remember_quote(b, event, at);
	if (!expects_key(b) && !within_limits(b, at, 1, 0))
		return;
	v = new_value(b, VALUE_SCALAR, at, event->data.scalar.anchor, event->data.scalar.tag);
	v->text = arena_strndup(b->c->arena, text, length);
	v->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	/* Of a text that a tag gives another meaning, there is no more to say. */
	v->refused = event->data.scalar.tag || memchr(text, '\0', length);
	if (memchr(text, '\0', length))
		diag(&b->c->diags, DIAG_CHARACTER_FORBIDDEN, at, "a NUL character in a text");
	place(b, v);
}

static void
take_start(struct builder *b, const yaml_event_t *event, enum value_kind kind, bool flow, const yaml_char_t *anchor,
	const yaml_char_t *tag)
{
	struct frame *parent = innermost(b);
	struct span at = span_between(b, &event->start_mark, &event->end_mark);
	struct frame frame = {.value_count = b->value_count, .anchor_count = b->anchor_count};

	if (!within_limits(b, at, 1, 1))
		return;
	if (flow || kind == VALUE_LIST)
		at.length = 1;
	if (!flow && parent && parent->collection->kind == VALUE_MAPPING && parent->key)
		at = parent->key->at;
	frame.collection = new_value(b, kind, at, anchor, tag);
	/* The mapping in "[a: b]" has no width, as it has no bracket. */
	if (flow && event->start_mark.index < event->end_mark.index)
		frame.bracket = kind == VALUE_LIST ? '[' : '{';
	b->stack[b->depth++] = frame;
}

static void
take_end(struct builder *b, const yaml_event_t *event)
{
	struct frame *f = innermost(b);
	struct value *v = f->collection;
	bool flow = event->end_mark.index > event->start_mark.index;

	/* The end of a block collection has no width; that of a flow collection is its bracket. */
	if (flow && event->end_mark.line + 1 == v->at.line)
		v->at.length = (uint32_t)event->end_mark.column + 1 - v->at.column;
	v->weight = b->value_count - f->value_count;
	v->height = 1;
	for (size_t i = 0; i < v->count; i++) {
		const struct value *child = v->kind == VALUE_LIST ? v->items[i] : v->members[i].value;

		v->height = child->height >= v->height ? child->height + 1 : v->height;
	}
	if (f->anchor_count < b->anchor_count && b->anchors[f->anchor_count].value == v)
		b->anchors[f->anchor_count].open = false;
	b->depth--;
	place(b, v);
}

static void
report_unknown_alias(struct builder *b, const char *name, struct span at)
{
	struct diag *d = diag(&b->c->diags, DIAG_ALIAS_BROKEN, at, "no value above is called '&%s'", name);
	const char *names[SUGGESTED], *nearest;

	for (size_t i = 0; i < b->anchor_count && i < SUGGESTED; i++)
		names[i] = b->anchors[i].name;
	nearest = b->anchor_count <= SUGGESTED ? text_nearest(name, names, b->anchor_count) : NULL;
	if (nearest)
		diag_help(d, "did you mean '*%s'?", nearest);
	else
		diag_help(d, "'*%s' repeats a value that '&%s' names; quote a text that begins with '*'", name, name);
}

/* The value that the alias stands for; a refused one when there is none. */
static struct value *
named_value(struct builder *b, const char *name, struct span at)
{
	struct anchor *found = find_anchor(b, name);
	struct value *none;

	if (found && !found->open)
		return found->value;
	if (!found)
		report_unknown_alias(b, name, at);
	else
		diag_note(diag(&b->c->diags, DIAG_ALIAS_BROKEN, at, "'*%s' stands inside the value that it repeats", name),
			found->value->at, "this value");
	none = new_value(b, VALUE_SCALAR, at, NULL, NULL);
	none->text = "";
	none->refused = true;
	return none;
}

static void
take_alias(struct builder *b, const yaml_event_t *event)
{
	struct span at = span_between(b, &event->start_mark, &event->end_mark);
	struct value *v = named_value(b, (const char *)event->data.alias.anchor, at);

	if (within_limits(b, at, v->weight, v->height))
		place(b, v);
}

/* The directive %TAG among the lines above the document. */
static struct span
tag_directive(const struct builder *b, size_t first_line, size_t last_line)
{
	for (size_t line = first_line + 1; line <= last_line; line++) {
		size_t length;
		const char *text = source_line(b->source, (uint32_t)line, &length);

		if (length > 4 && memcmp(text, "%TAG", 4) == 0)
			return source_span(b->source, (size_t)(text - b->source->text), length);
	}
	BUG("libyaml saw a directive that is not there");
}

static void
take_document(struct builder *b, const yaml_event_t *event)
{
	struct span at = span_between(b, &event->start_mark, &event->end_mark);

	if (event->data.document_start.tag_directives.start != event->data.document_start.tag_directives.end)
		diag_help(diag(&b->c->diags, DIAG_YAML_UNSUPPORTED,
			tag_directive(b, event->start_mark.line, event->end_mark.line), "tags are not supported"),
			"leave it out: the key decides what its value is");
	if (b->document_count++ == 0)
		return;
	diag_help(diag(&b->c->diags, DIAG_YAML_UNSUPPORTED, at, "a second document begins here"),
		"a %s is one document; remove this line", b->limits->noun);
	stop(b);
}

static void
take_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	case YAML_DOCUMENT_START_EVENT:
		take_document(b, event);
		break;
	case YAML_ALIAS_EVENT:
		take_alias(b, event);
		break;
	case YAML_SCALAR_EVENT:
		take_scalar(b, event);
		break;
	case YAML_SEQUENCE_START_EVENT:
		take_start(b, event, VALUE_LIST, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE,
			event->data.sequence_start.anchor, event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_START_EVENT:
		take_start(b, event, VALUE_MAPPING, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE,
			event->data.mapping_start.anchor, event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		take_end(b, event);
		break;
	case YAML_NO_EVENT:
	case YAML_STREAM_END_EVENT:
		b->done = true;
		break;
	}
}

static void
report_syntax(struct builder *b, const yaml_parser_t *parser)
{
	struct complaint what = {
		.problem = parser->problem, .context = parser->context,
		.line = parser->problem_mark.line, .column = parser->problem_mark.column,
		.context_line = parser->context_mark.line, .context_column = parser->context_mark.column,
		.before_document = b->document_count == 0,
		.quote = b->quote, .quote_end_line = b->quote_end_line,
	};

	if (parser->error == YAML_MEMORY_ERROR)
		memory_exhausted();
	for (unsigned i = b->depth; i > 0 && !what.bracket; i--) {
		what.bracket = b->stack[i - 1].bracket;
		what.bracket_at = b->stack[i - 1].collection->at;
	}
	syntax_error(b->c, b->source, &what);
	stop(b);
}

static void
report_empty(struct builder *b)
{
	diag(&b->c->diags, DIAG_MANIFEST_EMPTY, source_span(b->source, 0, 0), "the %s %s", b->limits->noun,
		b->source->size ? "has no key in it" : "is empty");
	stop(b);
}

const struct value *
read_document(struct compilation *c, const struct source *source, const struct limits *limits)
{
	struct builder b = {.c = c, .source = source, .limits = limits};
	yaml_parser_t parser;
	yaml_event_t event;

	ASSERT(limits->depth <= DEEPEST);
	if (!yaml_parser_initialize(&parser))
		memory_exhausted();
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)source_as_yaml_1_1(c->arena, source), source->size);
	while (!b.done) {
		if (yaml_parser_parse(&parser, &event)) {
			take_event(&b, &event);
			yaml_event_delete(&event);
		} else {
			report_syntax(&b, &parser);
		}
	}
	yaml_parser_delete(&parser);
	if (!b.failed && (!b.root || value_is_null(b.root)))
		report_empty(&b);
	return b.root;
}

const struct value *
value_member(const struct value *mapping, const char *key)
{
	for (size_t i = 0; mapping->kind == VALUE_MAPPING && i < mapping->count; i++)
		if (strcmp(mapping->members[i].key, key) == 0)
			return mapping->members[i].value;
	return NULL;
}

bool
value_is_null(const struct value *v)
{
	static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};

	for (size_t i = 0; v->kind == VALUE_SCALAR && v->plain && i < sizeof nulls / sizeof *nulls; i++)
		if (strcmp(v->text, nulls[i]) == 0)
			return true;
	return false;
}

const char *
value_glued_colon(const struct value *v)
{
	const char *colon = v->kind == VALUE_SCALAR && v->plain ? strchr(v->text, ':') : NULL;

	return colon && colon > v->text && colon[1] ? colon : NULL;
}
