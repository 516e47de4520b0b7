/* Decides what is shown of work while it is done, and when. */

#include "command/display.h"

#include <inttypes.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/text.h"

enum { TICK_MS = 100, USUAL_COLUMNS = 80, STACK_BYTES = 256 * 1024 };

static const double worth_showing_s = 0.5;

/* What a phase counts. */
enum unit { UNIT_NONE, UNIT_BYTES, UNIT_PACKAGES, UNIT_TARGETS };

/* How a phase is said: "reading board.yaml", "writing 1.2 MiB of 24 MiB, board.img", "found what the image needs". */
struct words {
	const char *doing, *did;
	const char *noun; /* where nothing is counted; or NULL */
	enum unit unit;
	/*
	 * Whether it is worth a line where there is no terminal, from what amount on. What rootc does by itself with little is not, however
	 * slow the machine: a script must not find standard error empty or not as the machine was busy.
	 */
	bool has_line;
	uint64_t line_from;
};

#define MANY_BYTES (256ull << 20)

static const struct words phases[ROOTC_PHASES] = {
	[ROOTC_CHECKING] = {.doing = "looking for what has changed since", .did = "looked for what has changed since"},
	[ROOTC_READING] = {.doing = "reading", .did = "read"},
	[ROOTC_WAITING] = {.doing = "waiting for", .did = "waited for", .noun = "another process to leave the store", .has_line = true},
	[ROOTC_ASKING] = {.doing = "asking", .did = "asked", .noun = "apt about packages for", .has_line = true},
	[ROOTC_LOOKING] = {.doing = "looking for", .did = "found", .noun = "packages", .unit = UNIT_PACKAGES},
	[ROOTC_DOWNLOADING] = {.doing = "downloading", .did = "downloaded", .noun = "packages", .unit = UNIT_BYTES, .has_line = true},
	[ROOTC_UNPACKING] = {.doing = "unpacking", .did = "unpacked", .unit = UNIT_PACKAGES, .has_line = true, .line_from = 1},
	[ROOTC_COPYING] = {.doing = "copying", .did = "copied", .noun = "packages", .unit = UNIT_PACKAGES, .has_line = true, .line_from = 1},
	[ROOTC_OPENING] = {.doing = "opening", .did = "opened", .noun = "input", .unit = UNIT_PACKAGES},
	[ROOTC_HASHING] = {.doing = "hashing", .did = "hashed", .unit = UNIT_BYTES, .has_line = true, .line_from = MANY_BYTES},
	[ROOTC_RESOLVING] = {.doing = "finding", .did = "found", .noun = "what the image needs"},
	[ROOTC_PACKING] = {.doing = "packing", .did = "packed", .noun = "the initial ramdisk"},
	[ROOTC_PLANNING] = {.doing = "planning", .did = "planned", .noun = "the image"},
	[ROOTC_WRITING] = {.doing = "writing", .did = "wrote", .unit = UNIT_BYTES, .has_line = true, .line_from = MANY_BYTES},
	[ROOTC_SYNCING] = {.doing = "syncing", .did = "synced"},
	[ROOTC_LOADING] = {.doing = "reading back", .did = "read back"},
	[ROOTC_COMPARING] = {.doing = "comparing with", .did = "compared with"},
};

/* What the commands themselves do that takes long. */
static const struct words
	targets = {.doing = "building", .did = "built", .unit = UNIT_TARGETS, .has_line = true, .line_from = 1},
	console = {.doing = "waiting for", .did = "waited for", .noun = "the console to show", .has_line = true};

/* Something that is being done. */
struct step {
	const struct words *words; /* NULL: nothing is */
	const char *what, *item;   /* or NULL */
	uint64_t done, total;
	double began_s;
	bool told;                 /* that it is being done: a line is enough */
};

struct display_track {
	struct display *display;
	const char *name; /* NULL: of the only compilation */
	struct step step;
};

struct display {
	enum display_form form;
	bool verbose;
	struct display_track only;
	struct arena *arena, *scratch; /* of the display itself and its tracks, and for what is put together to be shown */
	pthread_mutex_t lock;   /* of both of these, all below, and all tracks */
	pthread_cond_t changed;
	bool ticks, hidden;
	struct step work;       /* what is shown where that is not what the only compilation does */
	struct step *shown;     /* NULL: nothing */
	double since_s;         /* when there began to be something */
	char drawn[512];        /* the line that stands on the terminal now */
};

/* There is one standard error, and one line on it, which is put there by one thread. Any other may be in the handler that takes it away. */
static atomic_bool line_stands, abandoned, drawing;

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* What standard error does not take is lost: nothing depends on it. */
static void
put(const char *text)
{
	if (write(STDERR_FILENO, text, strlen(text)) < 0)
		return;
}

static void
take_line_away(void)
{
	if (atomic_exchange(&line_stands, false))
		put("\r\033[K");
}

/* What is being written is waited for, but not for a terminal that takes nothing. */
void
display_abandon(void)
{
	enum { MOST_MS = 100 };

	abandoned = true;
	for (int i = 0; drawing && i < MOST_MS; i++)
		poll(NULL, 0, 1);
	take_line_away();
}

