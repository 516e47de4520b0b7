/* Decides what is compiled into a glibc ld.so: its own directories and what $LIB stands for, read from the file (elf-rules G7, G8). */
#include "resolve/built_in.h"

#include <string.h>

#include "resolve/runs.h"
#include "support/memory.h"
#include "support/text.h"

enum { LARGEST_LOADER = 16 * 1024 * 1024 };

/* A '/' at both ends, and something in between. */
static bool
is_directory_text(const char *text, const char *before)
{
	size_t length = strlen(text);

	(void)before;
	return length > 2 && text[0] == '/' && text[length - 1] == '/' && !strpbrk(text, "%: \n");
}

/* Upstream's SYSTEM_DIRS, for a loader that does not show its own (G8). */
static const struct {
	const char *interp;
	const char *directories[2];
} usual_directories[] = {
	{"/lib64/ld-linux-x86-64.so.2", {"/lib64", "/usr/lib64"}},
	{"/libx32/ld-linux-x32.so.2", {"/libx32", "/usr/libx32"}},
	{"/lib/ld-linux-aarch64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib/ld64.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld64.so.2", {"/lib64", "/usr/lib64"}},
	{"/lib64/ld-linux-loongarch-lp64d.so.1", {"/lib64", "/usr/lib64"}},
	{"/lib/ld-linux-riscv64-lp64d.so.1", {"/lib64/lp64d", "/usr/lib64/lp64d"}},
	{"*", {"/lib", "/usr/lib"}},
};

static void
use_usual(struct built_in *built_in, const char *interp)
{
	size_t i = 0;

	while (!text_matches(usual_directories[i].interp, interp))
		i++;
	built_in->directories = usual_directories[i].directories;
	built_in->count = 2;
}

static bool
holds_text(struct arena *a, const char *bytes, size_t size, const char *text)
{
	size_t length = strlen(text) + 2; /* with a NUL at both ends */
	char *whole = arena_alloc(a, length);

	memcpy(whole + 1, text, length - 2);
	return memmem(bytes, size, whole, length) != NULL;
}

/*
 * $LIB is the first directory without its outer slashes, or only the last part of that: ld.so has the text itself
 * (G7).
 */
static const char *
find_lib(struct arena *a, const char *bytes, size_t size, const struct built_in *built_in)
{
	const char *whole = built_in->directories[0] + 1, *part = strrchr(whole, '/');

	if (holds_text(a, bytes, size, whole))
		return whole;
	return part && holds_text(a, bytes, size, part + 1) ? part + 1 : NULL;
}

static bool
read_built_in(struct resolver *r, const struct content *content, const char *interp, struct span at,
	struct built_in *built_in)
{
	static const struct run_rule rule = {.belongs = is_directory_text, .least = 2};
	const char *bytes = content_read(r->c, content, at, LARGEST_LOADER);
	struct run_of_texts run;
	const char **directories;

	if (!bytes)
		return false;
	run = run_find(r->c->arena, bytes, (size_t)content->size, &rule);
	directories = ARENA_ARRAY(r->c->arena, const char *, run.count);
	for (size_t i = 0; i < run.count; i++)
		directories[i] = arena_strndup(r->c->arena, run.texts[i], strlen(run.texts[i]) - 1);
	built_in->directories = directories;
	built_in->count = run.count;
	if (!run.count)
		use_usual(built_in, interp);
	built_in->lib = find_lib(r->c->arena, bytes, (size_t)content->size, built_in);
	return true;
}

const struct built_in *
built_in_of(struct resolver *r, const struct content *content, const char *interp, struct span at)
{
	void **known = map_slot(r->c->arena, &r->loaders, content);
	struct built_in *built_in = *known;

	if (!built_in) {
		built_in = ARENA_NEW(r->c->arena, struct built_in);
		if (!read_built_in(r, content, interp, at, built_in))
			return NULL;
		*known = built_in;
	}
	return built_in;
}
