/* Writes pages of the manual. The date of a page is that of the version, since pages are the same bytes each time. */
#include "support/mdoc.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

enum { WIDTH = 78 };

static const struct {
	char byte;
	const char *escape;
} escapes[] = {{'\\', "\\e"}, {'-', "\\-"}, {'"', "\\(dq"}};

/* Prints the SIZE bytes at TEXT, unless OUT is NULL, and is how many that makes. */
static size_t
print_escaped(FILE *out, const char *text, size_t size)
{
	size_t width = 0;

	for (size_t i = 0; i < size; i++) {
		const char byte[] = {text[i], '\0'}, *printed = byte;

		for (size_t e = 0; e < sizeof escapes / sizeof *escapes; e++)
			if (escapes[e].byte == text[i])
				printed = escapes[e].escape;
		if (out)
			fputs(printed, out);
		width += strlen(printed);
	}
	return width;
}

/* A macro's name is two or three letters, the first a capital. */
static bool
is_like_macro(const char *word, size_t size)
{
	return (size == 2 || size == 3) && isupper((unsigned char)word[0]) && isalpha((unsigned char)word[1]);
}

void
mdoc_argument(FILE *out, const char *text)
{
	while (*text) {
		size_t size = strcspn(text, " ");

		if (is_like_macro(text, size) || (size == 1 && ispunct((unsigned char)*text)))
			fputs("\\&", out);
		print_escaped(out, text, size);
		text += size;
		for (; *text == ' '; text++)
			fputc(' ', out);
	}
}

void
mdoc_begin(FILE *out, const char *name, int section, const char *summary)
{
	fputs(".\\\" Made by 'rootc manual' from the tables of rootc.\n.Dd November 26, 2026\n.Dt ", out);
	for (const char *c = name; *c; c++)
		fputc(toupper((unsigned char)*c), out);
	fprintf(out, " %d\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", section, name);
	mdoc_argument(out, summary);
	fputc('\n', out);
}

void
mdoc_section(FILE *out, const char *title)
{
	fprintf(out, ".Sh %s\n", title);
}

static const char *
print_example(FILE *out, const char *text)
{
	fputs(".Bd -literal -offset indent\n", out);
	while (*text == ' ') {
		size_t size = strcspn(text, "\n"), indent = strspn(text, " ");

		indent = indent < 2 ? indent : 2;
		if (strchr(".'", text[indent]))
			fputs("\\&", out);
		print_escaped(out, text + indent, size - indent);
		fputc('\n', out);
		text += size + (text[size] == '\n');
	}
	fputs(".Ed\n", out);
	return text;
}

/* Whether WORD ends a sentence, and NEXT begins one. */
static bool
ends_sentence(const char *word, size_t size, const char *next)
{
	return size > 1 && strchr(".?!", word[size - 1]) && strncmp(word + size - 2, "..", 2) != 0 && !islower((unsigned char)*next);
}

/* Prints the words up to an empty line, an example or the end, and is what comes then. */
static const char *
print_paragraph(FILE *out, const char *text)
{
	size_t column = 0;

	while (*text && *text != '\n') {
		size_t size = strcspn(text, " \n");
		const char *next = text + size + strspn(text + size, " ");

		if (column && column + 1 + print_escaped(NULL, text, size) > WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		if (column)
			fputc(' ', out);
		else if (strchr(".'", *text))
			fputs("\\&", out);
		column += (column > 0) + print_escaped(out, text, size);
		if (*next == '\n')
			next++;
		if (ends_sentence(text, size, next)) {
			fputc('\n', out);
			column = 0;
		}
		text = next;
		if (text[-1] == '\n' && *text == ' ')
			break;
	}
	if (column)
		fputc('\n', out);
	return text;
}

void
mdoc_text(FILE *out, const char *text)
{
	bool begun = false;

	while (*(text += strspn(text, "\n"))) {
		if (*text == ' ') {
			text = print_example(out, text);
		} else {
			if (begun)
				fputs(".Pp\n", out);
			text = print_paragraph(out, text);
		}
		begun = true;
	}
}
