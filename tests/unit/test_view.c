#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "support/text.h"
#include "view/view.h"

/* What a view prints, for the length of a test. */
static char *
printed(FILE *out, char **text)
{
	struct compilation *c = unit_compilation();
	char *copy;

	fclose(out);
	copy = arena_strdup(c->arena, *text);
	free(*text);
	return copy;
}

static const struct source *
given(struct compilation *c, const char *text)
{
	return source_new(c->arena, "board.yaml", text, strlen(text));
}

static const char *
shown(struct compilation *c, enum message_format format, bool color)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	view_diagnostics(out, &c->diags, format, color);
	return printed(out, &text);
}

/* One diagnostic at LENGTH code points from COLUMN of the first line of TEXT, labelled "here". */
static const char *
shown_at(const char *text, uint32_t column, uint32_t length)
{
	struct compilation *c = unit_compilation();
	struct span at = {.source = given(c, text), .line = 1, .column = column, .length = length};

	diag_label(diag(&c->diags, DIAG_FILE_CHANGED, at, "x"), "here");
	return strchr(shown(c, MESSAGE_HUMAN, false), '\n') + 1;
}

static struct compilation *
complete_diagnostic(void)
{
	struct compilation *c = unit_compilation();
	const struct source *s = given(c, "name: b\ndisk:\n  size: 24MiB\n");
	struct diag *d = diag(&c->diags, DIAG_FILE_CHANGED, (struct span){s, 3, 9, 5}, "disk is '%s' short", "12 MiB");

	diag_label(d, "36 MiB needed");
	diag_note(d, (struct span){s, 1, 7, 1}, "largest: /boot");
	diag_note(d, (struct span){0}, "nowhere");
	diag_help(d, "set size: 37MiB");
	return c;
}

TEST(a_diagnostic_shows_its_line_carets_label_notes_and_help)
{
	assert_string_equal(shown(complete_diagnostic(), MESSAGE_HUMAN, false),
		"board.yaml:3:9: error: disk is '12 MiB' short [file-changed]\n"
		"    3 |   size: 24MiB\n"
		"      |         ^~~~~ 36 MiB needed\n"
		"board.yaml:1:7: note: largest: /boot\n"
		"    1 | name: b\n"
		"      |       ^\n"
		"    = note: nowhere\n"
		"    = help: set size: 37MiB\n");
}

TEST(short_diagnostics_take_a_line_each)
{
	assert_string_equal(shown(complete_diagnostic(), MESSAGE_SHORT, false),
		"board.yaml:3:9: error: disk is '12 MiB' short [file-changed]\n"
		"board.yaml:1:7: note: largest: /boot\n"
		"rootc: note: nowhere\n");
}

TEST(a_json_diagnostic_is_one_line_with_everything)
{
	assert_string_equal(shown(complete_diagnostic(), MESSAGE_JSON, false),
		"{\"severity\":\"error\",\"name\":\"file-changed\",\"file\":\"board.yaml\",\"line\":3,\"column\":9,\"length\":5,"
		"\"message\":\"disk is '12 MiB' short\",\"label\":\"36 MiB needed\",\"notes\":["
		"{\"file\":\"board.yaml\",\"line\":1,\"column\":7,\"length\":1,\"message\":\"largest: /boot\",\"label\":null},"
		"{\"file\":null,\"line\":0,\"column\":0,\"length\":0,\"message\":\"nowhere\",\"label\":null}],"
		"\"help\":\"set size: 37MiB\"}\n");
}

TEST(colors_are_those_of_clang)
{
	const char *text = shown(complete_diagnostic(), MESSAGE_HUMAN, true);

	assert_non_null(strstr(text, "\033[1;31merror: \033[0m"));
	assert_non_null(strstr(text, "\033[1;36mnote: \033[0m"));
	assert_non_null(strstr(text, "\033[1;32mhelp: \033[0m"));
	assert_non_null(strstr(text, "|         \033[1;32m^~~~~ 36 MiB needed\033[0m\n"));
}

