/* Decides which locked files the store still needs, and takes them in only when they are the locked ones. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/apt.h"
#include "fetch/fetch.h"
#include "fetch/index.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/file.h"

struct wanted {
	struct apt *apt;
	const struct m_input *input;
	const struct m_locked_file **files;
	size_t count;
};

bool
store_has_archive(const struct store *store, const char *hex)
{
	struct index_reader reader;
	struct index_row row;

	if (!index_open(&reader, store->c, store->fd, hex))
		return false;
	while (index_next(&reader, &row))
		if (row.kind == ENTRY_FILE && !store_has_blob(store, row.blob, row.size))
			return false;
	return !reader.broken;
}

static const char *const *
specs_of(const struct wanted *w)
{
	struct arena *arena = w->apt->store->c->arena;
	const char **specs = ARENA_ARRAY(arena, const char *, w->count);

	for (size_t i = 0; i < w->count; i++)
		specs[i] = arena_printf(arena, "%s=%s", w->files[i]->package.v, w->files[i]->version.v);
	return specs;
}

static bool
is_same_package(const struct apt_package *known, const struct m_locked_file *file)
{
	return strcmp(known->name, file->package.v) == 0 && strcmp(known->version, file->version.v) == 0 &&
		strcmp(known->architecture, file->architecture.v) == 0;
}

/* The bytes that apt's lists offer for FILE: those that were locked where there are several, NULL where there are none. */
static const struct apt_package *
offer_for(const struct apt_packages *known, const struct m_locked_file *file)
{
	const struct apt_package *other = NULL;

	for (size_t i = 0; i < known->count; i++) {
		const struct apt_package *package = &known->list[i];

		if (!is_same_package(package, file) || !package->sha256)
			continue;
		if (strcmp(package->sha256, file->sha256.v) == 0)
			return package;
		other = package;
	}
	return other;
}

static bool
all_offered(const struct wanted *w, const struct apt_packages *known)
{
	for (size_t i = 0; i < w->count; i++)
		if (!offer_for(known, w->files[i]))
			return false;
	return true;
}

static bool
mismatch(struct compilation *c, const struct m_locked_file *file, const char *is)
{
	struct diag *d = diag(&c->diags, DIAG_HASH_MISMATCH, file->sha256.at, "'%s' is not the file that was locked", file->file.v);

	diag_help(diag_label(d, "%s", is), "the lock and the archive disagree; find out why before running `rootc lock`");
	return false;
}

static bool
report_offers(const struct wanted *w, const struct apt_packages *known)
{
	struct compilation *c = w->apt->store->c;
	bool ok = true;

	for (size_t i = 0; i < w->count; i++) {
		const struct m_locked_file *file = w->files[i];
		const struct apt_package *offer = offer_for(known, file);

		if (offer && strcmp(offer->sha256, file->sha256.v) == 0)
			continue;
		if (offer) {
			ok = mismatch(c, file, arena_printf(c->arena, "the archive has %s", offer->sha256));
			continue;
		}
		diag_help(diag(&c->diags, DIAG_NO_LONGER_AVAILABLE, file->at, "'%s' version '%s' is no longer available",
			file->package.v, file->version.v), "run `rootc lock --update` to take today's versions; the image's bytes will change");
		ok = false;
	}
	return ok;
}

/* Lists that are old, or not there yet, are brought up to date once before anything is called unavailable. */
static bool
everything_is_offered(const struct wanted *w)
{
	struct apt_packages known;

	progress_begin(&w->apt->store->c->progress, ROOTC_ASKING, w->apt->input->architecture.v, 0);
	if (!apt_show(w->apt, specs_of(w), w->count, &known))
		return false;
	if (all_offered(w, &known))
		return report_offers(w, &known);
	if (!apt_update(w->apt) || !apt_show(w->apt, specs_of(w), w->count, &known))
		return false;
	if (report_offers(w, &known))
		return true;
	apt_warn(w->apt);
	return false;
}

static bool
is_locked_file(struct compilation *c, const struct m_locked_file *file, int fd, const struct content *content)
{
	char hex[DIGEST_HEX];
	struct digest digest;

	if (content->size != file->size.v)
		return mismatch(c, file, arena_printf(c->arena, "%" PRIu64 " bytes, not %" PRIu64, content->size, file->size.v));
	if (!digest_file(fd, &digest)) {
		diag(&c->diags, DIAG_FILE_UNREADABLE, file->at, "cannot read '%s': %s", file->file.v, strerror(errno));
		return false;
	}
	if (strcmp(digest_format(&digest, hex), file->sha256.v) == 0)
		return true;
	return mismatch(c, file, arena_printf(c->arena, "it is %s", hex));
}

