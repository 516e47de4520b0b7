#include "resolve/notes.h"

#include <elf.h>
#include <string.h>
#include <unistd.h>

#include "support/json_reader.h"
#include "support/text.h"

enum {
	MOST_NOTE_BYTES = 256 * 1024, /* of one segment */
	MOST_BUILD_ID = 64, /* a SHA-1 has 20 */
	NOTE_HEAD = 12,
	TYPE_DLOPEN = 0x407c0c0a,
	TYPE_ISA_NEEDED = (int)0xc0008002, /* GNU_PROPERTY_X86_ISA_1_NEEDED */
};

/* One file on its way. */
struct reading {
	struct bytes *bytes;
	const struct elf_facts *facts;
	struct elf_remarks *remarks;
};

static uint32_t
word(const struct reading *r, const unsigned char *b)
{
	if (r->facts->data == ELFDATA2MSB)
		return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 | (uint32_t)b[1] << 8 | b[0];
}

static size_t
round_up(size_t size, size_t alignment)
{
	return (size + alignment - 1) / alignment * alignment;
}

static bool
take_sonames(struct json_reader *j, struct dlopen_note *note)
{
	const char *soname;

	while (json_next_item(j)) {
		if (!(soname = json_read_text(j)))
			return false;
		*ARENA_PUSH(j->arena, note->sonames, note->soname_count) = soname;
	}
	return !j->is_broken;
}

static bool
take_priority(struct json_reader *j, struct dlopen_note *note)
{
	const char *text = json_read_text(j);

	size_t priority = text ? text_index(dlopen_names, text) : 0;

	if (text && dlopen_names[priority])
		note->priority = (enum dlopen_priority)priority;
	return text;
}

static bool
take_member(struct json_reader *j, const char *key, struct dlopen_note *note)
{
	if (strcmp(key, "soname") == 0)
		return json_enter(j, '[') && take_sonames(j, note);
	if (strcmp(key, "priority") == 0)
		return take_priority(j, note);
	if (strcmp(key, "feature") == 0)
		return (note->feature = json_read_text(j));
	if (strcmp(key, "description") == 0)
		return (note->description = json_read_text(j));
	return json_skip(j);
}

static bool
take_opens(struct reading *r, const char *text, size_t size)
{
	struct json_reader j = {.arena = r->bytes->c->arena, .at = text, .end = text + size};
	struct dlopen_note *list = NULL;
	size_t count = 0;
	const char *key;

	if (!json_enter(&j, '['))
		return false;
	while (json_next_item(&j)) {
		struct dlopen_note note = {.priority = DLOPEN_RECOMMENDED};

		if (!json_enter(&j, '{'))
			return false;
		while ((key = json_next_key(&j)))
			if (!take_member(&j, key, &note))
				return false;
		if (j.is_broken || note.soname_count == 0)
			return false;
		*ARENA_PUSH(j.arena, list, count) = note;
	}
	for (size_t i = 0; !j.is_broken && i < count; i++)
		*ARENA_PUSH(j.arena, r->remarks->opens, r->remarks->open_count) = list[i];
	return !j.is_broken;
}

/* An array of properties: type, size, and that many bytes, aligned as the class of the file is (Linux gABI extensions). */
static void
take_properties(struct reading *r, const unsigned char *bytes, size_t size)
{
	size_t alignment = r->facts->class == ELFCLASS64 ? 8 : 4, each;

	for (size_t at = 0; size - at >= 8; at += each) {
		uint32_t type = word(r, bytes + at), length = word(r, bytes + at + 4);

		if (length > size - at - 8)
			return;
		if (type == (uint32_t)TYPE_ISA_NEEDED && length == 4)
			r->remarks->isa_needed |= word(r, bytes + at + 8);
		each = round_up(8 + (size_t)length, alignment);
		if (each > size - at)
			return;
	}
}

