#ifndef READ_DOCUMENT_H
#define READ_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/source.h"

struct compilation;

enum value_kind { VALUE_SCALAR, VALUE_LIST, VALUE_MAPPING };

/*
 * A YAML value as it was written. A mapping or list in block form has the span of the key it stands behind; without such a key,
 * that of its own first key or '-'. An alias is the value it names, so values can have several parents.
 */
struct value {
	enum value_kind kind;
	struct span at;
	const char *text;       /* VALUE_SCALAR: decoded, not typed */
	bool plain;             /* VALUE_SCALAR: without quotes */
	bool refused;           /* was reported already: nothing more is said of it */
	bool implied;           /* not written: stands in for a default */
	struct value **items;   /* VALUE_LIST */
	struct member *members; /* VALUE_MAPPING: each key once, in the order written */
	size_t count;           /* of items or members */
	const struct value *base; /* VALUE_MAPPING: what it was laid over, or NULL */
	bool incomplete;        /* VALUE_MAPPING: a member was refused, so a key that is missing may be no second mistake */
	size_t weight;          /* values in it, itself included, aliases written out */
	unsigned height;        /* levels of nesting in it: 0 for a scalar */
};

struct member {
	struct span key_at;
	const char *key;
	struct value *value;
};

/* What one text may cost us at most. */
struct limits {
	size_t bytes;    /* of the source */
	size_t values;   /* aliases written out */
	unsigned depth;
	const char *noun; /* "manifest" */
};

/*
 * The value that SOURCE, valid text, holds: one YAML 1.1 or 1.2 document without tags, merge keys and keys given twice. NULL
 * when it has no value at all or cannot be parsed; what is wrong without hiding the rest is only recorded.
 */
const struct value *read_document(struct compilation *, const struct source *, const struct limits *);

/* The value of KEY in MAPPING, or NULL. */
const struct value *value_member(const struct value *mapping, const char *key);

/* Whether it is a plain scalar that YAML reads as null: nothing, "~" or "null". */
bool value_is_null(const struct value *);

/* The ':' in a plain scalar such as "size:4MiB" that was meant to end a key, or NULL. */
const char *value_glued_colon(const struct value *);

#endif
