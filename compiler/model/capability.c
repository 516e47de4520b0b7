#include "model/capability.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "support/arena.h"
#include "support/little_endian.h"

const char *const capability_names[] = {
	"cap_chown", "cap_dac_override", "cap_dac_read_search", "cap_fowner", "cap_fsetid", "cap_kill", "cap_setgid", "cap_setuid",
	"cap_setpcap", "cap_linux_immutable", "cap_net_bind_service", "cap_net_broadcast", "cap_net_admin", "cap_net_raw",
	"cap_ipc_lock", "cap_ipc_owner", "cap_sys_module", "cap_sys_rawio", "cap_sys_chroot", "cap_sys_ptrace", "cap_sys_pacct",
	"cap_sys_admin", "cap_sys_boot", "cap_sys_nice", "cap_sys_resource", "cap_sys_time", "cap_sys_tty_config", "cap_mknod",
	"cap_lease", "cap_audit_write", "cap_audit_control", "cap_setfcap", "cap_mac_override", "cap_mac_admin", "cap_syslog",
	"cap_wake_alarm", "cap_block_suspend", "cap_audit_read", "cap_perfmon", "cap_bpf", "cap_checkpoint_restore", NULL,
};

enum { CAPABILITIES = sizeof capability_names / sizeof *capability_names - 1 };

#define ALL_CAPABILITIES ((UINT64_C(1) << CAPABILITIES) - 1)

enum {
	FLAG_EFFECTIVE = 1,  /* of the magic number */
	MAGIC = 2 << 24,     /* VFS_CAP_REVISION_2 */
};

/* The three sets of flags, in the order of the letters. */
static const char letters[] = "eip";

enum { EFFECTIVE, INHERITABLE, PERMITTED, SETS };

struct parser {
	struct arena *arena;
	const char *at;
	uint64_t sets[SETS]; /* a bit a capability */
	struct capability_fault *fault;
};

static bool
wrong(struct parser *p, const char *why)
{
	p->fault->why = why;
	return false;
}

static bool
take_name(struct parser *p, size_t length, uint64_t *capabilities)
{
	const char *name = arena_strndup(p->arena, p->at, length);

	if (strcasecmp(name, "all") == 0) {
		*capabilities |= ALL_CAPABILITIES;
		return true;
	}
	for (size_t i = 0; i < CAPABILITIES; i++)
		if (strcasecmp(name, capability_names[i]) == 0) {
			*capabilities |= UINT64_C(1) << i;
			return true;
		}
	p->fault->unknown = name;
	return false;
}

/* "cap_net_raw,cap_chown", or nothing. */
static bool
take_names(struct parser *p, uint64_t *capabilities)
{
	size_t length = strcspn(p->at, ",=+- \t\n");

	while (length > 0 || *p->at == ',') {
		if (!take_name(p, length, capabilities))
			return false;
		p->at += length;
		if (*p->at != ',')
			break;
		p->at++;
		length = strcspn(p->at, ",=+- \t\n");
		if (length == 0)
			return wrong(p, "a name is missing behind a ','");
	}
	return true;
}

/* The sets that the letters at P->at name, a bit each. */
static bool
take_flags(struct parser *p, unsigned *flags)
{
	for (*flags = 0; *p->at && !strchr("=+- \t\n", *p->at); p->at++) {
		const char *letter = strchr(letters, *p->at);

		if (!letter)
			return wrong(p, arena_printf(p->arena, "'%c' is no flag", *p->at));
		*flags |= 1u << (letter - letters);
	}
	return true;
}

static void
apply(struct parser *p, char operator, uint64_t capabilities, unsigned flags)
{
	for (unsigned i = 0; i < SETS; i++) {
		if (operator == '=' || (operator == '-' && flags & 1u << i))
			p->sets[i] &= ~capabilities;
		if (operator != '-' && flags & 1u << i)
			p->sets[i] |= capabilities;
	}
}

/* Names, and at least one operator with its flags. Without names '=' speaks of all. */
static bool
take_clause(struct parser *p)
{
	uint64_t capabilities = 0;
	bool is_first = true;

	if (!take_names(p, &capabilities))
		return false;
	if (!*p->at || !strchr("=+-", *p->at))
		return wrong(p, "flags are missing behind a name");
	for (; *p->at && strchr("=+-", *p->at); is_first = false) {
		char operator = *p->at++;
		unsigned flags;

		if (capabilities == 0 && operator == '=')
			capabilities = ALL_CAPABILITIES;
		if (capabilities == 0)
			return wrong(p, arena_printf(p->arena, "a name is missing in front of '%c'", operator));
		if (operator == '=' && !is_first)
			return wrong(p, "'=' comes first in a clause");
		if (!take_flags(p, &flags))
			return false;
		if (flags == 0 && operator != '=')
			return wrong(p, arena_printf(p->arena, "flags are missing behind '%c'", operator));
		apply(p, operator, capabilities, flags);
	}
	return true;
}

/* A file has two sets, and one bit that makes both of them effective. */
static bool
check_sets(struct parser *p)
{
	uint64_t held = p->sets[PERMITTED] | p->sets[INHERITABLE];

	if (p->sets[EFFECTIVE] & ~held)
		return wrong(p, "a capability is effective that is neither permitted nor inheritable");
	if (p->sets[EFFECTIVE] && p->sets[EFFECTIVE] != held)
		return wrong(p, "some capabilities are effective and others are not, and a file can only say so of all");
	return true;
}

bool
capability_encode(struct arena *a, const char *text, unsigned char bytes[CAPABILITY_SIZE], struct capability_fault *fault)
{
	struct parser p = {.arena = a, .at = text + strspn(text, " \t\n"), .fault = fault};

	*fault = (struct capability_fault){0};
	if (!*p.at)
		return wrong(&p, "nothing is in it");
	for (; *p.at; p.at += strspn(p.at, " \t\n"))
		if (!take_clause(&p))
			return false;
	if (!check_sets(&p))
		return false;
	put32(bytes, MAGIC | (p.sets[EFFECTIVE] ? FLAG_EFFECTIVE : 0));
	for (int i = 0; i < 2; i++) {
		put32(bytes + 4 + 8 * i, (uint32_t)(p.sets[PERMITTED] >> 32 * i));
		put32(bytes + 8 + 8 * i, (uint32_t)(p.sets[INHERITABLE] >> 32 * i));
	}
	return true;
}

bool
capability_is_valid(const unsigned char *value, size_t size)
{
	static const size_t sizes[] = {0, 12, CAPABILITY_SIZE, 24}; /* by revision */

	return size >= 4 && value[3] < sizeof sizes / sizeof *sizes && size == sizes[value[3]] && value[2] == 0 &&
		value[1] == 0 && value[0] <= FLAG_EFFECTIVE;
}

bool
capability_grants(const unsigned char *value, size_t size)
{
	bool permits = false;

	if (!capability_is_valid(value, size))
		return false;
	for (size_t at = 4; at + 8 <= size; at += 8)
		for (size_t i = 0; i < 4; i++)
			permits |= value[at + i] != 0;
	return permits || value[0] & FLAG_EFFECTIVE;
}
