/* Decides whether commands of GRUB 0.97's menu find the partitions and files that they name. */
#include <stdlib.h>
#include <string.h>

#include "plan/grub.h"
#include "plan/stages.h"
#include "support/compilation.h"
#include "support/text.h"

/* Commands whose operand is a file. */
static const char *const file_commands[] = {"kernel", "initrd", "module", "configfile", "chainloader", NULL};

/* Commands behind which disks and partitions are no longer those of the image. */
static const char *const changes[] = {"map", "partnew", "geometry", NULL};

enum {
	ELSEWHERE = -1, /* on another disk, or on none */
	NOWHERE = -2,   /* a partition that the disk has not */
};

struct commands {
	struct compilation *c;
	const struct manifest *m;
	const struct layout *layout;
	int root; /* index of a partition, or ELSEWHERE */
};

/* The partition that "(hd0,N)" at *TEXT names, which *TEXT is then behind. */
static int
read_device(const struct commands *s, const char **text)
{
	static const char first_disk[] = "(hd0,";
	const char *at = *text, *end = strchr(at, ')');
	unsigned long number;
	char *rest;

	*text = end ? end + 1 : at + strlen(at);
	if (!end || !text_starts_with(at, first_disk) || strspn(at += strlen(first_disk), "0123456789") == 0)
		return ELSEWHERE;
	number = strtoul(at, &rest, 10);
	if (rest != end)
		return ELSEWHERE;
	return number < s->m->partition_count ? (int)number : NOWHERE;
}

static void
report_nowhere(struct commands *s, const struct m_text *command)
{
	diag_help(diag(&s->c->diags, DIAG_GRUB_CANNOT_READ, command->at, "GRUB legacy finds no such partition: the disk has %s",
		text_count(s->c->arena, s->m->partition_count, "partition", "partitions")), "it counts from 0: the first is (hd0,0)");
}

static void
obey_root(struct commands *s, const struct m_text *command, const char *device)
{
	s->root = read_device(s, &device);
	if (s->root == NOWHERE)
		report_nowhere(s, command);
}

static void
check_file(struct commands *s, const struct m_text *command, const char *file)
{
	int partition = *file == '(' ? read_device(s, &file) : s->root;
	const char *path = arena_strndup(s->c->arena, file, strcspn(file, " "));

	if (partition == NOWHERE && s->root != NOWHERE)
		report_nowhere(s, command);
	if (partition < 0 || strchr("+0123456789", *path)) /* a list of blocks: chainloader +1 */
		return;
	grub_check_operand(s->c, &grub_legacy_reader, &s->layout->partitions[partition], path, command);
}

/* What stands behind the name of COMMAND and its options. */
static const char *
operand_of(const char *command)
{
	const char *at = command + strcspn(command, " ");

	for (at += strspn(at, " "); text_starts_with(at, "--"); at += strspn(at, " "))
		at += strcspn(at, " ");
	return at;
}

/* False when nothing is known of what comes behind COMMAND. */
static bool
obey(struct commands *s, const struct m_text *command)
{
	const char *name = arena_strndup(s->c->arena, command->v, strcspn(command->v, " ")), *operand = operand_of(command->v);

	if (changes[text_index(changes, name)])
		return false;
	if (strcmp(name, "root") == 0 || strcmp(name, "rootnoverify") == 0)
		obey_root(s, command, operand);
	else if (file_commands[text_index(file_commands, name)] && *operand)
		check_file(s, command, operand);
	return true;
}

void
grub_legacy_check_commands(struct compilation *c, const struct manifest *m, const struct layout *layout, int boot)
{
	for (size_t i = 0; i < m->grub.menu_count; i++) {
		const struct m_texts *list = &m->grub.menu[i].commands;
		struct commands s = {.c = c, .m = m, .layout = layout, .root = boot};
		size_t k = 0;

		while (k < list->count && obey(&s, &list->v[k]))
			k++;
	}
}
