/* Decides where a text stopped being YAML and says it in words that do not need YAML's grammar. */

#include "read/stages.h"

#include <string.h>

#include "support/compilation.h"
#include "support/text.h"

enum where { AT_PROBLEM, AT_CONTEXT };

/* What libyaml 0.2 says, and what we say. */
struct wording {
	const char *problem;
	const char *context; /* NULL: any */
	enum where where;
	const char *text, *help;
	const char *note; /* about the place of the context */
};

#define UNKNOWN_VERSION "a version of YAML that rootc does not know"
#define VERSION_HELP "remove the directive, or write '%YAML 1.2'"

static const struct wording wordings[] = {
	{"found unexpected end of stream", NULL, AT_CONTEXT, "a quoted text is never closed",
		"add the closing quote", NULL},
	{"found unexpected document indicator", NULL, AT_CONTEXT, "a quoted text is never closed",
		"add the closing quote", NULL},
	{"found unknown escape character", NULL, AT_PROBLEM, "an unknown escape in a text in double quotes",
		"double the backslash, or use single quotes", NULL},
	{"did not find expected hexdecimal number", NULL, AT_PROBLEM, "an escape without its hexadecimal digits",
		"x takes two digits, u four, U eight", NULL},
	{"found invalid Unicode character escape code", NULL, AT_PROBLEM, "an escape that is no Unicode character",
		NULL, NULL},
	{"mapping values are not allowed in this context", NULL, AT_PROBLEM, "a ':' that cannot be here",
		"check the indentation, and quote a text that contains ': '", NULL},
	{"block sequence entries are not allowed in this context", NULL, AT_PROBLEM, "a list cannot begin here",
		"put each '- ' on a line of its own, below the key", NULL},
	{"mapping keys are not allowed in this context", NULL, AT_PROBLEM, "a '?' cannot begin a text",
		"quote a text that begins with '?'", NULL},
	{"found a tab character where an indentation space is expected", NULL, AT_PROBLEM,
		"a tab indents this line", "indent with spaces", NULL},
	{"found a tab character that violates indentation", NULL, AT_PROBLEM, "a tab indents this line",
		"indent with spaces", NULL},
	{"found an indentation indicator equal to 0", NULL, AT_PROBLEM, "an indentation of 0 for a block of text",
		"leave the number out: the first line shows the indentation", NULL},
	{"did not find expected comment or line break", "while scanning a block scalar", AT_PROBLEM,
		"a text on the line of its '|' or '>'",
		"begin the text on the next line; here can only stand one digit, and '-' or '+'", NULL},
	{"did not find expected comment or line break", NULL, AT_PROBLEM, "a directive with more than its value",
		NULL, NULL},
	{"could not find expected ':'", NULL, AT_CONTEXT, "a key without ':'", "write 'key: value'", NULL},
	{"did not find expected ',' or ']'", NULL, AT_PROBLEM, "a ',' or ']' is missing before this", NULL,
		"the list begins here"},
	{"did not find expected ',' or '}'", NULL, AT_PROBLEM, "a ',' or '}' is missing before this", NULL,
		"the mapping begins here"},
	{"did not find expected '-' indicator", NULL, AT_PROBLEM, "this fits nothing above it",
		"indent it like its neighbours: the '-' of one list stand below one another", "the list that it stands in begins here"},
	{"did not find expected key", NULL, AT_PROBLEM, "this fits nothing above it",
		"indent it like its neighbours: the keys of one mapping stand below one another", "the mapping that it stands in begins here"},
	{"did not find expected node content", NULL, AT_PROBLEM, "a value is missing before this", NULL, NULL},
	{"did not find expected <document start>", NULL, AT_PROBLEM, "the document is complete before this",
		"remove what follows it", NULL},
	{"did not find expected alphabetic or numeric character", "while scanning an alias", AT_PROBLEM,
		"an alias without a name",
		"quote a text that begins with '*'", NULL},
	{"did not find expected alphabetic or numeric character", NULL, AT_PROBLEM, "an anchor without a name",
		"quote a text that begins with '&'", NULL},
	{"found undefined tag handle", NULL, AT_CONTEXT, "tags are not supported",
		"quote a text that begins with '!'", NULL},
	{"found unexpected ':'", NULL, AT_PROBLEM, "a ':' without a blank behind it",
		"write 'key: value', or quote a text that contains ':'", NULL},
	{"found incompatible YAML document", NULL, AT_PROBLEM, UNKNOWN_VERSION, VERSION_HELP, NULL},
	{"did not find expected version number", NULL, AT_CONTEXT, UNKNOWN_VERSION, VERSION_HELP, NULL},
	{"found extremely long version number", NULL, AT_CONTEXT, UNKNOWN_VERSION, VERSION_HELP, NULL},
	{"did not find expected digit or '.' character", NULL, AT_CONTEXT, UNKNOWN_VERSION, VERSION_HELP, NULL},
	{"found duplicate %YAML directive", NULL, AT_PROBLEM, "a second %YAML directive", "remove it", NULL},
	{"found unknown directive name", NULL, AT_CONTEXT, "an unknown directive",
		"remove the line; quote a text that begins with '%'", NULL},
	{"found unexpected non-alphabetical character", NULL, AT_CONTEXT, "an unknown directive",
		"remove the line; quote a text that begins with '%'", NULL},
	{"could not find expected directive name", NULL, AT_CONTEXT, "an unknown directive",
		"remove the line; quote a text that begins with '%'", NULL},
};

