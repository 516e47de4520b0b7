/* Decides whether what busybox's init starts is there, and the terminals that it starts something on. */
#include <string.h>

#include "plan/startup.h"
#include "support/compilation.h"
#include "support/text.h"

/* Applets that make no devices, in lines without the words below. */
static const char *const harmless[] = {"mount", "hostname", "echo", "mkdir", "ln", "cat", "sleep", "dmesg", "ifconfig", "ip",
	"swapon", "chmod", "chown", "touch", "true", "umount", "reboot", "poweroff", "halt", NULL};

/* What a line with one of them does to /dev is not looked into. */
static const char *const suspicious[] = {"/dev ", "/dev\t", "devtmpfs", " -a", "/etc", "chroot", "--move", "bind"};

/* Applets after which every program that was not there is still not there; mount, where it is told what is no file system on a disk. */
static const char *const adding_nothing[] = {"hostname", "echo", "sleep", "dmesg", "ifconfig", "ip", "swapon", "mkdir", "true", NULL};
static const char *const virtual_mounts[] = {"-t proc ", "-t sysfs ", "-t devtmpfs ", "-t devpts ", "-t tmpfs ", "-t ramfs ", "remount"};

/* What init does with the lines, in this order; those of the last two it starts together. */
static const char *const actions[] = {"sysinit", "wait", "once", "respawn", "askfirst"};

/* One line of inittab: ID:RUNLEVELS:ACTION:PROCESS. */
struct line {
	const char *id, *action, *process;
};

/* False for a comment, an empty line, or none of that form. */
static bool
split(struct arena *a, const char *text, size_t length, struct line *line)
{
	char *copy = arena_strndup(a, text, length), *levels, *action, *process;

	if (*copy == '#' || !(levels = strchr(copy, ':')) || !(action = strchr(levels + 1, ':')) || !(process = strchr(action + 1, ':')))
		return false;
	*levels = *action = *process = '\0';
	*line = (struct line){.id = copy, .action = action + 1, .process = process + 1};
	return true;
}

/* What init gives to a shell, which reads it in its own way. */
static const char shell_characters[] = "~`!$^&*()=|\\{}[];\"'<>?";

/* What PROCESS names to be run, up to the first blank. */
static const char *
program_of(struct arena *a, const char *process)
{
	process += process[0] == '-'; /* a login shell */
	return arena_strndup(a, process, strcspn(process, " \t"));
}

/* The applet of BUSYBOX that is all that PROCESS starts, or NULL. */
static const char *
applet_of(const struct start *s, const struct node *root, const struct node *busybox, const char *process)
{
	const char *program = program_of(s->c->arena, process), *slash = strrchr(program, '/');

	return slash && startup_reach(root, program) == busybox && !strpbrk(process, ";&|$`<>") ? slash + 1 : NULL;
}

/* Whether one of the COUNT WORDS is in PROCESS, which a blank is then behind. */
static bool
has_word(const struct start *s, const char *process, const char *const *words, size_t count)
{
	const char *ended = arena_printf(s->c->arena, "%s ", process);

	for (size_t i = 0; i < count; i++)
		if (strstr(ended, words[i]))
			return true;
	return false;
}

/* Whether what PROCESS starts, an applet of BUSYBOX, leaves /dev as it is. */
static bool
leaves_devices(const struct start *s, const struct node *root, const struct node *busybox, const char *process)
{
	const char *applet = applet_of(s, root, busybox, process);

	return applet && harmless[text_index(harmless, applet)] &&
		!has_word(s, process, suspicious, sizeof suspicious / sizeof *suspicious);
}

/* Whether it adds no program. */
static bool
adds_no_program(const struct start *s, const struct node *root, const struct node *busybox, const char *process)
{
	const char *applet = applet_of(s, root, busybox, process);

	if (applet && strcmp(applet, "mount") == 0)
		return has_word(s, process, virtual_mounts, sizeof virtual_mounts / sizeof *virtual_mounts);
	return applet && adding_nothing[text_index(adding_nothing, applet)];
}

static bool
runs_before(const struct line *line)
{
	return strcmp(line->action, "sysinit") == 0 || strcmp(line->action, "wait") == 0 || strcmp(line->action, "once") == 0;
}

static bool
runs_on_terminal(const struct line *line)
{
	return line->id[0] && (strcmp(line->action, "respawn") == 0 || strcmp(line->action, "askfirst") == 0);
}

