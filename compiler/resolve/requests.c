/*
 * Decides what a file opens while it runs: what its notes say, and what is known of functions of glibc that open libraries
 * themselves (elf-rules G24, G25). What is known is data: a row for a function, or for a line of nsswitch.conf.
 */
#include <string.h>

#include "resolve/loader.h"
#include "resolve/notes.h"
#include "resolve/symbols.h"
#include "support/text.h"

enum { LARGEST_NSSWITCH = 64 * 1024 };

/* Who imports FUNCTION opens LIBRARY, or has libc.so.6 open it. */
static const struct trigger {
	const char *function, *library;
	enum dlopen_priority priority; /* REQUIRED: without it the function ends the process */
} triggers[] = {
	{"pthread_cancel", "libgcc_s.so.1", DLOPEN_REQUIRED},
	{"pthread_exit", "libgcc_s.so.1", DLOPEN_REQUIRED},
	{"thrd_exit", "libgcc_s.so.1", DLOPEN_REQUIRED},
	{"backtrace", "libgcc_s.so.1", DLOPEN_RECOMMENDED},
	{"idna_to_dns_encoding", "libidn2.so.0", DLOPEN_SUGGESTED},
};

/* Functions that ask the services of a database of nsswitch.conf(5). */
static const struct nss_function {
	const char *database, *pattern;
} nss_functions[] = {
	{"passwd", "getpw*"},
	{"passwd", "fgetpw*"},
	{"group", "getgr*"},
	{"group", "initgroups"},
	{"shadow", "getsp[en]*"},
	{"hosts", "gethostby*"},
	{"hosts", "getaddrinfo"},
	{"hosts", "getnameinfo"},
	{"networks", "getnet*"},
	{"protocols", "getproto*"},
	{"services", "getserv*"},
	{"netgroup", "innetgr"},
};

/* What is gathered for one object. */
struct gathering {
	struct program *p;
	const struct object *object;
	struct request *list;
	size_t count;
};

static void
add(struct gathering *g, struct request request)
{
	request.kind = REQUEST_OPENED;
	*ARENA_PUSH(g->p->r->c->arena, g->list, g->count) = request;
}

/* -1: a pattern in libraries.features leaves FEATURE out; 1: one asks for it; 0: none says anything. The last one counts. */
static int
wish(const struct m_texts *features, const char *feature)
{
	int wanted = 0;

	for (size_t i = 0; feature && i < features->count; i++) {
		const char *pattern = features->v[i].v;
		bool leaves_out = pattern[0] == '-';

		if (text_matches(pattern + leaves_out, feature))
			wanted = leaves_out ? -1 : 1;
	}
	return wanted;
}

static const char *
why_noted(struct arena *a, const struct dlopen_note *note)
{
	if (!note->feature)
		return arena_printf(a, "dlopen note, %s", dlopen_names[note->priority]);
	return arena_printf(a, "dlopen note, %s for %s", dlopen_names[note->priority], note->feature);
}

static void
add_noted(struct gathering *g, const struct dlopen_note *note)
{
	int wanted = wish(&g->p->r->manifest->libraries.features, note->feature);
	struct request request = {.why = why_noted(g->p->r->c->arena, note), .priority = note->priority};

	if (wanted < 0)
		return;
	if (wanted > 0 && request.priority > g->p->policy.least)
		request.priority = g->p->policy.least;
	for (size_t i = 0; i < note->soname_count; i++) {
		request.name = note->sonames[i];
		request.is_alternative = i > 0;
		add(g, request);
	}
}

static void
add_triggered(struct gathering *g, const char *function)
{
	for (size_t i = 0; i < sizeof triggers / sizeof *triggers; i++)
		if (strcmp(triggers[i].function, function) == 0)
			add(g, (struct request){.name = triggers[i].library, .priority = triggers[i].priority,
				.why = arena_printf(g->p->r->c->arena, "for %s", function)});
}

/* Since glibc 2.34 these are part of libc.so.6. */
static bool
is_built_in(struct program *p, const char *service)
{
	const struct object *libc = program_object(p, "libc.so.6");
	const struct elf_symbols *s =
		libc ? symbols_of(p->r, libc->content, libc->facts, p->main->need->why.at) : NULL;

	return s && symbols_define_version(s, "GLIBC_2.34") &&
		(strcmp(service, "files") == 0 || strcmp(service, "dns") == 0);
}

static void
add_service(struct gathering *g, const char *database, const char *service)
{
	struct arena *a = g->p->r->c->arena;

	if (!is_built_in(g->p, service))
		add(g, (struct request){.name = arena_printf(a, "libnss_%s.so.2", service), .priority = DLOPEN_RECOMMENDED,
			.why = arena_printf(a, "service of %s in /etc/nsswitch.conf", database)});
}

/* The services of a line "hosts: files [NOTFOUND=return] dns". */
static void
add_services(struct gathering *g, const char *database, char *line)
{
	static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	for (size_t length; *line; line += length) {
		line += strspn(line, " \t");
		if (*line == '[') {
			length = strcspn(line, "]");
			length += line[length] == ']';
			continue;
		}
		length = strspn(line, name_characters);
		if (length)
			add_service(g, database, arena_strndup(g->p->r->c->arena, line, length));
		else
			length = *line != '\0';
	}
}

/* What /etc/nsswitch.conf of the image says of DATABASE. */
static void
add_database(struct gathering *g, const char *database)
{
	struct compilation *c = g->p->r->c;
	const struct content *content = image_file(g->p->r, "/etc/nsswitch.conf");
	const char *text = content ? content_read(c, content, g->p->main->need->why.at, LARGEST_NSSWITCH) : NULL;
	size_t name = strlen(database), length;

	for (; text && *text; text += length + (text[length] != '\0')) {
		length = strcspn(text, "\n");
		if (length > name && memcmp(text, database, name) == 0 && text[name] == ':')
			add_services(g, database,
				arena_strndup(c->arena, text + name + 1, strcspn(text, "#\n") - name - 1));
	}
}

static void
add_databases(struct gathering *g, const char *function, const char **last)
{
	for (size_t i = 0; i < sizeof nss_functions / sizeof *nss_functions; i++) {
		const char *database = nss_functions[i].database;

		if (*last && strcmp(*last, database) == 0)
			continue;
		if (!text_matches(nss_functions[i].pattern, function))
			continue;
		add_database(g, database);
		*last = database;
	}
}

/* What glibc opens for the functions that OBJECT imports; the C library itself is who opens. */
static void
add_imported(struct gathering *g)
{
	const struct object *o = g->object;
	const struct elf_symbols *s = symbols_of(g->p->r, o->content, o->facts, g->p->main->need->why.at);
	const char *last = NULL;
	struct symbol symbol;
	size_t at = 0;

	while (s && symbols_next_undefined(s, &at, &symbol)) {
		add_triggered(g, symbol.name);
		add_databases(g, symbol.name, &last);
	}
}

struct request *
requests_of(struct program *p, const struct object *object, size_t *count)
{
	struct gathering g = {.p = p, .object = object};
	const struct elf_remarks *remarks = remarks_of(p->r, object->content, object->facts, p->main->need->why.at);

	for (size_t i = 0; remarks && i < remarks->open_count; i++)
		add_noted(&g, &remarks->opens[i]);
	if (p->loader == &loader_glibc)
		add_imported(&g);
	*count = g.count;
	return g.list;
}
