#include "command/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/text.h"

enum option_id {
	OPT_HELP,
	OPT_OUTPUT,
	OPT_STORE,
	OPT_LOCK,
	OPT_TREE,
	OPT_MAP,
	OPT_JSON,
	OPT_ROOT,
	OPT_DLOPEN,
	OPT_CPU,
	OPT_CHECK,
	OPT_JOBS,
	OPT_SHARD,
	OPT_BASE,
	OPT_GOLDEN,
	OPT_UPDATE_GOLDEN,
	OPT_SUMMARY,
	OPT_DIGEST,
	OPT_REBUILD,
	OPT_DEPENDENCIES,
	OPT_DEPFILE,
	OPT_PHONY,
	OPT_ALLOW,
	OPT_EXPECT,
	OPT_TIMEOUT,
	OPT_MEMORY,
	OPT_BUS,
	OPT_FIRMWARE,
	OPT_OWNERS,
	OPT_SVG,
	OPT_HTML,
	OPT_OFFSET,
	OPT_SECTOR_SIZE,
	OPT_IGNORE,
	OPT_STAT,
	OPT_MARKDOWN,
	OPT_MANIFEST,
	OPT_VENDOR,
	OPT_LOCKED,
	OPT_OFFLINE,
	OPT_FROZEN,
	OPT_UPDATE,
	OPT_FORMAT,
	OPT_COLOR,
	OPT_QUIET,
	OPT_VERBOSE,
	OPTIONS,
};

enum {
	ON_INPUTS = ON_CHECK | ON_LOCK | ON_FETCH | ON_VENDOR | ON_PLAN | ON_BUILD | ON_WHY | ON_RUN,
	ON_IMAGES = ON_INSPECT | ON_VERIFY | ON_DIFF | ON_LS | ON_CAT | ON_CP | ON_DECOMPILE,
	ON_ALL = ON_INPUTS | ON_SCHEMA | ON_EXPLAIN | ON_CLOSURE | ON_INIT | ON_IMAGES | ON_MANUAL | ON_COMPLETION | ON_TARGETS,
};

static const char *const formats[] = {[MESSAGE_HUMAN] = "human", [MESSAGE_SHORT] = "short", [MESSAGE_JSON] = "json",
	[MESSAGE_SARIF] = "sarif", [MESSAGE_GITHUB] = "github", [MESSAGE_GITLAB] = "gitlab", NULL};