static bool
take_in(struct store *store, const struct m_locked_file *file, int fd)
{
	struct content content = {.kind = CONTENT_HOST, .shown = file->file.v};
	struct stat info;

	if (fstat(fd, &info) < 0)
		return store_failed(store, "read a download", errno);
	content.size = (uint64_t)info.st_size;
	content_stamp(&content, &info);
	store->at = file->at;
	return is_locked_file(store->c, file, fd, &content) && unpack_archive(store, &content, fd, file->sha256.v, NULL);
}

/* Unpacks what came of FILE, and removes it: wrong bytes must not be met again by the next attempt. False when none came. */
static bool
take_download(const struct wanted *w, const struct m_locked_file *file, bool *ok)
{
	const char *name = apt_download_name(w->apt, file->package.v, file->version.v, file->architecture.v);
	const char *path = arena_printf(w->apt->store->c->arena, "%s/%s", w->apt->downloads, name);
	int fd = file_open_beneath(w->apt->downloads, name);

	if (fd < 0)
		return false;
	*ok = take_in(w->apt->store, file, fd) && *ok;
	close(fd);
	unlink(path);
	return true;
}

static uint64_t
total_bytes(const struct wanted *w)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < w->count; i++)
		bytes += w->files[i]->size.v;
	return bytes;
}

static bool
download(const struct wanted *w)
{
	struct compilation *c = w->apt->store->c;
	const char *errors = NULL;
	size_t absent = 0;
	bool ok = true;
	struct diag *d;

	if (!everything_is_offered(w))
		return false;
	progress_begin(&c->progress, ROOTC_DOWNLOADING, w->input->name, total_bytes(w));
	if (!apt_download(w->apt, specs_of(w), w->count, &errors))
		return false;
	progress_begin(&c->progress, ROOTC_UNPACKING, w->input->name, w->count);
	for (size_t i = 0; i < w->count; i++) {
		progress_to(&c->progress, i - absent, w->files[i]->package.v);
		absent += !take_download(w, w->files[i], &ok);
	}
	progress_to(&c->progress, w->count - absent, NULL);
	if (absent == 0)
		return ok;
	d = diag(&c->diags, DIAG_APT_FAILED, w->apt->at, "apt could not download %zu of %zu files", absent, w->count);
	apt_quote(d, errors ? errors : "");
	diag_help(d, "run `rootc fetch` again: what did come is kept");
	return false;
}

static bool
is_listed(const struct wanted *w, const struct m_locked_file *file)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->files[i]->sha256.v, file->sha256.v) == 0)
			return true;
	return false;
}

/* Tells what an offline host lacks. */
static bool
report_lacking(const struct store *store, const struct m_input *input, const struct wanted *w)
{
	diag_help(diag(&store->c->diags, DIAG_NOT_FETCHED, input->key_at, "the store lacks %zu packages of input '%s', such as %s %s",
		w->count, input->name, w->files[0]->package.v, w->files[0]->version.v), "run `rootc fetch` without --offline");
	return false;
}

static bool
bring(struct store *store, const struct manifest *m, const struct m_input *input, const struct m_locked_input *locked, bool offline)
{
	struct apt apt;
	struct wanted w = {.apt = &apt, .input = input};

	progress_begin(&store->c->progress, ROOTC_LOOKING, arena_printf(store->c->arena, "%s in %s", input->name, store->path), locked->file_count);
	for (size_t i = 0; i < locked->file_count; i++) {
		if (!store_has_archive(store, locked->files[i].sha256.v) && !is_listed(&w, &locked->files[i]))
			*ARENA_PUSH(store->c->arena, w.files, w.count) = &locked->files[i];
		progress_to(&store->c->progress, i + 1 - w.count, NULL);
	}
	if (w.count == 0)
		return true;
	if (offline)
		return report_lacking(store, input, &w);
	return unpack_is_possible(store) &&
		apt_begin(&apt, store, m, input, input->key_at) &&
		download(&w);
}

bool
fetch_files(struct compilation *c, const struct manifest *m, const struct lock *lock, const char *store_path, bool offline)
{
	struct store store = {.fd = -1, .lock_fd = -1};
	bool ok = true;

	for (size_t i = 0; i < m->input_count; i++) {
		const struct m_input *input = &m->inputs[i];
		const struct m_locked_input *locked;

		if (input->kind != INPUT_PACKAGES)
			continue;
		locked = locked_input(c, lock, input);
		if (!locked) {
			ok = false;
			continue;
		}
		if (store.fd < 0 && !store_open(&store, c, store_path, m->at))
			return false;
		store.at = input->key_at;
		ok = bring(&store, m, input, locked, offline) && ok;
	}
	for (size_t i = 0; ok && i < m->input_count; i++)
		if (m->inputs[i].kind == INPUT_PACKAGES)
			apt_clear_downloads(&store, &m->inputs[i]);
	store_close(&store);
	return ok;
}
