/* Writes menu.lst for GRUB 0.97, and refuses what 0.97 would cut or read in another way than it was meant. */

#include "plan/stages.h"

#include <inttypes.h>
#include <string.h>

#include "plan/grub.h"
#include "support/compilation.h"
#include "support/text.h"

/* From GRUB 0.97's shared.h; what is longer is cut without a word. */
enum {
	LINE_LIMIT = 1500,       /* NEW_HEAPSIZE: of a line of menu.lst */
	ARGUMENTS_LIMIT = 255,   /* LINUX_CL_END_OFFSET - LINUX_CL_OFFSET, whatever the kernel could take */
	TITLES_LIMIT = 17760,    /* MENU_BUFLEN: all titles, each with its NUL, and one NUL more */
};

/* Commands of an entry of GRUB 0.97's menu (builtins.c), but for those that need a network. */
static const char *const commands[] = {"blocklist", "boot", "cat", "chainloader", "cmp", "color", "configfile", "debug",
	"displayapm", "displaymem", "embed", "find", "fstest", "geometry", "halt", "help", "hide", "impsprobe", "initrd", "install",
	"ioprobe", "kernel", "lock", "makeactive", "map", "md5crypt", "module", "modulenounzip", "pager", "partnew", "parttype", "password", "pause", "read",
	"reboot", "root", "rootnoverify", "savedefault", "serial", "setkey", "setup", "terminal", "terminfo", "testload", "testvbe",
	"unhide", "uppermem", "vbeprobe", NULL};

struct menu {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const char **lines;
	size_t line_count;
	size_t titles_size; /* bytes of GRUB's buffer that the titles take */
	bool failed;
};

static struct diag *
fail(struct menu *menu, struct diag *d)
{
	menu->failed = true;
	return d;
}

/* Adds LINE; AT are the words it was made of. */
static void
add_line(struct menu *menu, struct span at, const char *line)
{
	size_t length = strlen(line);

	if (length > LINE_LIMIT)
		fail(menu, diag(&menu->c->diags, DIAG_GRUB_TOO_LONG, at,
			"a line of menu.lst has %zu bytes, but GRUB legacy reads only %d", length, LINE_LIMIT));
	/* A backslash at the end would join the next line to this one. */
	if (length && line[length - 1] == '\\')
		line = arena_printf(menu->c->arena, "%s ", line);
	*ARENA_PUSH(menu->c->arena, menu->lines, menu->line_count) = line;
}

/* Has GRUB talk on a serial port. */
static void
add_serial(struct menu *menu)
{
	struct grub_serial port = grub_serial_port(menu->c, &grub_legacy_reader, menu->m, menu->closure);

	if (!port.speed)
		return;
	add_line(menu, port.at, arena_printf(menu->c->arena, "serial --unit=%lu --speed=%lu", port.unit, port.speed));
	add_line(menu, port.at, "terminal --timeout=0 serial");
}

static void
add_head(struct menu *menu)
{
	const struct m_grub *grub = &menu->m->grub;
	struct arena *arena = menu->c->arena;

	add_line(menu, grub->default_entry.at, arena_printf(arena, "default %" PRIu64, grub->default_entry.v));
	add_line(menu, grub->timeout.at, arena_printf(arena, "timeout %" PRIu64, grub->timeout.v));
	add_serial(menu);
}

static void
add_title(struct menu *menu, const struct m_text *title)
{
	if (title->v[0] == '=')
		fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, title->at,
			"GRUB legacy drops the '=' that a title begins with"));
	add_line(menu, title->at, arena_printf(menu->c->arena, "title %s", title->v));
	menu->titles_size += strlen(title->v) + 1;
	if (menu->titles_size < TITLES_LIMIT || menu->titles_size - strlen(title->v) - 1 >= TITLES_LIMIT)
		return;
	fail(menu, diag(&menu->c->diags, DIAG_GRUB_TOO_LONG, title->at,
		"with this title the menu has more than the %d bytes of titles that GRUB legacy has room for",
		TITLES_LIMIT - 1));
}

