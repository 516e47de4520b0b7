/* What the library gives and takes around its work: its lifetime, what it found, and the words that it knows. */

#include "pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "load/load.h"
#include "read/read.h"
#include "resolve/resolve.h"
#include "support/memo.h"
#include "support/memory.h"
#include "support/temporary.h"

struct rootc_shared *
rootc_shared_new(void)
{
	struct rootc_shared *shared = calloc(1, sizeof *shared);

	if (!shared)
		memory_exhausted();
	shared->memo = memo_new();
	pthread_mutex_init(&shared->sums, NULL);
	return shared;
}

void
rootc_shared_free(struct rootc_shared *shared)
{
	memo_free(shared->memo);
	pthread_mutex_destroy(&shared->sums);
	free(shared);
}

struct rootc *
rootc_new(const struct rootc_options *options)
{
	struct arena *arena = arena_new();
	struct rootc *r = ARENA_NEW(arena, struct rootc);

	r->c.arena = arena;
	r->c.diags.arena = arena;
	r->c.jobs = options->jobs;
	r->c.memo = options->shared ? options->shared->memo : NULL;
	r->c.progress = (struct progress){.tell = options->progress, .of = options->progress_of};
	r->options = *options;
	return r;
}

void
rootc_free(struct rootc *r)
{
	if (!r)
		return;
	directories_close(&r->c.directories);
	arena_free(r->c.arena);
}

bool
rootc_message(const struct rootc *r, size_t index, struct rootc_message *message)
{
	const struct diag *d;

	if (index >= r->c.diags.count)
		return false;
	d = r->c.diags.list[index];
	*message = (struct rootc_message){.name = diag_catalogue[d->kind].name, .file = d->at.source ? d->at.source->name : NULL,
		.line = d->at.line, .column = d->at.column, .text = d->text, .help = d->help, .is_error = diag_is_error(d)};
	return true;
}

struct diagnostics *
rootc_diagnostics(struct rootc *r)
{
	return &r->c.diags;
}

struct compilation *
rootc_compilation(struct rootc *r)
{
	return &r->c;
}

bool
rootc_allow(struct rootc *r, const char *name)
{
	for (size_t i = 0; i < DIAG_KINDS; i++)
		if (diag_catalogue[i].severity == DIAG_REFUSAL && strcmp(diag_catalogue[i].name, name) == 0)
			return r->c.diags.allowed[i] = true;
	return false;
}

const struct plan *
rootc_planned(const struct rootc *r)
{
	return r->planned ? &r->plan : NULL;
}

bool
rootc_checked_inputs(const struct rootc *r)
{
	return r->planned;
}

void
rootc_abandon(void)
{
	temporaries_abandon();
}

const struct traces *
rootc_traced(const struct rootc *r)
{
	return r->traces;
}

bool
rootc_can_be_name(struct rootc *r, const char *name)
{
	return read_can_be_name(&r->c, name);
}

void
rootc_print_schema(FILE *out)
{
	read_print_schema(out);
}

void
rootc_print_manual(FILE *out)
{
	read_print_manual(out);
}

bool
rootc_explain_key(FILE *out, const char *key)
{
	return read_explain_key(out, key);
}

const char *const *
rootc_keys(struct rootc *r, size_t *count)
{
	return read_keys(r->c.arena, count);
}

struct rootc_start
rootc_start_of(const char *path, unsigned sector_size)
{
	struct start start = load_start(path, sector_size);

	return (struct rootc_start){.sector_size = start.sector_size, .bios = start.bios, .efi_x86_64 = start.efi_x86_64, .efi_arm64 = start.efi_arm64};
}

const char *const *
rootc_dlopen_priorities(void)
{
	return dlopen_names;
}

const char *const *
rootc_cpu_levels(void)
{
	return hwcaps_names;
}
