/*
 * Writes what files hold, straight from their sources, and the inodes, with several threads. The plan has given every block its place: no byte
 * depends on how many threads there are, nor on which is first.
 */
#include "emit/ext.h"

#include <pthread.h>
#include <string.h>

#include "emit/output.h"
#include "support/compilation.h"
#include "support/memory.h"
#include "support/processors.h"

enum {
	STRETCH_BYTES = 1024 * 1024,            /* of the disk: a thread's portion */
	BYTES_WORTH_A_THREAD = 4 * 1024 * 1024, /* to copy these takes about as long as to start one */
	MOST_THREADS = 16, /* nothing is gained above; each has a buffer */
};

/* In the list of inodes: in front of data block BLOCK of INODE, holes not counted; it is in RUN, which begins with data block FIRST. */
struct position {
	size_t inode;
	uint64_t block;
	size_t run;
	uint64_t first;
};

/* What the threads share. All below LOCK is guarded by it. */
struct crew {
	const struct ext_layout *layout;
	pthread_mutex_t lock;
	struct position next;    /* nobody has begun with what comes from here ... */
	size_t next_inode;       /* ... and with the tables from here */
	uint64_t handed_out;     /* stretches so far, those of the tables too */
	uint64_t failed_stretch; /* the first of those that failed, and how; what comes before it was or is being written */
	struct ext_failure failure;
	bool failed;
};

struct worker {
	struct crew *crew;
	struct ext_writer writer;
	struct content_reader reader;
	uint64_t data_blocks; /* it has written, without the tables */
	pthread_t thread;
};

/* Moves *AT a stretch further: whole inodes, but that one that is larger is divided. */
static void
advance(const struct ext_layout *l, struct position *at)
{
	uint64_t left = STRETCH_BYTES / l->block_size;

	for (; at->inode < l->inode_used_count; *at = (struct position){.inode = at->inode + 1}) {
		const struct ext_inode *inode = &l->inodes[at->inode];
		uint64_t blocks = ext_data_blocks(inode) - at->block;

		if (ext_leads_on(inode))
			continue;
		if (blocks > left) {
			at->block += left;
			while (at->first + inode->runs[at->run].count <= at->block)
				at->first += inode->runs[at->run++].count;
			return;
		}
		left -= blocks;
	}
}

/* The next stretch, from *FROM to *TO, and its number; false: there is none, or another has failed. */
static bool
take_stretch(struct crew *crew, struct position *from, struct position *to, uint64_t *number)
{
	bool any;

	pthread_mutex_lock(&crew->lock);
	*from = crew->next;
	advance(crew->layout, &crew->next);
	*to = crew->next;
	*number = crew->handed_out++;
	any = !crew->failed && from->inode < crew->layout->inode_used_count;
	pthread_mutex_unlock(&crew->lock);
	return any;
}

/* The same of the inode tables. */
static bool
take_inodes(struct crew *crew, size_t *from, size_t *to, uint64_t *number)
{
	bool any;

	pthread_mutex_lock(&crew->lock);
	any = !crew->failed && crew->next_inode < crew->layout->inode_used_count;
	*from = crew->next_inode;
	if (any)
		*to = crew->next_inode = ext_next_inodes(crew->layout, *from);
	*number = crew->handed_out++;
	pthread_mutex_unlock(&crew->lock);
	return any;
}

/* Of several failures the first on the disk is told: it is the same one however the threads ran. */
static void
note_failure(struct crew *crew, uint64_t stretch, const struct ext_failure *failure)
{
	pthread_mutex_lock(&crew->lock);
	if (!crew->failed || stretch < crew->failed_stretch) {
		crew->failed_stretch = stretch;
		crew->failure = *failure;
	}
	crew->failed = true;
	pthread_mutex_unlock(&crew->lock);
}

static bool
source_fails(struct worker *k, const struct ext_inode *inode)
{
	k->writer.failure.source = k->reader.failure;
	k->writer.failure.at = inode->node->why->at;
	return false;
}

static bool
read_source(struct worker *k, const struct content *content, uint64_t at, unsigned char *bytes, size_t size)
{
	switch (content->kind) {
	case CONTENT_BYTES:
		memcpy(bytes, content->bytes + at, size);
		return true;
	case CONTENT_HOST:
	case CONTENT_IMAGE:
		break;
	}
	return (k->reader.at == at || content_reader_seek(&k->reader, at)) && content_reader_read(&k->reader, bytes, size);
}

/* COUNT blocks from LOGICAL on, to block FIRST and on: straight into the buffer. The rest of the last block becomes zeroes. */
static bool
copy_blocks(struct worker *k, const struct ext_inode *inode, uint64_t logical, uint64_t first, uint64_t count)
{
	const struct content *content = inode->node->content;
	uint32_t block_size = k->crew->layout->block_size, got;

	for (; count; logical += got, first += got, count -= got) {
		uint64_t at = logical * block_size, left = content->size - at;
		unsigned char *bytes = ext_room(&k->writer, first, count, &got);
		size_t room, size;

		if (!bytes)
			return false;
		room = (size_t)got * block_size;
		size = left < room ? (size_t)left : room;
		if (!read_source(k, content, at, bytes, size))
			return source_fails(k, inode);
		memset(bytes + size, 0, room - size);
	}
	return true;
}

