/*
 * One input is one file of a pool: by itself; as a program, a library, and what the loaders and glibc read in /etc; as the loaders
 * of programs; as what an image boots by; and as the text of a search: its first line is the RUNPATH of programs, each further line
 * a library that they need. Whatever reads a file in resolve/ is reached through resolve_traces and resolve_closure over these pools.
 */
#define MKELF_NO_MAIN
#include "../tools/mkelf.c"

#include <stdbool.h>

#include "limits.h"
#include "resolve/resolve.h"
#include "resolve/resolver.h"
#include "support/compilation.h"
#include "view/view.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The files around the input. */
enum { PROGRAM, MUSL_PROGRAM, LIBRARY, LOADER, COMPANIONS };

static const char *const options[COMPANIONS] = {
	[PROGRAM] = "--type exec --interp /lib64/ld-linux-x86-64.so.2 --needed libfuzzed.so --needed libplain.so --needed libmissing.so "
		"--rpath /opt:$ORIGIN/../lib --undefined f@V1 --undefined getpwnam --needs-version libfuzzed.so:V1",
	[MUSL_PROGRAM] = "--type exec --interp /lib/ld-musl-x86_64.so.1 --needed libfuzzed.so --needed libplain.so --needed libmissing.so",
	[LIBRARY] = "--soname libplain.so --needed libfuzzed.so --runpath /$LIB:$ORIGIN --version V1 --defines f@V1",
	[LOADER] = "--soname ld-linux-x86-64.so.2 --rodata /lib/\\0/usr/lib/",
};

/* Each in both classes and byte orders: index 2 * (64-bit) + (big-endian). */
static struct content companions[COMPANIONS][4];
static FILE *nowhere;

static struct content
made(const char *text, bool is_64, bool is_msb)
{
	char words[512], *arguments[64] = {"--class", is_64 ? "64" : "32", "--data", is_msb ? "msb" : "lsb"};
	struct file *f;
	char *copy;
	int count = 4;

	snprintf(words, sizeof words, "%s", text);
	for (char *word = strtok(words, " "); word; word = strtok(NULL, " "))
		arguments[count++] = word;
	f = make(count, arguments);
	REQUIRE(copy = calloc(1, f->size + 1));
	memcpy(copy, f->bytes, f->size);
	count = (int)f->size;
	free(f);
	return (struct content){.kind = CONTENT_BYTES, .bytes = copy, .size = (uint64_t)count, .shown = "made"};
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < COMPANIONS; i++)
		for (size_t kind = 0; kind < 4; kind++)
			companions[i][kind] = made(options[i], kind & 2, kind & 1);
	REQUIRE(nowhere = fopen("/dev/null", "w"));
	return 0;
}

/* One compilation over one pool. */
struct scene {
	struct compilation c;
	struct pool *pool;
	struct manifest manifest;
	const char *bytes; /* of the input, with a NUL behind them */
	size_t size;
};

static struct scene
scene_new(const char *bytes, size_t size)
{
	struct scene s = {.bytes = bytes, .size = size};

	s.c.arena = s.c.diags.arena = arena_new();
	s.pool = pool_new(&s.c);
	s.manifest.directory = ".";
	s.manifest.libraries.hwcaps.v = HWCAPS_ALL;
	s.manifest.libraries.dlopen.v = DLOPEN_SUGGESTED;
	s.manifest.libraries.cache.v = true;
	return s;
}

static void
put_content(struct scene *s, const char *path, const struct content *content)
{
	struct entry entry = {.kind = ENTRY_FILE, .mode = 0755, .content = content};

	REQUIRE(pool_put(&s->c, s->pool, path + 1, &entry));
}

static void
put_input(struct scene *s, const char *path)
{
	struct content *content = ARENA_NEW(s->c.arena, struct content);

	*content = (struct content){.kind = CONTENT_BYTES, .bytes = s->bytes, .size = s->size, .shown = path};
	put_content(s, path, content);
}

