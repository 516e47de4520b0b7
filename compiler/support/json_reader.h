#ifndef SUPPORT_JSON_READER_H
#define SUPPORT_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "support/arena.h"

/*
 * JSON (RFC 8259) from a hostile hand, read value by value in one pass. Nothing is held but the texts that are asked for. What
 * is not understood, among it \u0000 and nesting deeper than JSON_DEEPEST, is broken; after that nothing is read.
 */
enum { JSON_DEEPEST = 32 };

struct json_reader {
	struct arena *arena;
	const char *at, *end;
	unsigned depth;
	bool is_inside[JSON_DEEPEST]; /* behind the first item of the array or object at each depth */
	bool is_broken;
};

/* Goes into an array ('[') or object ('{'). False: there is none. */
bool json_enter(struct json_reader *, char open);

/* Whether another item of the array follows; behind its last one, leaves the array. */
bool json_next_item(struct json_reader *);

/* The key of the next member of the object, in the arena; behind the last one leaves the object and gives NULL. */
const char *json_next_key(struct json_reader *);

/* A text, in the arena; NULL: there is none. */
const char *json_read_text(struct json_reader *);

/* A number that has neither sign, fraction nor exponent, into NUMBER. False: there is none. */
bool json_read_number(struct json_reader *, uint64_t *number);

/* Passes over one value of any kind. */
bool json_skip(struct json_reader *);

/* Whether all was read, and nothing stands behind it. */
bool json_at_end(struct json_reader *);

#endif
