#include "support/memory.h"

#include <string.h>
#include <unistd.h>

/* The one deliberate piece of process-wide state below the commands: memory runs out per process, not per compilation. */
static void (*exhaustion_hook)(void);

static void
say(const char *text)
{
	/* Nothing can be done about a standard error that does not take it. */
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

void
memory_on_exhaustion(void (*hook)(void))
{
	exhaustion_hook = hook;
}

void
memory_exhausted(void)
{
	if (exhaustion_hook)
		exhaustion_hook();
	say("rootc: error: out of memory\n");
	_exit(5);
}

void
bug_at(const char *file, int line, const char *text)
{
	char digits[12];
	size_t at = sizeof digits;

	digits[--at] = '\0';
	do {
		digits[--at] = (char)('0' + line % 10);
		line /= 10;
	} while (line > 0);
	if (exhaustion_hook)
		exhaustion_hook();
	say("rootc: bug at ");
	say(file);
	say(":");
	say(digits + at);
	say(": ");
	say(text);
	say("; please report it with the manifest\n");
	_exit(70);
}

bool
memory_is_zero(const void *bytes, size_t size)
{
	const unsigned char *b = bytes;

	return size == 0 || (*b == 0 && memcmp(b, b + 1, size - 1) == 0);
}