static const struct wording *
find_wording(const struct complaint *what)
{
	for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++) {
		const struct wording *w = &wordings[i];

		if (strcmp(w->problem, what->problem) != 0)
			continue;
		if (!w->context || (what->context && strcmp(w->context, what->context) == 0))
			return w;
	}
	return NULL;
}

/* The byte offset of libyaml's place; the end of the text when it lies behind the last line. */
static size_t
offset_of(const struct source *s, size_t line, size_t column)
{
	return line >= s->line_count ? s->size : source_offset(s, (uint32_t)line + 1, (uint32_t)column + 1);
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

/* The bytes from OFFSET to the end of its line, blanks at the end left out. */
static size_t
rest_of_line(const struct source *s, size_t offset)
{
	size_t length = strcspn(s->text + offset, "\r\n");

	while (length > 0 && is_blank(s->text[offset + length - 1]))
		length--;
	return length;
}

/* The bytes of the word at OFFSET, at least one. */
static size_t
word_length(const struct source *s, size_t offset)
{
	size_t length = strcspn(s->text + offset, " \t\r\n,[]{}");

	return length ? length : 1;
}

/* Whether the line from OFFSET on is a key whose ':' touches its value, as in "size:4MiB". */
static bool
is_glued(const struct source *s, size_t offset)
{
	size_t rest = rest_of_line(s, offset), key = strcspn(s->text + offset, ": \t\r\n\"'#{[&*!|>");

	if (key == 0 || key + 1 >= rest || s->text[offset + key] != ':')
		return false;
	for (size_t i = key; i < rest; i++)
		if (s->text[offset + i] == ':' && is_blank(s->text[offset + i + 1]))
			return false;
	return true;
}

/* The offset of the first character of LINE (1-based) that is no indentation. */
static size_t
first_of_line(const struct source *s, uint32_t line)
{
	size_t length;
	const char *text = source_line(s, line, &length);

	return (size_t)(text - s->text) + strspn(text, " -");
}

/* Looks at the line of OFFSET and the last one above it that says something. */
static bool
find_glued(const struct source *s, size_t offset, size_t *glued)
{
	uint32_t line = source_span(s, offset, 0).line;

	*glued = first_of_line(s, line);
	if (is_glued(s, *glued))
		return true;
	while (--line > 0) {
		*glued = first_of_line(s, line);
		if (!is_blank(s->text[*glued]) && s->text[*glued] != '#')
			return is_glued(s, *glued);
	}
	return false;
}

/* A key and its value without a blank between them make libyaml stumble at something later. */
static bool
say_glued(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	size_t glued, key, rest, value;

	if (strcmp(what->problem, "could not find expected ':'") == 0)
		offset = offset_of(s, what->context_line, what->context_column);
	else if (strcmp(what->problem, "mapping values are not allowed in this context") != 0)
		return false;
	if (!find_glued(s, offset, &glued))
		return false;
	key = strcspn(s->text + glued, ":");
	rest = rest_of_line(s, glued);
	/* What looks like a blank to people is none to YAML. */
	for (value = key + 1; value < rest && text_is_space(text_decode(s->text + glued + value, rest - value));)
		value += text_sequence_length(s->text + glued + value, rest - value);
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, glued, rest), "no blank after the ':' of '%.*s'", (int)key,
		s->text + glued), "write '%.*s: %.*s'", (int)key, s->text + glued, (int)(rest - value),
		s->text + glued + value);
	return true;
}

