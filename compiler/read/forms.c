/* Decides what texts may look like: names by the characters they have, paths by their components. */

#include "read/read.h"
#include "read/stages.h"

#include <string.h>

#include "model/apt_source.h"
#include "model/capability.h"
#include "model/xattr.h"
#include "support/compilation.h"
#include "support/text.h"

enum { NAME_MAX_BYTES = 255, PATH_MAX_BYTES = 4095, RANGE_MOST = 4096 };

struct rule {
	const char *noun;        /* "a partition name" */
	const char *example;
	const char *first, *rest; /* the sets of characters it is made of, for text_matches and regular expressions */
	const char *expected;    /* in words */
	const char *pattern;     /* for the schema, where first and rest do not say it */
	size_t max;              /* bytes, 0: no limit */
	bool may_be_empty;
	bool is_line;            /* no control characters */
	bool (*check)(struct compilation *, enum form, const char *text, struct span at);
};

static struct diag *
report_path(struct compilation *c, struct span at, const char *text, const char *problem)
{
	return diag(&c->diags, DIAG_PATH_MALFORMED, at, "the path '%s' %s", text, problem);
}

/* PATH without empty components and '.', and without the '/' at its end. */
static const char *
normalised(struct compilation *c, const char *path)
{
	char *out = arena_alloc(c->arena, strlen(path) + 2), *to = out;
	size_t length;

	for (const char *p = path; *p; p += length) {
		p += strspn(p, "/");
		length = strcspn(p, "/");
		if (length == 0 || (length == 1 && *p == '.'))
			continue;
		*to++ = '/';
		memcpy(to, p, length);
		to += length;
	}
	return *out ? out : "/";
}

static const char *
meant_path(struct compilation *c, const char *text, bool relative)
{
	return arena_printf(c->arena, "did you mean '%s'?", normalised(c, text) + relative);
}

/* What to write for TEXT, which does not begin with '/'. */
static const char *
absolute_for(struct compilation *c, enum form form, const char *text)
{
	const char *habit = text_path_habit(text), *help;
	bool is_name = !strchr(text, '/') && (form == FORM_FILE_PATH || form == FORM_POOL_FILE);

	if (habit)
		return habit;
	if (form == FORM_POOL_PATH)
		return arena_printf(c->arena, "a directory beside the manifest is an input, 'directory: %s', and what is in it then stands below '/'", text);
	if (form == FORM_POOL_FILE && text[0] == '.')
		return arena_printf(c->arena, "a file beside the manifest is an input, 'file: %s', and here stands the 'path' that it has there", text);
	help = is_name ? "write the whole path, from '/' on" : meant_path(c, text, false);
	if (form == FORM_POOL_FILE)
		return arena_printf(c->arena, "%s%s a file beside the manifest is an input, 'file: %s'", help, is_name ? ";" : "", text);
	return help;
}

/* What is wrong with one component of a path, or NULL. */
static const char *
component_fault(const char *component, size_t length)
{
	if (length == 0)
		return component[0] ? "has an empty component" : "ends with '/'";
	if (length == 1 && component[0] == '.')
		return "has a component '.'";
	if (length == 2 && memcmp(component, "..", 2) == 0)
		return "has a component '..'";
	return NULL;
}

/* Whether all of TEXT's components, the first of which is at COMPONENTS, are proper ones. */
static bool
check_components(struct compilation *c, const char *text, const char *components, struct span at)
{
	const char *fault = NULL;
	size_t length, longest = 0;

	for (const char *p = components; p; p = p[length] ? p + length + 1 : NULL) {
		length = strcspn(p, "/");
		fault = fault ? fault : component_fault(p, length);
		longest = length > longest ? length : longest;
	}
	if (fault && strstr(fault, "'..'"))
		diag_help(report_path(c, at, text, fault), "%s", text != components ? "write the path that it leads to" :
			"what is not below the manifest's directory is an input: name its directory there, and here the path in it, from '/' on");
	else if (fault)
		diag_help(report_path(c, at, text, fault), "%s", meant_path(c, text, text == components));
	else if (strlen(text) > PATH_MAX_BYTES)
		diag(&c->diags, DIAG_PATH_MALFORMED, at, "a path of %zu bytes; at most %d are possible",
			strlen(text), PATH_MAX_BYTES);
	else if (longest > NAME_MAX_BYTES)
		diag(&c->diags, DIAG_PATH_MALFORMED, at, "a component of %zu bytes; a file name has at most %d",
			longest, NAME_MAX_BYTES);
	else
		return true;
	return false;
}

