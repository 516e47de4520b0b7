#include "resolve/symbols.h"

#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

enum {
	MOST_VERSION_BYTES = 256 * 1024,
	MOST_VERSIONS = 4096,
	VERSION_INDEX = 0x7fff,
	VERSION_HIDDEN = 0x8000,
	CHUNK = 1024, /* of chains of which the end is still to be found, in words */
};

/* One file on its way. */
struct reading {
	struct bytes *bytes;
	const struct elf_facts *facts;
	struct elf_symbols *s;
	uint64_t budget; /* bytes that may still be read: tables of honest files do not overlap */
};

__attribute__((format(printf, 2, 3))) static bool
broken(struct reading *r, const char *format, ...)
{
	va_list arguments;
	const char *text;

	va_start(arguments, format);
	text = arena_vprintf(r->bytes->c->arena, format, arguments);
	va_end(arguments);
	diag(&r->bytes->c->diags, DIAG_ELF_BROKEN, r->bytes->at, "'%s' is not a usable ELF file: %s",
		content_name(r->bytes->c, r->bytes->content), text);
	return false;
}

/* An unsigned number of SIZE bytes in the file's byte order. */
static uint64_t
number(const struct elf_symbols *s, const unsigned char *bytes, size_t size)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | bytes[s->data == ELFDATA2MSB ? i : size - 1 - i];
	return value;
}

static uint32_t
word(const struct elf_symbols *s, const unsigned char *bytes)
{
	return (uint32_t)number(s, bytes, 4);
}

static unsigned
half(const struct elf_symbols *s, const unsigned char *bytes)
{
	return (unsigned)number(s, bytes, 2);
}

/* The file offset of ADDRESS and how many bytes of the file are mapped from there on; 0: none, and the offset is 0 too. */
static uint64_t
mapped(const struct elf_facts *facts, uint64_t address, uint64_t *offset)
{
	*offset = 0;
	for (size_t i = 0; i < facts->load_count; i++) {
		const struct elf_load *l = &facts->loads[i];

		if (address >= l->address && address - l->address < l->size) {
			*offset = l->offset + (address - l->address);
			return l->size - (address - l->address);
		}
	}
	return 0;
}

/* SIZE bytes at OFFSET, and a NUL. NULL with a diagnostic. */
static unsigned char *
read_at(struct reading *r, uint64_t offset, uint64_t size)
{
	unsigned char *bytes;

	if (size > r->budget) {
		broken(r, "the tables of its dynamic section overlap");
		return NULL;
	}
	r->budget -= size;
	bytes = arena_alloc(r->bytes->c->arena, (size_t)size + 1);
	return bytes_read(r->bytes, offset, bytes, (size_t)size) ? bytes : NULL;
}

/* SIZE bytes at ADDRESS, all of which must be in the file. NULL with a diagnostic. */
static unsigned char *
read_table(struct reading *r, const char *name, uint64_t address, uint64_t size)
{
	uint64_t offset, most = mapped(r->facts, address, &offset);

	if (size > most) {
		broken(r, "its %s is not inside a PT_LOAD", name);
		return NULL;
	}
	return read_at(r, offset, size);
}