/* A companion of the input's own class, byte order, machine and flags, so that they go together, whatever these are. */
static void
put_companion(struct scene *s, const char *path, size_t which)
{
	bool is_64 = s->size <= EI_CLASS || s->bytes[EI_CLASS] != ELFCLASS32;
	bool is_msb = s->size > EI_DATA && s->bytes[EI_DATA] == ELFDATA2MSB;
	struct content *content = ARENA_NEW(s->c.arena, struct content);
	size_t flags = is_64 ? offsetof(Elf64_Ehdr, e_flags) : offsetof(Elf32_Ehdr, e_flags);
	char *copy;

	*content = companions[which][2 * is_64 + is_msb];
	copy = arena_alloc(s->c.arena, (size_t)content->size + 1);
	memcpy(copy, content->bytes, (size_t)content->size);
	if (s->size >= flags + 4) {
		memcpy(copy + offsetof(Elf64_Ehdr, e_machine), s->bytes + offsetof(Elf64_Ehdr, e_machine), 2);
		memcpy(copy + flags, s->bytes + flags, 4);
	}
	content->bytes = copy;
	put_content(s, path, content);
}

/* What loaders pass over: of the other class. */
static void
put_foreign(struct scene *s, const char *path)
{
	bool is_64 = s->size <= EI_CLASS || s->bytes[EI_CLASS] != ELFCLASS32;

	put_content(s, path, &companions[LIBRARY][is_64 ? 0 : 2]);
}

static struct m_text
words(const char *text)
{
	return (struct m_text){.v = text, .given = true};
}

/* What needs what, as all commands would have it. */
static void
scene_resolve(struct scene *s, const char *const *programs, size_t count)
{
	const struct trace_options all = {.opens = true, .least = DLOPEN_SUGGESTED, .verifies = true, .cpu = HWCAPS_X86_64_V3};
	const struct traces *traces = resolve_traces(&s->c, s->pool, &all, programs, count);
	const struct closure *closure;
	size_t errors;

	view_closure(nowhere, &s->c, traces);
	view_closure_tree(nowhere, &s->c, traces);
	view_closure_json(nowhere, traces);
	errors = s->c.diags.error_count;
	for (size_t i = 0; i < count; i++)
		*ARENA_PUSH(s->c.arena, s->manifest.programs.v, s->manifest.programs.count) = words(programs[i]);
	closure = resolve_closure(&s->c, &s->manifest, s->pool);
	REQUIRE(!closure == (s->c.diags.error_count > errors));
	view_diagnostics(nowhere, &s->c.diags, MESSAGE_HUMAN, false);
	arena_free(s->c.arena);
}

/* The ELF file that mkelf makes of COUNT ARGUMENTS, at PATH. */
static void
put_made(struct scene *s, const char *path, int count, char **arguments)
{
	struct file *f = make(count, arguments);
	struct content *content = ARENA_NEW(s->c.arena, struct content);
	char *copy = arena_alloc(s->c.arena, f->size + 1);

	memcpy(copy, f->bytes, f->size);
	*content = (struct content){.kind = CONTENT_BYTES, .bytes = copy, .size = f->size, .shown = path};
	free(f);
	put_content(s, path, content);
}

/* Alone, and in memory that ends where it ends. */
static void
read_alone(const uint8_t *bytes, size_t size)
{
	struct scene s = scene_new(NULL, 0);
	struct content content = {.kind = CONTENT_BYTES, .bytes = (const char *)bytes, .size = size, .shown = "input"};
	struct resolver r = {.c = &s.c};
	const struct file_facts *facts = facts_of(&r, &content, (struct span){0});

	REQUIRE(s.c.diags.error_count == (facts->kind == FILE_BROKEN));
	arena_free(s.c.arena);
}

