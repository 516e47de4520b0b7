/* Writes grub.cfg for GRUB 2, and refuses what GRUB 2 cannot hand on as it was meant. */

#include "plan/stages.h"

#include <inttypes.h>
#include <string.h>

#include "plan/grub.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* COMMAND_LINE_SIZE of Linux on x86, without the NUL. GRUB cuts what is longer off without a word. */
enum { ARGUMENTS_LIMIT = 2047 };

struct menu {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const char **lines;
	size_t line_count;
	int home;       /* the partition that GRUB reads grub.cfg from */
	bool *is_named; /* for each partition, whether a variable says which device it is */
	bool failed;
};

__attribute__((format(printf, 2, 3))) static void
add_line(struct menu *menu, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	*ARENA_PUSH(menu->c->arena, menu->lines, menu->line_count) = arena_vprintf(menu->c->arena, format, arguments);
	va_end(arguments);
}

static struct diag *
fail(struct menu *menu, struct diag *d)
{
	menu->failed = true;
	return d;
}

/*
 * TEXT as one word of GRUB's script. Between single quotes nothing has a meaning but the quote that ends them; the one that is
 * meant stands outside, behind a backslash.
 */
static const char *
quoted(struct arena *a, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=,:+@%-";
	char *word = arena_alloc(a, 4 * strlen(text) + 3), *to = word;

	if (*text && strspn(text, plain) == strlen(text))
		return text;
	*to++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			to = stpcpy(to, "'\\'");
		*to++ = *text;
	}
	*to = '\'';
	return word;
}

const char *
grub2_partition_name(struct compilation *c, const struct manifest *m, int index)
{
	switch ((enum table_kind)m->disk.table.v) {
	case TABLE_MBR:
		return arena_printf(c->arena, "msdos%d", index + 1);
	case TABLE_GPT:
		return arena_printf(c->arena, "gpt%d", index + 1);
	case TABLE_NONE: /* check/ sees to it */
		break;
	}
	BUG("a kind of partition table that GRUB cannot be on");
}

/* Has a variable say which device PARTITION is: GRUB's own numbers for disks are those of the BIOS. */
static void
name_partition(struct menu *menu, int partition)
{
	if (menu->is_named[partition])
		return;
	menu->is_named[partition] = true;
	if (partition == menu->home) {
		add_line(menu, "set partition%d=$root", partition + 1);
		return;
	}
	add_line(menu, "search --no-floppy --fs-uuid --set=partition%d --hint=hd0,%s %s", partition + 1,
		grub2_partition_name(menu->c, menu->m, partition),
		identity_filesystem_text(menu->c, menu->m, &menu->m->partitions[partition]));
}

/* The partition that has PATH, of an entry whose paths are on ROOT unless others hold them; *INSIDE is its path there. */
static int
holder_of(const struct menu *menu, const char *path, int root, const char **inside)
{
	/* What will lie on a partition that is not mounted is not known here: paths are that partition's own. */
	if (!menu->m->partitions[root].mount.v) {
		*inside = path;
		return root;
	}
	return partition_holding(menu->m, path, inside);
}

static void
name_partitions(struct menu *menu)
{
	const char *inside;

	name_partition(menu, menu->home);
	for (size_t i = 0; i < menu->m->grub.menu_count; i++) {
		const struct m_menu_entry *entry = &menu->m->grub.menu[i];
		struct grub_entry e;

		if (entry->commands.given)
			continue;
		e = grub_entry_of(menu->m, menu->closure, entry);
		name_partition(menu, e.root);
		name_partition(menu, holder_of(menu, e.kernel, e.root, &inside));
		if (e.initrd)
			name_partition(menu, holder_of(menu, e.initrd, e.root, &inside));
	}
}

static void
add_head(struct menu *menu)
{
	const struct m_grub *grub = &menu->m->grub;
	struct grub_serial port = grub_serial_port(menu->c, &grub2_reader, menu->m, menu->closure);

	if (port.speed) {
		add_line(menu, "serial --unit=%lu --speed=%lu", port.unit, port.speed);
		add_line(menu, "terminal_input serial console");
		add_line(menu, "terminal_output serial console");
	}
	name_partitions(menu);
	add_line(menu, "set default=%" PRIu64, grub->default_entry.v);
	add_line(menu, "set timeout=%" PRIu64, grub->timeout.v);
}

/* PATH as one word, with its device when that is not ROOT. */
static const char *
grub_path(struct menu *menu, const char *path, int root)
{
	const char *inside;
	int holder = holder_of(menu, path, root, &inside);

	if (holder == root)
		return quoted(menu->c->arena, inside);
	return arena_printf(menu->c->arena, "($partition%d)%s", holder + 1, quoted(menu->c->arena, inside));
}

/*
 * One word of the kernel's arguments. GRUB puts the whole of a word with a blank into double quotes, and a backslash before each
 * quote in it; to the kernel x="a b" and "x=a b" are the same, but a backslash has no meaning.
 */
