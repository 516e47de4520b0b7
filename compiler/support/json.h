#ifndef SUPPORT_JSON_H
#define SUPPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes JSON (RFC 8259) to a stream in the order of the calls, indented by two spaces. Text that is not UTF-8 has its broken
 * bytes replaced by U+FFFD. Members are written as a key and then a value.
 */
struct json {
	FILE *out;
	bool compact;     /* one line, no spaces */
	unsigned depth;   /* open objects and arrays */
	bool has_items;   /* the innermost one is not empty */
	bool after_key;
};

void json_begin(struct json *, FILE *out, bool compact);
void json_end(struct json *); /* a final line feed */

void json_object(struct json *);
void json_object_end(struct json *);
void json_array(struct json *);
void json_array_end(struct json *);
void json_key(struct json *, const char *);
void json_text(struct json *, const char *); /* NULL gives null */
void json_number(struct json *, int64_t);
void json_size(struct json *, uint64_t);
void json_bool(struct json *, bool);

/* A key and its value in one call. */
void json_key_text(struct json *, const char *key, const char *);
void json_key_size(struct json *, const char *key, uint64_t);
void json_key_bool(struct json *, const char *key, bool);

#endif
