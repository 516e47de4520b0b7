#ifndef VIEW_XML_H
#define VIEW_XML_H

#include <stdio.h>

struct arena;

/* TEXT, escaped as in all views, as characters of XML and HTML: in an element or between double quotes. */
void xml_text(FILE *, struct arena *, const char *text);

#endif
