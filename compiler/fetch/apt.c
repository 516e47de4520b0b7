/* Decides how the host's apt is asked, and takes its answers apart. */
#include "fetch/apt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fetch/process.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/directory.h"
#include "support/file.h"
#include "support/text.h"

enum { QUOTED_LINES_MAX = 12 };

/*
 * Read after the host's own configuration. Hooks of the host would act on the host; a sandbox user could not write to the
 * store; only lists of binary packages are of use.
 */
static const char configuration[] =
	"#clear APT::Update;\n"
	"#clear APT::Architectures;\n"
	"#clear Acquire::IndexTargets::deb-src;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11-icons;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11-icons-small;\n"
	"#clear Acquire::IndexTargets::deb::DEP-11-icons-large;\n"
	"#clear Acquire::IndexTargets::deb::Contents-deb;\n"
	"#clear Acquire::IndexTargets::deb::Contents-udeb;\n"
	"#clear DPkg;\n"
	"#clear AptCli::Hooks;\n"
	"APT::Architecture \"%s\";\n"
	"APT::Architectures { \"%s\"; };\n"
	"APT::Sandbox::User \"root\";\n"
	"APT::Install-Recommends \"false\";\n"
	"APT::Install-Suggests \"false\";\n"
	"Acquire::Languages \"none\";\n"
	"Acquire::Retries \"1\";\n"
	"Acquire::http::Timeout \"30\";\n"
	"Acquire::https::Timeout \"30\";\n"
	"Dir::Cache::pkgcache \"pkgcache.bin\";\n"
	"Dir::Cache::srcpkgcache \"srcpkgcache.bin\";\n";

/*
 * The same where the manifest names the sources: then no other sources, no preferences of the host and none of its settings decide which
 * packages are taken, and none of its laxities whom to believe. Its keys, proxies and passwords stay.
 */
static const char configuration_of_sources[] =
	"#clear APT::Default-Release;\n"
	"#clear APT::Snapshot;\n"
	"APT::Get::AllowUnauthenticated \"false\";\n"
	"Acquire::AllowInsecureRepositories \"false\";\n"
	"Acquire::AllowWeakRepositories \"false\";\n"
	"Acquire::AllowDowngradeToInsecureRepositories \"false\";\n"
	"Acquire::Check-Date \"true\";\n"
	"Acquire::Check-Valid-Until \"true\";\n";

void
apt_quote(struct diag *d, const char *words)
{
	const struct span nowhere = {0};
	size_t count = 0;

	while (*words && count < QUOTED_LINES_MAX) {
		size_t length = strcspn(words, "\n");

		if (length > 0) {
			diag_note(d, nowhere, "%.*s", (int)length, words);
			count++;
		}
		words += length + (words[length] == '\n');
	}
}

static struct diag *
failed(const struct apt *apt, const char *text)
{
	return diag(&apt->store->c->diags, DIAG_APT_FAILED, apt->at, "%s", text);
}

static bool
has_own_sources(const struct apt *apt)
{
	return apt->input->sources.count > 0;
}

/* Runs PROGRAM with VERBS (ending in NULL) and then NAMES. Its exit status is for the caller to judge. */
static bool
run(const struct apt *apt, const char *program, const char *const *verbs, const char *const *names, size_t name_count,
	struct process *p)
{
	struct arena *arena = apt->store->c->arena;
	const char **arguments = NULL;
	const char *const own_sources[] = {
		"-o", arena_printf(arena, "Dir::Etc::sourcelist=%s/sources.list", apt->directory),
		"-o", "Dir::Etc::sourceparts=/dev/null",
		"-o", "Dir::Etc::preferences=/dev/null",
		"-o", "Dir::Etc::preferencesparts=/dev/null",
	};
	const char *const common[] = {
		program, "-qq", "-c", arena_printf(arena, "%s/apt.conf", apt->directory),
		"-o", arena_printf(arena, "Dir::State=%s", apt->directory),
		"-o", arena_printf(arena, "Dir::State::Lists=%s/lists", apt->directory),
		"-o", arena_printf(arena, "Dir::State::status=%s/status", apt->directory),
		"-o", arena_printf(arena, "Dir::Cache=%s/cache", apt->directory),
	};
	size_t count = 0;

