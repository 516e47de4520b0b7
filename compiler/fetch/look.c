/*
 * Takes down what there is in a directory on the host, and below. Most of the time goes into asking the kernel about each name, so
 * several threads ask. What they find is the same whatever their order.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fetch/index.h"
#include "fetch/stages.h"
#include "support/compilation.h"
#include "support/directory.h"
#include "support/file.h"
#include "support/processors.h"

enum { MOST_THREADS = 8, DIRECTORIES_WORTH_A_THREAD = 8 };

/* What the threads share. All below LOCK is guarded by it. */
struct survey {
	const struct m_input *input;
	const char *host;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct look *waiting; /* directories to look at */
	size_t waiting_count, busy;
	size_t entry_count;
};

struct looker {
	struct survey *survey;
	struct arena *arena;   /* what stays */
	struct arena *scratch; /* for one directory at a time */
	struct open_directories directories;
	struct file_clock clock;
	pthread_t thread;
};

static void
note_failure(struct look *look, const char *path, int error)
{
	if (look->unreadable)
		return;
	look->unreadable = path;
	look->error = error;
}

static void
describe_file(struct looker *k, struct entry *entry, const char *path, const struct stat *info, bool settled)
{
	struct content *content = ARENA_NEW(k->arena, struct content);

	entry->kind = ENTRY_FILE;
	entry->mode = info->st_mode & 0111 ? 0755 : 0644;
	*content = (struct content){
		.kind = CONTENT_HOST, .size = (uint64_t)info->st_size, .directory = k->survey->host, .path = path,
	};
	content_stamp(content, info);
	content->settled = settled;
	entry->content = content;
}

static void
describe_link(struct looker *k, struct look *look, int fd, struct entry *entry, const char *path)
{
	char bytes[INDEX_PATH_MAX + 1];
	ssize_t length = readlinkat(fd, entry->name, bytes, sizeof bytes);

	entry->kind = ENTRY_LINK;
	entry->mode = 0777;
	entry->target = "";
	if (length < 0 || (size_t)length == sizeof bytes)
		note_failure(look, path, length < 0 ? errno : ENAMETOOLONG);
	else
		entry->target = arena_strndup(k->arena, bytes, (size_t)length);
}

/* NAME in LOOK, its path: the end of which is the name. */
static const char *
path_of(struct looker *k, const struct look *look, const char *name)
{
	size_t length = strlen(look->path), more = strlen(name), slash = length > 0;
	char *path = arena_alloc(k->arena, length + slash + more + 1);

	memcpy(path, look->path, length);
	if (slash)
		path[length] = '/';
	memcpy(path + length + slash, name, more);
	return path;
}

/* The type of NAME in FD, and of all but directories and links INFO; 0 with errno: it cannot be had. */
static mode_t
type_of(struct looker *k, int fd, const struct directory_name *name, struct stat *info, bool *settled)
{
	if (name->type == DT_DIR || name->type == DT_LNK)
		return (mode_t)DTTOIF(name->type);
	return file_look(&k->clock, fd, name->name, info, settled) < 0 ? 0 : info->st_mode & S_IFMT;
}

static struct entry *
look_at_name(struct looker *k, struct look *look, int fd, const struct directory_name *name)
{
	struct entry *entry = ARENA_NEW(k->arena, struct entry);
	const char *path = path_of(k, look, name->name);
	struct stat info;
	bool settled;
	mode_t type;

	*entry = (struct entry){.kind = ENTRY_OTHER, .mode = 0644, .input = k->survey->input};
	entry->name = path + strlen(path) - strlen(name->name);
	if (strlen(path) > INDEX_PATH_MAX) {
		note_failure(look, path, ENAMETOOLONG);
		return entry;
	}
	type = type_of(k, fd, name, &info, &settled);
	if (type == 0) {
		note_failure(look, path, errno);
	} else if (S_ISDIR(type)) {
		entry->kind = ENTRY_DIRECTORY;
		entry->mode = 0755;
		look->below_count++;
	} else if (S_ISLNK(type)) {
		describe_link(k, look, fd, entry, path);
	} else if (S_ISREG(type)) {
		describe_file(k, entry, path, &info, settled);
	}
	return entry;
}

/* The directories among what LOOK holds are looked at next. */
static void
look_below(struct looker *k, struct look *look)
{
	size_t at = 0;

	look->below = ARENA_ARRAY(k->arena, struct look, look->below_count);
	for (size_t i = 0; i < look->count; i++)
		if (look->entries[i]->kind == ENTRY_DIRECTORY)
			look->below[at++] = (struct look){
				.path = path_of(k, look, look->entries[i]->name), .depth = look->depth + 1};
}

