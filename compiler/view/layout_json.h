#ifndef VIEW_LAYOUT_JSON_H
#define VIEW_LAYOUT_JSON_H

#include "model/layout.h"
#include "support/json.h"

struct compilation;

/* What view_plan_json and view_image_json have in common. */

/* The keys "file", "line" and "column" of a place in a manifest. */
void json_where(struct json *, const struct span *at);

/* The keys "disk" and "regions", and "partitions" with all that is in their file systems. */
void json_disk(struct json *, struct compilation *, const struct layout *);
void json_partitions(struct json *, struct compilation *, const struct layout *);

/* An object for NODE and one for each below it, parents first; of a node that was planned also why it is there. */
void json_nodes(struct json *, struct compilation *, const struct node *);

#endif