static size_t
sizeof_symbol(const struct elf_symbols *s)
{
	return s->class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static size_t
sizeof_hash_word(const struct elf_symbols *s)
{
	return s->is_s390x ? 8 : 4;
}

static bool
read_hash(struct reading *r)
{
	struct elf_symbols *s = r->s;
	size_t each = sizeof_hash_word(s);
	unsigned char *head = read_table(r, "DT_HASH", r->facts->tables.hash, 2 * each);
	uint64_t buckets, chains;

	if (!head)
		return false;
	buckets = number(s, head, each);
	chains = number(s, head + each, each);
	if (buckets > UINT32_MAX || chains > UINT32_MAX)
		return broken(r, "its DT_HASH is too large");
	s->hash = read_table(r, "DT_HASH", r->facts->tables.hash, (2 + buckets + chains) * each);
	s->count = (size_t)chains;
	return s->hash;
}

/* The header of DT_GNU_HASH. */
struct gnu_head {
	uint32_t buckets, first, blooms;
	size_t buckets_at; /* bytes from the start of the table */
};

static struct gnu_head
gnu_head(const struct elf_symbols *s, const unsigned char *bytes)
{
	struct gnu_head head = {.buckets = word(s, bytes), .first = word(s, bytes + 4), .blooms = word(s, bytes + 8)};

	head.buckets_at = 16 + (size_t)head.blooms * (s->class == ELFCLASS64 ? 8 : 4);
	return head;
}

static uint32_t
last_chain(const struct elf_symbols *s, const struct gnu_head *head)
{
	uint32_t last = 0;

	for (uint32_t i = 0; i < head->buckets; i++) {
		uint32_t start = word(s, s->gnu_hash + head->buckets_at + 4 * (size_t)i);

		last = start > last ? start : last;
	}
	return last;
}

/* Behind the last symbol of the chain that begins at the symbol LAST: its end has the lowest bit set. */
static bool
find_end(struct reading *r, uint64_t chains, const struct gnu_head *head, uint32_t last, uint64_t *end)
{
	uint64_t offset, most;

	for (*end = last;; ) {
		uint64_t address = chains + 4 * (*end - head->first);
		unsigned char words[4 * CHUNK];

		most = mapped(r->facts, address, &offset) / 4;
		most = most < CHUNK ? most : CHUNK;
		if (most == 0)
			return broken(r, "a chain of its DT_GNU_HASH does not end");
		if (!bytes_read(r->bytes, offset, words, (size_t)(4 * most)))
			return false;
		for (uint64_t i = 0; i < most; i++) {
			++*end;
			if (word(r->s, words + 4 * i) & 1)
				return true;
		}
	}
}

static bool
read_gnu_hash(struct reading *r)
{
	struct elf_symbols *s = r->s;
	uint64_t address = r->facts->tables.gnu_hash, chains, end;
	unsigned char *bytes = read_table(r, "DT_GNU_HASH", address, 16);
	struct gnu_head head;
	uint32_t last;

	if (!bytes)
		return false;
	head = gnu_head(s, bytes);
	s->gnu_hash = read_table(r, "DT_GNU_HASH", address, head.buckets_at + 4 * (uint64_t)head.buckets);
	if (!s->gnu_hash)
		return false;
	last = last_chain(s, &head);
	if (last == 0) /* it defines nothing */
		return true;
	if (last < head.first)
		return broken(r, "a bucket of its DT_GNU_HASH lies before the first symbol");
	chains = address + head.buckets_at + 4 * (uint64_t)head.buckets;
	if (!find_end(r, chains, &head, last, &end))
		return false;
	s->gnu_chains = read_table(r, "DT_GNU_HASH", chains, 4 * (end - head.first));
	s->count = end > s->count ? (size_t)end : s->count;
	return s->gnu_chains;
}

/*
 * How many symbols there are is written nowhere when a DT_GNU_HASH defines nothing: linkers put another table behind
 * them.
 */
static size_t
room_for_symbols(const struct reading *r)
{
	const struct elf_tables *t = &r->facts->tables;
	const uint64_t others[] = {t->strings_address, t->hash, t->gnu_hash, t->versions, t->version_needs,
		t->version_definitions};
	uint64_t offset, room = mapped(r->facts, t->symbols, &offset);
	bool is_followed = false;

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		if (others[i] <= t->symbols || others[i] - t->symbols > room)
			continue;
		room = others[i] - t->symbols;
		is_followed = true;
	}
	return is_followed ? (size_t)(room / sizeof_symbol(r->s)) : 0;
}

static bool
read_symbols(struct reading *r)
{
	const struct elf_tables *t = &r->facts->tables;
	struct elf_symbols *s = r->s;

	s->count = (size_t)t->mips_symbols;
	if (t->hash && !read_hash(r))
		return false;
	if (t->gnu_hash && !read_gnu_hash(r))
		return false;
	if (!t->hash && !s->count)
		s->count = room_for_symbols(r);
	if (s->count > SIZE_MAX / sizeof(Elf64_Sym))
		return broken(r, "it has too many symbols");
	s->table = read_table(r, "DT_SYMTAB", t->symbols, s->count * sizeof_symbol(s));
	if (!s->table)
		return false;
	return !t->versions || (s->versions = read_table(r, "DT_VERSYM", t->versions, 2 * s->count));
}

