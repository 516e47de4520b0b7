/* Decides what of a store a build needs, and copies it into a directory that is a store of that alone. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fetch/fetch.h"
#include "fetch/index.h"
#include "fetch/rows.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

struct vendoring {
	struct compilation *c;
	const char *from; /* the store */
	int from_fd;
	struct store into;
};

/* Adds the bytes of what is open in FD. */
static bool
copy_bytes(struct vendoring *v, struct store_blob *to, int fd)
{
	char bytes[65536];
	ssize_t got;

	while ((got = file_read(fd, bytes, sizeof bytes)) > 0)
		if (!store_blob_add(to, to->size, bytes, (size_t)got))
			return false;
	return got == 0 || store_failed(&v->into, "read a file to copy", errno);
}

static bool
damaged(struct vendoring *v, const char *package)
{
	diag_help(diag(&v->c->diags, DIAG_NOT_FETCHED, v->into.at, "the store has not all of %s, or it is damaged", package),
		"delete the store '%s', and run `rootc fetch`", v->from);
	return false;
}

/* Copies the file of ROW, whose bytes are hashed on their way. */
static bool
copy_blob(struct vendoring *v, const struct index_row *row, const char *package)
{
	struct store_blob blob;
	struct digest digest;
	bool ok;
	int fd;

	if (store_has_blob(&v->into, row->blob, row->size))
		return true;
	fd = file_open_beneath(v->from, row->blob);
	if (fd < 0)
		return damaged(v, package);
	ok = store_blob_begin(&blob, &v->into) && copy_bytes(v, &blob, fd) && store_blob_end(&blob, blob.size, &digest);
	store_blob_abandon(&blob);
	close(fd);
	return ok && (digest_equal(&digest, &row->digest) || damaged(v, package));
}

/* Copies what the store has of the archive HEX: first the files, then the index, which vouches for them. */
static bool
copy_archive(struct vendoring *v, const char *hex, const char *package)
{
	struct rows rows = {.arena = v->c->arena};
	struct index_reader reader;
	struct index_row row;

	if (store_has_archive(&v->into, hex))
		return true;
	if (!index_open(&reader, v->c, v->from_fd, hex))
		return damaged(v, package);
	while (index_next(&reader, &row)) {
		if (row.kind == ENTRY_FILE && !copy_blob(v, &row, package))
			return false;
		rows_add(&rows, &row);
	}
	return reader.broken ? damaged(v, package) : index_write(&v->into, hex, rows.list, rows.count);
}

static bool
copy_packages(struct vendoring *v, const struct lock *lock, const struct m_input *input)
{
	const struct m_locked_input *locked = locked_input(v->c, lock, input);

	v->into.at = input->key_at;
	if (locked)
		progress_begin(&v->c->progress, ROOTC_COPYING, input->name, locked->file_count);
	for (size_t i = 0; locked && i < locked->file_count; i++) {
		const char *package = arena_printf(v->c->arena, "%s %s", locked->files[i].package.v, locked->files[i].version.v);

		progress_to(&v->c->progress, i, package);
		if (!copy_archive(v, locked->files[i].sha256.v, package))
			return false;
	}
	if (locked)
		progress_to(&v->c->progress, locked->file_count, NULL);
	return locked;
}

static bool
copy_all(struct vendoring *v, const struct manifest *m, const struct lock *lock)
{
	for (size_t i = 0; i < m->input_count; i++)
		if (m->inputs[i].kind == INPUT_PACKAGES && !copy_packages(v, lock, &m->inputs[i]))
			return false;
	return true;
}

bool
fetch_vendor(struct compilation *c, const struct manifest *m, const struct lock *lock, const char *store, const char *directory)
{
	struct vendoring v = {.c = c, .from = store, .from_fd = open(store, O_PATH | O_DIRECTORY | O_CLOEXEC)};
	bool ok = store_open(&v.into, c, directory, m->at) && copy_all(&v, m, lock);

	store_close(&v.into);
	if (v.from_fd >= 0)
		close(v.from_fd);
	/* Archives, which lie beside the manifest, are unpacked where they are first missed. */
	return ok && fetch_pool(c, m, lock, directory, false);
}