static bool
check_path(struct compilation *c, enum form form, const char *text, struct span at)
{
	if (text[0] != '/') {
		diag_help(report_path(c, at, text, "is not absolute"), "%s", absolute_for(c, form, text));
		return false;
	}
	if (text[1])
		return check_components(c, text, text + 1, at);
	if (form == FORM_PATH || form == FORM_POOL_PATH)
		return true;
	report_path(c, at, text, "is the root directory, not a file's");
	return false;
}

static bool
check_source(struct compilation *c, enum form form, const char *text, struct span at)
{
	return text[0] == '/' ? check_path(c, form, text, at) : check_components(c, text, text, at);
}

/* Reads a plain decimal of at most seven digits; the bytes read, 0 for none. */
static size_t
read_index(const char *text, unsigned *number)
{
	size_t digits = strspn(text, "0123456789");

	*number = 0;
	if (digits == 0 || digits > 7 || (digits > 1 && text[0] == '0'))
		return 0;
	for (size_t i = 0; i < digits; i++)
		*number = *number * 10 + (unsigned)(text[i] - '0');
	return digits;
}

/* Whether the text from its first '[' on holds one range and then no second. */
static bool
is_range(const char *text, unsigned *first, unsigned *last)
{
	size_t digits = read_index(text + 1, first), more;

	if (digits == 0 || text[1 + digits] != '-')
		return false;
	more = read_index(text + digits + 2, last);
	return more && text[digits + 2 + more] == ']' && !strpbrk(text + digits + 3 + more, "[]");
}

static bool
check_device_path(struct compilation *c, enum form form, const char *text, struct span at)
{
	const char *bracket = strpbrk(text, "[]"), *slash = strrchr(text, '/');
	unsigned first, last;

	if (!check_path(c, form, text, at))
		return false;
	if (!bracket)
		return true;
	if (bracket < slash || *bracket != '[' || !is_range(bracket, &first, &last) || first > last) {
		diag_help(report_path(c, at, text, "has no proper range"),
			"a range is like '[0-3]', once, in the last component");
		return false;
	}
	if (last - first < RANGE_MOST)
		return true;
	diag(&c->diags, DIAG_VALUE_OUT_OF_RANGE, at, "the range in '%s' makes %u devices, more than %d", text,
		last - first + 1, RANGE_MOST);
	return false;
}

static bool
check_volume_id(struct compilation *c, enum form form, const char *text, struct span at)
{
	(void)form;
	if (strlen(text) == strlen("ABCD-1234") && strchr(text, '-') == text + 4 && !strchr(text + 5, '-'))
		return true;
	diag_help(diag(&c->diags, DIAG_TEXT_MALFORMED, at, "'%s' is not a volume id", text),
		"expected four hexadecimal digits, '-' and four more, such as ABCD-1234");
	return false;
}

static bool
check_xattr_name(struct compilation *c, enum form form, const char *text, struct span at)
{
	static const char *const namespaces[] = {"user.", "trusted.", "security."};
	struct diag *d;

	(void)form;
	for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces; i++)
		if (text_starts_with(text, namespaces[i]) && text[strlen(namespaces[i])])
			return true;
	if (text_starts_with(text, "system.")) {
		diag_help(diag(&c->diags, DIAG_XATTR_UNSUPPORTED, at, "'%s' cannot be written: access lists have a form of their own", text),
			"rights are given by 'mode', 'owner' and 'group'");
		return false;
	}
	d = diag(&c->diags, DIAG_TEXT_MALFORMED, at, "'%s' is not the name of an extended attribute", text);
	if (strchr(text, '.'))
		diag_help(d, "a name has a namespace in front: user., trusted. or security.");
	else
		diag_help(d, "a name has a namespace in front: did you mean 'user.%s'?", text);
	return false;
}

