/* Decides which of the pool's GRUB 0.97 files the image is booted by (boot.md 1.1, 1.2). */
#include "resolve/grub_file.h"

enum {
	LARGEST_STAGE = 1024 * 1024,
	MOST_SECTORS = 62, /* between sector 0 and the first partition of a disk with 63 sectors a track */
};

#define COMPAT_VERSION "\3\2" /* of all GRUB 0.95 to 0.97: other numbers do not work together */

static const struct grub_kind stages[] = {
	{"stage1", 512, 512, {
		{0x3e, COMPAT_VERSION, 2, "the version 3.2"},
		{0x1fe, "\x55\xaa", 2, "the boot signature"}}},
	{"e2fs_stage1_5", 0x400, MOST_SECTORS * 512, {
		{0x206, COMPAT_VERSION, 2, "the version 3.2"},
		{0x210, "\2", 1, "the mark of e2fs_stage1_5"},
		{0x212, "0.97", 5, "the version 0.97"}}},
	{"stage2", 0x400, LARGEST_STAGE, {
		{0x206, COMPAT_VERSION, 2, "the version 3.2"},
		{0x210, "", 1, "the mark of stage2"},
		{0x212, "0.97", 5, "the version 0.97"}}},
};

enum { STAGE1, STAGE1_5, STAGE2, STAGES };

static const struct grub_generation legacy = {
	.name = "GRUB legacy",
	.version = "GRUB 0.97",
	.pattern = "/usr/lib/grub/*-pc/stage1",
	.help = "add the package 'grub-legacy' of Debian 12 to the inputs; later releases have an empty one",
};

void
resolve_grub_legacy(struct resolver *r)
{
	const char *directory = grub_find_directory(r, &legacy);
	struct need *stage2 = ARENA_NEW(r->c->arena, struct need);
	struct grub_file files[STAGES];
	bool good = true;

	for (size_t i = 0; directory && i < STAGES; i++)
		good &= grub_read_file(r, &legacy, directory, &stages[i], &files[i]);
	if (!directory || !good)
		return;
	*stage2 = (struct need){.path = entry_path(r->c, files[STAGE2].entry), .entry = files[STAGE2].entry,
		.why = {.at = r->manifest->grub.at, .text = "grub"}};
	r->closure->boot = (struct boot_files){
		.stage1 = files[STAGE1].bytes,
		.stage1_5 = files[STAGE1_5].bytes,
		.stage1_5_size = files[STAGE1_5].size,
		.stage2 = stage2,
	};
}
