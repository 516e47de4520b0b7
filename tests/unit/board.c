#include "board.h"

#include <string.h>

struct m_text
board_text(const char *v, uint32_t line)
{
	return (struct m_text){.at = {.line = line, .column = COLUMN, .length = 1}, .v = v, .given = v != NULL};
}

struct board *
board_of(const char *const *mounts, size_t count)
{
	static const char *const names[PARTITIONS] = {"first", "second", "third"};
	struct compilation *c = unit_compilation();
	struct board *b = ARENA_NEW(c->arena, struct board);

	b->c = c;
	b->m.name.v = "unit";
	b->m.disk.sector_size.bytes = b->layout.sector_size = SECTOR_USUAL;
	b->m.disk.id = (struct m_number){.v = 0x0abcdef1, .given = true};
	b->m.partitions = b->partitions;
	b->m.partition_count = count;
	for (size_t i = 0; i < count; i++)
		b->partitions[i] = (struct m_partition){.name = names[i], .mount = board_text(mounts[i], MOUNT + (uint32_t)i),
			.type = {.at = {.line = TYPE + (uint32_t)i, .column = COLUMN}}, .filesystem = {.given = true}};
	b->m.kernel = (struct m_kernel){.given = true, .image = board_text("/boot/vmlinuz-*", KERNEL_IMAGE), .arguments = board_text(NULL, ARGUMENTS)};
	b->m.grub = (struct m_grub){.at = board_text("", GRUB).at, .given = true, .timeout = {.v = 5}, .menu = b->entries, .menu_count = 1};
	for (uint32_t i = 0; i < 2; i++)
		b->entries[i] = (struct m_menu_entry){.title = board_text("Linux", TITLE + i * LINES_EACH), .kernel = board_text(NULL, ENTRY_KERNEL + i * LINES_EACH),
			.initrd = board_text(NULL, ENTRY_INITRD + i * LINES_EACH), .arguments = board_text(NULL, ENTRY_ARGUMENTS + i * LINES_EACH),
			.root = board_text(NULL, ENTRY_ROOT + i * LINES_EACH)};
	b->closure.kernel_path = "/boot/vmlinuz-6.1";
	return b;
}

struct board *
plain_board(void)
{
	static const char *const mounts[] = {"/"};

	return board_of(mounts, 1);
}

struct board *
board_with_arguments(const char *arguments)
{
	struct board *b = plain_board();

	b->entries[0].arguments.v = arguments;
	return b;
}

char *
board_letters(struct board *b, size_t count)
{
	char *s = arena_alloc(b->c->arena, count + 1);

	memset(s, 'x', count);
	return s;
}

struct node *
board_add(struct board *b, const char *parent, const char *name, enum node_kind kind, const char *target)
{
	struct node *node = ARENA_NEW(b->c->arena, struct node);

	*node = (struct node){.name = name, .parent = tree_find(b->tree, parent), .kind = kind, .target = target};
	assert_non_null(node->parent);
	node_adopt(b->c, node);
	return node;
}

void
board_fill(struct board *b)
{
	unsigned char *code = arena_alloc(b->c->arena, 9460);

	memset(code, 0xee, 9460);
	b->closure.boot = (struct boot_files){.stage1 = code, .stage1_5 = code, .stage1_5_size = 9460};
	b->tree = tree_new(b->c, unit_reason(b->c, (struct reason){.text = "unit"}));
	board_add(b, "/", "boot", NODE_DIRECTORY, NULL);
	board_add(b, "/boot", "grub", NODE_DIRECTORY, NULL);
	board_add(b, "/boot/grub", "stage2", NODE_FILE, NULL);
	board_add(b, "/boot/grub", "menu.lst", NODE_FILE, NULL);
	board_add(b, "/boot", "vmlinuz-6.1", NODE_FILE, NULL);
	b->layout.partitions = b->places;
	b->layout.partition_count = b->m.partition_count;
	for (size_t i = 0; i < b->m.partition_count; i++) {
		const char *mount = b->partitions[i].mount.v;

		b->places[i] = (struct partition_layout){.from = &b->partitions[i], .number = (uint32_t)i + 1, .mbr_type = 0x83,
			.root = mount ? tree_find(b->tree, mount) : NULL};
		if (mount && mount[1] && b->places[i].root)
			b->places[i].root->is_mount = true;
	}
}
