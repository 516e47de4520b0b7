/* Decides what a program of the host is given and what becomes of what it writes. */
#include "fetch/process.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

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

static int
spawn(struct arena *arena, const char *const *arguments, const char *directory, int output, int errors, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	char **copy = NULL;
	size_t count = 0;
	int error;

	for (const char *const *at = arguments; *at; at++)
		*ARENA_PUSH(arena, copy, count) = arena_strdup(arena, *at);
	(void)ARENA_PUSH(arena, copy, count);
	if ((error = posix_spawn_file_actions_init(&actions)) != 0)
		return error;
	if ((error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)) == 0 &&
			(error = posix_spawn_file_actions_adddup2(&actions, output, 1)) == 0 &&
			(error = posix_spawn_file_actions_adddup2(&actions, errors, 2)) == 0 &&
			(!directory || (error = posix_spawn_file_actions_addchdir_np(&actions, directory)) == 0))
		error = posix_spawnp(pid, copy[0], &actions, NULL, copy, environment(arena));
	posix_spawn_file_actions_destroy(&actions);
	return error;
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

bool
process_run(struct compilation *c, const char *const *arguments, const char *directory, struct process *p)
{
	/* Files in memory, unlike pipes, take both streams at any speed while we only wait. */
	int output = memfd_create("output", MFD_CLOEXEC), errors = memfd_create("errors", MFD_CLOEXEC);
	int error;
	size_t size;
	bool ok = false;
	pid_t pid;

	*p = (struct process){0};
	if (output < 0 || errors < 0)
		goto out;
	error = spawn(c->arena, arguments, directory, output, errors, &pid);
	if (error != 0) {
		errno = error;
		goto out;
	}
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
