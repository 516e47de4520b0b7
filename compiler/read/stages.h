#ifndef READ_STAGES_H
#define READ_STAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "read/document.h"
#include "read/schema.h"

struct m_size;
struct manifest;

/* What the passes of read/ ask of one another. */

/* What a manifest may cost. */
extern const struct limits manifest_limits;

/*
 * The text at PATH ("-": standard input): at most limits->bytes of valid UTF-8 in which every character is what it looks like,
 * without a byte order mark. NAMED_AT: the words that name it in another source; without a line when the user did. NULL with
 * diagnostics.
 */
const struct source *read_source(struct compilation *, const char *path, struct span named_at, const struct limits *);

/* The mapping that the text at PATH holds, of the one format that is known; else NULL with diagnostics. The rest as for read_source. */
const struct value *read_root(struct compilation *, const char *path, struct span named_at, const struct limits *,
	const struct schema *);

/*
 * ROOT, the document of M at m->path, laid over the manifest that it extends, that over the one which this extends, and so on; they
 * go to m->bases. ROOT itself when it extends nothing, NULL with diagnostics.
 */
const struct value *extend_document(struct compilation *, struct manifest *m, const struct value *root, const struct limits *);

/* The text of SOURCE, as long, with the directive %YAML 1.1 where it has %YAML 1.2. */
const char *source_as_yaml_1_1(struct arena *, const struct source *);

/* What libyaml had to say; lines and columns are 0-based code points, CONTEXT may be NULL. */
struct complaint {
	const char *problem, *context;
	size_t line, column, context_line, context_column;
	bool before_document;
	char bracket; /* the innermost '[' or '{' that is open, or 0, and its place */
	struct span bracket_at;
	struct span quote; /* of the last value, when that is in quotes and ends in another line, QUOTE_END_LINE; else line 0 */
	size_t quote_end_line;
};

/* Records as a diagnostic why SOURCE is no YAML, in our words and at the place where the mistake was made. */
void syntax_error(struct compilation *, const struct source *, const struct complaint *);

/* Whether TEXT, written at VALUE's place for FIELD or a key of that form, has FORM; else false with a diagnostic. */
bool form_matches(struct compilation *, enum form, const char *text, struct span at);

/* The pattern that the JSON Schema gives for FORM, or NULL when it restricts nothing. */
const char *form_pattern(struct compilation *, enum form);

/* What a text of FORM is, "a path", and one that has it. */
const char *form_noun(enum form);
const char *form_example(enum form);

/* A value that FIELD takes, of KIND_TEXTS one item; NULL for one that holds mappings. */
const char *field_example(const struct field *);

/* What the value of FIELD is, and of what range; the latter NULL: none. In words. */
const char *field_type(struct compilation *, const struct field *);
const char *field_range(struct compilation *, const struct field *);

/* Decodes the scalar VALUE as FIELD says into TO, a struct m_*; false with a diagnostic. */
bool decode_scalar(struct compilation *, const struct field *, const struct value *, void *to);

/*
 * Makes bytes of SIZE, of FIELD, if it was decoded as a number of sectors, which have SECTOR_SIZE bytes; one that is out of range then is
 * a diagnostic.
 */
void decode_in_sectors(struct compilation *, const struct field *, struct m_size *size, uint64_t sector_size);

/* The same of all sizes in DECODED, the struct of the schema. */
void decode_sectors(struct compilation *, const struct schema *, void *decoded, uint64_t sector_size);

/* What a list or a mapping must be. */
struct collection {
	enum value_kind kind;
	uint64_t least;          /* items or members */
	const char *subject;     /* how messages call it */
	const char *doc;         /* a sentence of the table */
	const struct schema *of; /* what it is as a mapping; with IS_NAMED, what stands below each name; or NULL */
	bool is_named;
};

/* Whether V is such a collection; else false with a diagnostic. */
bool decode_collection(struct compilation *, const struct value *v, const struct collection *);

/* DOC, a sentence of the table, as a diagnostic says it: lower case, no full stop. */
const char *doc_phrase(struct compilation *, const char *doc);

/* Decodes the mapping ROOT as SCHEMA says into TO, zeroed; what is wrong is recorded. SUBJECT names ROOT in messages. */
void decode_mapping(struct compilation *, const struct schema *, const struct value *root, const char *subject,
	void *to);

#endif