TEST(a_place_without_a_line_has_no_snippet)
{
	struct compilation *c = unit_compilation();

	diag(&c->diags, DIAG_FILE_UNREADABLE, source_whole(given(c, "")), "cannot read it");
	diag(&c->diags, DIAG_FILE_CHANGED, (struct span){0}, "of no file");
	assert_string_equal(shown(c, MESSAGE_HUMAN, false),
		"board.yaml: error: cannot read it [file-unreadable]\n"
		"rootc: error: of no file [file-changed]\n");
}

TEST(carets_stand_under_the_words)
{
	static const struct {
		const char *line;
		uint32_t column, length;
		const char *want;
	} cases[] = {
		{"a: b", 4, 1, "    1 | a: b\n      |    ^ here\n"},
		{"a: bcd", 4, 3, "    1 | a: bcd\n      |    ^~~ here\n"},
		{"a: b", 4, 0, "    1 | a: b\n      |    ^ here\n"},
		{"a:", 3, 0, "    1 | a:\n      |   ^ here\n"},
		{"", 1, 0, "    1 | \n      | ^ here\n"},
		{"a: bc", 4, 99, "    1 | a: bc\n      |    ^~ here\n"},
		{"\tb", 2, 1, "    1 |         b\n      |         ^ here\n"},
		{"a\tb", 2, 1, "    1 | a       b\n      |  ^~~~~~~ here\n"},
		{"\x1b[0m x", 6, 1, "    1 | \\x1b[0m x\n      |         ^ here\n"},
		{"\x1b", 1, 1, "    1 | \\x1b\n      | ^~~~ here\n"},
		{"\xff: x", 4, 1, "    1 | \\xff: x\n      |       ^ here\n"},
		{"a\\b c", 5, 1, "    1 | a\\b c\n      |     ^ here\n"},
		{"\xc3\xa9: x", 4, 1, "    1 | \xc3\xa9: x\n      |    ^ here\n"},
		{"\xe6\x9d\xb1\xe4\xba\xac: x", 5, 1, "    1 | \xe6\x9d\xb1\xe4\xba\xac: x\n      |       ^ here\n"},
		{"\xe6\x9d\xb1\xe4\xba\xac", 1, 2, "    1 | \xe6\x9d\xb1\xe4\xba\xac\n      | ^~~~ here\n"},
		{"e\xcc\x81: x", 5, 1, "    1 | e\xcc\x81: x\n      |    ^ here\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(shown_at(cases[i].line, cases[i].column, cases[i].length), cases[i].want);
}

/* A line of COUNT letters with "WORD" at COLUMN. */
static const char *
long_line(size_t count, size_t column)
{
	char *line = arena_alloc(unit_compilation()->arena, count + 1);

	memset(line, 'x', count);
	memcpy(line + column - 1, "WORD", 4);
	return line;
}

TEST(a_long_line_is_cut_around_the_words)
{
	const char *text = shown_at(long_line(100000, 50001), 50001, 4), *carets = strchr(text, '\n') + 1;

	assert_int_equal(strncmp(text, "    1 | ...x", 12), 0);
	assert_int_equal(strncmp(carets - 5, "x...", 4), 0);
	assert_int_equal(strstr(text, "WORD") - text, strchr(carets, '^') - carets);
	assert_true(strlen(text) < 250);
	assert_non_null(strstr(carets, "^~~~ here\n"));
}

TEST(a_long_line_with_the_words_in_front_is_cut_behind_only)
{
	const char *text = shown_at(long_line(200, 3), 3, 4);

	assert_int_equal(strncmp(text, "    1 | xxWORDx", 15), 0);
	assert_non_null(strstr(text, "x...\n      |   ^~~~ here\n"));
}

TEST(a_line_of_ordinary_length_is_whole)
{
	assert_null(strstr(shown_at(long_line(120, 117), 117, 4), "..."));
}

TEST(words_of_the_user_cannot_reach_the_terminal)
{
	struct compilation *c = unit_compilation();

	diag(&c->diags, DIAG_FILE_CHANGED, (struct span){0}, "'%s'", "\x1b[2J\n");
	assert_string_equal(shown(c, MESSAGE_HUMAN, false), "rootc: error: '\\x1b[2J\\n' [file-changed]\n");
}

TEST(at_most_twenty_errors_are_shown_and_the_rest_counted)
{
	struct compilation *c = unit_compilation();
	const char *text;

	for (int i = 0; i < 32; i++)
		diag(&c->diags, DIAG_FILE_CHANGED, (struct span){0}, "number %d", i);
	text = shown(c, MESSAGE_HUMAN, false);
	assert_non_null(strstr(text, "number 19 "));
	assert_null(strstr(text, "number 20 "));
	assert_true(text_ends_with(text, "]\n12 more errors\n"));
}

TEST(diagnostics_are_shown_in_the_order_of_their_places)
{
	struct compilation *c = unit_compilation();
	const struct source *s = given(c, "a\nb\n");
	const char *text;

	diag(&c->diags, DIAG_FILE_CHANGED, (struct span){s, 2, 1, 1}, "second");
	diag(&c->diags, DIAG_FILE_CHANGED, (struct span){s, 1, 1, 1}, "first");
	text = shown(c, MESSAGE_SHORT, false);
	assert_true(strstr(text, "first") < strstr(text, "second"));
}

TEST(an_explanation_names_its_exit_status)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_true(view_explanation(out, "file-changed"));
	assert_false(view_explanation(out, "file-chnaged"));
	assert_int_equal(strncmp(printed(out, &text),
		"file-changed: a file changed while it was being read\n(an error in an input; exit status 4)\n\nThe file's", 101), 0);
}

/* A plan by hand: a manifest, what its inputs gave, a tree and where it lies. */
struct given_plan {
	struct plan plan;
	struct compilation *c;
	struct tree tree;
	struct manifest manifest;
	struct closure closure;
	struct layout layout;
	struct ext_layout ext;
	struct ext_group group;
	struct run runs[2];
	uint64_t map_blocks[3];
	struct m_partition from;
	struct partition_layout partition;
	struct region regions[2];
	struct need busybox, libc;
	struct need *needs[2];
	struct m_input debian, board;
	struct entry root_entry, hidden, libc_entry, busybox_entry;
	struct content busybox_content, libc_content;
};

static struct node *
add(struct given_plan *g, struct node *parent, struct node node)
{
	struct node *new = ARENA_NEW(g->c->arena, struct node);

	*new = node;
	new->parent = parent;
	node_adopt(g->c, new);
	return new;
}

static void
give_inputs(struct given_plan *g, const struct source *s)
{
	const struct reason asked = {.at = {s, 2, 10, 12}, .text = "busybox.program"};

	g->debian.name = "debian";
	g->board.name = "board";
	g->root_entry = (struct entry){.name = "", .kind = ENTRY_DIRECTORY};
	g->hidden = (struct entry){.name = "libc.so.6", .kind = ENTRY_FILE, .input = &g->debian, .package = "libc6 2.36-9"};
	g->busybox_entry = (struct entry){.name = "busybox", .parent = &g->root_entry, .kind = ENTRY_FILE, .input = &g->debian,
		.package = "busybox 1:1.35.0-4"};
	g->libc_entry = (struct entry){.name = "libc.so.6", .parent = &g->root_entry, .kind = ENTRY_FILE, .input = &g->board,
		.shadowed = &g->hidden};
	g->busybox = (struct need){.path = "/busybox", .entry = &g->busybox_entry, .why = asked};
	g->libc = (struct need){.path = "/libc.so.6", .entry = &g->libc_entry,
		.why = {.at = asked.at, .text = "NEEDED libc.so.6, built-in directory", .needed_by = &g->busybox}};
	g->needs[0] = &g->busybox;
	g->needs[1] = &g->libc;
	g->closure = (struct closure){.needs = g->needs, .need_count = 2};
}

static void
give_tree(struct given_plan *g, const struct source *s)
{
	struct node *root = ARENA_NEW(g->c->arena, struct node), *dev;

	*root = (struct node){.name = "", .kind = NODE_DIRECTORY, .mode = 0755, .why = unit_reason(g->c, (struct reason){.at = {s, 1, 1, 4}, .text = "the root directory"})};
	g->tree.root = root;
	dev = add(g, root, (struct node){.name = "dev", .kind = NODE_DIRECTORY, .mode = 0755, .implied = true,
		.why = unit_reason(g->c, (struct reason){.at = {s, 3, 3, 8}, .text = "parent of /dev/console"})});
	add(g, dev, (struct node){.name = "console", .kind = NODE_CHAR, .mode = 0600, .major = 5, .minor = 1,
		.why = unit_reason(g->c, (struct reason){.at = {s, 3, 3, 8}, .text = "devices"})});
	add(g, dev, (struct node){.name = "sda", .kind = NODE_BLOCK, .mode = 0660, .group = 6, .major = 8,
		.why = unit_reason(g->c, (struct reason){.at = {s, 3, 3, 8}, .text = "devices"})});
	g->busybox_content.size = 735264;
	add(g, root, (struct node){.name = "busybox", .kind = NODE_FILE, .mode = 04755, .content = &g->busybox_content, .why = &g->busybox.why});
	g->libc_content.size = 1024;
	add(g, root, (struct node){.name = "libc.so.6", .kind = NODE_FILE, .mode = 0644, .content = &g->libc_content, .why = &g->libc.why});
	add(g, root, (struct node){.name = "a\nb", .kind = NODE_LINK, .mode = 0777, .owner = 1000, .group = 1000, .target = "\x1b",
		.why = unit_reason(g->c, (struct reason){.at = {s, 2, 1, 7}, .text = "files"})});
}

static void
give_ext(struct given_plan *g)
{
	static struct ext_inode inodes[2];

	inodes[0] = (struct ext_inode){.number = 11, .mode = 040700, .links = 2, .size = 1024, .block_count = 1, .runs = g->runs, .run_count = 1};
	inodes[1] = (struct ext_inode){.number = 12, .mode = 0100755, .links = 1, .size = 735264, .block_count = 722,
		.node = g->tree.root->children[1], .runs = g->runs, .run_count = 2, .map_blocks = g->map_blocks, .map_block_count = 3};
	g->runs[0] = (struct run){.logical = 0, .first = 100, .count = 1};
	g->runs[1] = (struct run){.logical = 12, .first = 200, .count = 10};
	g->map_blocks[0] = 110;
	g->map_blocks[1] = 111;
	g->map_blocks[2] = 120;
	g->group = (struct ext_group){.first_block = 1, .block_count = 8192, .has_super = true, .block_bitmap = 3, .inode_bitmap = 4,
		.inode_table = 5, .free_blocks = 7000, .free_inodes = 116, .directories = 3};
	g->ext = (struct ext_layout){.kind = FILESYSTEM_EXT2, .block_size = 1024, .block_count = 8193, .free_blocks = 7000,
		.first_data_block = 1, .blocks_per_group = 8192, .inodes_per_group = 128, .inode_size = 128, .inode_count = 128,
		.descriptor_blocks = 1, .inode_table_blocks = 16, .free_inodes = 116, .feature_incompat = 0x2, .feature_ro_compat = 0x80000001,
		.uuid = {1, 2, 3}, .label = "root", .epoch = -1, .groups = &g->group, .group_count = 1, .inodes = inodes, .inode_used_count = 2};
}

static struct given_plan *
given_plan(void)
{
	struct compilation *c = unit_compilation();
	struct given_plan *g = ARENA_NEW(c->arena, struct given_plan);
	const struct source *s = given(c, "name: small\nbusybox: /bin/busybox\n  /dev/console:\n");

	g->c = c;
	give_inputs(g, s);
	give_tree(g, s);
	give_ext(g);
	g->from = (struct m_partition){.name = "root", .mount = {.v = "/", .given = true}};
	g->partition = (struct partition_layout){.from = &g->from, .number = 1, .first_lba = 63, .sector_count = 16386, .mbr_type = 0x83,
		.bootable = true, .root = g->tree.root, .ext = &g->ext};
	g->regions[0] = (struct region){.offset = 0, .size = 440, .owner = "stage1"};
	g->regions[1] = (struct region){.offset = 512, .size = 9460, .owner = "e2fs_stage1_5"};
	g->layout = (struct layout){.disk_bytes = 16500 * 512, .sector_size = SECTOR_USUAL, .disk_id = 0x1a2b, .partitions = &g->partition, .partition_count = 1,
		.regions = g->regions, .region_count = 2};
	g->manifest = (struct manifest){.path = "board.yaml", .name = {.v = "small"}, .format = {.v = 1}};
	g->plan = (struct plan){.manifest = &g->manifest, .closure = &g->closure, .tree = &g->tree, .layout = &g->layout};
	return g;
}

static const char *
viewed(struct given_plan *g, void (*view)(FILE *, struct compilation *, const struct plan *))
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	view(out, g->c, &g->plan);
	return printed(out, &text);
}

