/* Decides how what was found wrong is told to CI services, which show it beside the line of the manifest. */
#include "view/report.h"

#include <string.h>

#include "support/arena.h"
#include "support/digest.h"
#include "support/json.h"
#include "support/text.h"

enum { MOST_ANNOTATIONS = 10 }; /* more of one step GitHub does not show */

static const char *
level(const struct diag *d)
{
	return diag_is_error(d) ? "error" : "warning";
}

static const char *
name_of(const struct diag *d)
{
	return diag_catalogue[d->kind].name;
}

/* All that D says, but for notes with a place of their own. */
static const char *
message(struct arena *a, const struct diag *d)
{
	const char *text = text_escape(a, d->text);

	if (d->label)
		text = arena_printf(a, "%s: %s", text, text_escape(a, d->label));
	for (size_t i = 0; i < d->note_count; i++)
		if (!d->notes[i].at.source)
			text = arena_printf(a, "%s\nnote: %s", text, text_escape(a, d->notes[i].text));
	if (d->help)
		text = arena_printf(a, "%s\nhelp: %s", text, text_escape(a, d->help));
	return text;
}

/* TEXT with the bytes of SPECIAL, and all control characters, as % and two digits. */
static const char *
percent_encode(struct arena *a, const char *text, const char *special)
{
	static const char digits[] = "0123456789ABCDEF";
	char *encoded = arena_alloc(a, 3 * strlen(text) + 1), *to = encoded;

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte >= 0x20 && byte != 0x7f && !strchr(special, byte)) {
			*to++ = *text;
			continue;
		}
		*to++ = '%';
		*to++ = digits[byte >> 4];
		*to++ = digits[byte & 15];
	}
	return encoded;
}

/* The name of a file as a reference of RFC 3986. */
static const char *
uri(struct arena *a, const char *name)
{
	char *encoded = arena_alloc(a, 3 * strlen(name) + 1), *to = encoded;

	for (; *name; name++) {
		bool plain = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/", *name);

		to += sprintf(to, plain ? "%c" : "%%%02X", (unsigned char)*name);
	}
	return *encoded == '/' ? arena_printf(a, "file://%s", encoded) : encoded;
}

static void
write_text_object(struct json *j, const char *key, const char *text)
{
	json_key(j, key);
	json_object(j);
	json_key_text(j, "text", text);
	json_object_end(j);
}

static void
write_location(struct json *j, struct arena *a, const struct span *at)
{
	json_key(j, "physicalLocation");
	json_object(j);
	json_key(j, "artifactLocation");
	json_object(j);
	json_key_text(j, "uri", uri(a, at->source->name));
	json_object_end(j);
	if (at->line) {
		json_key(j, "region");
		json_object(j);
		json_key_size(j, "startLine", at->line);
		json_key_size(j, "startColumn", at->column);
		json_key_size(j, "endColumn", (uint64_t)at->column + at->length);
		json_object_end(j);
	}
	json_object_end(j);
}

static void
write_related(struct json *j, struct arena *a, const struct diag *d)
{
	json_key(j, "relatedLocations");
	json_array(j);
	for (size_t i = 0; i < d->note_count; i++) {
		if (!d->notes[i].at.source)
			continue;
		json_object(j);
		write_location(j, a, &d->notes[i].at);
		write_text_object(j, "message", text_escape(a, d->notes[i].text));
		json_object_end(j);
	}
	json_array_end(j);
}

static void
write_result(struct json *j, struct arena *a, const struct diag *d, uint64_t rule)
{
	json_object(j);
	json_key_text(j, "ruleId", name_of(d));
	json_key_size(j, "ruleIndex", rule);
	json_key_text(j, "level", level(d));
	write_text_object(j, "message", message(a, d));
	json_key(j, "locations");
	json_array(j);
	if (d->at.source) {
		json_object(j);
		write_location(j, a, &d->at);
		json_object_end(j);
	}
	json_array_end(j);
	write_related(j, a, d);
	json_object_end(j);
}

static void
write_rule(struct json *j, const struct diag_entry *rule)
{
	json_object(j);
	json_key_text(j, "id", rule->name);
	write_text_object(j, "shortDescription", rule->summary);
	write_text_object(j, "help", rule->explanation);
	json_key(j, "defaultConfiguration");
	json_object(j);
	json_key_text(j, "level", rule->severity == DIAG_WARNING ? "warning" : "error");
	json_object_end(j);
	json_object_end(j);
}

/* Writes the rules that occur, and puts down the place of each. */
static void
write_rules(struct json *j, const struct diagnostics *all, uint64_t places[DIAG_KINDS])
{
	bool occurs[DIAG_KINDS] = {false};
	uint64_t count = 0;

	for (size_t i = 0; i < all->count; i++)
		occurs[all->list[i]->kind] = true;
	json_key(j, "rules");
	json_array(j);
	for (size_t i = 0; i < DIAG_KINDS; i++) {
		if (!occurs[i])
			continue;
		places[i] = count++;
		write_rule(j, &diag_catalogue[i]);
	}
	json_array_end(j);
}

