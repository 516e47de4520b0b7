/* Writes menu.lst for GRUB 0.97, and refuses what 0.97 would cut or read in another way than it was meant. */

#include "plan/grub_legacy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/stages.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* From GRUB 0.97's shared.h; what is longer is cut without a word. */
enum {
	LINE_LIMIT = 1500,       /* NEW_HEAPSIZE: of a line of menu.lst */
	ARGUMENTS_LIMIT = 255,   /* LINUX_CL_END_OFFSET - LINUX_CL_OFFSET, whatever the kernel could take */
	TITLES_LIMIT = 17760,    /* MENU_BUFLEN: all titles, each with its NUL, and one NUL more */
	SERIAL_UNITS = 4,        /* the BIOS names four ports */
	SERIAL_DEFAULT_SPEED = 115200,
};

static const unsigned long serial_speeds[] = {2400, 4800, 9600, 19200, 38400, 57600, 115200};

struct menu {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const char **lines;
	size_t line_count;
	size_t titles_size; /* bytes of GRUB's buffer that the titles take */
	bool failed;
};

int
grub_partition_of(const struct manifest *m, const char *path, const char **inside)
{
	size_t longest = 0;
	int found = -1;

	for (size_t i = 0; i < m->partition_count; i++) {
		const char *mount = m->partitions[i].mount.v;
		size_t length = mount && mount[1] ? strlen(mount) : 0; /* "/" is above every path */

		if (!mount || (found >= 0 && length < longest))
			continue;
		if (strncmp(path, mount, length) != 0 || (path[length] && path[length] != '/'))
			continue;
		longest = length;
		found = (int)i;
	}
	*inside = path + longest;
	return found;
}

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

/* The arguments of an entry: its own, or those of all entries, or none. */
static const struct m_text *
arguments_of(const struct menu *menu, const struct m_menu_entry *entry)
{
	return entry->arguments.v ? &entry->arguments : &menu->m->kernel.arguments;
}

static const char *
text_of(const struct m_text *text)
{
	return text->v ? text->v : "";
}

/* The length of the word at TEXT; a blank between quotation marks belongs to it, as in the kernel's next_arg(). */
static size_t
word_length(const char *text)
{
	bool quoted = false;
	size_t i = 0;

	for (; text[i] && (quoted || text[i] != ' '); i++)
		if (text[i] == '"')
			quoted = !quoted;
	return i;
}

/* The first word of ARGUMENTS that begins with PREFIX and is the kernel's, not init's; NULL: none. */
static const char *
find_word(const char *arguments, const char *prefix)
{
	size_t length;

	for (const char *at = arguments; *at; at += length + (at[length] != '\0')) {
		length = word_length(at);
		if (length == 2 && strncmp(at, "--", 2) == 0)
			return NULL;
		if (text_starts_with(at, prefix))
			return at;
	}
	return NULL;
}

static bool
is_serial_speed(unsigned long speed)
{
	for (size_t i = 0; i < sizeof serial_speeds / sizeof *serial_speeds; i++)
		if (serial_speeds[i] == speed)
			return true;
	return false;
}

/* Has GRUB talk on the port of the first serial console that an entry has: else its menu is on the screen only. */
static bool
add_serial(struct menu *menu, const struct m_text *arguments)
{
	const char *console = find_word(text_of(arguments), "console=ttyS");
	unsigned long unit, speed = SERIAL_DEFAULT_SPEED;
	char *end;

	if (!console || strspn(console += strlen("console=ttyS"), "0123456789") == 0)
		return false;
	unit = strtoul(console, &end, 10);
	if (*end == ',' && strspn(end + 1, "0123456789"))
		speed = strtoul(end + 1, NULL, 10);
	if (unit >= SERIAL_UNITS || !is_serial_speed(speed)) {
		diag_help(diag(&menu->c->diags, DIAG_GRUB_SERIAL, arguments->at,
			"GRUB legacy cannot show its menu on ttyS%lu at %lu baud", unit, speed),
			"it knows ttyS0 to ttyS3 and 2400 to 115200 baud; the kernel is told all the same");
		return true;
	}
	add_line(menu, arguments->at, arena_printf(menu->c->arena, "serial --unit=%lu --speed=%lu", unit, speed));
	add_line(menu, arguments->at, "terminal --timeout=0 serial");
	return true;
}