static const char *const buses[] = {[BUS_NVME] = "nvme", [BUS_VIRTIO] = "virtio", [BUS_SATA] = "sata", [BUS_IDE] = "ide", NULL};
static const char *const digests[] = {[ROOTC_DIGEST_AUTO] = "auto", [ROOTC_DIGEST_ALWAYS] = "always", [ROOTC_DIGEST_NEVER] = "never", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const sector_sizes[] = {"512B", "4KiB", NULL};
static const char *const ignorable[] = {"layout", NULL};
static const char *const firmwares[] = {[FIRMWARE_ANY] = "any", [FIRMWARE_BIOS] = "bios", [FIRMWARE_UEFI] = "uefi", NULL};

struct row {
	const char *name, *argument, *help;
	/* Where in an invocation it goes; 0: not there. */
	size_t flag;              /* a bool that becomes true */
	size_t text;              /* the argument as it is */
	size_t number;            /* an unsigned, from 1 to MOST */
	size_t chosen;            /* an enum: the argument's place among the words, or VALUE where there are none */
	unsigned most;
	int value;
	const char *const *words; /* that the argument can be, up to a NULL; NULL: any */
	const char *const *(*words_from)(void); /* the same, of what is listed elsewhere */
	/* Does all that, where it is more, and judges the argument. False: it is bad, which has been reported. */
	bool (*set)(struct invocation *, const struct row *, const char *argument);
	char letter;              /* 0: none */
	char m;                   /* behind -M, as compilers have it; 0: none */
	unsigned mask;
};

static const char *const *
words_of(const struct row *row)
{
	return row->words_from ? row->words_from() : row->words;
}

/* The index of WORD, the argument, in the words of ROW, or -1 with a message. */
static int
choice(const struct row *row, const char *word)
{
	const char *const *words = words_of(row);
	size_t found = text_index(words, word);

	if (words[found])
		return (int)found;
	usage_error("--%s cannot be '%s': it takes %s", row->name, word, row->argument);
	return -1;
}

/* The names of what can be allowed. */
static const char *const *
refusals(void)
{
	static const char *names[DIAG_KINDS + 1];
	size_t count = 0;

	for (size_t i = 0; i < DIAG_KINDS; i++)
		if (diag_catalogue[i].severity == DIAG_REFUSAL)
			names[count++] = diag_catalogue[i].name;
	return names;
}

/* A share, "I/N". */
static bool
set_shard(struct invocation *in, const struct row *row, const char *word)
{
	enum { MOST = 10000 };
	int length = 0;

	if (strspn(word, "0123456789/") == strlen(word) && strlen(word) < 16 && sscanf(word, "%u/%u%n", &in->shard, &in->shards, &length) == 2 &&
			!word[length] && in->shard >= 1 && in->shard <= in->shards && in->shards <= MOST)
		return true;
	usage_error("--%s takes I/N, two whole numbers with 1 <= I <= N <= %d, not '%s'", row->name, MOST, word);
	return false;
}

/* The name of a diagnostic. */
static bool
set_allowed(struct invocation *in, const struct row *row, const char *name)
{
	const char *const *names = words_of(row), *nearest;
	size_t kind = 0, count = 0;

	while (kind < DIAG_KINDS && strcmp(diag_catalogue[kind].name, name) != 0)
		kind++;
	if (kind < DIAG_KINDS && diag_catalogue[kind].severity == DIAG_REFUSAL)
		return in->allowed[kind] = true;
	while (names[count])
		count++;
	nearest = text_nearest(name, names, count);
	if (kind < DIAG_KINDS)
		usage_error("'%s' cannot be allowed: only what keeps an image from starting can", name);
	else if (nearest)
		usage_error("there is no diagnostic '%s'; did you mean '%s'?", name, nearest);
	else
		usage_error("there is no diagnostic '%s'; 'rootc explain' lists them", name);
	return false;
}

static bool
set_expected(struct invocation *in, const struct row *row, const char *text)
{
	if (!*text)
		usage_error("--%s takes a text that is not empty: any console would show that", row->name);
	in->expect = text;
	return *text;
}

static bool
set_sector_size(struct invocation *in, const struct row *row, const char *argument)
{
	int chosen = choice(row, argument);

	in->options.sector_size = chosen == 1 ? 4096 : 512;
	return chosen >= 0;
}

static bool
set_color(struct invocation *in, const struct row *row, const char *argument)
{
	int chosen = choice(row, argument);

	in->color = chosen == 0 ? in->color : chosen == 1;
	return chosen >= 0;
}

static const struct row rows[OPTIONS] = {
	[OPT_OUTPUT] = {.name = "output", .text = offsetof(struct invocation, output), .letter = 'o', .argument = "PATH", .mask = ON_BUILD | ON_RUN | ON_DECOMPILE,
		.help = "where the image goes (NAME.img in the current directory); decompile: the directory to make"},
	[OPT_TREE] = {.name = "tree", .flag = offsetof(struct invocation, tree), .mask = ON_PLAN | ON_WHY | ON_CLOSURE | ON_INSPECT,
		.help = "plan, inspect: every path; why, closure: all that a program needs, and how it is found"},
	[OPT_MAP] = {.name = "map", .flag = offsetof(struct invocation, map), .mask = ON_PLAN | ON_INSPECT, .help = "where everything lies: sectors, blocks, inodes"},
	[OPT_JSON] = {.name = "json", .flag = offsetof(struct invocation, json), .mask = ON_PLAN | ON_WHY | ON_CLOSURE | ON_INSPECT | ON_DIFF, .help = "all of it, for programs"},
	[OPT_ROOT] = {.name = "root", .text = offsetof(struct invocation, root), .argument = "DIR", .mask = ON_CLOSURE, .help = "where the programs and all they need are looked for (/)"},
	[OPT_DLOPEN] = {.name = "dlopen", .text = offsetof(struct invocation, closure.dlopen), .words_from = rootc_dlopen_priorities, .argument = "required|recommended|suggested", .mask = ON_CLOSURE,
		.help = "also what programs open while they run and call so, or more important"},
	[OPT_CPU] = {.name = "cpu", .text = offsetof(struct invocation, closure.cpu), .words_from = rootc_cpu_levels, .argument = "x86-64-v2|...|z17", .mask = ON_CLOSURE,
		.help = "what the machine has, such as x86-64-v3: variants in glibc-hwcaps count"},
	[OPT_CHECK] = {.name = "check", .flag = offsetof(struct invocation, closure.checks), .mask = ON_CLOSURE, .help = "also whether what is found fits: versions, symbols, CPU"},
	[OPT_JOBS] = {.name = "jobs", .number = offsetof(struct invocation, options.jobs), .most = 64, .letter = 'j', .argument = "N", .mask = ON_BUILD | ON_RUN,
		.help = "threads that write at most, or targets that are built at once; the bytes are the same (as many as there are processors)"},
	[OPT_SHARD] = {.name = "shard", .set = set_shard, .argument = "I/N", .mask = ON_BUILD | ON_TARGETS,
		.help = "of several targets, the I-th, the N-th after it and so on: each is in one of the N shares"},
	[OPT_BASE] = {.name = "base", .text = offsetof(struct invocation, options.base), .argument = "IMAGE", .mask = ON_BUILD,
		.help = "share with IMAGE, an older one, the blocks that stay the same; the bytes are the same"},
	[OPT_GOLDEN] = {.name = "golden", .text = offsetof(struct invocation, options.golden), .argument = "SUMS", .mask = ON_BUILD,
		.help = "compare with the image's line in SUMS, which sha256sum wrote"},
	[OPT_UPDATE_GOLDEN] = {.name = "update-golden", .flag = offsetof(struct invocation, options.updates_golden), .mask = ON_BUILD,
		.help = "write the image's line in SUMS"},
	[OPT_SUMMARY] = {.name = "summary", .text = offsetof(struct invocation, summary), .argument = "FILE", .mask = ON_BUILD,
		.help = "add a summary in Markdown to FILE, such as GitHub's $GITHUB_STEP_SUMMARY"},
	[OPT_DIGEST] = {.name = "digest", .chosen = offsetof(struct invocation, options.digest), .words = digests, .argument = "auto|always|never", .mask = ON_BUILD,
		.help = "print the image's SHA-256, which takes longer than the writing (auto: up to 64 MiB)"},
	[OPT_REBUILD] = {.name = "rebuild", .flag = offsetof(struct invocation, options.rebuilds), .mask = ON_BUILD, .help = "build even when nothing has changed"},
	[OPT_DEPENDENCIES] = {.name = "dependencies", .m = 'D', .flag = offsetof(struct invocation, options.lists), .mask = ON_BUILD,
		.help = "write what the image is made of to IMAGE.d, for make and ninja"},
	[OPT_DEPFILE] = {.name = "depfile", .m = 'F', .flag = offsetof(struct invocation, options.lists), .text = offsetof(struct invocation, options.depfile), .argument = "FILE", .mask = ON_BUILD, .help = "write it to FILE"},
	[OPT_PHONY] = {.name = "phony", .m = 'P', .flag = offsetof(struct invocation, options.phony), .mask = ON_BUILD,
		.help = "in it, give each file a rule, so that make goes on when one is gone"},
	[OPT_ALLOW] = {.name = "allow", .set = set_allowed, .words_from = refusals, .argument = "NAME", .mask = ON_CHECK | ON_PLAN | ON_BUILD | ON_RUN | ON_VERIFY,
		.help = "only warn of what would keep the image from starting; NAME as in the message; may be repeated"},
	[OPT_EXPECT] = {.name = "expect", .set = set_expected, .argument = "TEXT", .mask = ON_RUN, .help = "succeed as soon as the console shows TEXT"},
	[OPT_TIMEOUT] = {.name = "timeout", .number = offsetof(struct invocation, timeout_s), .most = 86400, .argument = "SECONDS", .mask = ON_RUN, .help = "give up after SECONDS (60 with --expect, else never)"},
	[OPT_MEMORY] = {.name = "memory", .number = offsetof(struct invocation, memory_mib), .most = 1 << 20, .argument = "MIB", .mask = ON_RUN, .help = "memory of the machine (256)"},
	[OPT_BUS] = {.name = "bus", .chosen = offsetof(struct invocation, bus), .words = buses, .argument = "nvme|virtio|sata|ide", .mask = ON_RUN, .help = "how the disk is attached (nvme)"},
	[OPT_FIRMWARE] = {.name = "firmware", .chosen = offsetof(struct invocation, firmware), .words = firmwares, .argument = "any|bios|uefi", .mask = ON_RUN,
		.help = "what starts an image that several could (any: a BIOS, if it can)"},
	[OPT_OWNERS] = {.name = "owners", .flag = offsetof(struct invocation, owners), .mask = ON_INSPECT, .help = "whose each byte is: a line for each stretch"},
	[OPT_SVG] = {.name = "svg", .flag = offsetof(struct invocation, svg), .mask = ON_INSPECT, .help = "a picture: the partitions to scale, and what is where in them"},
	[OPT_HTML] = {.name = "html", .flag = offsetof(struct invocation, html), .mask = ON_INSPECT | ON_DIFF, .help = "a page for a browser, with pictures"},
	[OPT_OFFSET] = {.name = "offset", .text = offsetof(struct invocation, offset), .argument = "N", .mask = ON_INSPECT, .help = "whose the byte N of the image is"},
	[OPT_SECTOR_SIZE] = {.name = "sector-size", .set = set_sector_size, .words = sector_sizes, .argument = "512B|4KiB", .mask = ON_IMAGES | ON_RUN,
		.help = "how large the disk's sectors are, where the partition table does not say it: an MBR does not (512B)"},
	[OPT_IGNORE] = {.name = "ignore", .flag = offsetof(struct invocation, ignores_layout), .words = ignorable, .argument = "layout", .mask = ON_DIFF, .help = "pass over where things lie, and when they were written: only what the images hold counts"},
	[OPT_STAT] = {.name = "stat", .flag = offsetof(struct invocation, stat), .mask = ON_DIFF, .help = "how much differs: two lines"},
	[OPT_MARKDOWN] = {.name = "markdown", .flag = offsetof(struct invocation, markdown), .mask = ON_DIFF, .help = "a page in Markdown, for the summary of a job"},
	[OPT_MANIFEST] = {.name = "manifest", .flag = offsetof(struct invocation, manifests), .mask = ON_DIFF, .help = "tell what made it differ: behind the images come the manifests of both"},
	[OPT_STORE] = {.name = "store", .text = offsetof(struct invocation, options.store), .argument = "DIR", .mask = ON_INPUTS | ON_VERIFY | ON_DIFF, .help = "where fetched inputs lie (.rootc beside the manifest)"},
	[OPT_LOCK] = {.name = "lock", .text = offsetof(struct invocation, options.lock), .argument = "FILE", .mask = ON_INPUTS | ON_VERIFY, .help = "the lock (NAME.lock beside the manifest)"},
	[OPT_VENDOR] = {.name = "vendor", .text = offsetof(struct invocation, options.vendor), .argument = "DIR",
		.mask = ON_CHECK | ON_PLAN | ON_BUILD | ON_WHY | ON_VERIFY, .help = "what 'rootc vendor' filled, in place of a store; it is only read"},
	[OPT_LOCKED] = {.name = "locked", .chosen = offsetof(struct invocation, options.locked), .value = ROOTC_LOCKED_YES, .mask = ON_INPUTS | ON_VERIFY, .help = "the lock must tell of all, and all must be as it tells; implied by CI=true, but for lock"},
	[OPT_OFFLINE] = {.name = "offline", .flag = offsetof(struct invocation, options.offline), .mask = ON_INPUTS | ON_VERIFY, .help = "use no network; what the store lacks is an error"},
	[OPT_FROZEN] = {.name = "frozen", .flag = offsetof(struct invocation, options.offline), .chosen = offsetof(struct invocation, options.locked),
		.value = ROOTC_LOCKED_YES, .mask = ON_INPUTS | ON_VERIFY, .help = "both of these"},
	[OPT_UPDATE] = {.name = "update", .flag = offsetof(struct invocation, update.packages), .mask = ON_LOCK, .help = "take today's versions of the packages NAME and of what they need, of inputs NAME, or of all"},
	[OPT_FORMAT] = {.name = "message-format", .chosen = offsetof(struct invocation, message_format), .words = formats, .argument = "human|short|json|sarif|github|gitlab", .mask = ON_INPUTS | ON_CLOSURE | ON_IMAGES | ON_TARGETS, .help = "how mistakes are shown"},
	[OPT_COLOR] = {.name = "color", .set = set_color, .words = colors, .argument = "auto|always|never", .mask = ON_INPUTS | ON_CLOSURE | ON_IMAGES | ON_TARGETS, .help = "auto: on a terminal, unless NO_COLOR is set"},
	[OPT_QUIET] = {.name = "quiet", .chosen = offsetof(struct invocation, verbosity), .value = VERBOSITY_QUIET, .letter = 'q', .mask = ON_INPUTS | ON_IMAGES | ON_CLOSURE | ON_INIT, .help = "say nothing but what is wrong, and what was asked for: no results of a build, no progress"},
	[OPT_VERBOSE] = {.name = "verbose", .chosen = offsetof(struct invocation, verbosity), .value = VERBOSITY_VERBOSE, .letter = 'v', .mask = ON_INPUTS | ON_IMAGES | ON_CLOSURE, .help = "say what each phase did, and how long it took; of this and --quiet the last counts"},
	[OPT_HELP] = {.name = "help", .letter = 'h', .mask = ON_ALL, .help = "this text"},
};

_Static_assert(sizeof(enum bus) == sizeof(int) && sizeof(enum rootc_digest) == sizeof(int) && sizeof(enum rootc_locked) == sizeof(int),
	"enums are put down as int");

static bool
read_number(const struct row *row, const char *word, unsigned *number)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*word < '0' || *word > '9' || *end || value < 1 || value > row->most) {
		usage_error("--%s takes a whole number from 1 to %u, not '%s'", row->name, row->most, word);
		return false;
	}
	*number = (unsigned)value;
	return true;
}

