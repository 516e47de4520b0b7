/* Decides which words of the manifests made a difference of two images. */
#include "compare/compare.h"

#include <stddef.h>
#include <string.h>

#include "support/compilation.h"
#include "support/text.h"

/*
 * Which value of a part of the manifest says WHAT differs. Every value begins with its place. What two values say, such as owner and
 * group, has none: then the name of the whole is the place.
 */
struct value {
	const char *what; /* what begins so, for "feature " and the like */
	size_t offset;
};

static const struct value of_manifest[] = {
	{"size in bytes", offsetof(struct manifest, disk.size)}, {"sector size", offsetof(struct manifest, disk.sector_size)},
	{"partition table", offsetof(struct manifest, disk.table)}, {"disk signature", offsetof(struct manifest, disk.id)}, {"disk GUID", offsetof(struct manifest, disk.uuid)},
	{"boot ", offsetof(struct manifest, grub)}, {"created", offsetof(struct manifest, epoch)}, {NULL, 0}};

static const struct value of_partition[] = {
	{"first sector", offsetof(struct m_partition, start)}, {"sectors", offsetof(struct m_partition, size)},
	{"type", offsetof(struct m_partition, type)}, {"GUID", offsetof(struct m_partition, uuid)},
	{"bootable", offsetof(struct m_partition, bootable)}, {"bytes that", offsetof(struct m_partition, raw)},
	{"blocks of the", offsetof(struct m_partition, filesystem.features)}, {"blocks", offsetof(struct m_partition, size)},
	{"clusters", offsetof(struct m_partition, size)}, {"pages", offsetof(struct m_partition, size)}, {NULL, 0}};

static const struct value of_filesystem[] = {
	{"file system", offsetof(struct m_filesystem, type)}, {"block size", offsetof(struct m_filesystem, block_size)},
	{"label", offsetof(struct m_filesystem, label)}, {"UUID", offsetof(struct m_filesystem, uuid)},
	{"inodes", offsetof(struct m_filesystem, inodes)}, {"inode size", offsetof(struct m_filesystem, inode_size)},
	{"reserved blocks", offsetof(struct m_filesystem, reserved_percent)}, {"feature ", offsetof(struct m_filesystem, features)},
	{"volume id", offsetof(struct m_filesystem, volume_id)}, {"kind of FAT", offsetof(struct m_filesystem, fat)}, {NULL, 0}};

static const struct value of_swap[] = {{"label", offsetof(struct m_swap, label)}, {"UUID", offsetof(struct m_swap, uuid)}, {NULL, 0}};

static const struct value of_file[] = {
	{"mode", offsetof(struct m_file, mode)}, {"target", offsetof(struct m_file, link)}, {"hard link", offsetof(struct m_file, hardlink)},
	{"attribute security.capability", offsetof(struct m_file, capabilities)}, {"attribute ", offsetof(struct m_file, xattrs)},
	{"content", offsetof(struct m_file, content)}, {"content", offsetof(struct m_file, source)}, {NULL, 0}};

static const struct value of_device[] = {
	{"mode", offsetof(struct m_device, mode)}, {"type", offsetof(struct m_device, type)},
	{"attribute ", offsetof(struct m_device, xattrs)}, {NULL, 0}};

/* The place of the first of VALUES of PART that says WHAT, and is written; else OTHERWISE. One that is not has the place of its mapping. */
static struct span
place_in(const void *part, const struct span *mapping, const struct value *values, const char *what, struct span otherwise)
{
	for (; values->what; values++) {
		const struct span *at = (const struct span *)((const char *)part + values->offset);

		if (text_starts_with(what, values->what) && at->line && !span_is_same(*at, *mapping))
			return *at;
	}
	return otherwise;
}

/* The words of the value that says what CHANGE is about, of the file or device that is named at WHY; else WHY itself. */
static struct span
place_of_file(const struct manifest *m, const struct span *why, const char *what)
{
	for (size_t i = 0; i < m->file_count; i++)
		if (span_is_same(*why, m->files[i].key_at))
			return place_in(&m->files[i], &m->files[i].at, of_file, what, *why);
	for (size_t i = 0; i < m->device_count; i++)
		if (span_is_same(*why, m->devices[i].key_at))
			return place_in(&m->devices[i], &m->devices[i].at, of_device, what, *why);
	return *why;
}

