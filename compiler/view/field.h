#ifndef VIEW_FIELD_H
#define VIEW_FIELD_H

#include "model/field.h"

struct arena;

/* "group 3 bg_checksum", "name_len of 'motd'"; NULL: it has no name. Escaped. */
const char *word_field(struct arena *, const struct field *);

#endif