/* PATH as GRUB must be told it when ROOT is its root partition. */
static const char *
grub_path(struct menu *menu, const char *path, struct span at, int root)
{
	const char *inside;
	int holder = partition_holding(menu->m, path, &inside);

	if (strchr(path, ' '))
		fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, at,
			"GRUB legacy ends a path at its first blank: '%s'", path));
	/* What will lie on a partition that is not mounted is not known here: paths are that partition's own. */
	if (!menu->m->partitions[root].mount.v)
		return path;
	return holder == root ? inside : arena_printf(menu->c->arena, "(hd0,%d)%s", holder, inside);
}

/* GRUB takes what stands behind any "vga=" for a video mode, and gives up the entry when it is none. */
static void
check_video_mode(struct menu *menu, const struct m_text *arguments)
{
	const char *mode = strstr(grub_text(arguments), "vga=");

	if (!mode || strspn(mode += strlen("vga="), "0123456789") ||
	    text_starts_with(mode, "normal") || text_starts_with(mode, "ext") || text_starts_with(mode, "ask"))
		return;
	diag_help(fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, arguments->at,
		"GRUB legacy knows no video mode '%.*s'", (int)text_word_length(mode), mode)),
		"it knows normal, ext, ask and numbers");
}

static const char *
kernel_arguments(struct menu *menu, const struct m_text *written)
{
	const char *arguments = grub_kernel_arguments(menu->c, menu->m, written);

	check_video_mode(menu, written);
	if (strlen(arguments) > ARGUMENTS_LIMIT)
		diag_label(fail(menu, diag(&menu->c->diags, DIAG_GRUB_TOO_LONG, written->at,
			"GRUB legacy hands at most %d bytes of arguments to the kernel", ARGUMENTS_LIMIT)),
			"with 'root=': %zu bytes", strlen(arguments));
	return arguments;
}

static void
add_kernel(struct menu *menu, const struct m_menu_entry *entry)
{
	struct grub_entry e = grub_entry_of(menu->m, menu->closure, entry);
	struct arena *arena = menu->c->arena;

	add_line(menu, entry->at, arena_printf(arena, "root (hd0,%d)", e.root));
	add_line(menu, e.arguments->at, arena_printf(arena, "kernel %s %s",
		grub_path(menu, e.kernel, e.kernel_at, e.root), kernel_arguments(menu, e.arguments)));
	if (e.initrd)
		add_line(menu, e.initrd_at, arena_printf(arena, "initrd %s", grub_path(menu, e.initrd, e.initrd_at, e.root)));
}

static void
add_command(struct menu *menu, const struct m_text *command)
{
	const char *name = arena_strndup(menu->c->arena, command->v, strcspn(command->v, " "));

	if (!commands[text_index(commands, name)])
		diag_help(fail(menu, diag(&menu->c->diags, DIAG_GRUB_COMMAND_UNKNOWN, command->at,
			"GRUB legacy has no command '%s'", name)),
			"each item is one command, such as 'reboot' or 'chainloader +1'");
	add_line(menu, command->at, command->v);
}

static void
add_entry(struct menu *menu, const struct m_menu_entry *entry)
{
	add_title(menu, &entry->title);
	for (size_t i = 0; i < entry->commands.count; i++)
		add_command(menu, &entry->commands.v[i]);
	if (!entry->commands.given)
		add_kernel(menu, entry);
}

/* Decides the text of menu.lst. check/ saw to it that what GRUB reads lies on partitions and that entries have kernels and known roots. */
const char *
plan_grub_legacy_menu(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	struct menu menu = {.c = c, .m = m, .closure = closure};

	add_head(&menu);
	for (size_t i = 0; i < m->grub.menu_count; i++)
		add_entry(&menu, &m->grub.menu[i]);
	add_line(&menu, m->grub.at, "");
	return menu.failed ? NULL : text_join(c->arena, menu.lines, menu.line_count, "\n", "\n");
}