static bool
check_xattr_value(struct compilation *c, enum form form, const char *text, struct span at)
{
	size_t size;

	(void)form;
	if (xattr_decode(c->arena, text, &size))
		return true;
	diag_help(diag(&c->diags, DIAG_TEXT_MALFORMED, at, "'%s' is not the value of an extended attribute", text),
		"behind 0x there must be pairs of hexadecimal digits, and behind 0s base64 with its '='");
	return false;
}

/* The capability that NAME, of any case, with or without its "cap_", was probably meant to be; or NULL. */
static const char *
nearest_capability(struct compilation *c, const char *name)
{
	char *lower = arena_printf(c->arena, "%s%s", text_starts_with(name, "cap_") ? "" : "cap_", name);
	size_t count = 0;

	while (capability_names[count])
		count++;
	for (char *p = lower; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return text_nearest(lower, capability_names, count);
}

static bool
check_capabilities(struct compilation *c, enum form form, const char *text, struct span at)
{
	unsigned char bytes[CAPABILITY_SIZE];
	struct capability_fault fault;
	const char *near;

	(void)form;
	if (capability_encode(c->arena, text, bytes, &fault))
		return true;
	if (!fault.unknown) {
		diag_help(diag(&c->diags, DIAG_CAPABILITIES_MALFORMED, at, "'%s' is no set of capabilities of a file: %s", text, fault.why),
			"write names and flags, e (effective), i (inheritable) and p (permitted): cap_net_raw,cap_net_admin+ep");
	} else if ((near = nearest_capability(c, fault.unknown))) {
		diag_help(diag(&c->diags, DIAG_CAPABILITY_UNKNOWN, at, "there is no capability '%s'", fault.unknown), "did you mean '%s'?", near);
	} else {
		diag_help(diag(&c->diags, DIAG_CAPABILITY_UNKNOWN, at, "there is no capability '%s'", fault.unknown),
			"they are those of capabilities(7), from cap_chown to cap_checkpoint_restore, and 'all'");
	}
	return false;
}

static bool
check_apt_source(struct compilation *c, enum form form, const char *text, struct span at)
{
	struct apt_source source;
	struct apt_source_fault fault;
	struct diag *d;

	(void)form;
	if (apt_source_parse(text, &source, &fault))
		return true;
	if (fault.words.length == 0)
		d = diag(&c->diags, DIAG_APT_SOURCE_MALFORMED, at, "%s", fault.why);
	else
		d = diag(&c->diags, fault.is_unsafe ? DIAG_APT_SOURCE_UNSAFE : DIAG_APT_SOURCE_MALFORMED,
			source_part(at, text, fault.words.at, fault.words.length), "'%.*s' %s", (int)fault.words.length, fault.words.at, fault.why);
	diag_help(d, "%s", fault.expected);
	return false;
}

#define APT_OPTION_PATTERN "(signed-by|trusted|check-valid-until|allow-[a-z-]+)=[^\\s\\]\\[]+"
#define PATH_PATTERN "(/(?!\\.{1,2}(/|$))[^/]+)+"

static const struct rule rules[] = {
	[FORM_CONTENT] = {.noun = "a text", .example = "hello", .may_be_empty = true},
	[FORM_TARGET] = {.noun = "the target of a link", .example = "../run", .max = PATH_MAX_BYTES},
	[FORM_HOST_PATH] = {.noun = "a path", .example = "base.yaml", .max = PATH_MAX_BYTES},
	[FORM_ARGUMENTS] = {.noun = "a command line", .example = "console=ttyS0 rw", .may_be_empty = true, .is_line = true, .max = 2047},
	[FORM_COMMAND] = {.noun = "a command", .example = "reboot", .is_line = true, .max = 1023},
	[FORM_TITLE] = {.noun = "a title", .example = "Linux", .is_line = true, .max = 255},
	[FORM_LABEL] = {.noun = "a label", .example = "root", .may_be_empty = true, .is_line = true, .max = 16},
	[FORM_PROJECT_NAME] = {.noun = "a name", .example = "board", .first = "[a-z0-9]", .rest = "[a-z0-9._-]", .max = 63,
		.expected = "lower-case letters, digits, '.', '_' and '-', with a letter or digit first"},
	[FORM_NAME] = {.noun = "a name", .example = "root", .first = "[a-z0-9_-]", .rest = "[a-z0-9_-]", .max = 36,
		.expected = "lower-case letters, digits, '_' and '-'"},
	[FORM_PACKAGE] = {.noun = "a Debian package name", .example = "busybox", .first = "[a-z0-9]", .rest = "[a-z0-9+.-]", .max = 255,
		.expected = "lower-case letters, digits, '+', '.' and '-', with a letter or digit first"},
	[FORM_ARCHITECTURE] = {.noun = "a Debian architecture", .example = "amd64", .first = "[a-z]", .rest = "[a-z0-9-]", .max = 31,
		.expected = "a name such as amd64 or arm64"},
	[FORM_VERSION] = {.noun = "a Debian version", .example = "1.35.0-4", .first = "[A-Za-z0-9]", .rest = "[A-Za-z0-9.+:~-]", .max = 255,
		.expected = "letters, digits, '.', '+', ':', '~' and '-'"},
	[FORM_FEATURE] = {.noun = "a feature", .example = "dir_index", .pattern = "^\\^?[a-z0-9][a-z0-9_]{0,62}$", .first = "[a-z0-9^]", .rest = "[a-z0-9_]",
		.max = 63, .expected = "the name of a feature, such as dir_index, or with a ^ in front"},
	[FORM_MODULE] = {.noun = "a kernel module", .example = "virtio_blk", .first = "[A-Za-z0-9_]", .rest = "[A-Za-z0-9_:,()+-]", .max = 255,
		.expected = "a name such as virtio_blk, without '.ko', or an alias such as fs-ext4 or pci:v00001AF4d00001001"},
	[FORM_VOLUME_ID] = {.noun = "a volume id", .example = "ABCD-1234", .pattern = "^[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}$", .first = "[0-9A-Fa-f-]",
		.rest = "[0-9A-Fa-f-]", .expected = "hexadecimal digits, such as ABCD-1234", .check = check_volume_id},
	[FORM_APPLET] = {.noun = "an applet", .example = "sh", .first = "[A-Za-z0-9_[]", .rest = "[A-Za-z0-9_.+[-]", .max = 63,
		.expected = "the name of one applet, as 'busybox --list' prints it"},
	[FORM_FILE_NAME] = {.noun = "a file name", .example = "busybox_1.35.0-4_amd64.deb", .first = "[A-Za-z0-9]", .rest = "[A-Za-z0-9_.+%:~-]",
		.max = NAME_MAX_BYTES, .expected = "a name without a directory"},
	[FORM_TAG] = {.noun = "a tag", .example = "latest", .is_line = true, .max = 255},
	[FORM_APT_SOURCE] = {.noun = "an apt source", .example = "deb http://deb.debian.org/debian bookworm main", .is_line = true, .max = 2047,
		.check = check_apt_source,
		.pattern = "^[ \\t]*deb[ \\t]*(\\[([ \\t]*" APT_OPTION_PATTERN ")*[ \\t]*\\])?[ \\t]*(https?://[^/@\\s]|file:|copy:)[^\\s]*[ \\t]+"
			"([A-Za-z0-9._+~:/-]*/[ \\t]*$|[A-Za-z0-9._+~:/-]*[^/\\s]([ \\t]+[A-Za-z0-9._+~:/-]+)+[ \\t]*$)"},
	[FORM_SHA256] = {.noun = "a SHA-256", .example = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", .pattern = "^[0-9a-f]{64}$", .first = "[0-9a-f]", .rest = "[0-9a-f]",
		.max = 64, .expected = "64 hexadecimal digits in lower case"},
	[FORM_PATTERN] = {.noun = "a pattern", .example = "-fido*", .first = "[A-Za-z0-9*-]", .rest = "[A-Za-z0-9_.+*-]", .max = 63,
		.expected = "letters, digits, '_', '.', '+', '-', and '*' for any of these"},
	[FORM_PATH] = {.noun = "a path", .example = "/boot", .pattern = "^(/|" PATH_PATTERN ")$", .check = check_path},
	[FORM_POOL_PATH] = {.noun = "a path", .example = "/boot", .pattern = "^(/|" PATH_PATTERN ")$", .check = check_path},
	[FORM_POOL_FILE] = {.noun = "a path", .example = "/boot/vmlinuz-*", .pattern = "^" PATH_PATTERN "$", .check = check_path},
	[FORM_FILE_PATH] = {.noun = "a path", .example = "/usr/bin/dropbear", .pattern = "^" PATH_PATTERN "$", .check = check_path},
	[FORM_DEVICE_PATH] = {.noun = "a path", .example = "/dev/ttyS[0-3]", .pattern = "^" PATH_PATTERN "$", .check = check_device_path},
	[FORM_XATTR_NAME] = {.noun = "the name of an extended attribute", .example = "user.origin", .pattern = "^(user|trusted|security)\\.[\\s\\S]", .is_line = true,
		.max = 255, .check = check_xattr_name},
	[FORM_XATTR_VALUE] = {.noun = "the value of an extended attribute", .example = "0x0001", .may_be_empty = true, .check = check_xattr_value,
		.pattern = "^(0[xX]([0-9a-fA-F]{2})*$|0[sS]([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}(==|[A-Za-z0-9+/]=))?$|(?!0[xXsS]))"},
	[FORM_CAPABILITIES] = {.noun = "capabilities", .example = "cap_net_bind_service+ep", .check = check_capabilities},
	[FORM_SOURCE] = {.noun = "a path", .example = "motd", .pattern = "^(?!$)(?!\\.{1,2}(/|$))[^/]*(" PATH_PATTERN ")?$",
		.check = check_source},
	[FORM_SUBTREE] = {.noun = "a path", .example = "/etc/**", .pattern = "^(" PATH_PATTERN ")?/\\*\\*$", .check = check_path},
};

/* The first character of TEXT that the sets of R exclude, or NULL. */
static const char *
excluded(const struct rule *r, const char *text)
{
	if (!r->first)
		return NULL;
	for (const char *p = text; *p; p++)
		if (!text_matches(p == text ? r->first : r->rest, (char[]){*p, '\0'}))
			return p;
	return NULL;
}

/* The first character of a line of text that is a control, or NULL. */
static const char *
control(const struct rule *r, const char *text)
{
	size_t size = strlen(text);

	for (size_t i = 0; r->is_line && i < size; i += text_sequence_length(text + i, size - i))
		if (text_fault(text_decode(text + i, size - i)))
			return text + i;
	return NULL;
}

static bool
check_size(struct compilation *c, enum form form, const char *text, struct span at)
{
	const struct rule *r = &rules[form];
	size_t size = strlen(text);

	if (r->max && size > r->max)
		diag_label(diag(&c->diags, DIAG_TEXT_MALFORMED, at, "%s of %zu bytes; at most %zu are possible",
			r->noun, size, r->max),
			"%zu too many", size - r->max);
	else if (form == FORM_SHA256 && size != r->max)
		diag_help(diag(&c->diags, DIAG_TEXT_MALFORMED, at, "%s of %zu digits", r->noun, size),
			"expected %s", r->expected);
	else
		return true;
	return false;
}

/* What to do about a character that a text of FORM cannot have, where people often put it; NULL: nothing more than the rule says. */
static const char *
habit_of(enum form form, const char *bad)
{
	static const struct {
		enum form form;
		const char *characters, *help;
	} habits[] = {
		{FORM_PACKAGE, "=(<> ", "the lock pins versions: write the name alone"},
		{FORM_PACKAGE, ":", "'architecture' stands beside 'packages', in the input: write the name alone"},
		{FORM_PACKAGE, "*?/", "write the exact name of one package"},
		{FORM_NAME, "/", "partitions and inputs go by names such as root, not by paths or devices"},
	};

	for (size_t i = 0; i < sizeof habits / sizeof *habits; i++)
		if (habits[i].form == form && strchr(habits[i].characters, *bad))
			return habits[i].help;
	return *bad == '$' ? text_path_habit(bad) : NULL;
}

/* TEXT in small letters and with '-' for blanks, when that is what FORM wants; else NULL. */
static const char *
meant_name(struct compilation *c, enum form form, const char *text)
{
	char *meant = arena_strdup(c->arena, text);

	if (form != FORM_NAME && form != FORM_PROJECT_NAME && form != FORM_PACKAGE)
		return NULL;
	for (char *p = meant; *p; p++)
		*p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p == ' ' && form != FORM_PACKAGE ? '-' : *p;
	return excluded(&rules[form], meant) ? NULL : meant;
}

static void
report_excluded(struct compilation *c, enum form form, const char *text, struct span at, const char *bad)
{
	const struct rule *r = &rules[form];
	size_t length = text_sequence_length(bad, strlen(bad));
	bool only_first = bad == text && text_matches(r->rest, (char[]){*bad, '\0'});
	const char *habit = habit_of(form, bad), *meant = meant_name(c, form, text);
	struct diag *d = diag(&c->diags, DIAG_TEXT_MALFORMED, at, "'%s' is not %s", text, r->noun);

	if (text_is_curly_quote(text_decode(bad, length)))
		diag_label(d, "'%.*s' is no quote to YAML: write \" or '", (int)length, bad);
	else
		diag_label(d, "'%.*s' cannot be %s", (int)length, bad, only_first ? "first" : "in it");
	if (habit)
		diag_help(d, "%s", habit);
	else if (meant)
		diag_help(d, "did you mean '%s'? expected %s", meant, r->expected);
	else
		diag_help(d, "expected %s", r->expected);
}

bool
form_matches(struct compilation *c, enum form form, const char *text, struct span at)
{
	const struct rule *r = &rules[form];
	const char *bad;

	if (!*text && !r->may_be_empty) {
		diag(&c->diags, DIAG_VALUE_MISSING, at, "%s cannot be empty", r->noun);
		return false;
	}
	if ((bad = excluded(r, text))) {
		report_excluded(c, form, text, at, bad);
		return false;
	}
	if ((bad = control(r, text))) {
		int32_t point = text_decode(bad, strlen(bad));

		diag_help(diag(&c->diags, DIAG_CHARACTER_FORBIDDEN, at, "U+%04X, %s, in %s", (unsigned)point,
			text_fault(point), r->noun),
			"it must be one line of visible characters");
		return false;
	}
	return check_size(c, form, text, at) && (!r->check || r->check(c, form, text, at));
}

const char *
form_noun(enum form form)
{
	return rules[form].noun;
}

const char *
form_example(enum form form)
{
	return rules[form].example;
}

const char *
form_pattern(struct compilation *c, enum form form)
{
	const struct rule *r = &rules[form];

	if (r->pattern)
		return r->pattern;
	if (r->first)
		return arena_printf(c->arena, "^%s%s{0,%zu}$", r->first, r->rest, r->max - 1);
	return r->may_be_empty ? NULL : "^[\\s\\S]";
}

bool
read_can_be_name(struct compilation *c, const char *name)
{
	return form_matches(c, FORM_PROJECT_NAME, name, (struct span){0});
}