/* The data blocks of INODE from FROM on and before TO, which may be some of several runs. */
static bool
copy_part(struct worker *k, const struct ext_inode *inode, const struct position *from, uint64_t to)
{
	uint64_t before = from->first;

	for (size_t r = from->run; r < inode->run_count && before < to; before += inode->runs[r++].count) {
		const struct run *run = &inode->runs[r];
		uint64_t skip = from->block > before ? from->block - before : 0;
		uint64_t end = to - before < run->count ? to - before : run->count;

		if (!copy_blocks(k, inode, run->logical + skip, run->first + skip, end - skip))
			return false;
	}
	return true;
}

/* Whether the data blocks from FROM on and before TO have all come from an older image. */
static bool
is_in_place(const struct worker *k, const struct ext_inode *inode, const struct position *from, uint64_t to)
{
	const struct ext_writer *w = &k->writer;
	uint64_t before = from->first;

	if (w->out->kept_count == 0)
		return false;
	for (size_t r = from->run; r < inode->run_count && before < to; before += inode->runs[r++].count) {
		const struct run *run = &inode->runs[r];
		uint64_t at = w->offset + run->first * w->layout->block_size;

		if (!output_has(w->out, at, at + run->count * w->layout->block_size))
			return false;
	}
	return true;
}

static bool
write_file(struct worker *k, const struct ext_inode *inode, const struct position *from, uint64_t to)
{
	const struct content *content = inode->node->content;
	bool from_host = content->kind == CONTENT_HOST;

	if (is_in_place(k, inode, from, to)) {
		k->writer.blocks_written += to - from->block;
		return true;
	}
	if (from_host && !content_reader_open(&k->reader, content))
		return source_fails(k, inode);
	if (!copy_part(k, inode, from, to))
		return false;
	return !from_host || content_reader_close(&k->reader) || source_fails(k, inode);
}

/* The data blocks of INODE from FROM on and before TO and, behind the last, its map and its attributes. */
static bool
write_inode_part(struct worker *k, const struct ext_inode *inode, const struct position *from, uint64_t to)
{
	if (inode->number == EXT_JOURNAL) {
		if (from->block == 0 && !ext_write_journal(&k->writer, inode))
			return false;
	} else if (inode->node->kind == NODE_FILE && !write_file(k, inode, from, to)) {
		return false;
	}
	if (to < ext_data_blocks(inode))
		return true;
	return (!inode->map_block_count || ext_write_map(&k->writer, inode)) &&
		(!ext_attribute_block(inode) || ext_write_attributes(&k->writer, inode));
}

static bool
write_stretch(struct worker *k, struct position at, struct position to)
{
	const struct ext_layout *l = k->crew->layout;

	while (at.inode < l->inode_used_count && (at.inode < to.inode || (at.inode == to.inode && to.block))) {
		const struct ext_inode *inode = &l->inodes[at.inode];
		uint64_t end = at.inode == to.inode ? to.block : ext_data_blocks(inode);

		if (!ext_leads_on(inode) && !write_inode_part(k, inode, &at, end))
			return false;
		at = (struct position){.inode = at.inode + 1};
	}
	return ext_flush(&k->writer);
}

static void *
work(void *worker)
{
	struct worker *k = worker;
	struct position from, to;
	size_t inode, end;
	uint64_t number;

	while (take_stretch(k->crew, &from, &to, &number))
		if (!write_stretch(k, from, to))
			note_failure(k->crew, number, &k->writer.failure);
	k->data_blocks = k->writer.blocks_written;
	while (take_inodes(k->crew, &inode, &end, &number))
		if (!ext_write_inodes(&k->writer, inode, end))
			note_failure(k->crew, number, &k->writer.failure);
	content_reader_end(&k->reader);
	return NULL;
}

/* As many threads as there are processors, or as were asked for, but no more than are worth starting. */
static unsigned
count_threads(const struct ext_layout *l, unsigned asked)
{
	uint64_t bytes = (l->block_count - l->free_blocks) * l->block_size, worth = 1 + bytes / BYTES_WORTH_A_THREAD;
	unsigned count = asked ? asked : processors_count();

	if (count > MOST_THREADS)
		count = MOST_THREADS;
	return count < worth ? count : (unsigned)worth;
}

static struct worker
new_worker(struct crew *crew, const struct ext_writer *like)
{
	struct worker k = {.crew = crew, .writer = *like, .reader = {.fd = -1}};

	k.writer.buffer = ext_buffer(like->out->c->arena);
	k.writer.buffer_blocks = 0;
	k.writer.blocks_written = 0;
	return k;
}

/* The calling thread is the first; where no other can be had, it does the work alone. */
bool
ext_write_files(struct ext_writer *w)
{
	struct crew crew = {.layout = w->layout, .lock = PTHREAD_MUTEX_INITIALIZER};
	unsigned count = count_threads(w->layout, w->out->c->jobs), running = 1;
	struct worker *workers = ARENA_ARRAY(w->out->c->arena, struct worker, count);

	for (unsigned i = 0; i < count; i++)
		workers[i] = new_worker(&crew, w);
	while (running < count && pthread_create(&workers[running].thread, NULL, work, &workers[running]) == 0)
		running++;
	work(&workers[0]);
	for (unsigned i = 1; i < running; i++)
		pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i < running; i++)
		w->blocks_written += workers[i].data_blocks;
	if (crew.failed)
		w->failure = crew.failure;
	return !crew.failed;
}
