#ifndef MODEL_FEATURES_H
#define MODEL_FEATURES_H

#include "model/layout.h"

struct arena;

/*
 * The names of a file system's features, as e2fsprogs calls them, in the order of the superblock's three words; bits
 * without a name are their word and value, "incompat:0x80000". The list has *COUNT of them.
 */
const char *const *ext_features(struct arena *, const struct ext_layout *, size_t *count);

/* Whether a manifest can choose the feature called NAME; the others only tell how a file system keeps what is in it. */
bool ext_feature_is_choice(const char *name);

#endif
