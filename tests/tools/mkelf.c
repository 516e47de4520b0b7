/*
 * Writes small, valid ELF files for tests, the same bytes for the same arguments:
 *
 *	mkelf [--class 32|64] [--data lsb|msb] [--machine N] [--type exec|dyn|N] [--flags N] [--osabi N] [--abi-version N]
 *	      [--padding N] [--interp PATH] [--needed NAME]... [--filter NAME]... [--auxiliary NAME]... [--audit LIST]
 *	      [--depaudit LIST] [--soname NAME] [--rpath PATH] [--runpath PATH] [--dt-flags N] [--flags-1 N] [--relr N]
 *	      [--version NAME]... [--needs-version FILE:NAME]... [--weakly-needs-version FILE:NAME]...
 *	      [--defines SYMBOL[@VERSION]]... [--undefined SYMBOL[@VERSION]]... [--weak SYMBOL[@VERSION]]... [--hash gnu|sysv]
 *	      [--opens JSON] [--isa N] [--rodata TEXT] [--static] OUT
 *
 * TEXT may hold \0 for a NUL and \\ for a backslash; it stands between two NULs. The file is one PT_LOAD that holds all of it:
 * header, program headers, interpreter, strings, symbols and versions, notes, rodata, dynamic section. --static leaves the dynamic
 * section out. --hash sysv makes a symbol table even without symbols, which musl's loader reads in every file. --opens makes a .note.dlopen, --isa a property note that says which instructions are needed.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST_BYTES = 1 << 20,
	MOST_ENTRIES = 16 * 1024,
	MOST_SYMBOLS = 64,
	MOST_VERSIONS = 16,
	BASE = 0x10000, /* where the PT_LOAD begins in memory, so that addresses and offsets differ */
};

struct file {
	unsigned char bytes[MOST_BYTES];
	size_t size;
	int is_64, is_msb;
	unsigned machine, type, flags, osabi, abi_version, padding, isa;
	const char *interp, *rodata, *opens;
	int is_static, has_sysv_hash;
	char parts[16 * 1024]; /* of options, each ended by a NUL */
	size_t parts_size;
	struct symbol {
		const char *name;
		const char *version; /* NULL: none */
		int is_defined, is_weak;
		size_t at; /* in the string table */
	} symbols[MOST_SYMBOLS];
	size_t symbol_count;
	struct version {
		const char *file; /* NULL: it is defined here */
		const char *name;
		int is_weak;
		size_t file_at, name_at;
	} versions[MOST_VERSIONS]; /* the index of each is 2 more */
	size_t version_count;
	struct {
		uint64_t tag, value;
		const char *text; /* its value is the place of this in the string table */
	} entries[MOST_ENTRIES];
	size_t entry_count;
};

static void
fail(const char *why, const char *what)
{
	fprintf(stderr, "mkelf: %s%s\n", why, what);
	exit(2);
}

static void
put(struct file *f, uint64_t value, size_t size)
{
	if (f->size + size > MOST_BYTES)
		fail("too large", "");
	for (size_t i = 0; i < size; i++)
		f->bytes[f->size + i] = (unsigned char)(value >> 8 * (f->is_msb ? size - 1 - i : i));
	f->size += size;
}

/* A number as wide as an address. */
static void
put_word(struct file *f, uint64_t value)
{
	put(f, value, f->is_64 ? 8 : 4);
}

static size_t
put_text(struct file *f, const char *text)
{
	size_t at = f->size;

	do
		put(f, (unsigned char)*text, 1);
	while (*text++);
	return at;
}

static void
align(struct file *f)
{
	while (f->size % 16)
		put(f, 0, 1);
}

