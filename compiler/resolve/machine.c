/* Decides which ELF files are for one machine, and what people call that. */
#include "resolve/elf.h"

#include "support/compilation.h"

/* Bits of e_flags that must be equal (G11). EITHER: zero goes with everything. */
static const struct {
	uint16_t machine;
	uint32_t mask;
	bool either;
} abi_flags[] = {
	{EM_MIPS, EF_MIPS_ABI2 | EF_MIPS_NAN2008 | EF_MIPS_FP64, false},
	{EM_PPC64, 3 /* EF_PPC64_ABI */, true},
	{EM_RISCV, 6 /* EF_RISCV_FLOAT_ABI */, false},
	{EM_ARM, EF_ARM_ABI_FLOAT_SOFT | EF_ARM_ABI_FLOAT_HARD, true},
};

bool
facts_fit(const struct elf_facts *a, const struct elf_facts *b)
{
	if (a->class != b->class || a->data != b->data || a->machine != b->machine)
		return false;
	for (size_t i = 0; i < sizeof abi_flags / sizeof *abi_flags; i++) {
		uint32_t of_a = a->flags & abi_flags[i].mask, of_b = b->flags & abi_flags[i].mask;

		if (a->machine == abi_flags[i].machine)
			return of_a == of_b || (abi_flags[i].either && (of_a == 0 || of_b == 0));
	}
	return true;
}

static const char *const machine_names[] = {
	[EM_SPARC] = "SPARC",
	[EM_386] = "x86",
	[EM_68K] = "m68k",
	[EM_MIPS] = "MIPS",
	[EM_PARISC] = "PA-RISC",
	[EM_PPC] = "PowerPC",
	[EM_PPC64] = "PowerPC",
	[EM_S390] = "S/390",
	[EM_ARM] = "ARM",
	[EM_SH] = "SuperH",
	[EM_SPARCV9] = "SPARC",
	[EM_IA_64] = "Itanium",
	[EM_X86_64] = "x86-64",
	[EM_AARCH64] = "ARM",
	[EM_RISCV] = "RISC-V",
	[EM_LOONGARCH] = "LoongArch",
};

const char *
facts_machine(struct compilation *c, const struct elf_facts *facts)
{
	const char *bits = facts->class == ELFCLASS64 ? "64-bit" : "32-bit";
	const char *order = facts->data == ELFDATA2MSB ? "big-endian " : "";
	const char *floats = facts->machine != EM_ARM ? "" : facts->flags & EF_ARM_ABI_FLOAT_HARD ? ", hard floats" :
		facts->flags & EF_ARM_ABI_FLOAT_SOFT ? ", soft floats" : "";

	if (facts->machine < sizeof machine_names / sizeof *machine_names && machine_names[facts->machine])
		return arena_printf(c->arena, "%s %s%s%s", bits, order, machine_names[facts->machine], floats);
	return arena_printf(c->arena, "%s %smachine %u", bits, order, facts->machine);
}
