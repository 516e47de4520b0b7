#include "unit.h"

#include <string.h>

#include "model/capability.h"
#include "model/xattr.h"

/* What setcap of libcap 2.66 writes for each text, as getfattr shows it; NULL: it is refused. */
TEST(capabilities_are_written_as_setcap_writes_them)
{
	static const struct {
		const char *text, *value;
	} cases[] = {
		{"cap_net_raw+ep", "0x0100000200200000000000000000000000000000"},
		{"CAP_NET_RAW=pe", "0x0100000200200000000000000000000000000000"},
		{"cap_net_bind_service,cap_chown=p cap_net_bind_service+i cap_chown-p", "0x0000000200040000000400000000000000000000"},
		{"all=eip", "0x01000002ffffffffffffffffff010000ff010000"},
		{"all+i", "0x0000000200000000ffffffff00000000ff010000"},
		{"=", "0x0000000200000000000000000000000000000000"},
		{"=p", "0x00000002ffffffff00000000ff01000000000000"},
		{"cap_bpf,cap_perfmon=eip cap_bpf-i", "0x010000020000000000000000c000000040000000"},
		{"cap_chown=p+i", "0x0000000201000000010000000000000000000000"},
		{" cap_chown=\t\n", "0x0000000200000000000000000000000000000000"},
		{"cap_net_raw+ep cap_chown+p", NULL},
		{"cap_net_raw+e", NULL},
		{"+ep", NULL},
		{"-p", NULL},
		{"cap_chown", NULL},
		{"cap_chown ep", NULL},
		{"cap_chown+", NULL},
		{"cap_chown,+p", NULL},
		{",cap_chown+p", NULL},
		{"cap_chown+p=e", NULL},
		{"cap_chown=Ep", NULL},
		{"chown+p", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct compilation *c = unit_compilation();
		unsigned char bytes[CAPABILITY_SIZE];
		const struct xattr x = {.value = bytes, .size = sizeof bytes};
		struct capability_fault fault;
		bool good = capability_encode(c->arena, cases[i].text, bytes, &fault);

		if (good != (cases[i].value != NULL))
			fail_msg("'%s' is %s", cases[i].text, good ? "accepted" : "refused");
		if (good && strcmp(xattr_show(c->arena, &x), cases[i].value) != 0)
			fail_msg("'%s' is %s", cases[i].text, xattr_show(c->arena, &x));
		if (good)
			assert_true(capability_is_valid(bytes, sizeof bytes));
		else
			assert_true((fault.unknown != NULL) != (fault.why != NULL));
	}
}

TEST(values_of_attributes_are_read_as_setfattr_reads_them)
{
	static const struct {
		const char *text, *bytes;
		size_t size;
	} cases[] = {
		{"text", "text", 4},
		{"", "", 0},
		{"0", "0", 1},
		{"0x", "", 0},
		{"0x00fF", "\0\377", 2},
		{"0X0a", "\n", 1},
		{"0s", "", 0},
		{"0sAA==", "\0", 1},
		{"0SAP8=", "\0\377", 2},
		{"0sYWJj", "abc", 3},
		{"0x0", NULL, 0},
		{"0xzz", NULL, 0},
		{"0sA", NULL, 0},
		{"0sAA=A", NULL, 0},
		{"0s=AAA", NULL, 0},
		{"0sAA=", NULL, 0},
		{"0sA A=", NULL, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct compilation *c = unit_compilation();
		size_t size = 0;
		const unsigned char *bytes = xattr_decode(c->arena, cases[i].text, &size);

		if (!bytes != !cases[i].bytes)
			fail_msg("'%s' is %s", cases[i].text, bytes ? "accepted" : "refused");
		if (!bytes)
			continue;
		assert_int_equal(size, cases[i].size);
		assert_memory_equal(bytes, cases[i].bytes, size);
	}
}

TEST(what_is_written_of_a_file_takes_the_place_of_what_its_source_has)
{
	struct compilation *c = unit_compilation();
	struct xattrs from = {0};
	struct m_pair pair = {.name = "user.a", .value = {.v = "new", .given = true}};
	struct m_file file = {0};
	const struct xattrs *got;

	xattrs_put(c->arena, &from, &(struct xattr){.name = "user.b", .value = (const unsigned char *)"old", .size = 3});
	xattrs_put(c->arena, &from, &(struct xattr){.name = "user.a", .value = (const unsigned char *)"old", .size = 3});
	assert_string_equal(from.list[0].name, "user.a");
	assert_ptr_equal(xattrs_of_file(c->arena, &file, &from), &from);
	file.capabilities = (struct m_text){.v = "cap_chown+p", .given = true};
	got = xattrs_of_file(c->arena, &file, &from);
	assert_int_equal(got->count, 3);
	assert_string_equal(got->list[0].name, CAPABILITY_XATTR);
	file.xattrs = (struct m_pairs){.v = &pair, .count = 1, .given = true};
	got = xattrs_of_file(c->arena, &file, &from);
	assert_int_equal(got->count, 2);
	assert_memory_equal(xattrs_find(got, "user.a")->value, "new", 3);
	file = (struct m_file){.xattrs = {.given = true}};
	assert_null(xattrs_of_file(c->arena, &file, &from));
}

TEST(attributes_are_sorted_by_name_and_each_is_there_once)
{
	struct arena *a = arena_new();
	struct xattrs set = {0};

	for (size_t i = 0; i < 200; i++) {
		unsigned char *value = arena_alloc(a, 1);

		*value = (unsigned char)i;
		xattrs_put(a, &set, &(struct xattr){.name = arena_printf(a, "user.%zu", i * 7 % 100), .value = value, .size = 1});
	}
	assert_int_equal(set.count, 100);
	for (size_t i = 0; i < set.count; i++) {
		assert_true(i == 0 || strcmp(set.list[i - 1].name, set.list[i].name) < 0);
		assert_true(set.list[i].value[0] >= 100);
	}
	arena_free(a);
}