static void
check_terminal(const struct start *s, const struct node *root, const struct line *line)
{
	const char *path = arena_printf(s->c->arena, "/dev/%s", line->id);
	const struct node *inittab = startup_reach(root, "/etc/inittab");

	if (!startup_reach(root, path))
		diag_help(diag(&s->c->diags, DIAG_CONSOLE_MISSING, inittab->why->at,
			"init is to start '%s' on '%s', which the image has not", line->process + (line->process[0] == '-'), path),
			"add it to 'devices', or '::sysinit:/bin/mount -t devtmpfs dev /dev' to inittab");
}

/* The next line of *TEXT that says something, which *TEXT is then behind. False: there is none. */
static bool
next_line(struct arena *a, const char **text, struct line *line)
{
	while (**text) {
		size_t length = strcspn(*text, "\n");
		const char *start = *text;

		*text += length + (start[length] == '\n');
		if (split(a, start, length, line))
			return true;
	}
	return false;
}

/* Whether the kernel leaves /dev to the image: it can mount devtmpfs by itself, but not behind an initial ramdisk. */
static bool
kernel_mounts_nothing(const struct start *s)
{
	return s->ramdisk == RAMDISK_OWN || s->ramdisk == RAMDISK_ROOT || (s->kernel && s->kernel->config && !kernel_has(s->kernel, "DEVTMPFS_MOUNT"));
}

/* Whether init may be able to start what LINE names. */
static bool
check_program(const struct start *s, const struct node *root, const struct line *line)
{
	const char *program = program_of(s->c->arena, line->process);
	bool is_path = program[0] == '/' && !strpbrk(program, shell_characters);
	const char *why = is_path ? startup_why_not(s, root, startup_reach(root, program), program) : NULL;

	if (why)
		diag_help(diag(&s->c->diags, DIAG_INITTAB_PROGRAM, startup_reach(root, "/etc/inittab")->why->at, "init is to start '%s', which %s",
			program, why), "put a program there, under 'files' with 'mode: 0755', or name another one in inittab");
	return !why;
}

/* As long as nothing has run that could have brought more programs. */
static void
check_programs(const struct start *s, const struct node *root, const struct node *busybox)
{
	const char *text;
	struct line line;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		for (text = s->startup->inittab; next_line(s->c->arena, &text, &line);)
			if (strcmp(line.action, actions[i]) == 0 && check_program(s, root, &line) && runs_before(&line) &&
					!adds_no_program(s, root, busybox, line.process))
				return;
}

static void
check_terminals(const struct start *s, const struct node *root, const struct node *busybox)
{
	const char *text;
	struct line line;

	for (text = s->startup->inittab; next_line(s->c->arena, &text, &line);)
		if (runs_before(&line) && !leaves_devices(s, root, busybox, line.process))
			return;
	for (text = s->startup->inittab; next_line(s->c->arena, &text, &line);)
		if (runs_on_terminal(&line))
			check_terminal(s, root, &line);
}

void
startup_check_inittab(const struct start *s, const char *init)
{
	static const char *const applets[] = {"/init", "/linuxrc", NULL}; /* by its name busybox knows which one it is */
	const struct node *root = startup_first_root(s), *busybox = startup_reach(root, init);
	const char *path = s->plan->closure->busybox_path, *name = strrchr(init, '/');

	if (!s->startup->inittab || root->parent || !path || startup_reach(root, path) != busybox || !name ||
			!applets[text_index(applets, name)])
		return;
	check_programs(s, root, busybox);
	if (kernel_mounts_nothing(s))
		check_terminals(s, root, busybox);
}

/* Whether the kernel is one for x86, which takes its consoles from its arguments alone: others are told by their firmware. */
static bool
takes_consoles_from_arguments(const struct kernel_facts *kernel)
{
	return kernel && (kernel->machine == KERNEL_I386 || kernel->machine == KERNEL_X86_64) && kernel->config &&
		!kernel_has(kernel, "CMDLINE_BOOL");
}

void
startup_check_terminal(const struct start *s)
{
	const char *options = startup_argument(s->c->arena, s->arguments, "console=ttyS0"), *text = s->startup->inittab;
	struct line line;

	if (!s->machine->on_serial_port || !s->by_default || !takes_consoles_from_arguments(s->kernel) ||
	    (options && (!*options || *options == ',')))
		return;
	while (text && next_line(s->c->arena, &text, &line))
		if (strcmp(line.id, "ttyS0") == 0)
			return;
	diag_help(diag(&s->c->diags, DIAG_CONSOLE_ELSEWHERE, s->at.line ? s->at : s->plan->manifest->kernel.image.at,
		"nothing will be seen of the kernel: the machine's terminal is its first serial port, ttyS0"),
		"add 'console=ttyS0' to the kernel's arguments");
}
