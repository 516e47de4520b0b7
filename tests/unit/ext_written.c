#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emit/output.h"
#include "emit/stages.h"
#include "ext_written.h"

static char *
path_of(const struct written *w, const char *name, char path[64])
{
	snprintf(path, 64, "%s/%s", w->directory, name);
	return path;
}

static void
load(struct written *w)
{
	char path[64];
	FILE *in = fopen(path_of(w, "disk", path), "rb"), *out = fopen(path_of(w, "fs", path), "wb");

	assert_non_null(in);
	assert_non_null(out);
	w->bytes = malloc(w->size);
	assert_int_equal(fread(w->bytes, 1, w->size, in), w->size);
	assert_int_equal(fwrite(w->bytes + START, 1, w->size - START, out), w->size - START);
	fclose(in);
	fclose(out);
}

struct written
written_plan(struct ext_fixture *f, struct ext_layout *l, uint64_t bytes)
{
	struct written w = {.directory = "/tmp/rootc-ext-XXXXXX", .size = START + bytes, .layout = l};
	struct partition_layout p = {.from = &f->p, .ext = l};
	struct output out = {0};
	char path[64];

	assert_non_null(mkdtemp(w.directory));
	assert_true(output_begin(&out, f->c, path_of(&w, "disk", path), w.size));
	w.ok = emit_ext(&out, &p, START);
	if (w.ok)
		assert_true(output_publish(&out));
	output_end(&out);
	if (w.ok)
		load(&w);
	return w;
}

struct written
written_image(struct ext_fixture *f, uint64_t bytes)
{
	struct ext_layout *l = ext_plan(f, bytes);

	unit_expect_none(f->c);
	return written_plan(f, l, bytes);
}

void
written_discard(struct written *w)
{
	char path[64];

	unlink(path_of(w, "disk", path));
	unlink(path_of(w, "fs", path));
	rmdir(w->directory);
	free(w->bytes);
}

int
written_run(const struct written *w, const char *tool, const char *option, const char *value, char *text, size_t size)
{
	char path[64];
	size_t length = 0;
	ssize_t got;
	int ends[2], status;
	pid_t pid;

	path_of(w, "fs", path);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		dup2(open("/dev/null", O_WRONLY), 2);
		close(ends[0]);
		/* Epochs of these tests may lie in the future. */
		setenv("E2FSCK_TIME", "20000000000", 1);
		setenv("PATH", "/usr/sbin:/sbin:/usr/bin:/bin", 1);
		execlp(tool, tool, option, value ? value : path, value ? path : NULL, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (length < size - 1 && (got = read(ends[0], text + length, size - 1 - length)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

void
written_expect_clean(const struct written *w)
{
	char text[4096], *line, *next;
	int status = written_run(w, "e2fsck", "-fn", NULL, text, sizeof text);

	if (status < 0)
		return;
	for (line = text; (next = strchr(line, '\n')); line = next + 1) {
		*next = '\0';
		if (status || (strncmp(line, "Pass ", 5) != 0 && !strstr(line, " blocks")))
			fail_msg("e2fsck: %s", line);
	}
}

char *
written_filler(struct ext_fixture *f, size_t size)
{
	char *bytes = arena_alloc(f->c->arena, size + 1);

	for (size_t i = 0; i < size; i++)
		bytes[i] = (char)('a' + (i * 2654435761u >> 7) % 26);
	return bytes;
}