/* Takes down one option. False when its argument is bad, which has been reported. */
static bool
put_down(struct invocation *in, const struct row *row, const char *argument)
{
	char *at = (char *)in;
	int chosen = row->value;

	if (row->set)
		return row->set(in, row, argument);
	if (words_of(row) && (chosen = choice(row, argument)) < 0)
		return false;
	if (row->number && !read_number(row, argument, (unsigned *)(void *)(at + row->number)))
		return false;
	if (row->flag)
		*(bool *)(at + row->flag) = true;
	if (row->text)
		*(const char **)(void *)(at + row->text) = argument;
	if (row->chosen)
		memcpy(at + row->chosen, &chosen, sizeof chosen);
	return true;
}

/* Makes getopt's tables of the rows that COMMAND takes: long options whose value is 256 + the row, and the letters. */
static void
make_tables(const struct command *command, struct option long_options[OPTIONS + 1], char letters[2 * OPTIONS + 4])
{
	*letters++ = ':'; /* a missing argument is told from an unknown option */
	if (command->mask & rows[OPT_DEPENDENCIES].mask) {
		*letters++ = 'M';
		*letters++ = ':';
	}
	for (int id = 0; id < OPTIONS; id++) {
		if (!(rows[id].mask & command->mask))
			continue;
		*long_options++ = (struct option){.name = rows[id].name, .has_arg = rows[id].argument ? 1 : 0, .val = 256 + id};
		if (rows[id].letter) {
			*letters++ = rows[id].letter;
			if (rows[id].argument)
				*letters++ = ':';
		}
	}
	*long_options = (struct option){0};
	*letters = '\0';
}