static size_t
sizeof_head(const struct file *f)
{
	return f->is_64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t
sizeof_segment(const struct file *f)
{
	return f->is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static void
put_head(struct file *f, unsigned segments)
{
	put(f, 0x7f, 1);
	put(f, 'E', 1);
	put(f, 'L', 1);
	put(f, 'F', 1);
	put(f, f->is_64 ? ELFCLASS64 : ELFCLASS32, 1);
	put(f, f->is_msb ? ELFDATA2MSB : ELFDATA2LSB, 1);
	put(f, EV_CURRENT, 1);
	put(f, f->osabi, 1);
	put(f, f->abi_version, 1);
	while (f->size < EI_NIDENT)
		put(f, f->padding, 1);
	put(f, f->type, 2);
	put(f, f->machine, 2);
	put(f, EV_CURRENT, 4);
	put_word(f, BASE);
	put_word(f, sizeof_head(f));
	put_word(f, 0);
	put(f, f->flags, 4);
	put(f, sizeof_head(f), 2);
	put(f, sizeof_segment(f), 2);
	put(f, segments, 2);
	put(f, 0, 6); /* no sections */
}

static void
put_segment(struct file *f, unsigned type, size_t offset, size_t size, unsigned alignment)
{
	put(f, type, 4);
	if (f->is_64)
		put(f, PF_R | PF_W, 4);
	put_word(f, offset);
	put_word(f, BASE + offset);
	put_word(f, BASE + offset);
	put_word(f, size);
	put_word(f, size);
	if (!f->is_64)
		put(f, PF_R | PF_W, 4);
	put_word(f, alignment);
}

static void
put_rodata(struct file *f)
{
	put(f, 0, 1);
	for (const char *c = f->rodata; *c; c++) {
		if (*c == '\\' && (c[1] == '0' || c[1] == '\\'))
			put(f, *++c == '0' ? 0 : '\\', 1);
		else
			put(f, (unsigned char)*c, 1);
	}
	put(f, 0, 2);
}

/* The dynamic section's strings, whose places become the values of their entries. */
static size_t
put_strings(struct file *f)
{
	size_t start = f->size;

	put(f, 0, 1);
	for (size_t i = 0; i < f->entry_count; i++)
		if (f->entries[i].text)
			f->entries[i].value = put_text(f, f->entries[i].text) - start;
	for (size_t i = 0; i < f->symbol_count; i++)
		f->symbols[i].at = put_text(f, f->symbols[i].name) - start;
	for (size_t i = 0; i < f->version_count; i++) {
		f->versions[i].file_at = f->versions[i].file ? put_text(f, f->versions[i].file) - start : 0;
		f->versions[i].name_at = put_text(f, f->versions[i].name) - start;
	}
	return start;
}

static void add_entry(struct file *f, uint64_t tag, uint64_t value, const char *text);

/* Aligns, and says in the dynamic section that a table begins here. */
static void
begin_table(struct file *f, uint64_t tag)
{
	align(f);
	add_entry(f, tag, BASE + f->size, NULL);
}

/* The index of VERSION: of one that is needed, or of one that is defined. */
static size_t
version_index(const struct file *f, const char *version, int is_needed)
{
	for (size_t i = 0; i < f->version_count; i++)
		if (version && !f->versions[i].file == !is_needed && strcmp(f->versions[i].name, version) == 0)
			return i + 2;
	if (version)
		fail("no such version: ", version);
	return 1;
}

static void
put_symbol(struct file *f, size_t name, unsigned info, unsigned section, uint64_t value)
{
	put(f, name, 4);
	if (!f->is_64) {
		put(f, value, 4);
		put(f, 0, 4);
	}
	put(f, info, 1);
	put(f, 0, 1);
	put(f, section, 2);
	if (f->is_64) {
		put(f, value, 8);
		put(f, 0, 8);
	}
}

static void
put_symbols(struct file *f)
{
	begin_table(f, DT_SYMTAB);
	put_symbol(f, 0, 0, SHN_UNDEF, 0);
	for (size_t i = 0; i < f->symbol_count; i++) {
		const struct symbol *s = &f->symbols[i];

		put_symbol(f, s->at, (s->is_weak ? (unsigned)STB_WEAK : (unsigned)STB_GLOBAL) << 4 | STT_FUNC, s->is_defined ? 1 : SHN_UNDEF,
			s->is_defined ? BASE : 0);
	}
	if (!f->version_count)
		return;
	begin_table(f, DT_VERSYM);
	put(f, 0, 2);
	for (size_t i = 0; i < f->symbol_count; i++)
		put(f, version_index(f, f->symbols[i].version, !f->symbols[i].is_defined), 2);
}

/* One bucket, in which all symbols are. */
static void
put_sysv_hash(struct file *f)
{
	unsigned each = f->machine == EM_S390 && f->is_64 ? 8 : 4;

	begin_table(f, DT_HASH);
	put(f, 1, each);
	put(f, f->symbol_count + 1, each);
	put(f, f->symbol_count ? 1 : 0, each);
	for (size_t i = 0; i <= f->symbol_count; i++)
		put(f, i && i < f->symbol_count ? i + 1 : 0, each);
}

static uint32_t
gnu_hash(const char *name)
{
	uint32_t h = 5381;

	while (*name)
		h = h * 33 + (unsigned char)*name++;
	return h;
}

/* One bucket, in which all that are defined are; they stand behind the others. */
static void
put_gnu_hash(struct file *f)
{
	size_t first = 0;

	while (first < f->symbol_count && !f->symbols[first].is_defined)
		first++;
	begin_table(f, DT_GNU_HASH);
	put(f, 1, 4);
	put(f, first + 1, 4);
	put(f, 1, 4);
	put(f, 6, 4);
	put_word(f, UINT64_MAX);
	put(f, first < f->symbol_count ? first + 1 : 0, 4);
	for (size_t i = first; i < f->symbol_count; i++)
		put(f, (gnu_hash(f->symbols[i].name) & ~1u) | (i + 1 == f->symbol_count), 4);
}

static void
put_definitions(struct file *f, size_t last)
{
	for (size_t i = 0; i <= last; i++) {
		if (f->versions[i].file)
			continue;
		put(f, VER_DEF_CURRENT, 2);
		put(f, 0, 2);
		put(f, i + 2, 2);
		put(f, 1, 2);
		put(f, 0, 4);
		put(f, 20, 4);
		put(f, i == last ? 0 : 28, 4);
		put(f, f->versions[i].name_at, 4);
		put(f, 0, 4);
	}
}

static void
put_needs(struct file *f, size_t last)
{
	for (size_t i = 0; i <= last; i++) {
		if (!f->versions[i].file)
			continue;
		put(f, VER_NEED_CURRENT, 2);
		put(f, 1, 2);
		put(f, f->versions[i].file_at, 4);
		put(f, 16, 4);
		put(f, i == last ? 0 : 32, 4);
		put(f, 0, 4);
		put(f, f->versions[i].is_weak ? VER_FLG_WEAK : 0, 2);
		put(f, i + 2, 2);
		put(f, f->versions[i].name_at, 4);
		put(f, 0, 4);
	}
}

static void
put_versions(struct file *f)
{
	size_t last_defined = f->version_count, last_needed = f->version_count;

	for (size_t i = 0; i < f->version_count; i++)
		*(f->versions[i].file ? &last_needed : &last_defined) = i;
	if (last_defined < f->version_count) {
		begin_table(f, DT_VERDEF);
		put_definitions(f, last_defined);
	}
	if (last_needed < f->version_count) {
		begin_table(f, DT_VERNEED);
		put_needs(f, last_needed);
	}
}

/* A note with 4 bytes of OWNER; ends aligned. */
static void
put_note(struct file *f, const char *owner, unsigned type, size_t size)
{
	put(f, 4, 4);
	put(f, size, 4);
	put(f, type, 4);
	for (size_t i = 0; i < 4; i++)
		put(f, (unsigned char)owner[i], 1);
}

static void
put_opens(struct file *f)
{
	put_note(f, "FDO", 0x407c0c0a, strlen(f->opens) + 1);
	put_text(f, f->opens);
	while (f->size % 4)
		put(f, 0, 1);
}

static void
put_isa(struct file *f)
{
	put_note(f, "GNU", NT_GNU_PROPERTY_TYPE_0, f->is_64 ? 16 : 12);
	put(f, 0xc0008002, 4);
	put(f, 4, 4);
	put(f, f->isa, 4);
	if (f->is_64)
		put(f, 0, 4);
}

static void
put_entry(struct file *f, uint64_t tag, uint64_t value)
{
	put_word(f, tag);
	put_word(f, value);
}

static void
put_file(struct file *f)
{
	unsigned segments = 1u + (f->interp ? 1u : 0u) + (f->opens ? 1u : 0u) + (f->isa ? 1u : 0u) + (f->is_static ? 0u : 1u);
	size_t interp, strings, strings_size, opens, isa, rodata, dynamic, end;

	f->size = sizeof_head(f) + segments * sizeof_segment(f);
	interp = f->size;
	if (f->interp)
		put_text(f, f->interp);
	strings = put_strings(f);
	strings_size = f->size - strings;
	if (f->symbol_count || f->has_sysv_hash) {
		put_symbols(f);
		(f->has_sysv_hash ? put_sysv_hash : put_gnu_hash)(f);
	}
	put_versions(f);
	if (f->opens || f->isa)
		align(f);
	opens = f->size;
	if (f->opens)
		put_opens(f);
	if (f->isa)
		align(f);
	isa = f->size;
	if (f->isa)
		put_isa(f);
	rodata = f->size;
	if (f->rodata)
		put_rodata(f);
	align(f);
	dynamic = f->size;
	for (size_t i = 0; !f->is_static && i < f->entry_count; i++)
		put_entry(f, f->entries[i].tag, f->entries[i].value);
	if (!f->is_static) {
		put_entry(f, DT_STRTAB, BASE + strings);
		put_entry(f, DT_STRSZ, strings_size);
		put_entry(f, DT_NULL, 0);
	}
	end = f->size;
	f->size = 0;
	put_head(f, segments);
	put_segment(f, PT_LOAD, 0, end, 0x1000);
	if (f->interp)
		put_segment(f, PT_INTERP, interp, strlen(f->interp) + 1, 1);
	if (f->opens)
		put_segment(f, PT_NOTE, opens, 16 + (strlen(f->opens) + 4) / 4 * 4, 4);
	if (f->isa)
		put_segment(f, PT_GNU_PROPERTY, isa, rodata - isa, f->is_64 ? 8 : 4);
	if (!f->is_static)
		put_segment(f, PT_DYNAMIC, dynamic, end - dynamic, 16);
	f->size = end;
}

static void
add_entry(struct file *f, uint64_t tag, uint64_t value, const char *text)
{
	if (f->entry_count == MOST_ENTRIES)
		fail("too many entries", "");
	f->entries[f->entry_count].tag = tag;
	f->entries[f->entry_count].value = value;
	f->entries[f->entry_count++].text = text;
}

static const struct {
	const char *option;
	uint64_t tag;
} texts[] = {
	{"--needed", DT_NEEDED},
	{"--filter", DT_FILTER},
	{"--auxiliary", DT_AUXILIARY},
	{"--audit", DT_AUDIT},
	{"--depaudit", DT_DEPAUDIT},
	{"--soname", DT_SONAME},
	{"--rpath", DT_RPATH},
	{"--runpath", DT_RUNPATH},
};

static int
is_text_option(struct file *f, const char *option, const char *value)
{
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(option, texts[i].option) != 0)
			continue;
		add_entry(f, texts[i].tag, 0, value);
		return 1;
	}
	return 0;
}