static bool
say_long_key(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	enum { LONGEST_KEY = 1024 };
	size_t start = first_of_line(s, source_span(s, offset, 0).line);

	if (strcmp(what->problem, "mapping values are not allowed in this context") != 0 ||
		offset - start <= LONGEST_KEY)
		return false;
	diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, start, offset - start), "a key of more than %d characters",
		LONGEST_KEY);
	return true;
}

/* What git puts around the two sides of a conflict. */
static bool
say_merge(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	(void)what;
	(void)offset;
	for (uint32_t line = 1; line <= s->line_count; line++) {
		size_t length;
		const char *text = source_line(s, line, &length);

		if (!text_starts_with(text, "<<<<<<< "))
			continue;
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, (size_t)(text - s->text), length), "a merge has left its marks here"),
			"keep what is right of the two sides, and remove the lines of '<', '=' and '>'");
		return true;
	}
	return false;
}

/* A directive of tags that is none: what would be wrong with it does not matter. */
static bool
say_tag_directive(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	size_t length;
	const char *line = source_line(s, source_span(s, offset, 0).line, &length);

	if (!what->before_document || length < 4 || memcmp(line, "%TAG", 4) != 0)
		return false;
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, (size_t)(line - s->text), length), "tags are not supported"),
		"leave it out: the key decides what its value is");
	return true;
}

static bool
say_tag(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	if (!what->context || (strcmp(what->context, "while scanning a tag") != 0 && strcmp(what->context, "while parsing a tag") != 0))
		return false;
	offset = offset_of(s, what->context_line, what->context_column);
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, word_length(s, offset)), "tags are not supported"),
		"quote a text that begins with '!'");
	return true;
}

static bool
say_undivided(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	if (!what->before_document || strcmp(what->problem, "did not find expected <document start>") != 0)
		return false;
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, word_length(s, offset)),
		"the '---' is missing that ends the directives"), "write '---' on the line before, or remove the directives");
	return true;
}

static bool
is_first_of_line(const struct source *s, size_t offset)
{
	while (offset > 0 && s->text[offset - 1] == ' ')
		offset--;
	return offset == 0 || s->text[offset - 1] == '\n';
}

/* A first line with blanks before it, and another without: to YAML, the second one is behind the end. */
static bool
say_dedent(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	uint32_t line = 1;
	size_t first;

	if (what->before_document || strcmp(what->problem, "did not find expected <document start>") != 0 || !is_first_of_line(s, offset))
		return false;
	while (line < s->line_count && (is_blank(s->text[first_of_line(s, line)]) || s->text[first_of_line(s, line)] == '#'))
		line++;
	first = first_of_line(s, line);
	if (source_span(s, first, 0).column <= source_span(s, offset, 0).column)
		return false;
	diag_note(diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, word_length(s, offset)),
		"this is indented by less than what stands above it"), "give all keys at the top the same indentation: none"),
		source_span(s, first, word_length(s, first)), "the first of them is here");
	return true;
}

/* A quote that is not closed where it was meant to be, as the text goes on behind the next one. */
static bool
say_late_quote(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	bool unterminated = strcmp(what->problem, "found unexpected end of stream") == 0;

	if (!what->quote.line || (unterminated ? what->context_line : what->line) != what->quote_end_line)
		return false;
	if (unterminated)
		offset = offset_of(s, what->context_line, what->context_column);
	diag_note(diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, what->quote, "this quote is closed only on line %zu",
		what->quote_end_line + 1), "add the closing quote"), source_span(s, offset, word_length(s, offset)),
		"before this, which cannot follow it");
	return true;
}

/* '[' or '{' without an end: the place to mend is the beginning. */
static bool
say_unclosed(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	if (offset + strspn(s->text + offset, " \t\r\n") < s->size || !what->bracket ||
		strcmp(what->problem, "found unexpected end of stream") == 0)
		return false;
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, what->bracket_at, "'%c' is never closed", what->bracket),
		"add the closing '%c'",
		what->bracket == '[' ? ']' : '}');
	return true;
}