static int
row_of(int found)
{
	for (int id = 0; id < OPTIONS; id++)
		if (found == 256 + id || (rows[id].letter && found == rows[id].letter))
			return id;
	return -1;
}

/* The option whose letter getopt has taken for the argument of -M; makes optarg the option's own argument, which may come next. */
static int
row_of_m(int argc, char **argv)
{
	for (int id = 0; id < OPTIONS; id++) {
		if (!rows[id].m || rows[id].m != *optarg || (!rows[id].argument && optarg[1]))
			continue;
		optarg = optarg[1] ? optarg + 1 : rows[id].argument && optind < argc ? argv[optind++] : NULL;
		return id;
	}
	return -1;
}

/* Reports the option at which getopt has stopped: a letter, which may stand among others, or a long one, which is WORD. */
static enum options_result
wrong_option(const struct command *command, int found, const char *word)
{
	char letter[] = {'-', (char)optopt, '\0'};

	if (optopt && optopt < 256)
		word = letter;

	if (found == ':')
		usage_error("'%s' of 'rootc %s' needs an argument", word, command->name);
	else
		usage_error("'rootc %s' has no option '%s'; 'rootc %s --help' lists them", command->name, word, command->name);
	return OPTIONS_BAD;
}

/* Takes down what stands behind the options. */
static enum options_result
take_operands(struct invocation *in, int argc, char **argv)
{
	in->operands = argv + optind;
	in->operand_count = argc - optind;
	if (in->operand_count >= in->command->operands_least && in->operand_count <= in->command->operands_most)
		return OPTIONS_GOOD;
	if (in->operand_count > in->command->operands_most)
		usage_error("usage: rootc %s [OPTION]... %s; '%s' is one too many", in->command->name, in->command->operands,
			in->operands[in->command->operands_most]);
	else
		usage_error("usage: rootc %s [OPTION]... %s", in->command->name, in->command->operands);
	return OPTIONS_BAD;
}

