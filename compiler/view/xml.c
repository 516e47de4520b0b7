#include "view/xml.h"

#include "support/text.h"

void
xml_text(FILE *out, struct arena *a, const char *text)
{
	for (const char *s = text_escape(a, text); *s; s++)
		if (*s == '&')
			fputs("&amp;", out);
		else if (*s == '<')
			fputs("&lt;", out);
		else if (*s == '>')
			fputs("&gt;", out);
		else if (*s == '"')
			fputs("&quot;", out);
		else
			fputc(*s, out);
}
