#include "model/apt_source.h"

#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define BLANKS " \t"

static const char name_characters[] = LETTERS DIGITS "._+~:/-";
static const char uri_characters[] = LETTERS DIGITS "._~:/?&=+,;@%-";
static const char path_characters[] = LETTERS DIGITS "._~:/+,;@=-";

static const char line_form[] = "expected one line of the form: deb [signed-by=KEYS] URI SUITE COMPONENT...";
static const char options_form[] = "the options here are signed-by=, check-valid-until=no and, for file: and copy:, trusted=yes";
static const char keys_form[] = "expected one file of keys, whose name ends in .gpg or .asc, relative to the manifest or absolute, or 40 digits of a "
	"fingerprint";

/* A line on its way. */
struct line {
	const char *next;
	struct apt_source *source;
	struct apt_source_fault *fault;
};

static bool
wrong(struct line *l, struct apt_words words, const char *why, const char *expected)
{
	*l->fault = (struct apt_source_fault){.words = words, .why = why, .expected = expected};
	return false;
}

static bool
unsafe(struct line *l, struct apt_words words, const char *why, const char *expected)
{
	wrong(l, words, why, expected);
	l->fault->is_unsafe = true;
	return false;
}

static bool
is(const struct apt_words *words, const char *text)
{
	return words->length == strlen(text) && memcmp(words->at, text, words->length) == 0;
}

static bool
begins(const struct apt_words *words, const char *text)
{
	return words->length >= strlen(text) && memcmp(words->at, text, strlen(text)) == 0;
}

static bool
ends(const struct apt_words *words, const char *text)
{
	size_t length = strlen(text);

	return words->length >= length && memcmp(words->at + words->length - length, text, length) == 0;
}

/* The next word of the line, up to a blank or one of STOPS. */
static struct apt_words
next_word(struct line *l, const char *stops)
{
	struct apt_words word = {.at = l->next + strspn(l->next, BLANKS)};

	while (word.at[word.length] && !strchr(BLANKS, word.at[word.length]) && !strchr(stops, word.at[word.length]))
		word.length++;
	l->next = word.at + word.length;
	return word;
}

/* Whether WORD is made of CHARACTERS alone; else the first other one, with all its bytes, is what is wrong. */
static bool
is_made_of(struct line *l, const struct apt_words *word, const char *characters, const char *expected)
{
	struct apt_words bad = {.at = word->at, .length = 1};

	while (bad.at < word->at + word->length && strchr(characters, *bad.at))
		bad.at++;
	if (bad.at == word->at + word->length)
		return true;
	while ((bad.at[bad.length] & 0xc0) == 0x80)
		bad.length++;
	return wrong(l, bad, "cannot be in it", expected);
}

static bool
take_type(struct line *l)
{
	struct apt_words type = next_word(l, "[");

	if (is(&type, "deb-src"))
		return wrong(l, type, "names sources to compile, of which nothing enters an image", line_form);
	return is(&type, "deb") || wrong(l, type, "is not what a source begins with", line_form);
}

bool
apt_source_is_fingerprint(const struct apt_words *signed_by)
{
	return signed_by->length == 40 && strspn(signed_by->at, DIGITS "abcdefABCDEF") >= 40;
}

static bool
take_signed_by(struct line *l, struct apt_words option, struct apt_words value)
{
	(void)option;
	l->source->signed_by = value;
	if (apt_source_is_fingerprint(&value))
		return true;
	if (!ends(&value, ".gpg") && !ends(&value, ".asc"))
		return wrong(l, value, "is no file of keys", keys_form);
	return is_made_of(l, &value, LETTERS DIGITS "._~/+@-", keys_form);
}

static bool
take_trusted(struct line *l, struct apt_words option, struct apt_words value)
{
	l->source->trusted = option;
	return is(&value, "yes") || wrong(l, value, "is no value of this option", options_form);
}

static bool
take_valid_until(struct line *l, struct apt_words option, struct apt_words value)
{
	if (is(&value, "no"))
		l->source->any_age = option;
	return is(&value, "no") || is(&value, "yes") || wrong(l, value, "is no value of this option", options_form);
}

static bool
refuse_architecture(struct line *l, struct apt_words option, struct apt_words value)
{
	(void)value;
	return wrong(l, option, "is said by the input's 'architecture'", "remove it");
}

static bool
refuse_unsigned(struct line *l, struct apt_words option, struct apt_words value)
{
	(void)value;
	return unsafe(l, option, "would have apt take what nobody vouches for", "name the keys that sign the archive: [signed-by=KEYS]");
}

static const struct {
	const char *name;
	bool (*take)(struct line *, struct apt_words option, struct apt_words value);
} options[] = {
	{"signed-by=", take_signed_by},
	{"trusted=", take_trusted},
	{"check-valid-until=", take_valid_until},
	{"arch=", refuse_architecture},
	{"allow-insecure=", refuse_unsigned},
	{"allow-weak=", refuse_unsigned},
	{"allow-downgrade-to-insecure=", refuse_unsigned},
};