static struct span
place_of_partition(const struct m_partition *p, const char *what)
{
	struct span at = place_in(p, &p->at, of_partition, what, p->key_at);

	if (p->filesystem.given)
		return place_in(&p->filesystem, &p->filesystem.at, of_filesystem, what, at);
	return p->swap.given ? place_in(&p->swap, &p->swap.at, of_swap, what, at) : at;
}

/* The entry of the pool that a file of the image at PATH, named at WHY, is a copy of; NULL: none. */
static const struct entry *
entry_of(const struct plan *plan, const struct span *why, const char *path)
{
	const struct closure *closure = plan->closure;

	for (size_t i = 0; i < plan->manifest->file_count; i++)
		if (span_is_same(*why, plan->manifest->files[i].key_at) && closure->source_entries[i] && !plan->manifest->files[i].is_subtree)
			return closure->source_entries[i];
	for (size_t i = 0; i < closure->need_count; i++)
		if (strcmp(closure->needs[i]->path, path) == 0)
			return closure->needs[i]->entry;
	return NULL;
}

static const struct partition_layout *
partition_of(const struct plan *plan, uint32_t number)
{
	for (size_t i = 0; i < plan->layout->partition_count; i++)
		if (plan->layout->partitions[i].number == number)
			return &plan->layout->partitions[i];
	return NULL;
}

/* Of the file at PATH of the initial ramdisk that rootc makes; NULL: it comes from nowhere, such as its list of modules. */
static const struct cause *
cause_of_member(struct compilation *c, const struct closure *ramdisk, const char *path)
{
	for (size_t i = 0; ramdisk && i < ramdisk->need_count; i++) {
		const struct need *need = ramdisk->needs[i];
		struct cause *cause;

		if (strcmp(need->path, path) != 0)
			continue;
		cause = ARENA_NEW(c->arena, struct cause);
		*cause = (struct cause){.at = need->why.at, .how = need->why.text, .entry = need->entry};
		return cause;
	}
	return NULL;
}

/*
 * Of the file at PATH of a partition that is mounted at MOUNT, or of one in an initial ramdisk, "/boot/initrd.img:/init", as far as that
 * is known, else of the ramdisk; NULL: the manifest makes none there.
 */
static const struct cause *
cause_of_file(struct compilation *c, const struct plan *plan, const char *mount, const char *path, const char *what)
{
	const char *inside = strstr(path, ":/"), *outside = inside ? arena_strndup(c->arena, path, (size_t)(inside - path)) : path;
	const char *full = mount[1] ? arena_printf(c->arena, "%s%s", mount, outside[1] ? outside : "") : outside;
	const struct node *node = tree_find(plan->tree, full);
	const struct cause *of_member = inside ? cause_of_member(c, plan->ramdisk, inside + 1) : NULL;
	struct cause *cause;

	if (of_member || !node || !node->why)
		return of_member;
	cause = ARENA_NEW(c->arena, struct cause);
	*cause = (struct cause){.at = place_of_file(plan->manifest, &node->why->at, what), .how = node->why->needed_by ? node->why->text : NULL,
		.entry = entry_of(plan, &node->why->at, full)};
	return cause;
}

static const struct cause *
cause_of(struct compilation *c, const struct plan *plan, const struct change *change, const char *path)
{
	const struct manifest *m = plan->manifest;
	const struct partition_layout *p = partition_of(plan, change->partition);
	struct cause *cause;

	if (change->partition && !p)
		return NULL;
	if (path)
		return p->from->mount.v ? cause_of_file(c, plan, p->from->mount.v, path, change->what) : NULL;
	cause = ARENA_NEW(c->arena, struct cause);
	cause->at = place_in(m, &m->at, of_manifest, change->what, p ? place_of_partition(p->from, change->what) : m->disk.at);
	return cause;
}

const struct diff *
compare_causes(struct compilation *c, const struct diff *diff, const struct plan *before, const struct plan *after)
{
	struct diff *caused = ARENA_NEW(c->arena, struct diff);

	*caused = *diff;
	caused->changes = ARENA_ARRAY(c->arena, struct change, diff->change_count);
	for (size_t i = 0; i < diff->change_count; i++) {
		struct change *change = &caused->changes[i];

		*change = diff->changes[i];
		change->cause_before = cause_of(c, before, change, change->path);
		change->cause_after = cause_of(c, after, change, change->path && strcmp(change->what, "renamed") == 0 ? change->after : change->path);
	}
	return caused;
}