static void
as_program_and_library(const char *bytes, size_t size)
{
	static const char *const programs[] = {"/bin/fuzzed", "/bin/program", "/bin/musl", "/lib/libfuzzed.so"};
	struct m_file files[] = {{.path = "/sbin/given", .source = words("/bin/fuzzed")},
		{.path = "/etc/nsswitch.conf", .source = words("/bin/fuzzed")}};
	struct m_text gconv = words("*");
	struct scene s = scene_new(bytes, size);

	put_companion(&s, "/lib64/ld-linux-x86-64.so.2", LOADER);
	put_companion(&s, "/lib/ld-linux.so.2", LOADER);
	put_companion(&s, "/lib/ld-musl-x86_64.so.1", LOADER);
	put_companion(&s, "/bin/program", PROGRAM);
	put_companion(&s, "/bin/musl", MUSL_PROGRAM);
	put_companion(&s, "/lib/libplain.so", LIBRARY);
	put_companion(&s, "/srv/libmissing.so", LIBRARY); /* where no search leads */
	put_foreign(&s, "/opt/libplain.so");
	put_input(&s, "/bin/fuzzed");
	put_input(&s, "/lib/libfuzzed.so");
	put_input(&s, "/lib/glibc-hwcaps/x86-64-v3/libplain.so");
	put_input(&s, "/etc/ld.so.conf");
	put_input(&s, "/etc/ld.so.conf.d/fuzzed.conf");
	put_input(&s, "/etc/ld.so.conf.d/again.conf");
	put_input(&s, "/etc/ld.so.cache");
	put_input(&s, "/etc/ld.so.preload");
	put_input(&s, "/etc/nsswitch.conf");
	put_input(&s, "/etc/ld-musl-x86_64.path");
	put_input(&s, "/lib/gconv/FUZZED.so");
	put_input(&s, "/lib/gconv/gconv-modules");
	s.manifest.files = files;
	s.manifest.file_count = sizeof files / sizeof *files;
	s.manifest.libraries.gconv.v = &gconv;
	s.manifest.libraries.gconv.count = 1;
	scene_resolve(&s, programs, sizeof programs / sizeof *programs);
}

static void
as_loader_and_boot_files(const char *bytes, size_t size)
{
	static const char *const programs[] = {"/bin/program", "/bin/musl"};
	struct m_text applet = words("sh");
	struct scene s = scene_new(bytes, size);

	put_companion(&s, "/bin/program", PROGRAM);
	put_companion(&s, "/bin/musl", MUSL_PROGRAM);
	put_companion(&s, "/lib/libplain.so", LIBRARY);
	put_input(&s, "/lib64/ld-linux-x86-64.so.2");
	put_input(&s, "/lib/ld-musl-x86_64.so.1");
	put_input(&s, "/boot/kernel");
	put_input(&s, "/bin/busybox");
	put_input(&s, "/usr/lib/grub/i386-pc/stage1");
	put_input(&s, "/usr/lib/grub/i386-pc/e2fs_stage1_5");
	put_input(&s, "/usr/lib/grub/i386-pc/stage2");
	s.manifest.kernel.given = s.manifest.busybox.given = s.manifest.grub.given = true;
	s.manifest.kernel.image = words("/boot/kernel");
	s.manifest.busybox.program = words("/bin/busybox");
	s.manifest.busybox.applets.v = &applet;
	s.manifest.busybox.applets.count = 1;
	scene_resolve(&s, programs, sizeof programs / sizeof *programs);
}

/* Most of what is asked for is nowhere, and much of the path leads nowhere. */
static void
as_search(const char *bytes, size_t size)
{
	enum { FIXED = 6, MOST_NEEDED = 100 };
	static const char *const programs[] = {"/bin/glibc", "/bin/musl", "/bin/old"};
	static const char *const interpreters[] = {"/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", "/lib64/ld-linux-x86-64.so.2"};
	struct scene s = scene_new(bytes, size);
	char *lines = arena_strdup(s.c.arena, bytes), *arguments[FIXED + 2 * MOST_NEEDED];
	int count = FIXED;

	put_content(&s, interpreters[0], &companions[LOADER][2]);
	put_content(&s, interpreters[1], &companions[LOADER][2]);
	put_content(&s, "/lib/libplain.so", &companions[LIBRARY][2]);
	put_content(&s, "/opt/a/libplain.so", &companions[LIBRARY][0]);
	arguments[5] = strsep(&lines, "\n");
	while (lines && count < FIXED + 2 * MOST_NEEDED) {
		arguments[count++] = "--needed";
		arguments[count++] = strsep(&lines, "\n");
	}
	for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
		memcpy(arguments, (char *[]){"--type", "exec", "--interp", (char *)interpreters[i], i == 2 ? "--rpath" : "--runpath"},
			5 * sizeof *arguments);
		put_made(&s, programs[i], count, arguments);
	}
	scene_resolve(&s, programs, sizeof programs / sizeof *programs);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *ended = calloc(1, size + 1); /* what content_read promises has a NUL behind it */

	REQUIRE(ended);
	memcpy(ended, bytes, size);
	limits_begin(size);
	read_alone(bytes, size);
	as_program_and_library(ended, size);
	as_loader_and_boot_files(ended, size);
	as_search(ended, size);
	limits_end();
	free(ended);
	return 0;
}