/* Whether libyaml expected the next part of a block collection, or nothing more. */
static bool
what_ends_collection(const struct complaint *what)
{
	return strcmp(what->problem, "did not find expected key") == 0 ||
		strcmp(what->problem, "did not find expected '-' indicator") == 0 ||
		strcmp(what->problem, "did not find expected <document start>") == 0;
}

static bool
say_unopened(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	char bracket = s->text[offset];

	if ((bracket != ']' && bracket != '}') || what->bracket ||
		!(what_ends_collection(what) || strcmp(what->problem, "did not find expected node content") == 0))
		return false;
	diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, 1), "'%c' closes nothing", bracket);
	return true;
}

static bool
say_bad_start(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	struct span at = source_span(s, offset, 1);

	if (strcmp(what->problem, "found character that cannot start any token") != 0)
		return false;
	if (s->text[offset] == '\t' && !is_first_of_line(s, offset))
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, at, "a tab where only a space can stand"), "write a space");
	else if (s->text[offset] == '\t')
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, at, "a tab indents this line"), "indent with spaces");
	else
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, at, "'%c' cannot begin a text", s->text[offset]),
			"quote the text");
	return true;
}

/* A comment or an assignment as other languages have it. */
static bool
say_other_language(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	size_t rest, equals;
	const char *line;

	if (strcmp(what->problem, "could not find expected ':'") != 0)
		return false;
	offset = offset_of(s, what->context_line, what->context_column);
	line = s->text + offset;
	rest = rest_of_line(s, offset);
	equals = strcspn(line, "= \t\r\n");
	equals += strspn(line + equals, " \t");
	if (strncmp(line, "//", 2) == 0 || *line == ';')
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, rest), "no comment begins so"), "a comment begins with '#'");
	else if (equals > 0 && equals < rest && line[equals] == '=')
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset + equals, 1), "a key has ':' behind it, not '='"),
			"write 'key: value'");
	else
		return false;
	return true;
}

/* A ':' with nothing before it. */
static bool
say_keyless(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	if (strcmp(what->problem, "did not find expected key") != 0 || s->text[offset] != ':')
		return false;
	diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, 1), "a key is missing before the ':'");
	return true;
}

/* The last line before OFFSET that says something: 0 for none. */
static uint32_t
line_before(const struct source *s, size_t offset)
{
	uint32_t line = source_span(s, offset, 0).line;

	while (--line > 0 && is_blank(s->text[first_of_line(s, line)]))
		;
	return line;
}

/* Whether a block of text begins on LINE, "key: |9-" or "- >"; then the place of its header. */
static bool
find_header(const struct source *s, uint32_t line, struct span *header)
{
	size_t size, length, before;
	const char *text = source_line(s, line, &size);

	for (size_t i = 2; i < size; i++) {
		if (!strchr("|>", text[i]))
			continue;
		length = 1 + strspn(text + i + 1, "+-0123456789");
		for (before = i; before > 0 && is_blank(text[before - 1]);)
			before--;
		*header = source_span(s, (size_t)(text - s->text) + i, length);
		if (before > 0 && before < i && strchr(":-", text[before - 1]) && is_blank(text[i + length]))
			return true;
	}
	return false;
}

/* A block of text whose lines are not indented as they must be ends at once, and the text itself fits nowhere. */
static bool
say_block(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	bool keyless = strcmp(what->problem, "could not find expected ':'") == 0;
	struct span header;
	const char *digit;
	uint32_t line;

	if (keyless)
		offset = offset_of(s, what->context_line, what->context_column);
	line = line_before(s, offset);
	if (!(keyless || what_ends_collection(what)) || !line || !find_header(s, line, &header))
		return false;
	digit = s->text + source_offset(s, header.line, header.column);
	digit += strcspn(digit, "123456789");
	if (digit < s->text + source_offset(s, header.line, header.column) + header.length)
		diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, header, "the text is indented by less than %c", *digit),
			"leave the number out: the first line shows the indentation");
	else
		diag_note(diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, word_length(s, offset)),
			"the lines of a block of text are indented too little"), "indent them by more than the line it begins on"),
			header, "the text begins here");
	return true;
}

