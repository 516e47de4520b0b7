/* Decides what a program of the host is given and what becomes of what it writes. */
#include "fetch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/directory.h"
#include "support/file.h"
#include "support/text.h"

enum { WATCH_MS = 50, WATCHED_FILES = 65536 };

extern char **environ;

/* apt's words are taken apart, so they must be in the language they were written in. */
static char **
environment(struct arena *arena)
{
	char **list = NULL;
	size_t count = 0;

	for (char **at = environ; at && *at; at++)
		if (!text_starts_with(*at, "LC_ALL=") && !text_starts_with(*at, "LANGUAGE="))
			*ARENA_PUSH(arena, list, count) = *at;
	*ARENA_PUSH(arena, list, count) = arena_strdup(arena, "LC_ALL=C");
	(void)ARENA_PUSH(arena, list, count);
	return list;
}

/* What a new process is to become. */
struct start {
	char **arguments, **environment;
	const char *directory;
	int output, errors;
	int failure; /* takes errno when it cannot become it, and is closed when it can */
};

static char **
copy_arguments(struct arena *arena, const char *const *arguments)
{
	char **copy = NULL;
	size_t count = 0;

	for (; *arguments; arguments++)
		*ARENA_PUSH(arena, copy, count) = arena_strdup(arena, *arguments);
	(void)ARENA_PUSH(arena, copy, count);
	return copy;
}

/*
 * The new process. It dies with its parent, for it would go on writing into a store that nobody holds the lock of any
 * more; posix_spawn cannot ask for that.
 */
static _Noreturn void
become(const struct start *s, pid_t parent)
{
	int input, error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent && (input = open("/dev/null", O_RDONLY)) >= 0 && dup2(input, STDIN_FILENO) >= 0 &&
			dup2(s->output, STDOUT_FILENO) >= 0 && dup2(s->errors, STDERR_FILENO) >= 0 &&
			(!s->directory || chdir(s->directory) == 0))
		execvpe(s->arguments[0], s->arguments, s->environment);
	error = errno;
	while (write(s->failure, &error, sizeof error) < 0 && errno == EINTR)
		;
	_exit(127);
}

static bool
wait_for(pid_t pid, int *status)
{
	int how;

	while (waitpid(pid, &how, 0) < 0)
		if (errno != EINTR)
			return false;
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
	return true;
}

/* The process, or -1 and errno when there is none or it could not become what it was to be. */
static pid_t
start_process(struct start *s)
{
	pid_t parent = getpid(), pid;
	int ends[2], error, status;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	s->failure = ends[1];
	pid = fork();
	if (pid == 0)
		become(s, parent);
	error = pid < 0 ? errno : 0;
	close(ends[1]);
	if (pid > 0 && file_read(ends[0], &error, sizeof error) > 0)
		wait_for(pid, &status);
	close(ends[0]);
	errno = error;
	return error == 0 ? pid : -1;
}

/* Tells while PID runs what lies in DIRECTORY. Where the wait cannot do, the one that follows says so. */
static void
watch_downloads(struct progress *progress, const char *directory, pid_t pid)
{
	siginfo_t ended = {0};

	while (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0) {
		poll(NULL, 0, WATCH_MS);
		progress_to(progress, directory_bytes(directory, WATCHED_FILES), NULL);
	}
}

static char *
read_back(struct arena *arena, int fd, size_t *size)
{
	struct stat info;
	char *text;
	ssize_t got;

	if (fstat(fd, &info) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return NULL;
	text = arena_alloc(arena, (size_t)info.st_size + 1);
	got = file_read(fd, text, (size_t)info.st_size);
	*size = got > 0 ? (size_t)got : 0;
	return got < 0 ? NULL : text;
}

bool
process_run(struct compilation *c, const char *const *arguments, const char *directory, struct process *p)
{
	/* Files in memory, unlike pipes, take both streams at any speed while we only wait. */
	int output = memfd_create("output", MFD_CLOEXEC), errors = memfd_create("errors", MFD_CLOEXEC);
	struct start s = {
		.arguments = copy_arguments(c->arena, arguments), .environment = environment(c->arena),
		.directory = directory, .output = output, .errors = errors,
	};
	int error;
	size_t size;
	bool ok = false;
	pid_t pid;

	*p = (struct process){0};
	if (output < 0 || errors < 0)
		goto out;
	pid = start_process(&s);
	if (pid < 0)
		goto out;
	if (directory && c->progress.now.phase == ROOTC_DOWNLOADING)
		watch_downloads(&c->progress, directory, pid);
	ok = wait_for(pid, &p->status) && (p->output = read_back(c->arena, output, &p->output_size)) &&
		(p->errors = read_back(c->arena, errors, &size));
out:
	error = errno;
	if (output >= 0)
		close(output);
	if (errors >= 0)
		close(errors);
	errno = error;
	return ok;
}