static const char *
kernel_word(struct menu *menu, const char *word, size_t length, struct span at)
{
	const char *open = memchr(word, '"', length), *close = open ? word + length - 1 : NULL;
	bool is_value = open && close > open && *close == '"' && (open == word || open[-1] == '=') &&
		memchr(open + 1, '"', (size_t)(close - open) - 1) == NULL;
	char *bare = arena_strndup(menu->c->arena, word, length);

	if (memchr(word, '\\', length) || memchr(word, '\'', length) || (open && !is_value)) {
		diag_help(fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, at,
			"GRUB 2 hands '%s' to the kernel with backslashes before its quotes and backslashes", bare)),
			"only double quotes around a value or a word can be kept, as in x=\"a b\"");
		return bare;
	}
	if (open) {
		memmove(bare + (open - word), open + 1, (size_t)(close - open) - 1);
		bare[length - 2] = '\0';
	}
	return bare;
}

/* The path of E's kernel and its arguments, word by word. */
static const char *
kernel_line(struct menu *menu, const struct grub_entry *e)
{
	struct arena *a = menu->c->arena;
	const char *line = grub_path(menu, e->kernel, e->root);
	size_t length, sum = strlen("BOOT_IMAGE=") + strlen(line);

	for (const char *word = grub_kernel_arguments(menu->c, menu->m, e->arguments); *(word += strspn(word, " ")); word += length) {
		length = text_word_length(word);
		sum += 1 + length;
		line = arena_printf(a, "%s %s", line, quoted(a, kernel_word(menu, word, length, e->arguments->at)));
	}
	if (sum > ARGUMENTS_LIMIT)
		diag_label(fail(menu, diag(&menu->c->diags, DIAG_GRUB_TOO_LONG, e->arguments->at,
			"GRUB 2 hands at most %d bytes of arguments to the kernel", ARGUMENTS_LIMIT)),
			"with 'BOOT_IMAGE=' and 'root=': %zu bytes", sum);
	return line;
}

static void
add_kernel(struct menu *menu, const struct m_menu_entry *entry)
{
	struct grub_entry e = grub_entry_of(menu->m, menu->closure, entry);

	add_line(menu, "\tset root=$partition%d", e.root + 1);
	add_line(menu, "\tlinux %s", kernel_line(menu, &e));
	if (e.initrd)
		add_line(menu, "\tinitrd %s", grub_path(menu, e.initrd, e.root));
}

/* The length of the variable's name at TEXT, behind a '$', with its braces; 0: there is none. */
static size_t
variable_length(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t brace = *text == '{', length = strspn(text + brace, letters);

	if (length == 0 && strchr("?*@#", text[brace]))
		length = text[brace] != '\0';
	if (length == 0 || (brace && text[1 + length] != '}'))
		return 0;
	return length + 2 * brace;
}

/* What of COMMAND is more than one command, or the beginning of one, to GRUB's script (yylex.l); NULL: nothing. */
static const char *
find_fault(const char *command)
{
	char quote = 0;
	const char *at, *opened = NULL;

	for (at = command; *at; at++) {
		if (quote != '\'' && *at == '\\') {
			if (!*++at)
				return at - 1;
		} else if (quote != '\'' && *at == '$') {
			if (!variable_length(at + 1))
				return at;
			at += variable_length(at + 1);
		} else if (quote ? *at == quote : *at == '\'' || *at == '"') {
			quote = quote ? 0 : *at;
			opened = at;
		} else if (!quote && strchr("{}|&;<>#", *at)) {
			return at;
		}
	}
	return quote ? opened : NULL;
}

static void
add_command(struct menu *menu, const struct m_text *command)
{
	const char *fault = find_fault(command->v);

	if (fault)
		diag_help(fail(menu, diag(&menu->c->diags, DIAG_GRUB_MISREAD, command->at,
			"GRUB 2 would not read '%s' as one command", command->v)),
			"the '%c' must be quoted, or have its other half", *fault);
	add_line(menu, "\t%s", command->v);
}

static void
add_entry(struct menu *menu, const struct m_menu_entry *entry)
{
	/* A title is no option, whatever it begins with. */
	add_line(menu, "\nmenuentry %s%s {", entry->title.v[0] == '-' ? "-- " : "", quoted(menu->c->arena, entry->title.v));
	for (size_t i = 0; i < entry->commands.count; i++)
		add_command(menu, &entry->commands.v[i]);
	if (!entry->commands.given)
		add_kernel(menu, entry);
	add_line(menu, "}");
}

/* Decides the text of grub.cfg. check/ saw to it that "/" is mounted and that entries have kernels and known roots. */
const char *
plan_grub2_menu(struct compilation *c, const struct manifest *m, const struct closure *closure)
{
	const char *inside;
	struct menu menu = {.c = c, .m = m, .closure = closure,
		.home = partition_holding(m, "/boot/grub/grub.cfg", &inside),
		.is_named = ARENA_ARRAY(c->arena, bool, m->partition_count)};

	ASSERT(menu.home >= 0);
	add_head(&menu);
	for (size_t i = 0; i < m->grub.menu_count; i++)
		add_entry(&menu, &m->grub.menu[i]);
	return menu.failed ? NULL : arena_printf(c->arena, "%s\n", text_join(c->arena, menu.lines, menu.line_count, "\n", "\n"));
}
