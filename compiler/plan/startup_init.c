/* Decides whether there is a first process, and whether the kernel could start it. */
#include <elf.h>

#include "plan/startup.h"
#include "support/compilation.h"

enum {
	ANYBODY_RUNS = 0111, /* root runs a file when anybody may; directories without x do not stop it (generic_permission) */
};

/* The machines whose programs a kernel runs; the second, with OPTION. */
static const struct {
	enum kernel_machine kernel;
	uint16_t own, other;
	const char *option, *name;
} runs[] = {
	{KERNEL_I386, EM_386, EM_NONE, NULL, "i386"},
	{KERNEL_X86_64, EM_X86_64, EM_386, "IA32_EMULATION", "x86-64"},
	{KERNEL_ARM64, EM_AARCH64, EM_ARM, "COMPAT", "arm64"},
};

/* Why the kernel does not run programs for MACHINE; NULL: it does, or nobody knows. */
static const char *
wrong_machine(const struct start *s, uint16_t machine)
{
	for (size_t i = 0; s->kernel && i < sizeof runs / sizeof *runs; i++) {
		if (runs[i].kernel != s->kernel->machine || machine == runs[i].own)
			continue;
		if (machine == runs[i].other && runs[i].option && (!s->kernel->config || kernel_has(s->kernel, runs[i].option)))
			continue;
		return arena_printf(s->c->arena, "is for another machine than the kernel, which is for %s", runs[i].name);
	}
	return NULL;
}

const char *
startup_why_not(const struct start *s, const struct node *root, const struct node *file, const char *path)
{
	bool by_loader = false; /* whose mode nobody sets by hand */

	for (unsigned i = 0; i < STARTUP_INTERPRETERS; i++) {
		const char *of = i ? arena_printf(s->c->arena, "needs '%s', which ", path) : "";
		const struct program_facts *facts;
		const char *why;

		if (!file)
			return arena_printf(s->c->arena, "%sis not there when it starts", of);
		if (file->kind != NODE_FILE)
			return arena_printf(s->c->arena, "%sis no file", of);
		if (!by_loader && !(file->mode & ANYBODY_RUNS))
			return arena_printf(s->c->arena, "%sis executable for nobody: its mode is %04o", of, file->mode);
		if (!(facts = startup_program(s->startup, file)))
			return NULL;
		if (facts->kind == PROGRAM_DATA && s->kernel && s->kernel->machine)
			return arena_printf(s->c->arena, "%sis neither an ELF file nor a script", of);
		if (facts->kind == PROGRAM_ELF && (why = wrong_machine(s, facts->machine)))
			return arena_printf(s->c->arena, "%s%s", of, why);
		if (facts->kind == PROGRAM_UNKNOWN || !(path = facts->interpreter))
			return NULL;
		by_loader = facts->kind == PROGRAM_ELF;
		file = startup_reach(root, path);
	}
	return NULL;
}

/* Whether the image is meant for a system, not only to boot from. */
static bool
wants_programs(const struct start *s)
{
	return s->plan->manifest->programs.count || s->plan->closure->applet_count;
}

/* What the kernel, or rootc's ramdisk, starts when nothing is said: the first that is there. */
static const char *
usual_init(const struct node *root)
{
	for (size_t i = 0; startup_usual[i]; i++)
		if (startup_reach(root, startup_usual[i]))
			return startup_usual[i];
	return NULL;
}

/* That nothing is where ARGUMENT ("init=") has NAMED it, or, NULL, nowhere where it usually is. */
static const char *
report_missing(const struct start *s, const char *argument, const char *named)
{
	const struct manifest *m = s->plan->manifest;
	bool is_ramdisk = s->ramdisk == RAMDISK_ROOT;
	const char *where = is_ramdisk ? "in the initial ramdisk" : arena_printf(s->c->arena, "on partition '%s'", m->partitions[s->root].name);

	if (named)
		diag(&s->c->diags, DIAG_INIT_MISSING, s->at, "'%s%s' names nothing %s", argument, named, where);
	else
		diag_help(diag(&s->c->diags, DIAG_INIT_MISSING, is_ramdisk ? m->kernel.initramfs.mount.at : m->partitions[s->root].mount.at,
			"there is no first process %s: none of %s/sbin/init, /etc/init, /bin/init, /bin/sh", where, is_ramdisk ? "/init, " : ""),
			"add 'init' to 'busybox.applets', or '%sPATH' to the kernel's arguments", argument);
	return NULL;
}

const struct node *
startup_first_root(const struct start *s)
{
	if (s->ramdisk == RAMDISK_ROOT)
		return s->plan->tree->root;
	return s->root < 0 ? NULL : s->plan->layout->partitions[s->root].root;
}

void
startup_check_ramdisk(const struct start *s)
{
	const struct node *root, *file;
	const char *why;

	if ((s->ramdisk != RAMDISK_OWN && s->ramdisk != RAMDISK_MADE) || startup_argument(s->c->arena, s->arguments, "rdinit="))
		return;
	root = s->plan->ramdisk_tree->root;
	file = startup_reach(root, "/init");
	if ((why = startup_why_not(s, root, file, "/init")))
		diag(&s->c->diags, DIAG_INIT_UNRUNNABLE, file->why->at, "the kernel cannot start '/init' in the initial ramdisk: it %s", why);
}

const char *
startup_check_init(const struct start *s)
{
	const struct node *root = startup_first_root(s), *file;
	const char *argument = s->ramdisk == RAMDISK_ROOT ? "rdinit=" : "init=";
	const char *named = startup_argument(s->c->arena, s->arguments, argument), *path, *why;

	if (!root)
		return NULL;
	path = named ? named : s->ramdisk == RAMDISK_ROOT ? "/init" : usual_init(root);
	file = path ? startup_reach(root, path) : NULL;
	if (!file)
		return named || s->ramdisk == RAMDISK_ROOT || wants_programs(s) ? report_missing(s, argument, named) : NULL;
	if (!(why = startup_why_not(s, root, file, path)))
		return path;
	diag(&s->c->diags, DIAG_INIT_UNRUNNABLE, named ? s->at : file->why->at, "the kernel cannot start '%s': it %s", path, why);
	return NULL;
}
