/* Decides how a decompilation is told. */
#include "view/view.h"

#include "model/decompiled.h"
#include "support/compilation.h"
#include "support/text.h"

void
view_decompiled(FILE *out, struct compilation *c, const struct decompiled *what, const char *directory)
{
	fprintf(out, "%s/%s: the manifest\n", text_escape(c->arena, directory), what->path);
	for (size_t i = 0; i < what->unsaid_count; i++)
		fprintf(out, "not said: %s\n", text_escape(c->arena, what->unsaid[i]));
}