void
report_sarif(FILE *out, const struct diagnostics *all)
{
	uint64_t places[DIAG_KINDS];
	struct json j;

	json_begin(&j, out, false);
	json_object(&j);
	json_key_text(&j, "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json");
	json_key_text(&j, "version", "2.1.0");
	json_key(&j, "runs");
	json_array(&j);
	json_object(&j);
	json_key(&j, "tool");
	json_object(&j);
	json_key(&j, "driver");
	json_object(&j);
	json_key_text(&j, "name", "rootc");
	write_rules(&j, all, places);
	json_object_end(&j);
	json_object_end(&j);
	json_key_text(&j, "columnKind", "unicodeCodePoints");
	json_key(&j, "results");
	json_array(&j);
	for (size_t i = 0; i < all->count; i++)
		write_result(&j, all->arena, all->list[i], places[all->list[i]->kind]);
	json_array_end(&j);
	json_object_end(&j);
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

/* "file=board.yaml,line=7,col=9,endColumn=14,", as much of it as there is. */
static const char *
place_properties(struct arena *a, const struct span *at)
{
	const char *place = "";

	if (at->source)
		place = arena_printf(a, "file=%s,", percent_encode(a, at->source->name, "%:,"));
	if (at->source && at->line)
		place = arena_printf(a, "%sline=%u,col=%u,endColumn=%u,", place, at->line, at->column, at->column + (at->length ? at->length : 1));
	return place;
}

/* A line that no runner takes for a command, whatever the file is called. */
static void
print_plain(FILE *out, struct arena *a, const struct diag *d)
{
	fprintf(out, "- %s", d->at.source ? text_escape(a, d->at.source->name) : "rootc");
	if (d->at.source && d->at.line)
		fprintf(out, ":%u:%u", d->at.line, d->at.column);
	fprintf(out, ": %s: %s [%s]\n", level(d), text_escape(a, d->text), name_of(d));
}

void
report_github(FILE *out, const struct diagnostics *all)
{
	struct arena *a = all->arena;
	size_t shown = 0, most = all->count <= MOST_ANNOTATIONS ? all->count : MOST_ANNOTATIONS - 1;
	const struct diag **ordered = ARENA_ARRAY(a, const struct diag *, all->count);

	/* Errors first: they must not be pushed out by warnings. */
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < all->count; i++)
			if (diag_is_error(all->list[i]) == (pass == 0))
				ordered[shown++] = all->list[i];
	for (size_t i = 0; i < most; i++)
		fprintf(out, "::%s %stitle=%s::%s\n", level(ordered[i]), place_properties(a, &ordered[i]->at), name_of(ordered[i]),
			percent_encode(a, message(a, ordered[i]), "%"));
	if (most < all->count)
		fprintf(out, "::%s title=rootc::%zu more, in the log\n", level(ordered[most]), all->count - most);
	for (size_t i = most; i < all->count; i++)
		print_plain(out, a, ordered[i]);
}

/* What the I'th diagnostic is known by: not its line; of those that say the same, its number. */
static const char *
fingerprint(const struct diagnostics *all, size_t i, const char *path, char hex[DIGEST_HEX])
{
	const struct diag *d = all->list[i];
	unsigned same = 0;
	const char *identity;
	struct digest digest;

	for (size_t k = 0; k < i; k++)
		same += all->list[k]->kind == d->kind && all->list[k]->at.source == d->at.source && strcmp(all->list[k]->text, d->text) == 0;
	identity = arena_printf(all->arena, "%s\n%s\n%s\n%u", name_of(d), path, d->text, same);
	digest = digest_of(identity, strlen(identity));
	return digest_format(&digest, hex);
}

static const char *
path_in_project(const struct span *at)
{
	const char *name = at->source ? at->source->name : "rootc";

	while (text_starts_with(name, "./"))
		name += 2;
	return name;
}

void
report_gitlab(FILE *out, const struct diagnostics *all)
{
	struct json j;

	json_begin(&j, out, false);
	json_array(&j);
	for (size_t i = 0; i < all->count; i++) {
		const struct diag *d = all->list[i];
		const char *path = path_in_project(&d->at);
		char hex[DIGEST_HEX];

		json_object(&j);
		json_key_text(&j, "description", message(all->arena, d));
		json_key_text(&j, "check_name", name_of(d));
		json_key_text(&j, "fingerprint", fingerprint(all, i, path, hex));
		json_key_text(&j, "severity", diag_is_error(d) ? "major" : "minor");
		json_key(&j, "location");
		json_object(&j);
		json_key_text(&j, "path", path);
		json_key(&j, "lines");
		json_object(&j);
		json_key_size(&j, "begin", d->at.line ? d->at.line : 1);
		json_object_end(&j);
		json_object_end(&j);
		json_object_end(&j);
	}
	json_array_end(&j);
	json_end(&j);
}
