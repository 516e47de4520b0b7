/* Decides whether the terminals are there that busybox's init is to start something on. */
#include <string.h>

#include "plan/startup.h"
#include "support/compilation.h"
#include "support/text.h"

/* Applets that make no devices, in lines without the words below. */
static const char *const harmless[] = {"mount", "hostname", "echo", "mkdir", "ln", "cat", "sleep", "dmesg", "ifconfig", "ip",
	"swapon", "chmod", "chown", "touch", "true", "umount", "reboot", "poweroff", "halt", NULL};

/* What a line with one of them does to /dev is not looked into. */
static const char *const suspicious[] = {"/dev ", "/dev\t", "devtmpfs", " -a", "/etc", "chroot", "--move", "bind"};

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

/* Whether what PROCESS starts, an applet of BUSYBOX, leaves /dev as it is. */
static bool
leaves_devices(const struct start *s, const struct node *root, const struct node *busybox, const char *process)
{
	const char *program = arena_strndup(s->c->arena, process, strcspn(process, " \t")), *slash = strrchr(program, '/');
	const char *ended = arena_printf(s->c->arena, "%s ", process);

	if (startup_reach(root, program) != busybox || !slash || !harmless[text_index(harmless, slash + 1)])
		return false;
	for (size_t i = 0; i < sizeof suspicious / sizeof *suspicious; i++)
		if (strstr(ended, suspicious[i]))
			return false;
	return !strpbrk(process, ";&|$`<>");
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

void
startup_check_consoles(const struct start *s, const struct node *init)
{
	const struct node *root = startup_first_root(s);
	const char *busybox = s->plan->closure->busybox_path, *text;
	struct line line;

	if (!s->startup->inittab || root->parent || !busybox || startup_reach(root, busybox) != init || !kernel_mounts_nothing(s))
		return;
	for (text = s->startup->inittab; next_line(s->c->arena, &text, &line);)
		if (runs_before(&line) && !leaves_devices(s, root, init, line.process))
			return;
	for (text = s->startup->inittab; next_line(s->c->arena, &text, &line);)
		if (runs_on_terminal(&line))
			check_terminal(s, root, &line);
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