/* Draws TEXT, unless the program is about to end: either it knows that the line stands, or there is none. */
static void
draw_line(const char *text)
{
	drawing = true;
	if (!abandoned) {
		put(text);
		line_stands = true;
	}
	drawing = false;
}

static void
put_line(struct display *d, const char *text)
{
	take_line_away();
	put(arena_printf(d->scratch, "rootc: %s\n", text));
}

/* How much STEP comes to; NULL: nothing is counted. */
static const char *
whole(struct arena *a, const struct step *step, uint64_t amount)
{
	if (!step->total)
		return NULL;
	switch (step->words->unit) {
	case UNIT_NONE:
		break;
	case UNIT_BYTES:
		return text_bytes(a, amount);
	case UNIT_PACKAGES:
		return text_count(a, amount, "package", "packages");
	case UNIT_TARGETS:
		return text_count(a, amount, "target", "targets");
	}
	return NULL;
}

/* How far STEP has come; NULL: nothing is counted. */
static const char *
part(struct arena *a, const struct step *step)
{
	uint64_t done = step->done < step->total ? step->done : step->total;
	const char *all = whole(a, step, step->total);

	if (!all)
		return NULL;
	if (step->words->unit == UNIT_BYTES)
		return arena_printf(a, "%s of %s", text_bytes(a, done), all);
	return arena_printf(a, "%" PRIu64 " of %s", done, all);
}

/* VERB, what is counted or else the noun, and what it is about; the last first to be cut off where there is no room. */
static const char *
sentence(struct arena *a, const struct step *step, const char *verb, const char *amount, const char *what)
{
	what = what ? text_escape(a, what) : "";
	if (amount)
		return arena_printf(a, "%s %s%s%s", verb, amount, *what ? ", " : "", what);
	if (step->words->noun)
		verb = arena_printf(a, "%s %s", verb, step->words->noun);
	return arena_printf(a, "%s%s%s", verb, *what ? " " : "", what);
}

/* The columns of the terminal, which may have changed since the last time. */
static size_t
terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : USUAL_COLUMNS;
}

/*
 * The bytes at the start of TEXT that surely fit in COLUMNS and in ROOM bytes: what is not ASCII may be two columns wide. One column
 * stays free, since a full line would make some terminals begin a new one.
 */
static int
fitting(const char *text, size_t columns, size_t room)
{
	size_t size = strlen(text), at = 0, used = 1, length;

	for (; at < size; at += length) {
		length = text_sequence_length(text + at, size - at);
		used += length == 1 ? 1 : 2;
		if (used > columns || at + length >= room)
			break;
	}
	return (int)at;
}

/* Whether the terminal is ours to draw on now: a shell that runs us in the background has its prompt there. */
static bool
is_in_foreground(void)
{
	pid_t group = tcgetpgrp(STDERR_FILENO);

	return group < 0 || group == getpgrp();
}

static void
draw(struct display *d, double now)
{
	struct arena *a = d->scratch;
	const struct step *step = d->shown;
	const char *amount = part(a, step), *text;
	unsigned seconds = (unsigned)(now - step->began_s);
	char line[sizeof d->drawn];

	if (!is_in_foreground())
		return;
	if (amount && seconds > 0)
		amount = arena_printf(a, "%s in %u s", amount, seconds);
	text = sentence(a, step, step->words->doing, amount, step->item ? step->item : step->what);
	if (!amount && seconds > 0)
		text = arena_printf(a, "%s, %u s", text, seconds);
	snprintf(line, sizeof line, "%.*s", fitting(text, terminal_columns(), sizeof line), text);
	if (line_stands && strcmp(line, d->drawn) == 0)
		return;
	memcpy(d->drawn, line, sizeof line);
	draw_line(arena_printf(a, "\r%s\033[K", line));
}

static bool
is_worth_a_line(const struct step *step, double now)
{
	return !step->told && step->words->has_line && step->total >= step->words->line_from && now - step->began_s >= worth_showing_s;
}

/* Shows what there is to show at the time NOW. */
static void
show(struct display *d, double now)
{
	struct step *step = d->shown;

	if (d->form == DISPLAY_LIVE && now - d->since_s >= worth_showing_s)
		draw(d, now);
	if (d->form == DISPLAY_LINES && is_worth_a_line(step, now)) {
		put_line(d, sentence(d->scratch, step, step->words->doing, whole(d->scratch, step, step->total), step->what));
		step->told = true;
	}
	arena_reset(d->scratch);
}

static void
wait_for_tick(struct display *d)
{
	struct timespec when;

	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_nsec += TICK_MS * 1000000L;
	when.tv_sec += when.tv_nsec / 1000000000L;
	when.tv_nsec %= 1000000000L;
	pthread_cond_timedwait(&d->changed, &d->lock, &when);
}