TEST(the_tree_is_one_escaped_line_a_node)
{
	assert_string_equal(viewed(given_plan(), view_tree),
		"0755 0:0 dir  /\n"
		"0777 1000:1000 link /a\\nb -> \\x1b\n"
		"4755 0:0 file /busybox 735264\n"
		"0755 0:0 dir  /dev\n"
		"0600 0:0 char /dev/console 5,1\n"
		"0660 0:6 block /dev/sda 8,0\n"
		"0644 0:0 file /libc.so.6 1024\n");
}

TEST(the_map_accounts_for_every_sector_and_every_inode)
{
	assert_string_equal(viewed(given_plan(), view_map),
		"disk 8448000 bytes 16500 sectors table mbr id 0x00001a2b\n"
		"0 stage1 440 bytes, partition table\n"
		"1..19 e2fs_stage1_5 9460 bytes\n"
		"20..62 unused\n"
		"63..16448 partition 1 root type 0x83 bootable ext2 at /\n"
		"16449..16499 unused\n"
		"\n"
		"partition 1 root\n"
		"ext2 block_size 1024 blocks 8193 free 7000 reserved 0 first 1 per_group 8192\n"
		"inodes 128 free 116 size 128 per_group 128\n"
		"uuid 01020300-0000-0000-0000-000000000000 label 'root' epoch -1\n"
		"hash_seed 00000000-0000-0000-0000-000000000000\n"
		"features filetype sparse_super ro_compat:0x80000000\n"
		"group 0 blocks 1..8192 super 1 descriptors 2 block_bitmap 3 inode_bitmap 4 inode_table 5..20"
		" free_blocks 7000 free_inodes 116 directories 3 unused_inodes 0\n"
		"inode 11 mode 040700 links 2 size 1024 blocks 1 0@100 <lost+found>\n"
		"inode 12 mode 0100755 links 1 size 735264 blocks 722 0@100 12..21@200..209 map 110..111,120 /busybox\n");
}