	for (size_t i = 0; i < sizeof common / sizeof *common; i++)
		*ARENA_PUSH(arena, arguments, count) = common[i];
	for (size_t i = 0; has_own_sources(apt) && i < sizeof own_sources / sizeof *own_sources; i++)
		*ARENA_PUSH(arena, arguments, count) = own_sources[i];
	for (; *verbs; verbs++)
		*ARENA_PUSH(arena, arguments, count) = *verbs;
	for (size_t i = 0; i < name_count; i++)
		*ARENA_PUSH(arena, arguments, count) = names[i];
	(void)ARENA_PUSH(arena, arguments, count);
	if (process_run(apt->store->c, arguments, apt->downloads, p))
		return true;
	diag_help(failed(apt, arena_printf(arena, "cannot run '%s': %s", program, strerror(errno))),
		"lock and fetch need a host with apt; build does not");
	return false;
}

/* Whether the file NAME of the state is TEXT. */
static bool
has_text(const struct apt *apt, const char *name, const char *text)
{
	size_t size = strlen(text);
	char *bytes = arena_alloc(apt->store->c->arena, size + 1);
	int fd = file_open_beneath(apt->directory, name);
	ssize_t got;

	if (fd < 0)
		return false;
	got = file_read(fd, bytes, size + 1);
	close(fd);
	return got >= 0 && (size_t)got == size && memcmp(bytes, text, size) == 0;
}

/* Puts TEXT into the state as NAME, unless it is there: a new time on it would make apt build its cache anew. */
static bool
put_text(const struct apt *apt, const char *base, const char *name, const char *text)
{
	return has_text(apt, name, text) ||
		store_put(apt->store, arena_printf(apt->store->c->arena, "%s/%s", base, name), text, strlen(text));
}

static bool
make_state(const struct apt *apt, const char *base)
{
	static const char *const below[] = {"lists/partial", "cache/archives/partial", "downloads"};
	struct arena *arena = apt->store->c->arena;
	const char *architecture = apt->input->architecture.v, *text = arena_printf(arena, configuration, architecture, architecture);

	for (size_t i = 0; i < sizeof below / sizeof *below; i++)
		if (!store_directory(apt->store, arena_printf(arena, "%s/%s", base, below[i])))
			return false;
	if (has_own_sources(apt))
		text = arena_printf(arena, "%s%s", text, configuration_of_sources);
	return put_text(apt, base, "apt.conf", text) && put_text(apt, base, "status", "") &&
		(!has_own_sources(apt) || put_text(apt, base, "sources.list", apt->sources));
}

