#include "resolve/elf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

#include "support/compilation.h"
#include "support/memory.h"

/*
 * The way of elf-rules 4: of the file only the header, the program headers, the dynamic array and single strings are read, each
 * bounded; libelf converts a private copy in which the fields about sections are zero.
 */
enum {
	LONGEST_HEADER = sizeof(Elf64_Ehdr),
	MOST_SEGMENTS = 512,
	MOST_DYNAMIC = 16384, /* entries */
	LONGEST_STRING = 4095,
	MOST_STRINGS = 1024 * 1024, /* bytes of all that the dynamic section names: a long one may be named from its every byte */
};

struct reading {
	struct bytes *bytes;
	struct elf_facts *facts;
	uint64_t size; /* of the file */
	_Alignas(8) unsigned char head[LONGEST_HEADER];
	Elf *elf;
	GElf_Phdr *segments;
	size_t segment_count;
	GElf_Dyn *dynamic; /* up to the first DT_NULL */
	size_t dynamic_count;
	uint64_t strings, strings_size; /* DT_STRTAB as a file offset */
	char near[LONGEST_STRING + 1];  /* a part of it that was read, from NEAR_AT on */
	uint64_t near_at;
	size_t near_size;
	size_t strings_taken; /* bytes */
};

__attribute__((format(printf, 2, 3))) static bool
broken(struct reading *r, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	r->facts->broken = arena_vprintf(r->bytes->c->arena, format, arguments);
	va_end(arguments);
	return false;
}

void
facts_report(struct compilation *c, const struct content *content, const struct elf_facts *facts, struct span at)
{
	diag(&c->diags, DIAG_ELF_BROKEN, at, "'%s' is not a usable ELF file: %s", content_name(c, content), facts->broken);
}

static size_t
sizeof_head(const struct reading *r)
{
	return r->facts->class == ELFCLASS64 ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}