TEST(partitions_are_mapped_by_place_not_by_number)
{
	struct given_plan *g = given_plan();
	struct m_partition from = {.name = "data"};
	struct partition_layout two[] = {
		g->partition,
		{.from = &from, .number = 2, .first_lba = 20, .sector_count = 43, .mbr_type = 0xda},
	};

	g->layout.partitions = two;
	g->layout.partition_count = 2;
	assert_non_null(strstr(viewed(g, view_map),
		"1..19 e2fs_stage1_5 9460 bytes\n20..62 partition 2 data type 0xda\n63..16448 partition 1 root"));
}

static const char *
why(struct given_plan *g, const char *path, bool there)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_int_equal(view_why(out, g->c, &g->plan, path), there);
	return printed(out, &text);
}

TEST(why_leads_from_the_manifest_down_to_the_path)
{
	assert_string_equal(why(given_plan(), "/libc.so.6", true),
		"board.yaml:2:10: /bin/busybox\n"
		"  /busybox: busybox.program, from debian (busybox 1:1.35.0-4)\n"
		"  /libc.so.6: NEEDED libc.so.6, built-in directory, from board\n");
	assert_string_equal(why(given_plan(), "/dev", true),
		"board.yaml:3:3: /dev/con\n"
		"  /dev: parent of /dev/console\n");
}

