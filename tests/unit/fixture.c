#include "fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/file.h"

struct fixture *
fixture_begin(void)
{
	struct compilation *c = unit_compilation();
	struct fixture *f = ARENA_NEW(c->arena, struct fixture);
	char *directory = arena_strdup(c->arena, "/tmp/rootc-unit-XXXXXX");

	assert_non_null(mkdtemp(directory));
	f->c = c;
	f->directory = directory;
	f->store = arena_printf(c->arena, "%s/store", directory);
	f->tar = arena_alloc(c->arena, 1 << 20);
	f->manifest = (struct manifest){.directory = directory, .inputs = f->inputs};
	return f;
}

static int
remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
	(void)info;
	(void)kind;
	(void)where;
	return remove(path);
}

void
fixture_end(struct fixture *f)
{
	assert_int_equal(nftw(f->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

const char *
fixture_path(struct fixture *f, const char *name)
{
	return arena_printf(f->c->arena, "%s/%s", f->directory, name);
}

void
fixture_write(struct fixture *f, const char *name, const void *bytes, size_t size)
{
	int fd = open(fixture_path(f, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(file_write_at(fd, bytes, size, 0), 0);
	close(fd);
}

void
fixture_text(struct fixture *f, const char *name, const char *text)
{
	fixture_write(f, name, text, strlen(text));
}

void
fixture_add(struct fixture *f, char type, const char *name, unsigned mode, const char *link, const char *bytes, unsigned claimed_size)
{
	char *h = f->tar + f->tar_size;
	unsigned sum = 0;

	memset(h, 0, 512);
	snprintf(h, 100, "%s", name);
	snprintf(h + 100, 8, "%07o", mode);
	snprintf(h + 108, 8, "%07o", 3u);
	snprintf(h + 116, 8, "%07o", 4u);
	snprintf(h + 124, 12, "%011o", claimed_size);
	snprintf(h + 136, 12, "%011o", 0u);
	h[156] = type;
	snprintf(h + 157, 100, "%s", link);
	memcpy(h + 257, "ustar\0" "00", 8);
	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06o", sum & 0777777);
	f->tar_size += 512;
	memcpy(f->tar + f->tar_size, bytes, strlen(bytes));
	f->tar_size += (strlen(bytes) + 511) / 512 * 512;
}

void
fixture_add_file(struct fixture *f, const char *name, const char *bytes)
{
	fixture_add(f, '0', name, 0644, "", bytes, (unsigned)strlen(bytes));
}

void
fixture_add_link(struct fixture *f, const char *name, const char *target)
{
	fixture_add(f, '2', name, 0777, target, "", 0);
}

void
fixture_finish_tar(struct fixture *f, const char *name)
{
	memset(f->tar + f->tar_size, 0, 1024);
	fixture_write(f, name, f->tar, f->tar_size + 1024);
	f->tar_size = 0;
}

struct m_input *
fixture_input(struct fixture *f, enum input_kind kind, const char *value)
{
	struct m_input *input = &f->inputs[f->manifest.input_count++];

	*input = (struct m_input){.name = value, .kind = kind, .key_at = {.line = 3, .column = 3}};
	input->archive = (struct m_text){.at = {.line = 4, .column = 14}, .v = value, .given = true};
	input->directory = (struct m_text){.at = {.line = 4, .column = 16}, .v = value, .given = true};
	return input;
}

const struct pool *
fixture_pool(struct fixture *f)
{
	return fetch_pool(f->c, &f->manifest, NULL, f->store, false);
}

const struct entry *
fixture_find(const struct pool *pool, const char *path)
{
	const struct entry *at = pool->root;

	while (at && *path) {
		size_t length = strcspn(path, "/");

		at = entry_child(at, path, length);
		path += length + (path[length] == '/');
	}
	return at;
}

void
fixture_expect_bytes(struct fixture *f, const struct entry *entry, const char *bytes)
{
	assert_non_null(entry);
	assert_int_equal(entry->kind, ENTRY_FILE);
	assert_int_equal(entry->content->size, strlen(bytes));
	assert_string_equal(content_read(f->c, entry->content, entry->input->key_at, 1 << 20), bytes);
}
