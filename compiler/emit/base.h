#ifndef EMIT_BASE_H
#define EMIT_BASE_H

struct output;
struct record;

/*
 * Takes over from the image at BASE into the fresh output what would be the same: files' blocks that by its record hold what
 * RECORD, that of the new image, has at the same place. They are shared with it, not copied, and the output then says of them that
 * they are in place. Gives NULL, or, when nothing is taken over, why not.
 */
const char *base_take_over(struct output *, const char *base, const struct record *);

#endif