TEST(why_follows_links_to_what_the_path_means)
{
	struct given_plan *g = given_plan();

	add(g, g->tree.root, (struct node){.name = "d", .kind = NODE_LINK, .mode = 0777, .target = "dev", .why = &g->busybox.why});
	assert_string_equal(why(g, "/d/console", true),
		"/d/console is /dev/console\n"
		"board.yaml:3:3: /dev/con\n"
		"  /dev/console: devices\n");
}

TEST(why_of_a_path_that_is_not_there_says_nothing)
{
	assert_string_equal(why(given_plan(), "/nothing", false), "");
}

TEST(the_page_shows_what_is_full_large_shadowed_and_implied)
{
	assert_string_equal(viewed(given_plan(), view_plan),
		"small: 8.1 MiB, partition table mbr, disk id 0x00001a2b\n"
		"\n"
		"Partitions\n"
		"  1 root              8.1 MiB from sector 63, ext2 at /, bootable\n"
		"      [###.................]  14% of 8.1 MiB used, 12 of 128 inodes\n"
		"\n"
		"Boot code\n"
		"  stage1              440 bytes at sector 0\n"
		"  e2fs_stage1_5      9460 bytes at sector 1\n"
		"\n"
		"Contents: 2 files (719.1 KiB), 2 directories, 1 link, 2 devices\n"
		"   718.1 KiB  /busybox\n"
		"       1 KiB  /libc.so.6\n"
		"\n"
		"Shadowed inputs\n"
		"  /libc.so.6: board shadows debian (libc6 2.36-9)\n"
		"\n"
		"Implied (`rootc why MANIFEST PATH` tells more)\n"
		"  1 parent directory, mode 0755, owner 0:0\n"
		"  by /busybox:\n"
		"      /libc.so.6\n");
}