/* The string at AT, or NULL. All end, for a NUL follows the table. */
static const char *
string_at(const struct elf_symbols *s, uint64_t at)
{
	return at < s->strings_size ? s->strings + at : NULL;
}

static void
name_version(struct reading *r, unsigned index, const char *name)
{
	struct elf_symbols *s = r->s;

	index &= VERSION_INDEX;
	while (s->version_name_count <= index)
		*ARENA_PUSH(r->bytes->c->arena, s->version_names, s->version_name_count) = NULL;
	s->version_names[index] = name;
}

/* A table whose length is not written: as much of it as is mapped, and no more than an honest one has. */
static unsigned char *
read_versions(struct reading *r, const char *name, uint64_t address, size_t *size)
{
	uint64_t offset, most = mapped(r->facts, address, &offset);

	*size = most < MOST_VERSION_BYTES ? (size_t)most : MOST_VERSION_BYTES;
	if (most == 0)
		broken(r, "its %s is not inside a PT_LOAD", name);
	r->budget += *size; /* these two share what lies behind them */
	return most ? read_at(r, offset, *size) : NULL;
}

/* One Verdef with its name, which is in its first Verdaux; that with VER_FLG_BASE is the file's own. */
static bool
take_definition(struct reading *r, const unsigned char *table, size_t size, size_t at)
{
	struct elf_symbols *s = r->s;
	uint64_t aux = at + word(s, table + at + 12);
	const char *name;

	if (aux + sizeof(Elf64_Verdaux) > size || !(name = string_at(s, word(s, table + aux))))
		return broken(r, "a definition in its DT_VERDEF has no name");
	if (half(s, table + at + 2) & VER_FLG_BASE)
		return true;
	*ARENA_PUSH(r->bytes->c->arena, s->definitions, s->definition_count) = name;
	name_version(r, half(s, table + at + 4), name);
	return true;
}

static bool
read_definitions(struct reading *r)
{
	struct elf_symbols *s = r->s;
	size_t size, at = 0, next;
	const unsigned char *table = read_versions(r, "DT_VERDEF", r->facts->tables.version_definitions, &size);

	for (unsigned i = 0; table && i < MOST_VERSIONS; i++, at += next) {
		if (size - at < sizeof(Elf64_Verdef))
			return broken(r, "its DT_VERDEF does not end");
		if (!take_definition(r, table, size, at))
			return false;
		next = word(s, table + at + 16);
		if (next == 0)
			return true;
		if (next > size - at)
			return broken(r, "its DT_VERDEF does not end");
	}
	return table && broken(r, "its DT_VERDEF has more than %d entries", (int)MOST_VERSIONS);
}

/* The Vernaux of one Verneed: forward only, and no more of them than it says. */
static bool
take_needs(struct reading *r, const unsigned char *table, size_t size, size_t at)
{
	struct elf_symbols *s = r->s;
	const char *file = string_at(s, word(s, table + at + 4));
	uint64_t aux = at + word(s, table + at + 8);

	for (unsigned i = half(s, table + at + 2); i > 0; i--) {
		const char *name;

		if (!file || aux + sizeof(Elf64_Vernaux) > size || !(name = string_at(s, word(s, table + aux + 8))))
			return broken(r, "an entry of its DT_VERNEED has no name");
		*ARENA_PUSH(r->bytes->c->arena, s->needs, s->need_count) = (struct version_need){
			.file = file, .name = name, .is_weak = half(s, table + aux + 4) & VER_FLG_WEAK};
		name_version(r, half(s, table + aux + 6), name);
		if (s->need_count > MOST_VERSIONS)
			return broken(r, "its DT_VERNEED has more than %d entries", (int)MOST_VERSIONS);
		if (word(s, table + aux + 12) == 0)
			break;
		aux += word(s, table + aux + 12);
	}
	return true;
}

