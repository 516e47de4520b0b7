/* Decides which manifests a directory has that are targets, and not only there for others to extend. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/manifest.h"
#include "read/read.h"
#include "read/stages.h"
#include "support/compilation.h"
#include "support/directory.h"
#include "support/text.h"

enum { MOST_NAMES = 1 << 16 };

/* A file, by whatever name; zeroes: there is none. */
struct file {
	uint64_t device, inode;
};

/* A manifest that may be a target. */
struct candidate {
	const char *path;
	struct file file;
	const char *name;   /* NULL: it cannot be told, which the building of it will say */
	bool complete;      /* it has every key that a target must have, or whatever it has cannot be told */
	bool extended;      /* by another candidate */
	struct file *bases; /* what it extends */
	size_t base_count;
};

struct listing {
	struct compilation *c;
	struct candidate *list;
	size_t count;
};

static struct file
file_at(const char *path)
{
	struct stat info;

	return stat(path, &info) == 0 ? (struct file){info.st_dev, info.st_ino} : (struct file){0};
}

static bool
is_same(struct file a, struct file b)
{
	return a.inode && a.inode == b.inode && a.device == b.device;
}

static bool
has_required_keys(const struct value *root)
{
	for (const struct field *f = manifest_schema.fields; f->key; f++)
		if (f->required && !value_member(root, f->key))
			return false;
	return true;
}

/*
 * The document at PATH, laid over what it extends, which goes to M. NULL: it cannot be told. *IS_MANIFEST: it is none of another
 * kind. What is wrong with it goes to QUIET, and is said by whoever builds it.
 */
static const struct value *
lay_out(struct compilation *quiet, const char *path, struct manifest *m, bool *is_manifest)
{
	const struct value *root = read_root(quiet, path, (struct span){0}, &manifest_limits, &manifest_schema);

	m->path = path;
	m->directory = text_directory(quiet->arena, path);
	*is_manifest = !root || value_member(root, manifest_schema.fields[0].key) || value_member(root, "extends");
	return root && *is_manifest ? extend_document(quiet, m, root, &manifest_limits) : NULL;
}

/* Looks into the file of CANDIDATE; false: it is YAML of another kind. */
static bool
examine(struct listing *l, struct candidate *candidate)
{
	struct arena *arena = arena_new(); /* a text takes 4 MiB, and there may be hundreds */
	struct compilation quiet = {.arena = arena, .diags.arena = arena};
	struct manifest *m = ARENA_NEW(arena, struct manifest);
	bool is_manifest;
	const struct value *root = lay_out(&quiet, candidate->path, m, &is_manifest), *name = root ? value_member(root, "name") : NULL;

	candidate->complete = !root || has_required_keys(root);
	if (name && name->text)
		candidate->name = arena_strdup(l->c->arena, name->text);
	for (size_t i = 0; i < m->base_count; i++)
		*ARENA_PUSH(l->c->arena, candidate->bases, candidate->base_count) = file_at(m->bases[i].v);
	arena_free(arena);
	return is_manifest;
}

/* Adds the file at PATH, once by whatever name. NAMED by the user, it is a target whatever it holds. */
static void
add(struct listing *l, const char *path, bool named)
{
	struct candidate new = {.path = path, .file = file_at(path)};

	for (size_t i = 0; i < l->count; i++)
		if (is_same(l->list[i].file, new.file))
			return;
	if (!examine(l, &new) && !named)
		return;
	new.complete |= named;
	*ARENA_PUSH(l->c->arena, l->list, l->count) = new;
}

static bool
is_named_as_manifest(const char *name)
{
	return name[0] != '.' && (text_ends_with(name, ".yaml") || text_ends_with(name, ".yml"));
}

static bool
unreadable(const struct listing *l, const char *path)
{
	diag(&l->c->diags, DIAG_FILE_UNREADABLE, (struct span){0}, "cannot read '%s': %s", path, strerror(errno));
	return false;
}

static bool
add_directory(struct listing *l, const char *path, int fd)
{
	size_t count, before = l->count;
	struct directory_name *names = directory_names(l->c->arena, fd, MOST_NAMES, &count);

	if (!names)
		return unreadable(l, path);
	directory_sort(names, count);
	for (size_t i = 0; i < count; i++)
		if (is_named_as_manifest(names[i].name) && names[i].type != DT_DIR)
			add(l, text_below(l->c->arena, path, names[i].name), false);
	if (l->count > before)
		return true;
	diag_help(diag(&l->c->diags, DIAG_TARGETS_MISSING, (struct span){0}, "there is no manifest in '%s'", path),
		"a manifest is a file that ends in .yaml and has the key 'rootc' or 'extends'; directories below are not looked into");
	return false;
}

static bool
add_operand(struct listing *l, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool good;

	if (fd < 0 && errno != ENOTDIR && errno != ENOENT)
		return unreadable(l, path);
	if (fd < 0) {
		add(l, path, true);
		return true;
	}
	good = add_directory(l, path, fd);
	close(fd);
	return good;
}

static void
note_bases(struct listing *l, const struct candidate *by)
{
	for (size_t i = 0; i < by->base_count; i++)
		for (size_t k = 0; k < l->count; k++)
			l->list[k].extended |= is_same(l->list[k].file, by->bases[i]);
}

/* Where the name of CANDIDATE, which has one, stands. */
static struct span
name_at(struct listing *l, const struct candidate *candidate)
{
	struct compilation quiet = {.arena = l->c->arena, .diags.arena = l->c->arena};
	bool is_manifest;
	const struct value *root = lay_out(&quiet, candidate->path, ARENA_NEW(l->c->arena, struct manifest), &is_manifest);
	const struct value *name = root ? value_member(root, "name") : NULL;

	return name ? name->at : (struct span){0};
}

static bool
output_twice(struct listing *l, const struct candidate *first, const struct candidate *second)
{
	struct diag *d = diag(&l->c->diags, DIAG_OUTPUT_TWICE, name_at(l, second), "'%s' and '%s' would both write '%s.img'", first->path,
		second->path, second->name);

	diag_help(diag_note(d, name_at(l, first), "the name of the other one"), "give each target a name of its own");
	return false;
}

/* Whether every target is called otherwise than those before it; else false with diagnostics. */
static bool
names_differ(struct listing *l)
{
	bool good = true;

	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < i; k++)
			if (l->list[i].name && l->list[k].name && strcmp(l->list[i].name, l->list[k].name) == 0) {
				good = output_twice(l, &l->list[k], &l->list[i]);
				break;
			}
	return good;
}

const char *const *
read_targets(struct compilation *c, const char *const *operands, size_t operand_count, size_t *count)
{
	struct listing l = {.c = c};
	const char **paths;
	bool good = true;
	size_t kept = 0;

	for (size_t i = 0; i < operand_count; i++)
		good = add_operand(&l, operands[i]) && good;
	for (size_t i = 0; i < l.count; i++)
		note_bases(&l, &l.list[i]);
	for (size_t i = 0; i < l.count; i++)
		if (l.list[i].complete || !l.list[i].extended)
			l.list[kept++] = l.list[i];
	l.count = kept;
	if (!good || !names_differ(&l))
		return NULL;
	paths = ARENA_ARRAY(c->arena, const char *, kept);
	for (size_t i = 0; i < kept; i++)
		paths[i] = l.list[i].path;
	*count = kept;
	return paths;
}
