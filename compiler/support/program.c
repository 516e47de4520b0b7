#include "support/program.h"

#include <elf.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "support/arena.h"

/* The build ID of the object that has CODE in it, once it is found. */
struct search {
	uintptr_t code;
	const unsigned char *id;
	size_t size;
};

/* Notes (elf(5)): a header, a name and a description, both padded to four bytes. */
static void
look_at_notes(struct search *s, const unsigned char *at, size_t size)
{
	ElfW(Nhdr) note;

	while (size >= sizeof note) {
		size_t name, description;

		memcpy(&note, at, sizeof note);
		name = (note.n_namesz + 3u) & ~(size_t)3;
		description = (note.n_descsz + 3u) & ~(size_t)3;
		if (name > size - sizeof note || description > size - sizeof note - name)
			return;
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp(at + sizeof note, "GNU", 4) == 0) {
			s->id = at + sizeof note + name;
			s->size = note.n_descsz;
			return;
		}
		at += sizeof note + name + description;
		size -= sizeof note + name + description;
	}
}

static bool
holds(const struct dl_phdr_info *object, uintptr_t code)
{
	for (unsigned i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && code - (object->dlpi_addr + p->p_vaddr) < p->p_memsz)
			return true;
	}
	return false;
}

static int
look_at_object(struct dl_phdr_info *object, size_t size, void *search)
{
	struct search *s = search;

	(void)size;
	if (!holds(object, s->code))
		return 0;
	for (unsigned i = 0; i < object->dlpi_phnum && !s->id; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];

		if (p->p_type == PT_NOTE)
			look_at_notes(s, (const unsigned char *)(object->dlpi_addr + p->p_vaddr), p->p_memsz);
	}
	return 1;
}

const char *
program_id(struct arena *arena)
{
	struct search s = {.code = (uintptr_t)&program_id};
	char *hex;

	dl_iterate_phdr(look_at_object, &s);
	if (!s.id)
		return NULL;
	hex = arena_alloc(arena, 2 * s.size + 1);
	for (size_t i = 0; i < s.size; i++) {
		hex[2 * i] = "0123456789abcdef"[s.id[i] >> 4];
		hex[2 * i + 1] = "0123456789abcdef"[s.id[i] & 15];
	}
	return hex;
}
