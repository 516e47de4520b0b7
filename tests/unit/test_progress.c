#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rootc/rootc.h"

/* All that was told. */
struct heard {
	struct rootc_progress list[256];
	size_t count;
};

static void
hear(void *of, const struct rootc_progress *p)
{
	struct heard *heard = of;

	assert_true(heard->count < sizeof heard->list / sizeof *heard->list);
	heard->list[heard->count++] = *p;
}

/* The phases that began, a letter for each. */
static const char *
phases(const struct heard *heard)
{
	static const char letters[] = {[ROOTC_OVER] = '.', [ROOTC_CHECKING] = 'k', [ROOTC_READING] = 'r', [ROOTC_WAITING] = 'w',
		[ROOTC_ASKING] = 'a', [ROOTC_LOOKING] = 'f', [ROOTC_DOWNLOADING] = 'd', [ROOTC_UNPACKING] = 'u', [ROOTC_COPYING] = 'c',
		[ROOTC_OPENING] = 'o', [ROOTC_HASHING] = 'h', [ROOTC_RESOLVING] = 'n', [ROOTC_PACKING] = 'p', [ROOTC_PLANNING] = 'l',
		[ROOTC_WRITING] = 'W', [ROOTC_SYNCING] = 'S', [ROOTC_LOADING] = 'L', [ROOTC_COMPARING] = 'C'};
	static char text[64];
	size_t at = 0;

	for (size_t i = 0; i < heard->count && at < sizeof text - 1; i++)
		if (heard->list[i].begins)
			text[at++] = letters[heard->list[i].phase];
	text[at] = '\0';
	return text;
}

/* What a build of BODY tells; its status is WANTED. */
static const char *
build(struct heard *heard, const char *body, enum rootc_status wanted)
{
	char directory[] = "/tmp/rootc-unit-XXXXXX", manifest[64], image[64], stamp[64];
	struct rootc *r = rootc_new(&(struct rootc_options){.progress = hear, .progress_of = heard});
	struct rootc_built built;
	FILE *f;

	assert_non_null(mkdtemp(directory));
	snprintf(manifest, sizeof manifest, "%s/x.yaml", directory);
	snprintf(image, sizeof image, "%s/x.img", directory);
	snprintf(stamp, sizeof stamp, "%s/.x.img.stamp", directory);
	f = fopen(manifest, "w");
	assert_non_null(f);
	fprintf(f, "rootc: 1\nname: x\n%s", body);
	fclose(f);
	assert_int_equal(rootc_build(r, manifest, image, &built), wanted);
	rootc_free(r);
	unlink(stamp);
	unlink(image);
	unlink(manifest);
	assert_int_equal(rmdir(directory), 0);
	return phases(heard);
}

#define ROOT "partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}\n"

TEST(a_build_tells_each_phase_as_it_begins_and_that_it_is_over)
{
	struct heard heard = {0};

	assert_string_equal(build(&heard, "disk: {size: 1MiB}\n" ROOT, ROOTC_DONE), "krnlWhCS.");
}

TEST(one_that_fails_tells_that_it_is_over)
{
	struct heard heard = {0};

	assert_string_equal(build(&heard, "disk: {size: 1MiB}\n", ROOTC_MANIFEST), "kr.");
	heard.count = 0;
	assert_string_equal(build(&heard, "inputs: {x: {directory: none}}\ndisk: {size: 1MiB}\n" ROOT, ROOTC_INPUT), "kro.");
}

TEST(within_a_phase_it_goes_forward_and_ends_at_what_was_done)
{
	struct heard heard = {0};
	const struct rootc_progress *last = NULL;
	size_t hashed = 0;

	build(&heard, "disk: {size: 9MiB}\n" ROOT, ROOTC_DONE);
	for (size_t i = 0; i < heard.count; i++) {
		const struct rootc_progress *p = &heard.list[i];

		assert_true(p->begins ? p->done == 0 : p->phase == last->phase && p->done > last->done);
		if (p->begins && last && last->phase == ROOTC_HASHING)
			assert_int_equal(last->done, 9 << 20);
		hashed += p->phase == ROOTC_HASHING;
		last = p;
	}
	/* Each MiB, and not each piece that is read. */
	assert_int_equal(hashed, 10);
}

TEST(whoever_is_not_asked_to_tell_does_not)
{
	struct progress p = {0};

	progress_begin(&p, ROOTC_WRITING, "x", 3);
	progress_bytes(&p, 5 << 20);
	progress_to(&p, 3, "x");
	assert_int_equal(p.now.phase, ROOTC_OVER);
}