static size_t
sizeof_segment(const struct reading *r)
{
	return r->facts->class == ELFCLASS64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

static bool
read_ident(struct reading *r)
{
	struct elf_facts *facts = r->facts;

	if (r->size < EI_NIDENT)
		return broken(r, "it ends inside its header");
	if (!bytes_read(r->bytes, 0, r->head, EI_NIDENT) ||
		!bytes_read(r->bytes, 0, facts->start, r->size < sizeof facts->start ? EI_NIDENT : sizeof facts->start))
		return false;
	facts->class = r->head[EI_CLASS];
	facts->data = r->head[EI_DATA];
	facts->osabi = r->head[EI_OSABI];
	facts->abi_version = r->head[EI_ABIVERSION];
	facts->padding_is_zero = true;
	for (size_t i = EI_ABIVERSION + 1; i < EI_NIDENT; i++)
		facts->padding_is_zero &= r->head[i] == 0;
	if (memcmp(r->head, ELFMAG, SELFMAG) != 0)
		return broken(r, "it does not begin with 7f 45 4c 46");
	if (facts->class != ELFCLASS32 && facts->class != ELFCLASS64)
		return broken(r, "its class is %u, neither 1 (32-bit) nor 2 (64-bit)", facts->class);
	if (facts->data != ELFDATA2LSB && facts->data != ELFDATA2MSB)
		return broken(r, "its byte order is %u, neither 1 (little) nor 2 (big)", facts->data);
	if (r->head[EI_VERSION] != EV_CURRENT)
		return broken(r, "its version is %u, not 1", r->head[EI_VERSION]);
	if (r->size < sizeof_head(r))
		return broken(r, "it ends inside its header");
	return bytes_read(r->bytes, 0, r->head, sizeof_head(r));
}

/* Our own look at the header, before libelf sees a byte of it; gives the file offset of the program headers. */
static bool
check_head(struct reading *r, const GElf_Ehdr *head)
{
	if (head->e_version != EV_CURRENT)
		return broken(r, "e_version is %" PRIu32 ", not 1", head->e_version);
	if (head->e_phnum == 0)
		return true;
	if (head->e_phentsize != sizeof_segment(r))
		return broken(r, "e_phentsize is %u, not %zu", head->e_phentsize, sizeof_segment(r));
	if (head->e_phnum > MOST_SEGMENTS)
		return broken(r, "it has %u program headers, more than %d", head->e_phnum, (int)MOST_SEGMENTS);
	if (head->e_phoff > r->size || head->e_phnum * sizeof_segment(r) > r->size - head->e_phoff)
		return broken(r, "its program headers lie beyond its end");
	if (head->e_phoff < sizeof_head(r))
		return broken(r, "its program headers overlap its header");
	return true;
}

/* Gives COUNT things of TYPE at FROM, converted from the file's byte order and class, in their place. */
static bool
convert(struct reading *r, void *from, size_t size, Elf_Type type)
{
	Elf_Data raw = {.d_buf = from, .d_size = size, .d_type = type, .d_version = EV_CURRENT};

	return gelf_xlatetom(r->elf, &raw, &raw, r->facts->data) || broken(r, "libelf: %s", elf_errmsg(-1));
}

static void
widen_segment(const struct reading *r, const void *converted, size_t i)
{
	const Elf32_Phdr *narrow = converted;

	if (r->facts->class == ELFCLASS64)
		r->segments[i] = ((const Elf64_Phdr *)converted)[i];
	else
		r->segments[i] = (GElf_Phdr){.p_type = narrow[i].p_type, .p_flags = narrow[i].p_flags,
			.p_offset = narrow[i].p_offset, .p_vaddr = narrow[i].p_vaddr, .p_filesz = narrow[i].p_filesz,
			.p_memsz = narrow[i].p_memsz, .p_align = narrow[i].p_align};
}

static bool
read_segments(struct reading *r)
{
	struct arena *a = r->bytes->c->arena;
	GElf_Ehdr head;
	size_t size;
	void *raw;

	if (!gelf_getehdr(r->elf, &head))
		return broken(r, "libelf: %s", elf_errmsg(-1));
	if (!check_head(r, &head))
		return false;
	r->facts->type = head.e_type;
	r->facts->machine = head.e_machine;
	r->facts->flags = head.e_flags;
	r->segment_count = head.e_phnum;
	r->segments = ARENA_ARRAY(a, GElf_Phdr, r->segment_count);
	size = r->segment_count * sizeof_segment(r);
	raw = arena_alloc(a, size);
	if (size == 0)
		return true;
	if (!bytes_read(r->bytes, head.e_phoff, raw, size) || !convert(r, raw, size, ELF_T_PHDR))
		return false;
	for (size_t i = 0; i < r->segment_count; i++)
		widen_segment(r, raw, i);
	return true;
}

static bool
check_whole(struct reading *r)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		const GElf_Phdr *p = &r->segments[i];

		if (p->p_type == PT_LOAD && (p->p_offset > r->size || p->p_filesz > r->size - p->p_offset))
			return broken(r, "it is cut short: segment %zu ends beyond byte %" PRIu64, i, r->size);
	}
	return true;
}

/* Whether a loader, or the kernel for a loader, has to make sense of the file; firmware, say, may look as it likes. */
static bool
is_linked(const struct reading *r)
{
	for (size_t i = 0; i < r->segment_count; i++)
		if (r->segments[i].p_type == PT_DYNAMIC || r->segments[i].p_type == PT_INTERP)
			return true;
	return false;
}

/* PT_LOAD: ascending, apart from one another; otherwise the last mapping would win (K4). */
static bool
check_loads(struct reading *r)
{
	uint64_t end = 0;

	for (size_t i = 0; i < r->segment_count; i++) {
		const GElf_Phdr *p = &r->segments[i];

		if (p->p_type != PT_LOAD)
			continue;
		if (p->p_filesz > p->p_memsz || p->p_memsz > UINT64_MAX - p->p_vaddr)
			return broken(r, "segment %zu has an impossible size", i);
		if (p->p_vaddr < end)
			return broken(r, "segment %zu overlaps the one before it or stands below it", i);
		if (p->p_align > 1 &&
			((p->p_align & (p->p_align - 1)) || ((p->p_vaddr - p->p_offset) & (p->p_align - 1))))
			return broken(r, "segment %zu is not aligned as it says", i);
		end = p->p_vaddr + p->p_memsz;
	}
	return true;
}

