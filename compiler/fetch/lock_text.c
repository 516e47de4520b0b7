/* Decides how a lock is written: one text for each, so that a lock that says the same is the same file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/memory.h"

/* Plain where YAML (1.2, 7.3.3) allows it in a flow mapping, and no reader could take it for anything but text or a number. */
static void
print_text(FILE *out, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-._~/";

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
print_package(FILE *out, const struct m_locked_file *file)
{
	fputs("      - {package: ", out);
	print_text(out, file->package.v);
	fputs(", version: ", out);
	print_text(out, file->version.v);
	fputs(", architecture: ", out);
	print_text(out, file->architecture.v);
	fputs(", file: ", out);
	print_text(out, file->file.v);
	fprintf(out, ", size: %" PRIu64 ", sha256: ", file->size.v);
	print_text(out, file->sha256.v);
	fputs("}\n", out);
}

static void
print_packages(FILE *out, const struct m_locked_input *input)
{
	fputs("    architecture: ", out);
	print_text(out, input->architecture.v);
	fputs("\n    packages: [", out);
	for (size_t i = 0; i < input->packages.count; i++) {
		fputs(i > 0 ? ", " : "", out);
		print_text(out, input->packages.v[i].v);
	}
	fputs(input->sources.count > 0 ? "]\n    sources:\n" : "]\n", out);
	for (size_t i = 0; i < input->sources.count; i++) {
		fputs("      - ", out);
		print_text(out, input->sources.v[i].v);
		putc('\n', out);
	}
	fputs(input->file_count > 0 ? "    files:\n" : "    files: []\n", out);
	for (size_t i = 0; i < input->file_count; i++)
		print_package(out, &input->files[i]);
}

static void
print_input(FILE *out, const struct m_locked_input *input)
{
	fputs("  ", out);
	print_text(out, input->name);
	fputs(":\n", out);
	switch (input->kind) {
	case INPUT_PACKAGES:
		print_packages(out, input);
		break;
	case INPUT_DIRECTORY:
		fprintf(out, "    tree: %s\n", input->tree.v);
		break;
	case INPUT_ARCHIVE:
		fprintf(out, "    sha256: %s\n", input->sha256.v);
		break;
	case INPUT_OCI:
		fprintf(out, "    image: %s\n", input->image.v);
		break;
	case INPUT_FILE:
		fprintf(out, "    file: %s\n%s", input->file.v, input->executable.v ? "    executable: true\n" : "");
		break;
	}
}

static void
print_closure(FILE *out, const struct m_texts *closure)
{
	if (!closure->given)
		return;
	fputs(closure->count > 0 ? "closure:\n" : "closure: []\n", out);
	for (size_t i = 0; i < closure->count; i++) {
		fputs("  - ", out);
		print_text(out, closure->v[i].v);
		putc('\n', out);
	}
}

static void
print_lock(FILE *out, const struct lock *lock)
{
	fprintf(out, "# Written by `rootc lock`. Commit it beside the manifest; do not edit it.\nlock: %d\n", LOCK_FORMAT);
	fputs(lock->input_count > 0 ? "inputs:\n" : "inputs: {}\n", out);
	for (size_t i = 0; i < lock->input_count; i++)
		print_input(out, &lock->inputs[i]);
	if (lock->files.count > 0)
		fputs("files:\n", out);
	for (size_t i = 0; i < lock->files.count; i++) {
		fputs("  ", out);
		print_text(out, lock->files.v[i].name);
		fprintf(out, ": %s\n", lock->files.v[i].value.v);
	}
	print_closure(out, &lock->closure);
}

/* The whole text, which the caller frees. */
static char *
lock_text(const struct lock *lock, size_t *size)
{
	char *text = NULL, hex[DIGEST_HEX];
	FILE *out = open_memstream(&text, size);
	struct digest sum;

	if (!out)
		memory_exhausted();
	print_lock(out, lock);
	if (fflush(out) != 0)
		memory_exhausted();
	sum = digest_of(text, *size);
	fprintf(out, "sum: %s\n", digest_format(&sum, hex));
	if (fclose(out) != 0)
		memory_exhausted();
	return text;
}

bool
fetch_write_lock(struct compilation *c, const struct lock *lock, const struct lock *old, const char *path, struct span at)
{
	size_t size = 0;
	char *text = lock_text(lock, &size);
	bool same = old && old->at.source->size == size && memcmp(old->at.source->text, text, size) == 0;
	int error = same ? 0 : file_replace(c->arena, path, text, size);

	free(text);
	if (error)
		diag(&c->diags, DIAG_LOCK_UNWRITABLE, at, "cannot write '%s': %s", path, strerror(error));
	return !error;
}
