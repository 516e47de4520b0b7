/*
 * One input is a disk image, or an initial ramdisk that is not packed. Whatever it is, load/ gives every byte one owner, all views of it
 * and the fields of its bytes can be told, and it does not differ from itself.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compare/compare.h"
#include "limits.h"
#include "load/load.h"
#include "model/content.h"
#include "model/field.h"
#include "support/compilation.h"
#include "view/view.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static FILE *nowhere;
static char path[32];
static int file;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	REQUIRE(nowhere = fopen("/dev/null", "w"));
	REQUIRE((file = memfd_create("input", 0)) >= 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	return 0;
}

/* Each owner begins where the one before ends, and the field of its first, middle and last byte lies in it. */
static void
check_owners(struct compilation *c, const struct image *image)
{
	struct field_reader *reader = ARENA_NEW(c->arena, struct field_reader);
	uint64_t next = 0;

	reader->image = image;
	reader->fd = file;
	for (size_t i = 0; i < image->owner_count; i++) {
		const struct owner *o = &image->owners[i];
		const uint64_t places[] = {o->offset, o->offset + o->size / 2, o->offset + o->size - 1};

		REQUIRE(o->offset == next && o->size > 0);
		next = o->offset + o->size;
		for (size_t k = 0; k < 3; k++) {
			struct field f = field_at(reader, o, places[k]);

			REQUIRE(f.offset <= places[k] && places[k] - f.offset < f.size);
		}
	}
	REQUIRE(next == image->size);
}

static void
read_as_image(void)
{
	static const struct compare_readers readers = {NULL, load_initramfs};
	struct compilation c = {.arena = arena_new()};
	const struct image *image;
	const struct diff *diff;

	c.diags.arena = c.arena;
	REQUIRE(image = load_image(&c, path, 0));
	check_owners(&c, image);
	view_image(nowhere, &c, image);
	view_image_tree(nowhere, &c, image);
	view_image_map(nowhere, &c, image);
	view_image_json(nowhere, &c, image);
	view_owners(nowhere, &c, image);
	view_findings(nowhere, &c, image);
	REQUIRE(diff = compare_images(&c, image, image, &readers));
	REQUIRE(diff->change_count == 0 && diff->byte_count == 0);
	arena_free(c.arena);
}

static void
list(struct compilation *c, const struct node *node)
{
	view_listing(nowhere, c, node);
	for (size_t i = 0; i < node->child_count; i++)
		list(c, node->children[i]);
}

static void
read_as_ramdisk(const uint8_t *bytes, size_t size)
{
	struct compilation c = {.arena = arena_new()};
	struct content content = {.kind = CONTENT_BYTES, .bytes = (const char *)bytes, .size = size, .shown = "the input"};
	const struct node *root;
	const char *why_not;

	c.diags.arena = c.arena;
	if ((root = load_initramfs(&c, &content, &why_not)))
		list(&c, root);
	arena_free(c.arena);
}

/* Unpacking is libarchive's, and takes more memory than an input may. */
static bool
is_packed(const uint8_t *bytes, size_t size)
{
	static const char *const starts[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "\xfd\x37", "BZh", "\x02\x21\x4c\x18", "\x5d"};

	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (memmem(bytes, size, starts[i], strlen(starts[i])))
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	REQUIRE(ftruncate(file, 0) == 0);
	REQUIRE(pwrite(file, bytes, size, 0) == (ssize_t)size);
	limits_begin(size);
	if (size >= 4 && memcmp(bytes, "0707", 4) == 0 && !is_packed(bytes, size))
		read_as_ramdisk(bytes, size);
	else
		read_as_image();
	limits_end();
	return 0;
}