/* The file offset of SIZE bytes at the address VADDR; false when no PT_LOAD holds them. */
static bool
find_offset(const struct reading *r, uint64_t vaddr, uint64_t size, uint64_t *offset)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		const GElf_Phdr *p = &r->segments[i];

		if (p->p_type == PT_LOAD && vaddr >= p->p_vaddr && vaddr - p->p_vaddr <= p->p_filesz &&
		    size <= p->p_filesz - (vaddr - p->p_vaddr)) {
			*offset = p->p_offset + (vaddr - p->p_vaddr);
			return true;
		}
	}
	return false;
}

/* A line feed is what separates directories for musl (M4). */
static bool
is_printable(const char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\n') || *text == 0x7f)
			return false;
	return true;
}

/* The first PT_INTERP is the kernel's (K2). */
static bool
read_interpreter(struct reading *r)
{
	const GElf_Phdr *p = NULL;
	char *text;

	for (size_t i = r->segment_count; i-- > 0;)
		if (r->segments[i].p_type == PT_INTERP)
			p = &r->segments[i];
	if (!p)
		return true;
	if (p->p_filesz < 2 || p->p_filesz > LONGEST_STRING + 1)
		return broken(r, "its PT_INTERP has %" PRIu64 " bytes", p->p_filesz);
	if (p->p_offset > r->size || p->p_filesz > r->size - p->p_offset)
		return broken(r, "its PT_INTERP lies beyond its end");
	text = arena_alloc(r->bytes->c->arena, p->p_filesz);
	if (!bytes_read(r->bytes, p->p_offset, text, p->p_filesz))
		return false;
	if (text[p->p_filesz - 1] != '\0' || !is_printable(text))
		return broken(r, "its PT_INTERP is not a text that ends in a NUL");
	if (text[0] != '/')
		return broken(r, "its PT_INTERP '%s' is not absolute", text);
	r->facts->interp = text;
	return true;
}

/* The only PT_DYNAMIC, where the loaders see it (K4); *FOUND is NULL when there is none, or one without contents. */
static bool
find_dynamic(struct reading *r, const GElf_Phdr **found)
{
	uint64_t offset;

	*found = NULL;
	for (size_t i = 0; i < r->segment_count; i++) {
		if (r->segments[i].p_type != PT_DYNAMIC)
			continue;
		if (*found)
			return broken(r, "it has two PT_DYNAMIC");
		*found = &r->segments[i];
	}
	if (*found && (*found)->p_filesz == 0) /* a separate debug file */
		*found = NULL;
	if (!*found)
		return true;
	if (!find_offset(r, (*found)->p_vaddr, (*found)->p_filesz, &offset) || offset != (*found)->p_offset)
		return broken(r, "its PT_DYNAMIC is not where a PT_LOAD maps it");
	return true;
}

static void
widen_dynamic(const struct reading *r, const void *converted, size_t i)
{
	const Elf32_Dyn *narrow = converted;

	if (r->facts->class == ELFCLASS64)
		r->dynamic[i] = ((const Elf64_Dyn *)converted)[i];
	else
		r->dynamic[i] = (GElf_Dyn){.d_tag = narrow[i].d_tag, .d_un.d_val = narrow[i].d_un.d_val};
}

static bool
read_dynamic(struct reading *r)
{
	size_t each = r->facts->class == ELFCLASS64 ? sizeof(Elf64_Dyn) : sizeof(Elf32_Dyn), count, size;
	const GElf_Phdr *segment;
	void *raw;

	if (!find_dynamic(r, &segment))
		return false;
	if (!segment)
		return true;
	r->facts->is_dynamic = true;
	if (segment->p_filesz % each != 0)
		return broken(r, "its PT_DYNAMIC has %" PRIu64 " bytes, not a multiple of %zu", segment->p_filesz,
			each);
	count = segment->p_filesz / each < MOST_DYNAMIC ? (size_t)(segment->p_filesz / each) : MOST_DYNAMIC;
	size = count * each;
	raw = arena_alloc(r->bytes->c->arena, size);
	if (!bytes_read(r->bytes, segment->p_offset, raw, size) || !convert(r, raw, size, ELF_T_DYN))
		return false;
	r->dynamic = ARENA_ARRAY(r->bytes->c->arena, GElf_Dyn, count);
	while (r->dynamic_count < count) {
		widen_dynamic(r, raw, r->dynamic_count);
		if (r->dynamic[r->dynamic_count].d_tag == DT_NULL)
			return true;
		r->dynamic_count++;
	}
	return broken(r, "its dynamic section has no end within %zu entries", count);
}