/* What the directory of LOOK, open in FD, is before its names are read. */
static void
stamp_directory(struct looker *k, struct look *look, int fd)
{
	struct stat info;
	bool settled;

	if (file_look(&k->clock, fd, "", &info, &settled) < 0)
		return;
	look->stamp = ARENA_NEW(k->arena, struct content);
	*look->stamp = (struct content){.kind = CONTENT_HOST, .directory = k->survey->host, .path = look->path};
	content_stamp(look->stamp, &info);
	look->stamp->settled = settled;
}

static void
look_into(struct looker *k, struct look *look)
{
	int fd = look->depth > LOOK_DEPTH_MAX ? -1 : directories_open(&k->directories, k->survey->host, look->path);
	struct directory_name *names;

	if (fd >= 0)
		stamp_directory(k, look, fd);
	names = fd < 0 ? NULL : directory_names(k->scratch, fd, LOOK_ENTRIES_MAX, &look->count);
	if (!names) {
		note_failure(look, look->path, errno);
		look->count = 0;
	} else {
		directory_sort(names, look->count);
		look->entries = arena_room(k->arena, look->count, sizeof *look->entries);
		for (size_t i = 0; i < look->count; i++)
			look->entries[i] = look_at_name(k, look, fd, &names[i]);
		look_below(k, look);
	}
	if (fd >= 0)
		close(fd);
	arena_reset(k->scratch);
}

/* The next directory, once there is one; NULL when there will be none. */
static struct look *
take(struct survey *s)
{
	struct look *look;

	pthread_mutex_lock(&s->lock);
	while (!s->waiting && s->busy)
		pthread_cond_wait(&s->changed, &s->lock);
	look = s->entry_count > LOOK_ENTRIES_MAX ? NULL : s->waiting;
	if (look) {
		s->waiting = look->next;
		s->waiting_count--;
		s->busy++;
	}
	pthread_mutex_unlock(&s->lock);
	return look;
}

static void
give_back(struct survey *s, struct look *look)
{
	pthread_mutex_lock(&s->lock);
	s->busy--;
	s->entry_count += look->count;
	for (size_t i = look->below_count; i > 0; i--) {
		look->below[i - 1].next = s->waiting;
		s->waiting = &look->below[i - 1];
	}
	s->waiting_count += look->below_count;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static void *
work(void *looker)
{
	struct looker *k = looker;
	struct look *look;

	while ((look = take(k->survey))) {
		look_into(k, look);
		give_back(k->survey, look);
	}
	return NULL;
}

static unsigned
count_threads(const struct survey *s, unsigned asked)
{
	size_t worth = 1 + s->waiting_count / DIRECTORIES_WORTH_A_THREAD;
	unsigned count = asked ? asked : processors_count();

	if (count > MOST_THREADS)
		count = MOST_THREADS;
	return count < worth ? count : (unsigned)worth;
}

/* The calling thread looks at the first few alone, to see whether others are worth starting. */
struct look *
look_at(struct compilation *c, const struct m_input *input, const char *host, size_t *count)
{
	struct look *top = ARENA_NEW(c->arena, struct look), *look;
	struct survey s = {.input = input, .host = host, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
		.waiting = top, .waiting_count = 1};
	struct looker lookers[MOST_THREADS] = {{.survey = &s, .arena = c->arena, .scratch = arena_new()}};
	unsigned most, running = 1;

	top->path = "";
	for (int i = 0; i < DIRECTORIES_WORTH_A_THREAD && s.waiting && (look = take(&s)); i++) {
		look_into(&lookers[0], look);
		give_back(&s, look);
	}
	most = count_threads(&s, c->jobs);
	for (; running < most; running++) {
		lookers[running] = (struct looker){.survey = &s, .arena = arena_new(), .scratch = arena_new()};
		if (pthread_create(&lookers[running].thread, NULL, work, &lookers[running]) != 0)
			break;
	}
	work(&lookers[0]);
	for (unsigned i = 1; i < running; i++)
		pthread_join(lookers[i].thread, NULL);
	for (unsigned i = 0; i < MOST_THREADS && lookers[i].survey; i++) {
		if (i > 0)
			arena_join(c->arena, lookers[i].arena);
		directories_close(&lookers[i].directories);
		arena_free(lookers[i].scratch);
	}
	*count = s.entry_count;
	return top;
}
