#ifndef SUPPORT_TEXT_H
#define SUPPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/* The bytes of the UTF-8 sequence (RFC 3629) that TEXT begins with, or 1 when it begins with a broken one. SIZE > 0. */
size_t text_sequence_length(const char *text, size_t size);

/* Decodes the sequence that TEXT begins with: its code point, or -1 when it is not valid UTF-8. SIZE > 0. */
int32_t text_decode(const char *text, size_t size);

/* Writes POINT as UTF-8 (RFC 3629) to TO, which has room for four bytes; the bytes written. */
size_t text_encode(char *to, uint32_t point);

/* LENGTH units of UTF-16 in UTF-8; half of a pair becomes U+FFFD. */
const char *text_from_utf16(struct arena *, const uint16_t *units, size_t length);

/* Whether POINT is a space, but not the one that every keyboard has; whether it is shown as nothing at all. */
bool text_is_space(int32_t point);
bool text_is_invisible(int32_t point);

/* What is wrong with POINT where a manifest is to be read by people, such as "a control character", or NULL. */
const char *text_fault(int32_t point);

/* The number of code points in SIZE bytes; each byte that belongs to none counts as one. */
size_t text_code_points(const char *text, size_t size);

/* TEXT with control characters, backslashes and broken bytes written as \n, \t, \xHH or \u{H}; safe on any terminal.
 * TEXT itself when there is nothing to escape. */
const char *text_escape(struct arena *, const char *text);
const char *text_escape_bytes(struct arena *, const char *text, size_t size);

/* "24 MiB", "36.1 MiB", "512 bytes": for people, with at most one decimal, in binary units. Rounds up. */
const char *text_bytes(struct arena *, uint64_t bytes);

/* "1 file", "2 files". */
const char *text_count(struct arena *, uint64_t count, const char *singular, const char *plural);

/* A UUID in 8-4-4-4-12 lower-case digits. */
const char *text_uuid(struct arena *, const uint8_t uuid[16]);

/*
 * The candidate most like WORD, or NULL when none is near enough to be a slip of the finger (Damerau-Levenshtein distance of
 * at most a third of the word). CANDIDATES are COUNT strings; the first of equals wins.
 */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* LIST joined by SEPARATOR; the last two by LAST (", " and " or "). */
const char *text_join(struct arena *, const char *const *list, size_t count, const char *separator, const char *last);

/* The place of TEXT in LIST, which ends in a NULL; that of the NULL when it is not there. */
size_t text_index(const char *const *list, const char *text);

/* Whether TEXT is one of COUNT. */
bool text_is_in(const char *const *list, size_t count, const char *text);

/* Compares what A and B point to, two texts, by their bytes: for qsort. */
int text_order(const void *a, const void *b);

/* The length of the word at TEXT, up to a blank; one between quotation marks belongs to it, as in the kernel's next_arg(). */
size_t text_word_length(const char *text);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);

/*
 * Whether NAME, one component of a path, matches PATTERN: '*' any bytes, '?' one byte, '[a-z]' and '[!a-z]' a set.
 * Bytewise, whatever the locale; a leading '.' is not special.
 */
bool text_matches(const char *pattern, const char *name);

/* Whether TEXT has a pattern character at all. */
bool text_is_pattern(const char *text);

/* The directory that PATH lies in: what stands before its last '/', "/" when that is the first, "." when there is none. */
const char *text_directory(struct arena *, const char *path);

/* PATH as it is reached from where DIRECTORY is one: PATH itself when it is absolute, or DIRECTORY is ".". */
const char *text_below(struct arena *, const char *directory, const char *path);

/* Whether POINT is a quotation mark that word processors make of " and '. */
bool text_is_curly_quote(int32_t point);

/* What to do about PATH when it was written for a shell or for Windows; NULL: it was not. */
const char *text_path_habit(const char *path);

#endif