/* The value of the last entry with TAG (K5). */
static bool
last_value(const struct reading *r, int64_t tag, uint64_t *value)
{
	for (size_t i = r->dynamic_count; i-- > 0;) {
		if (r->dynamic[i].d_tag == tag) {
			*value = r->dynamic[i].d_un.d_val;
			return true;
		}
	}
	return false;
}

/* The string at AT of DT_STRTAB; NULL: what was read last does not hold it, up to its NUL. */
static const char *
find_near(const struct reading *r, uint64_t at)
{
	size_t skip;

	if (at < r->near_at || at - r->near_at >= r->near_size)
		return NULL;
	skip = (size_t)(at - r->near_at);
	return memchr(r->near + skip, '\0', r->near_size - skip) ? r->near + skip : NULL;
}

/* Strings that stand together are read together. */
static bool
read_string(struct reading *r, uint64_t at, const char **text)
{
	const char *found;

	if (at >= r->strings_size)
		return broken(r, "a string of its dynamic section is outside DT_STRTAB");
	if (!find_near(r, at)) {
		r->near_at = at;
		r->near_size = r->strings_size - at <= LONGEST_STRING ? (size_t)(r->strings_size - at) : LONGEST_STRING + 1;
		if (!bytes_read(r->bytes, r->strings + at, r->near, r->near_size))
			return false;
	}
	found = find_near(r, at);
	if (!found)
		return broken(r, "a string of its dynamic section does not end");
	if (!is_printable(found))
		return broken(r, "a string of its dynamic section has control characters");
	r->strings_taken += strlen(found) + 1;
	if (r->strings_taken > MOST_STRINGS)
		return broken(r, "the names in its dynamic section have more than %d bytes", (int)MOST_STRINGS);
	*text = arena_strdup(r->bytes->c->arena, found);
	return true;
}

static bool
read_one(struct reading *r, int64_t tag, const char **text)
{
	uint64_t at;

	return !last_value(r, tag, &at) || read_string(r, at, text);
}

static const struct {
	int64_t tag;
	enum request_kind kind;
} dependency_tags[] = {
	{DT_NEEDED, REQUEST_NEEDED},
	{DT_AUXILIARY, REQUEST_AUXILIARY},
	{DT_FILTER, REQUEST_FILTER},
};

static bool
read_needed(struct reading *r, const GElf_Dyn *entry)
{
	struct elf_facts *facts = r->facts;
	const char *name;

	for (size_t i = 0; i < sizeof dependency_tags / sizeof *dependency_tags; i++) {
		if (entry->d_tag != dependency_tags[i].tag)
			continue;
		if (!read_string(r, entry->d_un.d_val, &name))
			return false;
		if (!*name)
			return broken(r, "it needs a library without a name");
		*ARENA_PUSH(r->bytes->c->arena, facts->needed, facts->needed_count) =
			(struct dependency){.kind = dependency_tags[i].kind, .name = name};
	}
	return true;
}

/* What of the file is mapped where. */
static void
keep_loads(struct reading *r)
{
	struct elf_facts *facts = r->facts;

	for (size_t i = 0; i < r->segment_count; i++) {
		const GElf_Phdr *p = &r->segments[i];

		if (p->p_type == PT_LOAD && p->p_filesz)
			*ARENA_PUSH(r->bytes->c->arena, facts->loads, facts->load_count) =
				(struct elf_load){p->p_vaddr, p->p_offset, p->p_filesz};
	}
}

static void
keep_notes(struct reading *r)
{
	struct elf_facts *facts = r->facts;

	for (size_t i = 0; i < r->segment_count; i++) {
		const GElf_Phdr *p = &r->segments[i];

		if ((p->p_type == PT_NOTE || p->p_type == PT_GNU_PROPERTY) && p->p_offset <= r->size &&
			p->p_filesz <= r->size - p->p_offset)
			*ARENA_PUSH(r->bytes->c->arena, facts->notes, facts->note_count) =
				(struct elf_notes){p->p_offset, p->p_filesz, p->p_align == 8 ? 8 : 4};
	}
}