static const struct {
	const char *option;
	uint64_t tag;
} numbers[] = {
	{"--dt-flags", DT_FLAGS},
	{"--flags-1", DT_FLAGS_1},
	{"--relr", 36 /* DT_RELR */},
};

static int
is_number_option(struct file *f, const char *option, unsigned value)
{
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		if (strcmp(option, numbers[i].option) != 0)
			continue;
		add_entry(f, numbers[i].tag, value, NULL);
		return 1;
	}
	return 0;
}

/* The part of TEXT before SEPARATOR, kept in F; *REST is what stands behind it, or NULL without one. */
static const char *
split(struct file *f, const char *text, char separator, const char **rest)
{
	const char *at = strchr(text, separator);
	size_t size = at ? (size_t)(at - text) : strlen(text);
	char *part = f->parts + f->parts_size;

	*rest = at ? at + 1 : NULL;
	if (size >= sizeof f->parts - f->parts_size)
		fail("too long: ", text);
	memcpy(part, text, size);
	f->parts_size += size + 1;
	return part;
}

static int
is_symbol_option(struct file *f, const char *option, const char *value)
{
	struct symbol symbol = {.is_defined = strcmp(option, "--defines") == 0, .is_weak = strcmp(option, "--weak") == 0};

	if (!symbol.is_defined && !symbol.is_weak && strcmp(option, "--undefined") != 0)
		return 0;
	if (f->symbol_count == MOST_SYMBOLS)
		fail("too many symbols", "");
	if (!symbol.is_defined && f->symbol_count && f->symbols[f->symbol_count - 1].is_defined)
		fail("defined symbols come last: ", value);
	symbol.name = split(f, value, '@', &symbol.version);
	f->symbols[f->symbol_count++] = symbol;
	return 1;
}

