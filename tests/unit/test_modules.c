#include "unit.h"

#include <lzma.h>
#include <stdio.h>
#include <string.h>

#include "support/checksum.h"
#include "support/little_endian.h"
#include "sysroot.h"

enum { TEXTS = 320 };

/* A module of /lib/modules/6.1: a relocatable ELF file of nothing but section names and SIZE bytes of .modinfo. */
static unsigned char *
module_file(struct sysroot *s, const char *texts, size_t size)
{
	unsigned char *file = arena_alloc(s->c->arena, TEXTS + size);

	memset(file, 0, TEXTS);
	memcpy(file, "\177ELF\2\1\1", 7);
	file[0x10] = 1;
	file[0x28] = 64;           /* section headers, three of 64 bytes */
	file[0x3a] = 64;
	file[0x3c] = 3;
	file[0x3e] = 1;
	file[128 + 0x19] = 1;      /* their names at 256 */
	file[128 + 0x20] = 20;
	file[192] = 11;
	file[192 + 0x18] = TEXTS & 0xff;
	file[192 + 0x19] = TEXTS >> 8;
	for (size_t i = 0; i < 4; i++)
		file[192 + 0x20 + i] = (unsigned char)(size >> 8 * i);
	memcpy(file + 256, "\0.shstrtab\0.modinfo", 20);
	memcpy(file + TEXTS, texts, size);
	return file;
}

static void
add_module(struct sysroot *s, const char *name, const char *texts, size_t size)
{
	sysroot_bytes(s, arena_printf(s->c->arena, "/lib/modules/6.1/%s.ko", name), module_file(s, texts, size), TEXTS + size);
}

static void
ask_for(struct sysroot *s, const char *name)
{
	struct m_texts *modules = &s->manifest.kernel.modules;

	struct m_text wanted = sysroot_words(s, 7 + (uint32_t)modules->count, name);

	*ARENA_PUSH(s->c->arena, modules->v, modules->count) = wanted;
}

/* "a b:0": the modules in their order, each with the numbers of those it needs. */
static const char *
order(struct sysroot *s)
{
	const char *text = "";

	if (!sysroot_resolve(s))
		return "cannot be resolved";
	for (size_t i = 0; i < s->closure->module_count; i++) {
		const struct kernel_module *module = &s->closure->modules[i];
		const char *name = strrchr(module->path, '/') + 1;

		text = arena_printf(s->c->arena, "%s%s%.*s", text, i ? " " : "", (int)strcspn(name, "."), name);
		for (size_t k = 0; k < module->need_count; k++)
			text = arena_printf(s->c->arena, "%s:%zu", text, module->needs[k]);
	}
	return text;
}

#define ADD(s, name, texts) add_module((s), (name), (texts), sizeof(texts))

TEST(what_a_softdep_brings_in_stands_behind_what_it_depends_on)
{
	struct sysroot s = sysroot_new();

	ADD(&s, "first", "depends=");
	ADD(&s, "a", "depends=\0softdep=pre: b");
	ADD(&s, "b", "depends=c");
	ADD(&s, "c", "depends=a");
	ask_for(&s, "first");
	ask_for(&s, "a");
	assert_string_equal(order(&s), "first a c:1 b:2");
}

TEST(modules_that_need_one_another_stand_as_they_were_found)
{
	struct sysroot s = sysroot_new();

	ADD(&s, "first", "depends=");
	ADD(&s, "a", "depends=b");
	ADD(&s, "b", "depends=a,c");
	ADD(&s, "c", "depends=c");
	ask_for(&s, "first");
	ask_for(&s, "a");
	assert_string_equal(order(&s), "first c:1 b:3:1 a:2");
}

TEST(a_last_text_without_a_nul_is_one_and_empty_words_are_none)
{
	struct sysroot s = sysroot_new();

	add_module(&s, "a", "\0\0depends=,b,,\0depends", 22);
	add_module(&s, "b", "depends=c", 9);
	ADD(&s, "c", "depends=");
	ask_for(&s, "a");
	assert_string_equal(order(&s), "c b:0 a:1");
}

