/*
 * Writes small, valid ELF files for tests, the same bytes for the same arguments:
 *
 *	mkelf [--class 32|64] [--data lsb|msb] [--machine N] [--type exec|dyn|N] [--flags N] [--interp PATH] [--needed NAME]...
 *	      [--filter NAME]... [--auxiliary NAME]... [--soname NAME] [--rpath PATH] [--runpath PATH] [--flags-1 N]
 *	      [--rodata TEXT] [--static] OUT
 *
 * TEXT may hold \0 for a NUL and \\ for a backslash; it stands between two NULs. The file is one PT_LOAD that holds all of it:
 * header, program headers, interpreter, strings, rodata, dynamic section. --static leaves the dynamic section out.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST_BYTES = 1 << 20,
	MOST_ENTRIES = 256,
	BASE = 0x10000, /* where the PT_LOAD begins in memory, so that addresses and offsets differ */
};

struct file {
	unsigned char bytes[MOST_BYTES];
	size_t size;
	int is_64, is_msb;
	unsigned machine, type, flags;
	const char *interp, *rodata;
	int is_static;
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
	while (f->size < EI_NIDENT)
		put(f, 0, 1);
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
	return start;
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
	unsigned segments = 1u + (f->interp ? 1u : 0u) + (f->is_static ? 0u : 1u);
	size_t interp, strings, strings_size, dynamic, end;

	f->size = sizeof_head(f) + segments * sizeof_segment(f);
	interp = f->size;
	if (f->interp)
		put_text(f, f->interp);
	strings = put_strings(f);
	strings_size = f->size - strings;
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

static void
take_option(struct file *f, const char *option, const char *value)
{
	unsigned number = (unsigned)strtoul(value, NULL, 0);

	if (is_text_option(f, option, value))
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
	else if (strcmp(option, "--flags-1") == 0)
		add_entry(f, DT_FLAGS_1, number, NULL);
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