/* The column in which LINE begins if it is like the one that is asked about, an item of a list or a key; 0: it is another one. */
static uint32_t
column_of_line(const struct source *s, uint32_t line, bool is_item)
{
	size_t length, first = first_of_line(s, line), blanks;
	const char *text = source_line(s, line, &length);

	blanks = strspn(text, " ");
	if (is_blank(s->text[first]) || s->text[first] == '#' || (is_item && text[blanks] != '-'))
		return 0;
	return (uint32_t)(is_item ? blanks : first - (size_t)(text - s->text)) + 1;
}

/* A line that begins between the columns of what it stands in and of what is deeper: one of both is meant. */
static bool
say_between(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	struct span at = source_span(s, offset, word_length(s, offset)), outer;
	bool is_item = s->text[offset] == '-' && is_blank(s->text[offset + 1]);
	uint32_t line = 0, column = 0;
	const char *or_else = "";

	if (!what_ends_collection(what) || !what->context || !is_first_of_line(s, offset))
		return false;
	outer = source_span(s, offset_of(s, what->context_line, what->context_column), 1);
	for (uint32_t i = at.line - 1; i >= outer.line; i--) {
		uint32_t begins = column_of_line(s, i, is_item);

		if (begins > at.column && (!line || begins < column)) {
			line = i;
			column = begins;
		}
	}
	if (!line || outer.column >= at.column)
		return false;
	if (!is_item && strcmp(what->problem, "did not find expected key") == 0)
		or_else = arena_printf(c->arena, ", or in column %u, as line %u", outer.column, outer.line);
	diag_note(diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, at, "this fits nothing above it"), "begin it in column %u%s", column, or_else),
		source_span(s, source_offset(s, line, column), word_length(s, source_offset(s, line, column))), "this begins in column %u", column);
	return true;
}

static bool
say_item(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	if (strcmp(what->problem, "did not find expected key") != 0 || s->text[offset] != '-' || !is_blank(s->text[offset + 1]))
		return false;
	diag_note(diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, 1), "an item of a list stands among keys"),
		"write the key of the list on the line before it"), source_span(s, offset_of(s, what->context_line, what->context_column), 1),
		"the keys begin here");
	return true;
}

/* Something on the line of a value that is already complete, such as a word behind a quoted text. */
static bool
say_trailing(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	struct span at = source_span(s, offset, word_length(s, offset));
	size_t end = offset;

	if (!what_ends_collection(what) || is_first_of_line(s, offset))
		return false;
	while (end > 1 && is_blank(s->text[end - 1]))
		end--;
	diag_help(diag(&c->diags, DIAG_YAML_SYNTAX, at, "the value is complete before this"), "%s",
		strchr("\"'", s->text[end - 1]) ? "check the quotes" : "remove what follows it, or quote the whole");
	return true;
}

static void
say_wording(struct compilation *c, const struct source *s, const struct complaint *what, size_t offset)
{
	static const struct wording unknown = {.where = AT_PROBLEM};
	const struct wording *w = find_wording(what);
	size_t context = offset_of(s, what->context_line, what->context_column);
	struct diag *d;

	if (!w)
		w = &unknown;
	if (w->where == AT_CONTEXT)
		offset = context;
	d = diag(&c->diags, DIAG_YAML_SYNTAX, source_span(s, offset, word_length(s, offset)), "%s",
		w->text ? w->text : what->problem);
	if (w->help)
		diag_help(d, "%s", w->help);
	if (w->note)
		diag_note(d, source_span(s, context, 1), "%s", w->note);
}

static bool (*const specials[])(struct compilation *, const struct source *, const struct complaint *, size_t) = {
	say_merge,
	say_tag_directive,
	say_tag,
	say_undivided,
	say_dedent,
	say_late_quote,
	say_glued,
	say_long_key,
	say_unclosed,
	say_unopened,
	say_bad_start,
	say_keyless,
	say_other_language,
	say_block,
	say_trailing,
	say_between,
	say_item,
};

void
syntax_error(struct compilation *c, const struct source *s, const struct complaint *what)
{
	size_t offset = offset_of(s, what->line, what->column);

	for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
		if (specials[i](c, s, what, offset))
			return;
	say_wording(c, s, what, offset);
}
