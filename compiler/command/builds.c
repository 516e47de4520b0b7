/* Builds several targets in one process, and decides in what order they are told of: that of the targets, whichever is ready first. */

#include "command/built.h"

#include <malloc.h>
#include <pthread.h>

#include "support/arena.h"
#include "support/compilation.h"
#include "support/processors.h"
#include "support/text.h"

enum { WAITING = 2 }; /* targets that may be ready before it is their turn: each keeps its memory until then */

struct build {
	const char *manifest;
	struct rootc *r;
	struct rootc_built built;
	enum rootc_status status;
	bool ready;
};

/* Threads that build, and one that tells. */
struct crew {
	const struct invocation *in;
	struct build *builds;
	size_t count, ahead;  /* of all; how far nobody begins from the one that is told of next */
	pthread_mutex_t lock; /* of what follows, and of each build's READY */
	pthread_cond_t changed;
	size_t next, told;    /* the first that nobody has begun with; the first that is not told of */
	size_t ready;         /* of all */
};

/* What became of them. */
struct tally {
	size_t built, current, failed;
	enum rootc_status status;
	struct arena *arena;
	struct diagnostics all; /* of a format that wants them in one */
};

static struct build *
take_build(struct crew *crew)
{
	struct build *build = NULL;

	pthread_mutex_lock(&crew->lock);
	while (crew->next < crew->count && crew->next >= crew->told + crew->ahead)
		pthread_cond_wait(&crew->changed, &crew->lock);
	if (crew->next < crew->count) {
		build = &crew->builds[crew->next++];
		display_targets(crew->in->display, crew->ready, crew->count, build->manifest);
	}
	pthread_mutex_unlock(&crew->lock);
	return build;
}

static void *
work(void *of)
{
	struct crew *crew = of;
	struct build *build;

	while ((build = take_build(crew))) {
		struct invocation in = *crew->in;

		in.options.progress_of = display_one(in.display, build->manifest);
		in.options.progress = in.options.progress_of ? display_take : NULL;
		build->r = invocation_begin(&in);
		build->status = rootc_build(build->r, build->manifest, NULL, &build->built);
		pthread_mutex_lock(&crew->lock);
		build->ready = true;
		display_targets(crew->in->display, ++crew->ready, crew->count, build->manifest);
		pthread_cond_broadcast(&crew->changed);
		pthread_mutex_unlock(&crew->lock);
	}
	return NULL;
}

/* The target whose turn it is to be told of, once it is ready. */
static struct build *
await_turn(struct crew *crew)
{
	struct build *build = &crew->builds[crew->told];

	pthread_mutex_lock(&crew->lock);
	while (!build->ready)
		pthread_cond_wait(&crew->changed, &crew->lock);
	crew->told++;
	pthread_cond_broadcast(&crew->changed);
	pthread_mutex_unlock(&crew->lock);
	return build;
}

/* Whether what was found wrong is told of all targets in one, since it is a document or has a limit of its own. */
static bool
tells_in_one(enum message_format format)
{
	return view_is_document(format) || format == MESSAGE_GITHUB;
}

static void
tell_diagnostics(const struct crew *crew, struct tally *tally, struct build *build)
{
	struct diagnostics *found = rootc_diagnostics(build->r);

	if (!tells_in_one(crew->in->message_format)) {
		fflush(stdout);
		invocation_end(crew->in, build->r, build->status);
		build->r = NULL;
		return;
	}
	for (size_t i = 0; i < found->count; i++)
		*ARENA_PUSH(tally->arena, tally->all.list, tally->all.count) = found->list[i];
	if (found->count)
		return;
	rootc_free(build->r);
	build->r = NULL;
}

static void
tell(const struct crew *crew, struct tally *tally, struct build *build)
{
	display_hide(crew->in->display);
	build->status = built_tell(crew->in, build->r, build->manifest, &build->built, build->status);
	tally->status = (enum rootc_status)diag_graver((int)tally->status, (int)build->status);
	if (build->status != ROOTC_DONE)
		tally->failed++;
	else if (build->built.current)
		tally->current++;
	else
		tally->built++;
	tell_diagnostics(crew, tally, build);
	display_show(crew->in->display);
}

static void
print_tally(const struct crew *crew, const struct tally *tally)
{
	printf("%s: %zu built, %zu with nothing to do, %zu failed\n", text_count(tally->arena, crew->count, "target", "targets"), tally->built,
		tally->current, tally->failed);
	for (size_t i = 0; i < crew->count; i++)
		if (crew->builds[i].status != ROOTC_DONE)
			printf("failed: %s\n", text_escape(tally->arena, crew->builds[i].manifest));
}

static void
tell_all(const struct crew *crew, struct tally *tally)
{
	if (crew->in->verbosity != VERBOSITY_QUIET)
		print_tally(crew, tally);
	if (!tells_in_one(crew->in->message_format))
		return;
	view_diagnostics(stderr, &tally->all, crew->in->message_format, crew->in->color);
	for (size_t i = 0; i < crew->count; i++)
		rootc_free(crew->builds[i].r);
}

static enum rootc_status
run_crew(struct crew *crew, unsigned thread_count, struct arena *arena)
{
	struct tally tally = {.arena = arena, .all.arena = arena};
	pthread_t *threads = ARENA_ARRAY(arena, pthread_t, thread_count);
	unsigned running = 0;

	while (running < thread_count && pthread_create(&threads[running], NULL, work, crew) == 0)
		running++;
	if (running == 0 && thread_count > 0) {
		usage_error("cannot start a thread");
		return ROOTC_OUTPUT;
	}
	for (size_t i = 0; i < crew->count; i++)
		tell(crew, &tally, await_turn(crew));
	for (unsigned i = 0; i < running; i++)
		pthread_join(threads[i], NULL);
	display_over(crew->in->display);
	tell_all(crew, &tally);
	return tally.status;
}

/* Keeps what one build has given back for the next. Else each page goes to the kernel and comes from it anew, under the lock that all
 * threads of a process have in common: of 200 small targets by two threads that is a tenth of the time. Other libcs keep what they like. */
static void
keep_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, 32 << 20); /* the most that it takes */
	mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

enum rootc_status
build_targets(const struct invocation *in, const char *const *targets, size_t count)
{
	struct arena *arena = arena_new();
	struct invocation each = *in;
	struct crew crew = {.in = &each, .builds = ARENA_ARRAY(arena, struct build, count), .lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER};
	unsigned jobs = in->options.jobs ? in->options.jobs : processors_count(), at_once;
	enum rootc_status status;

	for (size_t i = 0; i < count; i++)
		if (invocation_takes(in, i))
			crew.builds[crew.count++].manifest = targets[i];
	at_once = crew.count < jobs ? (unsigned)crew.count : jobs;
	crew.ahead = at_once + WAITING;
	keep_memory();
	each.options.jobs = at_once ? jobs / at_once : 1;
	each.options.shared = rootc_shared_new();
	status = run_crew(&crew, at_once, arena);
	rootc_shared_free(each.options.shared);
	arena_free(arena);
	return status;
}