/* 70000 names for 70000 questions took minutes. */
TEST(many_aliases_answer_many_questions)
{
	enum { COUNT = 70000 };
	struct sysroot s = sysroot_new();
	char *aliases = arena_alloc(s.c->arena, 16 * COUNT), *softdep = arena_alloc(s.c->arena, 16 * COUNT);
	size_t size = 0, length = (size_t)sprintf(softdep, "softdep=pre:");

	for (int i = 0; i < COUNT; i++) {
		size += (size_t)sprintf(aliases + size, "alias=a%d", i) + 1;
		length += (size_t)sprintf(softdep + length, " b%d", i);
	}
	add_module(&s, "known", aliases, size);
	add_module(&s, "asks", softdep, length + 1);
	ask_for(&s, "asks");
	ask_for(&s, "a69999");
	assert_string_equal(order(&s), "asks known");
}

TEST(an_alias_is_found_by_its_pattern_and_only_where_the_manifest_names_it)
{
	struct sysroot s = sysroot_new();

	ADD(&s, "card", "alias=pci:v00001AF4d0000100[0-3]sv*\0alias=net-card");
	ADD(&s, "other", "alias=pci:v00001AF4d0000100[4-7]sv*\0alias=NET-card");
	ADD(&s, "asks", "softdep=pre: pci:v00001AF4d00001005sv1\tnet-card\tpost:\tnothing");
	ask_for(&s, "asks");
	assert_string_equal(order(&s), "card asks");
	ask_for(&s, "pci:v00001AF4d00001005sv1");
	assert_string_equal(order(&s), "card asks other");
}

TEST(an_alias_means_the_update_and_not_what_it_stands_in_front_of)
{
	struct sysroot s = sysroot_new();

	ADD(&s, "kernel/nic", "alias=net-card\0depends=old");
	ADD(&s, "kernel/old", "alias=x");
	ADD(&s, "updates/nic", "alias=net-card");
	ask_for(&s, "net-card");
	assert_string_equal(order(&s), "nic");
}

TEST(an_alias_of_a_module_that_is_several_files_is_as_ambiguous_as_its_name)
{
	struct sysroot s = sysroot_new();

	ADD(&s, "kernel/nic", "alias=net-card");
	ADD(&s, "extra/nic", "alias=net-card");
	ask_for(&s, "net-card");
	assert_false(sysroot_resolve(&s));
	assert_int_equal(s.c->diags.list[0]->kind, DIAG_MODULE_AMBIGUOUS);
}

/* By gzip without compression, whose sums libarchive does not look at (RFC 1952, RFC 1951 3.2.4). */
static size_t
pack_stored(unsigned char *to, const unsigned char *bytes, size_t size)
{
	static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1};

	memcpy(to, head, sizeof head);
	put16(to + 11, (uint16_t)size);
	put16(to + 13, (uint16_t)~size);
	memcpy(to + 15, bytes, size);
	put32(to + 15 + size, checksum_crc32(bytes, size));
	put32(to + 19 + size, (uint32_t)size);
	return size + 23;
}

TEST(a_module_whose_bytes_are_not_those_of_gzip_s_sum_is_no_module)
{
	for (int wrong = 0; wrong < 2; wrong++) {
		struct sysroot s = sysroot_new();
		unsigned char packed[2048];
		size_t size = pack_stored(packed, module_file(&s, "depends=", 9), TEXTS + 9);

		packed[15 + TEXTS] ^= (unsigned char)(wrong << 1);
		sysroot_bytes(&s, "/lib/modules/6.1/a.ko.gz", packed, size);
		ask_for(&s, "a");
		assert_int_equal(sysroot_resolve(&s), !wrong);
		if (wrong)
			assert_int_equal(s.c->diags.list[0]->kind, DIAG_MODULE_BAD);
	}
}

TEST(a_packed_module_that_is_cut_off_anywhere_is_no_module)
{
	struct sysroot whole = sysroot_new();
	unsigned char packed[1024];
	size_t size = 0;

	assert_int_equal(lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, NULL, module_file(&whole, "depends=", 9), TEXTS + 9, packed, &size,
		sizeof packed), LZMA_OK);
	sysroot_bytes(&whole, "/lib/modules/6.1/a.ko.xz", packed, size);
	ask_for(&whole, "a");
	assert_string_equal(order(&whole), "a");
	for (size_t cut = 0; cut < size; cut++) {
		struct sysroot s = sysroot_new();

		sysroot_bytes(&s, "/lib/modules/6.1/a.ko.xz", packed, cut);
		ask_for(&s, "a");
		assert_false(sysroot_resolve(&s));
		assert_int_equal(s.c->diags.list[0]->kind, DIAG_MODULE_BAD);
	}
}
