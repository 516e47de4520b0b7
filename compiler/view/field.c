/* Decides how a field is told. */
#include "view/field.h"

#include <inttypes.h>

#include "support/compilation.h"
#include "support/text.h"

const char *
word_field(struct arena *a, const struct field *f)
{
	const char *name = f->name;

	if (name && f->entry_name)
		name = arena_printf(a, "%s of '%s'", name, text_escape(a, arena_strndup(a, (const char *)f->entry_name, f->entry_length)));
	return name && f->item ? arena_printf(a, "%s %" PRIu64 " %s", f->item, f->number, name) : name;
}