static void
take_build_id(struct reading *r, const unsigned char *bytes, size_t size)
{
	const char *text = "";

	for (size_t i = 0; i < size && i < MOST_BUILD_ID; i++)
		text = arena_printf(r->bytes->c->arena, "%s%02x", text, (unsigned)bytes[i]);
	r->remarks->build_id = text;
}

static void
take_note(struct reading *r, uint32_t type, const unsigned char *owner, size_t owner_size, const unsigned char *bytes, size_t size)
{
	static const char gnu[] = "GNU", fdo[] = "FDO";

	if (type == NT_GNU_PROPERTY_TYPE_0 && owner_size == sizeof gnu && memcmp(owner, gnu, sizeof gnu) == 0)
		take_properties(r, bytes, size);
	if (type == NT_GNU_BUILD_ID && owner_size == sizeof gnu && memcmp(owner, gnu, sizeof gnu) == 0)
		take_build_id(r, bytes, size);
	if (type != TYPE_DLOPEN || owner_size != sizeof fdo || memcmp(owner, fdo, sizeof fdo) != 0)
		return;
	if (!take_opens(r, (const char *)bytes, strnlen((const char *)bytes, size)))
		diag(&r->bytes->c->diags, DIAG_NOTE_BROKEN, r->bytes->at,
			"a note in '%s' about what it opens while it runs is no JSON of the usual form: it is left out",
			content_name(r->bytes->c, r->bytes->content));
}

static void
take_notes(struct reading *r, const unsigned char *bytes, size_t size, size_t alignment)
{
	size_t at = 0;

	while (size - at >= NOTE_HEAD) {
		size_t owner_size = word(r, bytes + at), note_size = word(r, bytes + at + 4);
		uint32_t type = word(r, bytes + at + 8);
		size_t note_at, next;

		if (owner_size > size - at - NOTE_HEAD)
			return;
		note_at = round_up(at + NOTE_HEAD + owner_size, alignment);
		if (note_at > size || note_size > size - note_at)
			return;
		take_note(r, type, bytes + at + NOTE_HEAD, owner_size, bytes + note_at, note_size);
		next = round_up(note_at + note_size, alignment);
		if (next > size)
			return;
		at = next;
	}
}

static bool
read_segments(struct reading *r)
{
	for (size_t i = 0; i < r->facts->note_count; i++) {
		const struct elf_notes *n = &r->facts->notes[i];
		size_t size = n->size < MOST_NOTE_BYTES ? (size_t)n->size : MOST_NOTE_BYTES;
		unsigned char *bytes = arena_alloc(r->bytes->c->arena, size + 1);

		if (!bytes_read(r->bytes, n->offset, bytes, size))
			return false;
		take_notes(r, bytes, size, n->alignment);
	}
	return true;
}

bool
notes_read(struct bytes *bytes, const struct elf_facts *facts, struct elf_remarks *remarks)
{
	return read_segments(&(struct reading){.bytes = bytes, .facts = facts, .remarks = remarks});
}

static struct elf_remarks *
read_file(struct resolver *r, const struct content *content, const struct elf_facts *facts, struct span at)
{
	struct elf_remarks *remarks = ARENA_NEW(r->c->arena, struct elf_remarks);
	struct bytes bytes = {.c = r->c, .content = content, .at = at, .fd = -1};
	bool ok;

	if (content->kind == CONTENT_HOST && (bytes.fd = content_open(r->c, content, at)) < 0)
		return NULL;
	ok = notes_read(&bytes, facts, remarks) && bytes_unchanged(&bytes);
	if (bytes.fd >= 0)
		close(bytes.fd);
	return ok ? remarks : NULL;
}

const struct elf_remarks *
remarks_of(struct resolver *r, const struct content *content, const struct elf_facts *facts, struct span at)
{
	static const struct elf_remarks unreadable;
	const struct elf_remarks *remarks = *map_slot(r->c->arena, &r->notes, content);

	if (!remarks) {
		remarks = read_file(r, content, facts, at);
		*map_slot(r->c->arena, &r->notes, content) = (void *)(remarks ? remarks : &unreadable);
	}
	return remarks == &unreadable ? NULL : remarks;
}