static bool
read_needs(struct reading *r)
{
	struct elf_symbols *s = r->s;
	size_t size, at = 0, next;
	const unsigned char *table = read_versions(r, "DT_VERNEED", r->facts->tables.version_needs, &size);

	for (unsigned i = 0; table && i < MOST_VERSIONS; i++, at += next) {
		if (size - at < sizeof(Elf64_Verneed))
			return broken(r, "its DT_VERNEED does not end");
		if (!take_needs(r, table, size, at))
			return false;
		next = word(s, table + at + 12);
		if (next == 0)
			return true;
		if (next > size - at)
			return broken(r, "its DT_VERNEED does not end");
	}
	return table && broken(r, "its DT_VERNEED has more than %d entries", (int)MOST_VERSIONS);
}

static bool
read_all(struct reading *r)
{
	const struct elf_tables *t = &r->facts->tables;
	struct elf_symbols *s = r->s;

	s->strings = (const char *)read_at(r, t->strings, t->strings_size);
	s->strings_size = (size_t)t->strings_size;
	return s->strings && (!t->version_definitions || read_definitions(r)) && (!t->version_needs || read_needs(r)) &&
		(!t->symbols || read_symbols(r));
}

static struct elf_symbols *
read_file(struct resolver *r, const struct content *content, const struct elf_facts *facts, struct span at)
{
	struct elf_symbols *s = ARENA_NEW(r->c->arena, struct elf_symbols);
	struct bytes bytes = {.c = r->c, .content = content, .at = at, .fd = -1};
	struct reading reading = {.bytes = &bytes, .facts = facts, .s = s, .budget = content->size};
	bool ok;

	*s = (struct elf_symbols){.class = facts->class, .data = facts->data,
		.is_s390x = facts->machine == EM_S390 && facts->class == ELFCLASS64};
	if (content->kind == CONTENT_HOST && (bytes.fd = content_open(r->c, content, at)) < 0)
		return NULL;
	ok = read_all(&reading) && bytes_unchanged(&bytes);
	if (bytes.fd >= 0)
		close(bytes.fd);
	return ok ? s : NULL;
}

const struct elf_symbols *
symbols_of(struct resolver *r, const struct content *content, const struct elf_facts *facts, struct span at)
{
	static const struct elf_symbols none;
	void **known = map_slot(r->c->arena, &r->symbols, content);
	const struct elf_symbols *s = *known;

	if (!s) {
		s = facts->tables.strings_size ? read_file(r, content, facts, at) : NULL;
		*map_slot(r->c->arena, &r->symbols, content) = (void *)(s ? s : &none);
	}
	return s == &none ? NULL : s;
}

/* A symbol of either class. */
struct raw_symbol {
	uint64_t value;
	unsigned section, type, binding;
	const char *name;
};

static struct raw_symbol
symbol_at(const struct elf_symbols *s, size_t index)
{
	const unsigned char *at = s->table + index * sizeof_symbol(s);
	bool wide = s->class == ELFCLASS64;
	unsigned info = at[wide ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)];

	return (struct raw_symbol){
		.value = wide ? number(s, at + offsetof(Elf64_Sym, st_value), 8) : word(s, at + offsetof(Elf32_Sym, st_value)),
		.section = half(s, at + (wide ? offsetof(Elf64_Sym, st_shndx) : offsetof(Elf32_Sym, st_shndx))),
		.type = info & 15,
		.binding = info >> 4,
		.name = string_at(s, word(s, at)),
	};
}

/* The name of the version of the symbol INDEX, or NULL. */
static const char *
version_at(const struct elf_symbols *s, size_t index, unsigned *raw)
{
	unsigned i;

	*raw = s->versions ? half(s, s->versions + 2 * index) : 0;
	i = *raw & VERSION_INDEX;
	return i < s->version_name_count ? s->version_names[i] : NULL;
}