enum options_result
options_read(struct invocation *in, int argc, char **argv, bool plain)
{
	struct option long_options[OPTIONS + 1];
	char letters[2 * OPTIONS + 4];
	int found;

	in->color = !plain;
	make_tables(in->command, long_options, letters);
	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
		int id = found == 'M' ? row_of_m(argc, argv) : row_of(found);

		if (id < 0)
			return wrong_option(in->command, found, argv[optind - 1]);
		if (rows[id].argument && !optarg)
			return wrong_option(in->command, ':', argv[optind - 1]);
		if (id == OPT_HELP)
			return OPTIONS_HELP;
		if (!put_down(in, &rows[id], optarg))
			return OPTIONS_BAD;
	}
	if (in->options.vendor && in->options.store) {
		usage_error("--vendor and --store exclude each other");
		return OPTIONS_BAD;
	}
	return take_operands(in, argc, argv);
}

bool
options_next(const struct command *command, int *at, struct option_row *row)
{
	for (int id = *at; id < OPTIONS; id++)
		if (rows[id].mask & command->mask) {
			*row = (struct option_row){.name = rows[id].name, .argument = rows[id].argument, .help = rows[id].help,
				.words = words_of(&rows[id]), .brief = {rows[id].m ? 'M' : rows[id].letter, rows[id].m}};
			*at = id + 1;
			return true;
		}
	return false;
}

void
options_print_help(const struct command *command)
{
	struct option_row row;

	printf("usage: rootc %s [OPTION]... %s\n\n%c%s.\n\n%s\n", command->name, command->operands,
		command->summary[0] - 'a' + 'A', command->summary + 1, command->details);
	for (int at = 0; options_next(command, &at, &row);) {
		char left[64];

		snprintf(left, sizeof left, row.brief[0] ? "-%s, --%s%s%s" : "    %s--%s%s%s", row.brief, row.name, row.argument ? " " : "",
			row.argument ? row.argument : "");
		printf("  %-38s %s\n", left, row.help);
	}
}
