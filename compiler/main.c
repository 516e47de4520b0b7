/* argv in, exit status out. What a process has and a library must not touch (signals, environment, standard streams) is here. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command/command.h"
#include "command/options.h"
#include "support/arena.h"
#include "support/memory.h"
#include "support/text.h"

enum rootc_status
usage_error(const char *format, ...)
{
	struct arena *a = arena_new();
	va_list args;

	va_start(args, format);
	fprintf(stderr, "rootc: error: %s\n", text_escape(a, arena_vprintf(a, format, args)));
	va_end(args);
	arena_free(a);
	return ROOTC_USAGE;
}

struct rootc *
invocation_begin(const struct invocation *in)
{
	struct rootc *r = rootc_new(&in->options);

	for (size_t i = 0; i < DIAG_KINDS; i++)
		if (in->allowed[i])
			rootc_allow(r, diag_catalogue[i].name);
	return r;
}

enum rootc_status
invocation_end(const struct invocation *in, struct rootc *r, enum rootc_status status)
{
	view_diagnostics(stderr, rootc_diagnostics(r), in->message_format, in->color);
	rootc_free(r);
	return status;
}

bool
invocation_takes(const struct invocation *in, size_t index)
{
	return !in->shards || index % in->shards == in->shard - 1;
}

/* Leaves nothing behind, neither a file nor a line on the terminal. */
static void
abandon(void)
{
	rootc_abandon();
	display_abandon();
}

static void
die_of_signal(int number)
{
	abandon();
	_exit(128 + number);
}

/* Signals that end the program remove the temporary first; those that were ignored on entry (nohup) stay ignored. */
static void
set_signals(void)
{
	static const int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_handler = die_of_signal}, before;

	for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
		if (sigaction(fatal[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			sigaction(fatal[i], &action, NULL);
	/* A reader that goes away and a full disk are errors of write(2), not deaths. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/*
 * A standard stream that is closed would give its number to the image's file, and messages would go into it. What takes its
 * place is open the wrong way round: what was to be read from it or written to it is missed as if it were closed.
 */
static void
fill_standard_streams(void)
{
	for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++) {
		int fd = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);

		if (fd > stream)
			close(fd);
	}
}

static void
print_help(void)
{
	printf("rootc compiles one YAML manifest into one bootable disk image, the same bytes every time.\n\n"
		"usage: rootc COMMAND [OPTION]... [OPERAND]...\n\n");
	for (size_t i = 0; commands[i]; i++)
		printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
	printf("\n'rootc COMMAND --help' tells more of one. Exit status: 0 done, 1 the answer is no, 2 usage, 3 the manifest has errors,\n"
		"4 an input is missing or broken, 5 the output or the host failed, 6 'run' did not see what it expected, 128+n signal n.\n");
}

static const struct command *
find_command(const char *name)
{
	const char *names[COMMANDS_MOST], *nearest;
	size_t count = 0;

	for (; commands[count]; count++)
		if (strcmp(names[count] = commands[count]->name, name) == 0)
			return commands[count];
	nearest = text_nearest(name, names, count);
	if (text_ends_with(name, ".yaml") || text_ends_with(name, ".yml"))
		usage_error("there is no command '%s'; did you mean 'rootc build %s'?", name, name);
	else if (name[0] == '-')
		usage_error("there is no command '%s'; options stand behind the command", name);
	else if (nearest)
		usage_error("there is no command '%s'; did you mean '%s'?", name, nearest);
	else
		usage_error("there is no command '%s'; 'rootc --help' lists them", name);
	return NULL;
}

static bool
is_word(const char *argument, const char *word, const char *option)
{
	return strcmp(argument, word) == 0 || strcmp(argument, option) == 0;
}

/* Whether a machine builds, to which nothing may happen unseen; it decides what is refused, and never a byte. */
static bool
is_ci(void)
{
	const char *ci = getenv("CI");

	return ci && strcmp(ci, "true") == 0;
}

/* What is shown of IN's work on standard error, which is a terminal that can take a line back (LIVE) or not. */
static enum display_form
display_form(const struct invocation *in, bool live)
{
	if (in->verbosity == VERBOSITY_QUIET || in->message_format != MESSAGE_HUMAN)
		return DISPLAY_NONE;
	return live ? DISPLAY_LIVE : DISPLAY_LINES;
}

static enum rootc_status
run_displayed(struct invocation *in, bool live)
{
	enum rootc_status status;

	in->display = display_new(display_form(in, live), in->verbosity == VERBOSITY_VERBOSE);
	if (in->display) {
		in->options.progress = display_take;
		in->options.progress_of = display_only(in->display);
	}
	status = in->command->run(in);
	display_free(in->display);
	return status;
}

static enum rootc_status
run_command(int argc, char **argv, bool plain, bool live)
{
	struct invocation in = {.command = find_command(argv[1])};

	if (!in.command)
		return ROOTC_USAGE;
	if (is_ci() && in.command->mask != ON_LOCK)
		in.options.locked = ROOTC_LOCKED_IF_ALL;
	if (!in.command->starts_processes)
		clearenv();
	switch (options_read(&in, argc - 1, argv + 1, plain)) {
	case OPTIONS_HELP:
		options_print_help(in.command);
		return ROOTC_DONE;
	case OPTIONS_BAD:
		return ROOTC_USAGE;
	case OPTIONS_GOOD:
		break;
	}
	return run_displayed(&in, live);
}

static enum rootc_status
answer(int argc, char **argv)
{
	const char *terminal = isatty(STDERR_FILENO) ? getenv("TERM") : NULL;
	bool plain = getenv("NO_COLOR") || !isatty(STDERR_FILENO), live = terminal && *terminal && strcmp(terminal, "dumb") != 0;

	if (argc < 2)
		return usage_error("no command; 'rootc --help' lists them");
	if (is_word(argv[1], "help", "--help") || strcmp(argv[1], "-h") == 0) {
		const struct command *command = argc > 2 ? find_command(argv[2]) : NULL;

		if (command)
			options_print_help(command);
		else if (argc == 2)
			print_help();
		return command || argc == 2 ? ROOTC_DONE : ROOTC_USAGE;
	}
	if (is_word(argv[1], "version", "--version")) {
		printf("rootc %s, manifest format 1\n", ROOTC_VERSION);
		return ROOTC_DONE;
	}
	return run_command(argc, argv, plain, live);
}

int
main(int argc, char **argv)
{
	enum rootc_status status;

	fill_standard_streams();
	set_signals();
	memory_on_exhaustion(abandon);
	status = answer(argc, argv);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		fprintf(stderr, "rootc: error: cannot write to standard output: %s\n", strerror(errno));
		status = status == ROOTC_DONE ? ROOTC_OUTPUT : status;
	}
	return (int)status;
}