static void
add_head(struct menu *menu)
{
	const struct m_grub *grub = &menu->m->grub;
	struct arena *arena = menu->c->arena;

	add_line(menu, grub->default_entry.at, arena_printf(arena, "default %" PRIu64, grub->default_entry.v));
	add_line(menu, grub->timeout.at, arena_printf(arena, "timeout %" PRIu64, grub->timeout.v));
	for (size_t i = 0; i < grub->menu_count; i++)
		if (add_serial(menu, arguments_of(menu, &grub->menu[i])))
			break;
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
	int holder = grub_partition_of(menu->m, path, &inside);

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
	const char *mode = strstr(text_of(arguments), "vga=");

	if (!mode || strspn(mode += strlen("vga="), "0123456789") ||
	    text_starts_with(mode, "normal") || text_starts_with(mode, "ext") || text_starts_with(mode, "ask"))
		return;
	diag_help(fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, arguments->at,
		"GRUB legacy knows no video mode '%.*s'", (int)word_length(mode), mode)),
		"it knows normal, ext, ask and numbers");
}

/* The kernel's arguments, with the partition mounted at "/" as root= unless they name another. */
static const char *
kernel_arguments(struct menu *menu, const struct m_text *written)
{
	const char *arguments = text_of(written);
	int root = partition_mounted_at(menu->m, "/");

	if (!find_word(arguments, "root="))
		arguments = arena_printf(menu->c->arena, "root=PARTUUID=%s%s%s",
			identity_partuuid(menu->c->arena, menu->m, root), *arguments ? " " : "", arguments);
	check_video_mode(menu, written);
	if (strlen(arguments) > ARGUMENTS_LIMIT)
		diag_label(fail(menu, diag(&menu->c->diags, DIAG_GRUB_TOO_LONG, written->at,
			"GRUB legacy hands at most %d bytes of arguments to the kernel", ARGUMENTS_LIMIT)),
			"with 'root=': %zu bytes", strlen(arguments));
	return arguments;
}

static void
add_entry(struct menu *menu, const struct m_menu_entry *entry)
{
	const struct m_text *arguments = arguments_of(menu, entry);
	const char *kernel = entry->kernel.v ? entry->kernel.v : menu->closure->kernel_path;
	struct span kernel_at = entry->kernel.v ? entry->kernel.at : menu->m->kernel.image.at;
	struct arena *arena = menu->c->arena;
	const char *initrd = entry->initrd.v ? entry->initrd.v : menu->m->kernel.initramfs.given ? INITRAMFS_PATH : NULL;
	const char *inside;
	int root;

	ASSERT(kernel);
	root = entry->root.v ? partition_index(menu->m, entry->root.v) : grub_partition_of(menu->m, kernel, &inside);
	ASSERT(root >= 0);
	add_title(menu, &entry->title);
	add_line(menu, entry->at, arena_printf(arena, "root (hd0,%d)", root));
	add_line(menu, arguments->at, arena_printf(arena, "kernel %s %s",
		grub_path(menu, kernel, kernel_at, root), kernel_arguments(menu, arguments)));
	if (initrd)
		add_line(menu, entry->initrd.at, arena_printf(arena, "initrd %s", grub_path(menu, initrd, entry->initrd.at, root)));
}

/* Decides the text of menu.lst. check/ saw to it that "/" is mounted and that entries have kernels and known roots. */
const char *
plan_grub_legacy_menu(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	struct menu menu = {.c = c, .m = m, .closure = closure};

	ASSERT(partition_mounted_at(m, "/") >= 0);
	add_head(&menu);
	for (size_t i = 0; i < m->grub.menu_count; i++)
		add_entry(&menu, &m->grub.menu[i]);
	add_line(&menu, m->grub.at, "");
	return menu.failed ? NULL : text_join(c->arena, menu.lines, menu.line_count, "\n", "\n");
}
