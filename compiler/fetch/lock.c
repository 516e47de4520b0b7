/* Decides what the manifest's packages stand for today, and writes it down. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/apt.h"
#include "fetch/fetch.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"
#include "support/text.h"

/* What a `packages` input comes to. */
struct answer {
	const struct m_input *input;
	struct apt_packages packages; /* sorted */
};

static bool
names_are_known(const struct apt *apt, const struct m_texts *wanted)
{
	struct diagnostics *diags = &apt->store->c->diags;
	bool ok = true;

	for (size_t i = 0; i < wanted->count; i++) {
		const struct m_text *name = &wanted->v[i];
		const char *near;
		struct diag *d;

		if (apt_knows(apt, name->v))
			continue;
		ok = false;
		d = diag(diags, DIAG_PACKAGE_UNKNOWN, name->at, "no package is called '%s'", name->v);
		diag_label(d, "not in the host's apt sources for %s", apt->architecture);
		near = text_nearest(name->v, apt->names, apt->name_count);
		if (near)
			diag_help(d, "did you mean '%s'?", near);
	}
	return ok;
}

static const char *const *
names_of(struct arena *arena, const struct m_texts *texts)
{
	const char **names = ARENA_ARRAY(arena, const char *, texts->count);

	for (size_t i = 0; i < texts->count; i++)
		names[i] = texts->v[i].v;
	return names;
}

static const char *const *
specs_of(struct arena *arena, const struct apt_packages *packages)
{
	const char **specs = ARENA_ARRAY(arena, const char *, packages->count);

	for (size_t i = 0; i < packages->count; i++)
		specs[i] = arena_printf(arena, "%s=%s", packages->list[i].name, packages->list[i].version);
	return specs;
}

static int
compare_packages(const void *a, const void *b)
{
	const struct apt_package *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order == 0)
		order = strcmp(x->architecture, y->architecture);
	return order ? order : strcmp(x->version, y->version);
}

/* Takes over from KNOWN, which is sorted, what the closure does not say: file, size and hash. */
static bool
complete(const struct apt *apt, struct apt_packages *packages, const struct apt_packages *known)
{
	for (size_t i = 0; i < packages->count; i++) {
		struct apt_package *package = &packages->list[i];
		const struct apt_package *full = known->count == 0 ? NULL :
			bsearch(package, known->list, known->count, sizeof *known->list, compare_packages);
		struct digest digest;

		if (!full || !full->sha256 || !digest_parse(full->sha256, &digest)) {
			diag(&apt->store->c->diags, DIAG_APT_FAILED, apt->at,
				"the host's apt knows no SHA-256 of package '%s', version '%s'", package->name, package->version);
			return false;
		}
		*package = *full;
	}
	return true;
}

static bool
answer_input(const struct apt *apt, struct answer *answer)
{
	struct arena *arena = apt->store->c->arena;
	const struct m_texts *wanted = &answer->input->packages;
	struct apt_packages known;

	if (!names_are_known(apt, wanted) || !apt_closure(apt, names_of(arena, wanted), wanted->count, &answer->packages) ||
			!apt_show(apt, specs_of(arena, &answer->packages), answer->packages.count, &known))
		return false;
	if (known.count > 0)
		qsort(known.list, known.count, sizeof *known.list, compare_packages);
	if (answer->packages.count > 0)
		qsort(answer->packages.list, answer->packages.count, sizeof *answer->packages.list, compare_packages);
	return complete(apt, &answer->packages, &known);
}

/* The apt of ARCHITECTURE among COUNT, or NULL. */
static struct apt *
apt_for(struct apt *apts, size_t count, const char *architecture)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(apts[i].architecture, architecture) == 0)
			return &apts[i];
	return NULL;
}

/* Asks apt about every input, its lists brought up to date once for each architecture. */
static bool
answer_all(struct store *store, struct answer *answers, size_t count)
{
	struct apt *apts = ARENA_ARRAY(store->c->arena, struct apt, count);
	size_t apt_count = 0;
	bool ok = true;

	for (size_t i = 0; i < count; i++) {
		const struct m_input *input = answers[i].input;
		struct apt *apt = apt_for(apts, apt_count, input->architecture.v);

		if (!apt) {
			apt = &apts[apt_count++];
			if (!apt_begin(apt, store, input->architecture.v, input->architecture.at) || !apt_update(apt))
				return false;
			apt_warn(apt);
		}
		apt->at = input->key_at;
		ok = answer_input(apt, &answers[i]) && ok;
	}
	return ok;
}

/* Plain where YAML (1.2, 7.3.3) allows it in a flow mapping, and no reader could take it for anything but text or a number. */
static void
print_text(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._~";

	if (strspn(text, plain) == strlen(text) && *text && !strchr("+-._~", *text)) {
		fputs(text, out);
		return;
	}
	putc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', out);
		putc(*text, out);
	}
	putc('"', out);
}

static void
print_package(FILE *out, const struct apt_package *package)
{
	fputs("      - {package: ", out);
	print_text(out, package->name);
	fputs(", version: ", out);
	print_text(out, package->version);
	fputs(", architecture: ", out);
	print_text(out, package->architecture);
	fputs(", file: ", out);
	print_text(out, package->file);
	fprintf(out, ", size: %" PRIu64 ", sha256: ", package->size);
	print_text(out, package->sha256);
	fputs("}\n", out);
}

static void
print_answer(FILE *out, const struct answer *answer)
{
	const struct m_texts *wanted = &answer->input->packages;

	fputs("  ", out);
	print_text(out, answer->input->name);
	fputs(":\n    architecture: ", out);
	print_text(out, answer->input->architecture.v);
	fputs("\n    packages: [", out);
	for (size_t i = 0; i < wanted->count; i++) {
		fputs(i > 0 ? ", " : "", out);
		print_text(out, wanted->v[i].v);
	}
	fputs(answer->packages.count > 0 ? "]\n    files:\n" : "]\n    files: []\n", out);
	for (size_t i = 0; i < answer->packages.count; i++)
		print_package(out, &answer->packages.list[i]);
}

static char *
print_lock(const struct answer *answers, size_t count, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	if (!out)
		memory_exhausted();
	fputs("# Written by `rootc lock`. Commit it beside the manifest; do not edit it.\nlock: 1\n", out);
	fputs(count > 0 ? "inputs:\n" : "inputs: {}\n", out);
	for (size_t i = 0; i < count; i++)
		print_answer(out, &answers[i]);
	if (fclose(out) != 0)
		memory_exhausted();
	return text;
}

static bool
write_lock(struct compilation *c, struct span at, const char *path, const char *text, size_t size)
{
	int error = file_replace(c->arena, path, text, size);

	if (error)
		diag(&c->diags, DIAG_LOCK_UNWRITABLE, at, "cannot write '%s': %s", path, strerror(error));
	return !error;
}

bool
fetch_lock(struct compilation *c, const struct manifest *m, const char *store_path, const char *lock_path)
{
	struct answer *answers = ARENA_ARRAY(c->arena, struct answer, m->input_count);
	struct store store = {.fd = -1, .lock_fd = -1};
	size_t count = 0, size = 0;
	char *text;
	bool ok = true;

	for (size_t i = 0; i < m->input_count; i++)
		if (m->inputs[i].kind == INPUT_PACKAGES)
			answers[count++].input = &m->inputs[i];
	if (count > 0)
		ok = store_open(&store, c, store_path, m->at) && answer_all(&store, answers, count);
	if (ok) {
		text = print_lock(answers, count, &size);
		ok = write_lock(c, m->at, lock_path, text, size);
		free(text);
	}
	store_close(&store);
	return ok;
}
