#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include <stdbool.h>

#include "command/display.h"
#include "rootc/rootc.h"
#include "support/diag.h"
#include "view/view.h"

/* How the disk is attached to the machine that `run` starts. */
enum bus { BUS_NVME, BUS_VIRTIO, BUS_SATA, BUS_IDE };

/* What starts it there; FIRMWARE_ANY: what the image is made for. */
enum firmware { FIRMWARE_ANY, FIRMWARE_BIOS, FIRMWARE_UEFI };

/* How much is said beside what was asked for, and what is wrong. */
enum verbosity { VERBOSITY_NORMAL, VERBOSITY_QUIET, VERBOSITY_VERBOSE };

/* What the command line said. */
struct invocation {
	const struct command *command;
	struct rootc_options options;
	enum verbosity verbosity;
	struct display *display; /* of what takes long; NULL: none */
	struct rootc_update update; /* lock */
	enum message_format message_format;
	bool color;
	const char *output;  /* -o */
	bool tree, map, json;
	bool ignores_layout, stat, markdown, manifests; /* diff */
	const char *root;    /* closure */
	struct rootc_closure_options closure;
	bool allowed[DIAG_KINDS]; /* check, plan, build, run: what only to warn of */
	const char *expect;  /* run: text that must appear on the console */
	unsigned timeout_s;  /* run: 0 means no limit */
	unsigned memory_mib; /* run */
	enum bus bus;        /* run */
	enum firmware firmware; /* run */
	bool owners, svg;    /* inspect */
	bool html;           /* inspect, diff */
	const char *summary; /* build: a file that gets one */
	const char *offset;  /* inspect: a number of bytes */
	unsigned shard, shards; /* targets, build: each SHARDS-th of the targets, from the SHARD-th on; 0: all of them */
	char **operands;
	int operand_count;
};

/* Options are data: which commands take one is a bit in MASK. */
enum {
	ON_CHECK = 1 << 0,
	ON_LOCK = 1 << 1,
	ON_FETCH = 1 << 2,
	ON_PLAN = 1 << 3,
	ON_BUILD = 1 << 4,
	ON_WHY = 1 << 5,
	ON_RUN = 1 << 6,
	ON_SCHEMA = 1 << 7,
	ON_EXPLAIN = 1 << 8,
	ON_CLOSURE = 1 << 9,
	ON_INIT = 1 << 10,
	ON_INSPECT = 1 << 11,
	ON_VERIFY = 1 << 12,
	ON_DIFF = 1 << 13,
	ON_MANUAL = 1 << 14,
	ON_COMPLETION = 1 << 15,
	ON_LS = 1 << 16,
	ON_CAT = 1 << 17,
	ON_CP = 1 << 18,
	ON_DECOMPILE = 1 << 19,
	ON_VENDOR = 1 << 20,
	ON_TARGETS = 1 << 21,
};

struct command {
	const char *name;
	const char *operands; /* as usage shows them */
	const char *summary;  /* one line */
	const char *details;  /* the rest of --help */
	enum rootc_status (*run)(const struct invocation *);
	unsigned mask;        /* its own bit */
	int operands_least, operands_most;
	const char *const *(*words)(void); /* what its operand can be, up to a NULL; NULL: a file */
	bool starts_processes; /* needs PATH and proxies: keeps its environment */
};

extern const struct command command_check, command_lock, command_fetch, command_vendor, command_plan, command_build, command_why,
	command_closure, command_decompile, command_diff, command_run, command_inspect, command_ls, command_cat, command_cp, command_verify, command_schema,
	command_explain, command_targets, command_init, command_manual, command_completion;

/* All of them, up to a NULL. */
enum { COMMANDS_MOST = 32 };
extern const struct command *const commands[COMMANDS_MOST];

#define ROOTC_VERSION "0.1.0"

/* A compilation with the options of the command line. */
struct rootc *invocation_begin(const struct invocation *);

/* Prints what was found wrong to standard error, frees the compilation, and gives STATUS back. */
enum rootc_status invocation_end(const struct invocation *, struct rootc *, enum rootc_status status);

/* Whether the target INDEX, from 0, of all is in the share that --shard asks for. */
bool invocation_takes(const struct invocation *, size_t index);

/* "rootc: error: ..." on standard error, for mistakes on the command line; gives ROOTC_USAGE. */
enum rootc_status usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