static void
keep_tables(struct reading *r)
{
	struct elf_tables *t = &r->facts->tables;
	const struct {
		int64_t tag;
		uint64_t *to;
	} tags[] = {
		{DT_SYMTAB, &t->symbols},
		{DT_HASH, &t->hash},
		{DT_GNU_HASH, &t->gnu_hash},
		{DT_VERSYM, &t->versions},
		{DT_VERNEED, &t->version_needs},
		{DT_VERDEF, &t->version_definitions},
	};

	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		last_value(r, tags[i].tag, tags[i].to);
	if (r->facts->machine == EM_MIPS)
		last_value(r, DT_MIPS_SYMTABNO, &t->mips_symbols);
	t->strings = r->strings;
	t->strings_size = r->strings_size;
}

static void
read_flags(struct reading *r)
{
	uint64_t flags = 0, flags_1 = 0, unused;

	last_value(r, DT_FLAGS, &flags);
	last_value(r, DT_FLAGS_1, &flags_1);
	r->facts->is_pie = flags_1 & DF_1_PIE;
	r->facts->no_default_directories = flags_1 & DF_1_NODEFLIB;
	r->facts->binds_now = (flags & DF_BIND_NOW) || (flags_1 & DF_1_NOW) || last_value(r, DT_BIND_NOW, &unused);
	r->facts->has_relr = last_value(r, DT_RELR, &unused);
}

static bool
read_names(struct reading *r)
{
	struct elf_facts *facts = r->facts;
	uint64_t vaddr;

	if (last_value(r, DT_STRTAB, &vaddr) && last_value(r, DT_STRSZ, &r->strings_size)) {
		if (!find_offset(r, vaddr, r->strings_size, &r->strings))
			return broken(r, "its DT_STRTAB is not inside a PT_LOAD");
		facts->tables.strings_address = vaddr;
	}
	for (size_t i = 0; i < r->dynamic_count; i++)
		if (!read_needed(r, &r->dynamic[i]))
			return false;
	read_flags(r);
	keep_notes(r);
	keep_tables(r);
	return read_one(r, DT_SONAME, &facts->soname) && read_one(r, DT_RPATH, &facts->rpath) &&
		read_one(r, DT_RUNPATH, &facts->runpath) && read_one(r, DT_AUDIT, &facts->audit) &&
		read_one(r, DT_DEPAUDIT, &facts->depaudit);
}

/* The header as libelf may see it: without sections, and at most this long. */
static Elf *
open_head(struct reading *r)
{
	static const struct {
		size_t offset, size;
	} sections[3][4] = {
		[ELFCLASS32] = {{offsetof(Elf32_Ehdr, e_shoff), 4}, {offsetof(Elf32_Ehdr, e_shentsize), 2},
			{offsetof(Elf32_Ehdr, e_shnum), 2}, {offsetof(Elf32_Ehdr, e_shstrndx), 2}},
		[ELFCLASS64] = {{offsetof(Elf64_Ehdr, e_shoff), 8}, {offsetof(Elf64_Ehdr, e_shentsize), 2},
			{offsetof(Elf64_Ehdr, e_shnum), 2}, {offsetof(Elf64_Ehdr, e_shstrndx), 2}},
	};

	for (size_t i = 0; i < 4; i++)
		memset(r->head + sections[r->facts->class][i].offset, 0, sections[r->facts->class][i].size);
	elf_version(EV_CURRENT);
	return elf_memory((char *)r->head, sizeof_head(r));
}

bool
facts_read(struct bytes *bytes, struct elf_facts *facts)
{
	struct reading r = {.bytes = bytes, .facts = facts, .size = bytes->content->size};
	bool ok = false;

	if (!read_ident(&r))
		return false;
	r.elf = open_head(&r);
	if (elf_kind(r.elf) != ELF_K_ELF) {
		broken(&r, "libelf: %s", elf_errmsg(-1));
		goto out;
	}
	ok = read_segments(&r) && check_whole(&r);
	if (ok)
		keep_loads(&r);
	if (ok && is_linked(&r))
		ok = check_loads(&r) && read_interpreter(&r) && read_dynamic(&r) && read_names(&r);
out:
	elf_end(r.elf);
	return ok;
}
