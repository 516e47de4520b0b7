/* Decides whether commands of GRUB 2's menu find the partitions and files that they name. */
#include <stdlib.h>
#include <string.h>

#include "plan/grub.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* Commands whose operands are files, and how many of them. */
static const struct {
	const char *name;
	enum { THE_FIRST, EACH } files;
} file_commands[] = {
	{"linux", THE_FIRST},
	{"linux16", THE_FIRST},
	{"multiboot", THE_FIRST},
	{"multiboot2", THE_FIRST},
	{"module", THE_FIRST},
	{"module2", THE_FIRST},
	{"initrd", EACH},
	{"initrd16", EACH},
	{"chainloader", THE_FIRST},
	{"configfile", THE_FIRST},
	{"source", THE_FIRST},
	{".", THE_FIRST},
	{"loadfont", EACH},
};

/* What leaves `root` and the disks as they are, besides those: behind any other command nothing is known. */
static const char *const harmless[] = {"boot", "cat", "clear", "echo", "export", "halt", "insmod", "ls", "reboot", "serial", "sleep",
	"terminal_input", "terminal_output", "test", "true", NULL};

/* They obey a file, and come back. */
static const char *const obeying[] = {"configfile", "source", ".", NULL};

enum {
	ELSEWHERE = -1, /* on another disk, or not known */
	NOWHERE = -2,   /* a partition that the disk has not */
};

struct commands {
	struct compilation *c;
	const struct manifest *m;
	const struct layout *layout;
	const char *prefix; /* /boot/grub on its partition, or NULL: not known */
	int home, root;     /* indices of partitions: that one, and that of paths without a device, or ELSEWHERE */
};

/*
 * The next word of *COMMAND as GRUB's script reads it, without its quotes; *COMMAND is then behind it. NULL: there is none. *IS_PLAIN:
 * it has no variable, pattern or backslash.
 */
static const char *
next_word(struct arena *a, const char **command, bool *is_plain)
{
	const char *at = *command + strspn(*command, " \t");
	char quote = '\0', *word = arena_alloc(a, strlen(at) + 1), *to = word;

	if (!*at)
		return NULL;
	*is_plain = true;
	for (; *at && (quote || !strchr(" \t", *at)); at++) {
		if (quote ? *at == quote : *at == '\'' || *at == '"') {
			quote = quote ? '\0' : *at;
			continue;
		}
		if ((quote != '\'' && strchr("$\\", *at)) || (!quote && strchr("*?[", *at)))
			*is_plain = false;
		*to++ = *at;
		if (quote != '\'' && *at == '\\' && at[1])
			*to++ = *++at;
	}
	*command = at;
	return word;
}

/*
 * The partition that DEVICE, "hd0,msdos1", is. To a BIOS the first disk is the one that was booted; UEFI numbers disks as it finds
 * them.
 */
static int
find_device(const struct commands *s, const char *device)
{
	static const char *const schemes[] = {[TABLE_MBR] = "msdos", [TABLE_GPT] = "gpt"};
	static const char first_disk[] = "hd0,";
	const char *at = device + strlen(first_disk), *scheme = schemes[s->m->disk.table.v];
	unsigned long number;
	size_t letters;

	if (s->m->grub.platform.v != GRUB_BIOS || !text_starts_with(device, first_disk))
		return ELSEWHERE;
	letters = strcspn(at, "0123456789");
	if (!at[letters] || at[letters + strspn(at + letters, "0123456789")])
		return ELSEWHERE;
	number = strtoul(at + letters, NULL, 10);
	if (letters && (letters != strlen(scheme) || strncmp(at, scheme, letters) != 0))
		return NOWHERE;
	return number > 0 && number <= s->m->partition_count ? (int)(number - 1) : NOWHERE;
}

