/* Decides how a command line is given that does what comes next. */

#include "command/next.h"

#include <string.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/text.h"

static bool
is_plain(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || strchr("%+,-./:=@_", byte);
}

const char *
next_word(struct arena *a, const char *text)
{
	bool plain = *text;
	char *quoted, *to;

	if (*text == '-')
		text = arena_printf(a, "./%s", text);
	for (const char *at = text; *at; at++)
		plain = plain && is_plain(*at);
	if (plain)
		return text;
	quoted = to = arena_alloc(a, 4 * strlen(text) + 3);
	*to++ = '\'';
	for (; *text; text++)
		to = *text == '\'' ? stpcpy(to, "'\\''") : (*to = *text, to + 1);
	*to = '\'';
	return quoted;
}

bool
next_is_asked(const struct invocation *in)
{
	return in->verbosity != VERBOSITY_QUIET && isatty(STDOUT_FILENO);
}

const char *
next_inputs(const struct invocation *in, struct arena *a)
{
	const char *options = "";

	if (in->options.store)
		options = arena_printf(a, "%s --store %s", options, next_word(a, in->options.store));
	if (in->options.lock)
		options = arena_printf(a, "%s --lock %s", options, next_word(a, in->options.lock));
	return options;
}

void
next_say(const struct invocation *in, struct arena *a, const char *verb, const char *options, const char *operand)
{
	/* What has bytes that a terminal would not show cannot be copied from it, and standard input is not there a second time. */
	if (!next_is_asked(in) || strcmp(operand, "-") == 0 || text_escape(a, operand) != operand)
		return;
	printf("next: rootc %s%s %s\n", verb, options, next_word(a, operand));
}