/* Looks ten times a second, so that what says nothing for long is shown, too, and what says much costs nothing. */
static void *
tick(void *of)
{
	struct display *d = of;

	/*
	 * Away from the descriptors of the others: while two threads share them, the kernel counts at each call who uses one, which costs
	 * 3 % of 100,000 files. What it cannot do, before Linux 5.9, stays as it is.
	 */
	syscall(__NR_close_range, STDERR_FILENO + 1u, ~0u, CLOSE_RANGE_UNSHARE);
	pthread_mutex_lock(&d->lock);
	for (;;) {
		if (d->shown)
			wait_for_tick(d);
		else
			pthread_cond_wait(&d->changed, &d->lock);
		if (d->shown && !d->hidden)
			show(d, now_s());
	}
	return NULL;
}

/*
 * The thread that shows. It takes no signal, each of which is meant for what others wait for, and ends with the process: to wait for it
 * would cost a small build more than all else here. Without it nothing is shown.
 */
static void
start_ticking(struct display *d)
{
	sigset_t all, before;
	pthread_attr_t small;
	pthread_t ticker;

	if (d->ticks)
		return;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&small);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	d->ticks = pthread_create(&ticker, &small, tick, d) == 0;
	pthread_attr_destroy(&small);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* STEP, or nothing, is what is to be shown from now on. */
static void
set_shown(struct display *d, struct step *step)
{
	if (!d->shown && step) {
		d->since_s = step->began_s;
		start_ticking(d);
		pthread_cond_signal(&d->changed);
	}
	if (!step)
		take_line_away();
	d->shown = step;
}

/* What the step of TRACK, which is at its end, has done. */
static void
tell_done(struct display_track *track, double now)
{
	struct display *d = track->display;
	struct arena *a = d->scratch;
	const struct step *step = &track->step;
	const char *amount = step->total && step->words->unit != UNIT_BYTES && step->done < step->total ? part(a, step) : whole(a, step, step->done);
	const char *name = track->name ? arena_printf(a, "%s: ", text_escape(a, track->name)) : "";

	put_line(d, arena_printf(a, "%s%7.3f s  %s", name, now - step->began_s, sentence(a, step, step->words->did, amount, step->what)));
	arena_reset(a);
}

static void
begin(struct display_track *track, const struct rootc_progress *p)
{
	struct display *d = track->display;
	double now = now_s();

	if (d->verbose && track->step.words)
		tell_done(track, now);
	track->step = (struct step){.words = p->phase == ROOTC_OVER ? NULL : &phases[p->phase], .what = p->what, .total = p->total,
		.began_s = now};
	if (!track->name)
		set_shown(d, track->step.words ? &track->step : NULL);
}

void
display_take(void *of, const struct rootc_progress *p)
{
	struct display_track *track = of;

	pthread_mutex_lock(&track->display->lock);
	if (p->begins)
		begin(track, p);
	track->step.done = p->done;
	track->step.item = p->item;
	pthread_mutex_unlock(&track->display->lock);
}

/* STEP is what is being done now, since when it first was. */
static void
set_work(struct display *d, struct step step)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	step.began_s = d->work.words == step.words ? d->work.began_s : now_s();
	step.told = d->work.words == step.words && d->work.told;
	d->work = step;
	set_shown(d, step.words ? &d->work : NULL);
	pthread_mutex_unlock(&d->lock);
}

void
display_targets(struct display *d, size_t done, size_t total, const char *what)
{
	set_work(d, (struct step){.words = &targets, .item = what, .done = done, .total = total});
}

void
display_console(struct display *d, const char *text)
{
	set_work(d, (struct step){.words = &console, .what = text});
}

void
display_over(struct display *d)
{
	set_work(d, (struct step){0});
}

void
display_hide(struct display *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->hidden = true;
	take_line_away();
	pthread_mutex_unlock(&d->lock);
}

void
display_show(struct display *d)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	d->hidden = false;
	pthread_mutex_unlock(&d->lock);
}

struct display_track *
display_only(struct display *d)
{
	return d ? &d->only : NULL;
}

struct display_track *
display_one(struct display *d, const char *name)
{
	struct display_track *track;

	if (!d || !d->verbose)
		return NULL;
	pthread_mutex_lock(&d->lock);
	track = ARENA_NEW(d->arena, struct display_track);
	*track = (struct display_track){.display = d, .name = name};
	pthread_mutex_unlock(&d->lock);
	return track;
}

struct display *
display_new(enum display_form form, bool verbose)
{
	struct arena *arena;
	struct display *d;
	pthread_condattr_t monotonic;

	if (form == DISPLAY_NONE)
		return NULL;
	arena = arena_new();
	d = ARENA_NEW(arena, struct display);
	*d = (struct display){.form = form, .verbose = verbose, .only.display = d, .arena = arena, .scratch = arena_new(),
		.lock = PTHREAD_MUTEX_INITIALIZER};
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&d->changed, &monotonic);
	return d;
}

void
display_free(struct display *d)
{
	/* The thread has it as long as there is a process. */
	if (!d || d->ticks)
		return;
	arena_free(d->scratch);
	arena_free(d->arena);
}