static int
is_version_option(struct file *f, const char *option, const char *value)
{
	struct version version = {.is_weak = strcmp(option, "--weakly-needs-version") == 0};

	if (!version.is_weak && strcmp(option, "--needs-version") != 0 && strcmp(option, "--version") != 0)
		return 0;
	if (f->version_count == MOST_VERSIONS)
		fail("too many versions", "");
	if (strcmp(option, "--version") == 0)
		version.name = value;
	else
		version.file = split(f, value, ':', &version.name);
	f->versions[f->version_count++] = version;
	return 1;
}

static void
take_option(struct file *f, const char *option, const char *value)
{
	unsigned number = (unsigned)strtoul(value, NULL, 0);

	if (is_text_option(f, option, value) || is_number_option(f, option, number) || is_symbol_option(f, option, value) ||
		is_version_option(f, option, value))
		return;
	if (strcmp(option, "--class") == 0)
		f->is_64 = number == 64;
	else if (strcmp(option, "--data") == 0)
		f->is_msb = strcmp(value, "msb") == 0;
	else if (strcmp(option, "--machine") == 0)
		f->machine = number;
	else if (strcmp(option, "--type") == 0)
		f->type = strcmp(value, "exec") == 0 ? ET_EXEC : strcmp(value, "dyn") == 0 ? ET_DYN : number;
	else if (strcmp(option, "--flags") == 0)
		f->flags = number;
	else if (strcmp(option, "--interp") == 0)
		f->interp = value;
	else if (strcmp(option, "--osabi") == 0)
		f->osabi = number;
	else if (strcmp(option, "--abi-version") == 0)
		f->abi_version = number;
	else if (strcmp(option, "--padding") == 0)
		f->padding = number;
	else if (strcmp(option, "--hash") == 0)
		f->has_sysv_hash = strcmp(value, "sysv") == 0;
	else if (strcmp(option, "--opens") == 0)
		f->opens = value;
	else if (strcmp(option, "--isa") == 0)
		f->isa = number;
	else if (strcmp(option, "--rodata") == 0)
		f->rodata = value;
	else
		fail("what is ", option);
}

/* Makes the file that COUNT arguments describe. */
static struct file *
make(int count, char **arguments)
{
	struct file *f = calloc(1, sizeof *f);

	if (!f)
		fail("out of memory", "");
	f->is_64 = 1;
	f->machine = EM_X86_64;
	f->type = ET_DYN;
	for (int i = 0; i < count; i++) {
		if (strcmp(arguments[i], "--static") == 0) {
			f->is_static = 1;
			continue;
		}
		if (i + 1 == count)
			fail("no value for ", arguments[i]);
		take_option(f, arguments[i], arguments[i + 1]);
		i++;
	}
	put_file(f);
	return f;
}

#ifndef MKELF_NO_MAIN /* the unit tests include this file */
int
main(int argc, char **argv)
{
	struct file *f;
	FILE *out;

	if (argc < 2 || argv[argc - 1][0] == '-')
		fail("no output given", "");
	f = make(argc - 2, argv + 1);
	out = fopen(argv[argc - 1], "wb");
	if (!out || fwrite(f->bytes, 1, f->size, out) != f->size || fclose(out) != 0)
		fail("cannot write ", argv[argc - 1]);
	free(f);
	return 0;
}
#endif