static void
report_nowhere(struct commands *s, const struct m_text *command)
{
	diag_help(diag(&s->c->diags, DIAG_GRUB_CANNOT_READ, command->at, "GRUB 2 finds no such partition: the disk has %s",
		text_count(s->c->arena, s->m->partition_count, "partition", "partitions")),
		"it counts from 1: the first is (hd0,%s)", grub2_partition_name(s->c, s->m, 0));
}

/* That FILE, "/path" or "(device)/path", is where GRUB will look. */
static void
check_file(struct commands *s, const struct m_text *command, const char *file)
{
	struct arena *a = s->c->arena;
	int partition = s->root;

	if (*file == '(') {
		size_t length = strcspn(file, ")");

		partition = find_device(s, arena_strndup(a, file + 1, length - 1));
		file += length + (file[length] == ')');
		if (partition == NOWHERE)
			report_nowhere(s, command);
	}
	if (partition >= 0 && !strchr("+0123456789", *file)) /* else a list of blocks: chainloader +1 */
		grub_check_operand(s->c, &grub2_reader, &s->layout->partitions[partition], file, command);
}

/* A font without a path is one of GRUB's own (font.c). */
static void
check_font(struct commands *s, const struct m_text *command, const char *font)
{
	if (strchr("(/+", *font))
		check_file(s, command, font);
	else if (s->prefix)
		grub_check_operand(s->c, &grub2_reader, &s->layout->partitions[s->home],
			arena_printf(s->c->arena, "%s/fonts/%s.pf2", s->prefix, font), command);
}

/* The OPERANDS of NAME, COMMAND's. Options are none; what stands behind newc: has another form. */
static void
check_operands(struct commands *s, const struct m_text *command, const char *name, const char *operands, bool each)
{
	const char *word;
	bool is_plain;

	while ((word = next_word(s->c->arena, &operands, &is_plain))) {
		if (*word == '-')
			continue;
		if (is_plain && !text_starts_with(word, "newc:")) {
			if (strcmp(name, "loadfont") == 0)
				check_font(s, command, word);
			else
				check_file(s, command, word);
		}
		if (!each)
			return;
	}
}

/* "set root=(hd0,msdos1)", with or without the parentheses; and where GRUB looks for its own files. */
static void
obey_set(struct commands *s, const struct m_text *command, const char *operands)
{
	static const char root[] = "root=";
	bool is_plain;
	const char *word = next_word(s->c->arena, &operands, &is_plain), *device;

	if (word && text_starts_with(word, "prefix="))
		s->prefix = NULL;
	if (!word || !text_starts_with(word, root))
		return;
	device = word + strlen(root) + (word[strlen(root)] == '(');
	s->root = is_plain ? find_device(s, arena_strndup(s->c->arena, device, strcspn(device, ")"))) : ELSEWHERE;
	if (s->root == NOWHERE)
		report_nowhere(s, command);
}

static void
obey(struct commands *s, const struct m_text *command)
{
	const char *operands = command->v;
	bool is_plain;
	const char *name = next_word(s->c->arena, &operands, &is_plain);

	for (size_t i = 0; name && i < sizeof file_commands / sizeof *file_commands; i++)
		if (strcmp(file_commands[i].name, name) == 0) {
			check_operands(s, command, name, operands, file_commands[i].files == EACH);
			if (obeying[text_index(obeying, name)])
				s->root = ELSEWHERE;
			return;
		}
	if (name && strcmp(name, "set") == 0)
		obey_set(s, command, operands);
	else if (name && !harmless[text_index(harmless, name)])
		s->root = ELSEWHERE;
}

void
grub2_check_commands(struct compilation *c, const struct manifest *m, const struct layout *layout)
{
	struct commands s = {.c = c, .m = m, .layout = layout};

	for (size_t i = 0; i < m->grub.menu_count; i++) {
		s.home = s.root = partition_holding(m, "/boot/grub", &s.prefix);
		for (size_t k = 0; k < m->grub.menu[i].commands.count; k++)
			obey(&s, &m->grub.menu[i].commands.v[k]);
	}
}
