/* One input is the text of a manifest, and of a lock: bytes to document to typed values to what is said about them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check/check.h"
#include "limits.h"
#include "read/read.h"
#include "support/compilation.h"
#include "view/view.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static FILE *nowhere;
static char path[32];
static int file;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE(nowhere = fopen("/dev/null", "w"));
	REQUIRE((file = memfd_create("input", 0)) >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	return 0;
}

static void
fill(const uint8_t *bytes, size_t size)
{
	REQUIRE(ftruncate(file, 0) == 0);
	REQUIRE(pwrite(file, bytes, size, 0) == (ssize_t)size);
}

static void
read_as_manifest(enum message_format format)
{
	struct compilation c = {.arena = arena_new()};
	const struct manifest *m;

	c.diags.arena = c.arena;
	m = read_manifest(&c, path);
	REQUIRE(!m == (c.diags.error_count > 0));
	if (m)
		check_manifest(&c, m);
	view_diagnostics(nowhere, &c.diags, format, false);
	arena_free(c.arena);
}

static void
read_as_lock(enum message_format format)
{
	struct compilation c = {.arena = arena_new()};
	const struct lock *l;

	c.diags.arena = c.arena;
	l = read_lock(&c, path);
	REQUIRE(!l == (c.diags.error_count > 0));
	view_diagnostics(nowhere, &c.diags, format, true);
	arena_free(c.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	fill(bytes, size);
	limits_begin(size);
	/* One of both, since a lock's buffer of 16 MiB is slow to make under AddressSanitizer. */
	if (memmem(bytes, size, "lock:", 5))
		read_as_lock(MESSAGE_HUMAN);
	else
		read_as_manifest(size % 2 ? MESSAGE_HUMAN : MESSAGE_JSON);
	limits_end();
	return 0;
}
