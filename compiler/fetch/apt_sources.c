/* Decides what apt is told of an input's `sources`: nothing but these, with what they name on the host where it lies today. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/apt.h"
#include "fetch/stages.h"
#include "model/apt_source.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/text.h"

/* One line on its way. */
struct writing {
	struct compilation *c;
	const struct manifest *manifest;
	const struct m_text *line;
};

static struct span
place_of(const struct writing *w, const struct apt_words *words)
{
	return source_part(w->line->at, w->line->v, words->at, words->length);
}

/* Where WORDS, a path on the host, lead to today; NULL with a diagnostic: to nothing of the TYPE that is WANTED. */
static const char *
find(const struct writing *w, const struct apt_words *words, mode_t wanted, enum diag_kind kind)
{
	struct m_text path = {.at = w->line->at, .v = arena_strndup(w->c->arena, words->at, words->length)};
	char *real = realpath(host_path(w->c, w->manifest, &path), NULL);
	int error = errno;
	const char *found = NULL;
	struct stat info;

	if (real && stat(real, &info) == 0) {
		error = wanted == S_IFDIR ? ENOTDIR : S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
		if ((info.st_mode & S_IFMT) == wanted)
			found = arena_strdup(w->c->arena, real);
	}
	free(real);
	if (!found)
		diag(&w->c->diags, kind, place_of(w, words), "cannot read '%s': %s", path.v, strerror(error));
	return found;
}

/* The file of keys that WORDS name, which apt takes by an absolute path without blanks; NULL with a diagnostic. */
static const char *
keys_of(const struct writing *w, const struct apt_words *words)
{
	const char *path = find(w, words, S_IFREG, DIAG_FILE_UNREADABLE);

	if (!path || !path[strcspn(path, " \t\n,[]\"'%")])
		return path;
	diag_help(diag(&w->c->diags, DIAG_APT_FAILED, place_of(w, words), "apt takes no file of keys with such a path: '%s'",
		text_escape(w->c->arena, path)), "have it where no directory's name has a blank, ',', '%%', a quote or a bracket");
	return NULL;
}

/* DIRECTORY as a URI's path in a line: apt undoes %xx when it reads the line, and again when it opens the file. */
static const char *
quote_path(struct arena *arena, const char *directory)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-";
	char *quoted = arena_alloc(arena, 5 * strlen(directory) + 1), *to = quoted;

	for (; *directory; directory++)
		if (strchr(plain, *directory)) {
			*to++ = *directory;
		} else {
			memcpy(to, "%25", 3);
			to[3] = "0123456789abcdef"[(unsigned char)*directory >> 4];
			to[4] = "0123456789abcdef"[(unsigned char)*directory & 15];
			to += 5;
		}
	return quoted;
}

/* The URI as apt can use it, or NULL with a diagnostic. */
static const char *
uri_of(const struct writing *w, const struct apt_source *source)
{
	struct arena *a = w->c->arena;
	const char *directory;

	if (source->directory.length == 0)
		return arena_strndup(a, source->uri.at, source->uri.length);
	if (!(directory = find(w, &source->directory, S_IFDIR, DIAG_DIRECTORY_UNREADABLE)))
		return NULL;
	return arena_printf(a, "%.*s%s", (int)(source->directory.at - source->uri.at), source->uri.at, quote_path(a, directory));
}

/* The line for apt, with its end; NULL with diagnostics. */
static const char *
write_line(const struct writing *w)
{
	struct arena *a = w->c->arena;
	struct apt_source source;
	struct apt_source_fault fault;
	const char *keys = NULL, *uri, *options = "";

	if (!apt_source_parse(w->line->v, &source, &fault))
		BUG("a source that read/ has not checked");
	if (source.signed_by.length > 0) {
		keys = apt_source_is_fingerprint(&source.signed_by) ? arena_strndup(a, source.signed_by.at, source.signed_by.length) :
			keys_of(w, &source.signed_by);
		if (!keys)
			return NULL;
		options = arena_printf(a, "signed-by=%s ", keys);
	}
	if (!(uri = uri_of(w, &source)))
		return NULL;
	return arena_printf(a, "deb [%s%s%s] %s %.*s%s%.*s\n", options, source.trusted.length > 0 ? "trusted=yes " : "",
		source.any_age.length > 0 ? "check-valid-until=no" : "check-valid-until=yes", uri, (int)source.suite.length, source.suite.at,
		source.components.length > 0 ? " " : "", (int)source.components.length, source.components.at);
}

const char *
apt_sources_text(struct compilation *c, const struct manifest *m, const struct m_texts *sources)
{
	const char *text = "";
	bool ok = true;

	for (size_t i = 0; i < sources->count; i++) {
		const char *line = write_line(&(struct writing){.c = c, .manifest = m, .line = &sources->v[i]});

		ok = line && ok;
		text = arena_printf(c->arena, "%s%s", text, line ? line : "");
	}
	return ok ? text : NULL;
}

const char *
apt_state_name(struct arena *arena, const struct m_input *input)
{
	struct digest_stream stream;
	struct digest digest;
	char hex[DIGEST_HEX];

	if (input->sources.count == 0)
		return input->architecture.v;
	digest_begin(&stream);
	for (size_t i = 0; i < input->sources.count; i++)
		digest_add(&stream, input->sources.v[i].v, strlen(input->sources.v[i].v) + 1);
	digest = digest_end(&stream);
	return arena_printf(arena, "%s-%.16s", input->architecture.v, digest_format(&digest, hex));
}

struct span
apt_source_place(const struct m_texts *sources, const char *text, const char *words)
{
	const struct m_text *found = NULL;
	size_t count = 0;

	for (size_t i = 0; i < sources->count; i++) {
		const char *uri = strstr(text, "] ") + 2;
		size_t length = strcspn(uri, " ");

		length -= uri[length - 1] == '/';
		if (memmem(words, strlen(words), uri, length)) {
			found = &sources->v[i];
			count++;
		}
		text = strchr(uri, '\n') + 1;
	}
	return count == 1 ? found->at : sources->at;
}