static bool
is_architecture(const char *name)
{
	return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

bool
apt_begin(struct apt *apt, struct store *store, const struct manifest *m, const struct m_input *input, struct span at)
{
	struct arena *arena = store->c->arena;
	const char *name = apt_state_name(arena, input), *base = arena_printf(arena, "apt/%s", name);
	char *absolute;

	*apt = (struct apt){.store = store, .input = input, .name = name, .at = at};
	if (!is_architecture(name)) {
		failed(apt, arena_printf(arena, "'%s' is not the name of an architecture", name));
		return false;
	}
	if (!(apt->sources = apt_sources_text(store->c, m, &input->sources)))
		return false;
	absolute = realpath(store->path, NULL);
	if (!absolute)
		return store_failed(store, "find the directory", errno);
	apt->directory = arena_printf(arena, "%s/%s", absolute, base);
	apt->downloads = arena_printf(arena, "%s/downloads", apt->directory);
	free(absolute);
	return make_state(apt, base);
}

static bool
read_names(struct apt *apt)
{
	struct process p;
	char *next;

	if (!run(apt, "apt-cache", (const char *const[]){"pkgnames", NULL}, NULL, 0, &p))
		return false;
	apt->name_count = 0;
	for (char *line = p.output; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		*ARENA_PUSH(apt->store->c->arena, apt->names, apt->name_count) = line;
	}
	if (apt->name_count > 0)
		qsort(apt->names, apt->name_count, sizeof *apt->names, text_order);
	return true;
}

/* The lines that tell of something that went wrong: not the notices, nor that a key lies where keys lay formerly. */
static const char *
grave_lines(struct arena *arena, const char *words)
{
	const char *grave = "";

	while (*words) {
		size_t length = strcspn(words, "\n");
		const char *line = arena_strndup(arena, words, length);

		if (text_starts_with(line, "E: ") || text_starts_with(line, "W: Failed to fetch") ||
				text_starts_with(line, "W: GPG error"))
			grave = arena_printf(arena, "%s%s\n", grave, line);
		words += length + (words[length] == '\n');
	}
	return *grave ? grave : NULL;
}

/* WORDS are apt's own. */
static bool
has_names(const struct apt *apt, const char *words, const char *help)
{
	struct diag *d;

	if (apt->name_count > 0)
		return true;
	d = failed(apt, arena_printf(apt->store->c->arena, "%s no packages for architecture '%s'",
		has_own_sources(apt) ? "the input's sources have" : "the host's apt has", apt->input->architecture.v));
	apt_quote(d, words);
	diag_help(d, "%s", help);
	return false;
}

/*
 * Whether an update of an input's own sources has read all of them, today: with fewer, or older lists, another lock could come of it than the
 * manifest says. A "W: GPG error" alone is about one that is trusted all the same.
 */
static bool
all_is_read(const struct apt *apt, const struct process *p)
{
	static const char *const failures[] = {"E: ", "W: Failed to fetch", "W: An error occurred during the signature verification"};
	const char *words = p->errors;
	bool ok = p->status == 0;
	struct diag *d;

	for (const char *line = words; *line; line += strcspn(line, "\n"), line += *line == '\n')
		for (size_t i = 0; i < sizeof failures / sizeof *failures; i++)
			ok = ok && !text_starts_with(line, failures[i]);
	if (ok)
		return true;
	d = diag(&apt->store->c->diags, DIAG_APT_FAILED, apt_source_place(&apt->input->sources, apt->sources, words),
		"apt could not read all of the sources");
	apt_quote(d, words);
	diag_help(d, "%s", strstr(words, "NO_PUBKEY") || strstr(words, "not signed") ?
		"name the keys that sign it, [signed-by=KEYS], or for what lies on this host, [trusted=yes]" : "check them and the network");
	return false;
}

bool
apt_update(struct apt *apt)
{
	struct arena *arena = apt->store->c->arena;
	struct process p;

	if (!run(apt, "apt-get", (const char *const[]){"update", NULL}, NULL, 0, &p))
		return false;
	if (has_own_sources(apt) && !all_is_read(apt, &p))
		return false;
	apt->update_errors = has_own_sources(apt) ? NULL : grave_lines(arena, p.errors);
	return read_names(apt) && has_names(apt, p.errors,
		has_own_sources(apt) ? "check 'sources' and the network" : "check the sources in /etc/apt and the network");
}

bool
apt_reuse(struct apt *apt)
{
	return read_names(apt) && has_names(apt, "", "there are no lists in this store yet: run it once without --offline");
}

void
apt_warn(const struct apt *apt)
{
	if (apt->update_errors)
		apt_quote(diag(&apt->store->c->diags, DIAG_APT_SOURCE_FAILED, apt->at, "apt could not read all of its sources"),
			apt->update_errors);
}

bool
apt_knows(const struct apt *apt, const char *name)
{
	return apt->name_count > 0 && bsearch(&name, apt->names, apt->name_count, sizeof *apt->names, text_order);
}

/* Undoes %xx in place. */
static void
unquote(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		char code[3] = {from[0] == '%' ? from[1] : '\0', from[0] == '%' && from[1] ? from[2] : '\0', '\0'}, *end;
		long value = strtol(code, &end, 16);

		if (end == code + 2 && value > 0) {
			*to++ = (char)value;
			from += 2;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

/* "'URI' NAME_VERSION_ARCHITECTURE.deb SIZE HASH" */
static bool
parse_uri_line(char *line, struct apt_package *package)
{
	char *name = line[0] == '\'' ? strstr(line + 1, "' ") : NULL, *version, *architecture, *end;

	if (!name)
		return false;
	name += 2;
	name[strcspn(name, " ")] = '\0';
	if (!text_ends_with(name, ".deb") || !(version = strchr(name, '_')) || !(architecture = strchr(version + 1, '_')))
		return false;
	*version++ = *architecture++ = '\0';
	end = architecture + strlen(architecture) - strlen(".deb");
	*end = '\0';
	unquote(name);
	unquote(version);
	unquote(architecture);
	*package = (struct apt_package){.name = name, .version = version, .architecture = architecture};
	return true;
}

static bool
report_conflict(const struct apt *apt, const struct process *p)
{
	struct diag *d = failed(apt, "apt cannot install these packages together");
	const char *why = strstr(p->output, "The following packages have unmet");

	if (why)
		apt_quote(d, why);
	apt_quote(d, p->errors);
	return false;
}

bool
apt_closure(const struct apt *apt, const char *const *names, size_t count, struct apt_packages *packages)
{
	/* Quieter than this, it would not say what is in the way. */
	static const char *const verbs[] = {"-o", "quiet=1", "--print-uris", "--no-install-recommends", "--yes", "install", NULL};
	struct arena *arena = apt->store->c->arena;
	struct apt_package package;
	struct process p;
	char *next;

	*packages = (struct apt_packages){0};
	if (!run(apt, "apt-get", verbs, names, count, &p))
		return false;
	if (p.status != 0)
		return report_conflict(apt, &p);
	for (char *line = p.output; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (parse_uri_line(line, &package))
			*ARENA_PUSH(arena, packages->list, packages->count) = package;
	}
	return true;
}

/* Takes in one "Key: value" line of a Debian control file (deb-control(5)). */
static void
take_field(struct apt_package *package, const char *line)
{
	const struct {
		const char *key;
		const char **value;
	} fields[] = {
		{"Package: ", &package->name}, {"Version: ", &package->version}, {"Architecture: ", &package->architecture},
		{"Filename: ", &package->file}, {"SHA256: ", &package->sha256},
	};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (text_starts_with(line, fields[i].key))
			*fields[i].value = line + strlen(fields[i].key);
	if (text_starts_with(line, "Size: "))
		package->size = strtoull(line + strlen("Size: "), NULL, 10);
}

static void
end_stanza(struct arena *arena, struct apt_packages *packages, struct apt_package *package)
{
	const char *slash = package->file ? strrchr(package->file, '/') : NULL;

	if (slash)
		package->file = slash + 1;
	if (package->name && package->version && package->architecture && package->file)
		*ARENA_PUSH(arena, packages->list, packages->count) = *package;
	*package = (struct apt_package){0};
}

bool
apt_show(const struct apt *apt, const char *const *specs, size_t count, struct apt_packages *packages)
{
	struct arena *arena = apt->store->c->arena;
	struct apt_package package = {0};
	struct process p;
	char *next;

	*packages = (struct apt_packages){0};
	if (count == 0)
		return true;
	if (!run(apt, "apt-cache", (const char *const[]){"show", NULL}, specs, count, &p))
		return false;
	for (char *line = p.output; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		if (*line)
			take_field(&package, line);
		else
			end_stanza(arena, packages, &package);
	}
	end_stanza(arena, packages, &package);
	return true;
}

bool
apt_download(const struct apt *apt, const char *const *specs, size_t count, const char **errors)
{
	struct process p;

	if (!run(apt, "apt-get", (const char *const[]){"download", NULL}, specs, count, &p))
		return false;
	*errors = p.status == 0 ? NULL : p.errors;
	return true;
}

void
apt_clear_downloads(const struct store *store, const struct m_input *input)
{
	struct arena *arena = store->c->arena;
	const char *name = apt_state_name(arena, input);
	size_t count = 0;
	struct directory_name *names;
	int fd;

	if (!is_architecture(name))
		return;
	fd = openat(store->fd, arena_printf(arena, "apt/%s/downloads", name),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	names = directory_names(arena, fd, LOOK_ENTRIES_MAX, &count);
	for (size_t i = 0; names && i < count; i++)
		unlinkat(fd, names[i].name, 0);
	close(fd);
}

/* What apt's QuoteString does to the parts of a file name: %xx for '_', ':' and '%', and for '.' in an architecture. */
static const char *
quote(struct arena *arena, const char *text, const char *special)
{
	char *quoted = arena_alloc(arena, 3 * strlen(text) + 1), *to = quoted;

	for (; *text; text++) {
		if (strchr(special, *text)) {
			*to++ = '%';
			*to++ = "0123456789abcdef"[(unsigned char)*text >> 4];
			*to++ = "0123456789abcdef"[(unsigned char)*text & 15];
		} else {
			*to++ = *text;
		}
	}
	return quoted;
}

const char *
apt_download_name(const struct apt *apt, const char *name, const char *version, const char *architecture)
{
	struct arena *arena = apt->store->c->arena;

	return arena_printf(arena, "%s_%s_%s.deb", quote(arena, name, "_:%"), quote(arena, version, "_:%"),
		quote(arena, architecture, "_:.%"));
}