static bool
has_value(const struct raw_symbol *symbol)
{
	static const unsigned types = 1u << STT_NOTYPE | 1u << STT_OBJECT | 1u << STT_FUNC | 1u << STT_COMMON |
		1u << STT_TLS | 1u << STT_GNU_IFUNC;

	return symbol->section != SHN_UNDEF && symbol->binding != STB_LOCAL && types >> symbol->type & 1 &&
		(symbol->value != 0 || symbol->section == SHN_ABS || symbol->type == STT_TLS);
}

/* Whether the symbol INDEX is what a reference to NAME in VERSION means (check_match of glibc). */
static bool
matches(const struct elf_symbols *s, size_t index, const char *name, const char *version)
{
	struct raw_symbol symbol;
	const char *own;
	unsigned raw;

	if (index >= s->count)
		return false;
	symbol = symbol_at(s, index);
	if (!symbol.name || strcmp(symbol.name, name) != 0 || !has_value(&symbol))
		return false;
	if (!s->versions)
		return true;
	own = version_at(s, index, &raw);
	if (!version)
		return !(raw & VERSION_HIDDEN);
	return own ? strcmp(own, version) == 0 : !(raw & VERSION_HIDDEN);
}

/* gABI 5, "Hash Table". */
static uint32_t
sysv_name_hash(const char *name)
{
	uint32_t h = 0;

	for (; *name; name++) {
		h = (h << 4) + (unsigned char)*name;
		h ^= h >> 24 & 0xf0;
		h &= 0x0fffffff;
	}
	return h;
}

/* dl_new_hash of glibc. */
static uint32_t
gnu_name_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

static bool
define_by_gnu_hash(const struct elf_symbols *s, const char *name, const char *version)
{
	struct gnu_head head = gnu_head(s, s->gnu_hash);
	uint32_t hash = gnu_name_hash(name), index;

	if (!head.buckets || !s->gnu_chains)
		return false;
	index = word(s, s->gnu_hash + head.buckets_at + 4 * (size_t)(hash % head.buckets));
	if (index < head.first)
		return false;
	for (; index < s->count; index++) {
		uint32_t entry = word(s, s->gnu_chains + 4 * (size_t)(index - head.first));

		if ((entry | 1) == (hash | 1) && matches(s, index, name, version))
			return true;
		if (entry & 1)
			return false;
	}
	return false;
}

/* The chain is a list by index: no longer than there are symbols, whatever it says. */
static bool
define_by_hash(const struct elf_symbols *s, const char *name, const char *version)
{
	size_t each = sizeof_hash_word(s);
	uint64_t buckets = number(s, s->hash, each), chains = number(s, s->hash + each, each), index;

	if (buckets == 0)
		return false;
	index = number(s, s->hash + (2 + sysv_name_hash(name) % buckets) * each, each);
	for (uint64_t steps = 0; index != 0 && index < chains && steps < chains; steps++) {
		if (matches(s, (size_t)index, name, version))
			return true;
		index = number(s, s->hash + (2 + buckets + index) * each, each);
	}
	return false;
}

bool
symbols_define(const struct elf_symbols *s, const char *name, const char *version)
{
	if (s->gnu_hash)
		return define_by_gnu_hash(s, name, version);
	return s->hash && define_by_hash(s, name, version);
}

bool
symbols_next_undefined(const struct elf_symbols *s, size_t *index, struct symbol *found)
{
	unsigned raw;

	for (size_t i = *index ? *index : 1; i < s->count; i++) {
		struct raw_symbol symbol = symbol_at(s, i);

		if (symbol.section != SHN_UNDEF || symbol.binding == STB_LOCAL || !symbol.name || !*symbol.name)
			continue;
		*found = (struct symbol){.name = symbol.name, .version = version_at(s, i, &raw),
			.is_weak = symbol.binding == STB_WEAK};
		*index = i + 1;
		return true;
	}
	return false;
}

bool
symbols_define_version(const struct elf_symbols *s, const char *name)
{
	for (size_t i = 0; i < s->definition_count; i++)
		if (strcmp(s->definitions[i], name) == 0)
			return true;
	return false;
}