TEST(no_line_of_the_page_is_wider_than_a_terminal)
{
	struct given_plan *g = given_plan();
	char *name = arena_alloc(g->c->arena, 256);
	const char *text;

	memset(name, 'n', 255);
	g->manifest.name.v = name;
	g->from.name = name;
	g->from.mount.v = name;
	g->libc_entry.name = name;
	g->hidden.package = name;
	add(g, g->tree.root, (struct node){.name = name, .kind = NODE_FILE, .content = &g->libc_content, .why = &g->libc.why});
	text = viewed(g, view_plan);
	for (const char *end; (end = strchr(text, '\n')); text = end + 1)
		assert_true(end - text <= 80);
}

TEST(the_plan_as_json_is_one_document_with_every_part)
{
	const char *text = viewed(given_plan(), view_plan_json);
	static const char *const parts[] = {
		"\"name\": \"small\"", "\"bytes\": 8448000", "\"owner\": \"e2fs_stage1_5\"", "\"first_lba\": 63",
		"\"uuid\": \"01020300-0000-0000-0000-000000000000\"", "\"path\": \"/dev/console\"", "\"needed_by\": \"/busybox\"",
		"\"target\": \"\\u001b\"", "\"shadows\": \"debian\"", "\"logical\": 12",
	};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		assert_non_null(strstr(text, parts[i]));
	assert_int_equal(text[0], '{');
	assert_true(text_ends_with(text, "\n}\n"));
}