static bool
take_option(struct line *l, struct apt_words option, unsigned *seen)
{
	struct apt_words value;

	for (unsigned i = 0; i < sizeof options / sizeof *options; i++) {
		size_t length = strlen(options[i].name);

		if (!begins(&option, options[i].name))
			continue;
		if (*seen & 1u << i)
			return wrong(l, option, "is there a second time", "each option once");
		*seen |= 1u << i;
		value = (struct apt_words){option.at + length, option.length - length};
		if (value.length == 0)
			return wrong(l, option, "has no value", options_form);
		return options[i].take(l, option, value);
	}
	return wrong(l, option, "is no option that can be here", options_form);
}

static bool
take_options(struct line *l)
{
	struct apt_words bracket = {l->next + strspn(l->next, BLANKS), 1};
	unsigned seen = 0;

	if (*bracket.at != '[')
		return true;
	if (!strchr(bracket.at, ']'))
		return wrong(l, bracket, "has no ']'", line_form);
	l->next = bracket.at + 1;
	for (;;) {
		struct apt_words option = next_word(l, "]");

		l->next += *l->next == ']' && option.length == 0;
		if (option.length == 0)
			return true;
		if (!take_option(l, option, &seen))
			return false;
	}
}

/* Behind the scheme of a URI of the network there is a host, and nobody's name and password. */
static bool
check_host(struct line *l, const struct apt_words *uri, size_t scheme)
{
	struct apt_words host = {.at = uri->at + scheme};

	while (host.at + host.length < uri->at + uri->length && host.at[host.length] != '/')
		host.length++;
	if (scheme == uri->length || host.length == 0)
		return wrong(l, *uri, "names no host", "such as http://deb.debian.org/debian");
	if (memchr(host.at, '@', host.length))
		return wrong(l, host, "has a name or a password in it", "keep these in the host's auth.conf (apt_auth.conf(5))");
	return is_made_of(l, uri, uri_characters, "write other characters as % and two hexadecimal digits");
}

/* Behind the scheme of a URI of the host there is a path. */
static bool
check_directory(struct line *l, const struct apt_words *uri, size_t scheme)
{
	struct apt_words path = {uri->at + scheme, uri->length - scheme};

	if (path.length == 0 || (begins(&path, "//") && !begins(&path, "///")))
		return wrong(l, *uri, "names no directory of this host", "such as file:/srv/archive, or file:archive beside the manifest");
	l->source->directory = path;
	return is_made_of(l, &path, path_characters, "expected a path without blanks");
}

static const struct {
	const char *name;
	bool (*check)(struct line *, const struct apt_words *uri, size_t scheme);
} schemes[] = {{"http://", check_host}, {"https://", check_host}, {"file:", check_directory}, {"copy:", check_directory}};

static bool
take_uri(struct line *l)
{
	struct apt_words *uri = &l->source->uri;
	size_t i = 0, count = sizeof schemes / sizeof *schemes;

	*uri = next_word(l, "");
	if (uri->length == 0)
		return wrong(l, *uri, "the URI is missing", line_form);
	while (i < count && !begins(uri, schemes[i].name))
		i++;
	if (i == count)
		return wrong(l, *uri, "is no URI that can be here", "it begins with http://, https://, file: or copy:");
	if (!schemes[i].check(l, uri, strlen(schemes[i].name)))
		return false;
	if (l->source->trusted.length > 0 && l->source->directory.length == 0)
		return unsafe(l, l->source->trusted, "would have apt take whatever the network gives",
			"name the keys that sign the archive: [signed-by=KEYS]; only what is on this host (file:, copy:) can be trusted as it is");
	return true;
}

static bool
take_suite(struct line *l)
{
	struct apt_words *suite = &l->source->suite;

	*suite = next_word(l, "");
	if (suite->length == 0)
		return wrong(l, *suite, "the suite is missing", line_form);
	return is_made_of(l, suite, name_characters, "expected a suite, such as bookworm, or a directory that ends in '/'");
}

/* A suite that ends in '/' is the very directory of the lists, and has no components; any other has some. */
static bool
take_components(struct line *l)
{
	struct apt_words *all = &l->source->components, word = next_word(l, "");
	bool is_flat = ends(&l->source->suite, "/");

	*all = (struct apt_words){.at = word.at};
	if (is_flat && word.length > 0)
		return wrong(l, word, "is a component, which no suite that ends in '/' has", "remove it, or the '/'");
	if (!is_flat && word.length == 0)
		return wrong(l, word, "the component is missing", "such as main; a suite without components ends in '/'");
	for (; word.length > 0; word = next_word(l, "")) {
		if (!is_made_of(l, &word, name_characters, "expected components, such as main"))
			return false;
		all->length = (size_t)(word.at + word.length - all->at);
	}
	return true;
}

bool
apt_source_parse(const char *line, struct apt_source *source, struct apt_source_fault *fault)
{
	struct line l = {.next = line, .source = source, .fault = fault};

	*source = (struct apt_source){0};
	return take_type(&l) && take_options(&l) && take_uri(&l) && take_suite(&l) && take_components(&l);
}
