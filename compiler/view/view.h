#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stdio.h>

#include "model/decompiled.h"
#include "model/diff.h"
#include "model/image.h"
#include "model/layout.h"
#include "model/lock.h"
#include "model/trace.h"
#include "support/diag.h"

/* Models as text and JSON. Every view prints the same bytes for the same model. */

enum message_format { MESSAGE_HUMAN, MESSAGE_SHORT, MESSAGE_JSON, MESSAGE_SARIF, MESSAGE_GITHUB, MESSAGE_GITLAB };

/* Whether what is printed is one document, beside which nothing else may stand. */
bool view_is_document(enum message_format);

/* Sorts and prints what was found: for people at most 20 errors, then their count. A document is there even if there is nothing. */
void view_diagnostics(FILE *, struct diagnostics *, enum message_format, bool color);

/* The text that `rootc explain` prints for the diagnostic called NAME; false when there is none. */
bool view_explanation(FILE *, const char *name);

/* The same of ENTRY, as text of a page of the manual, in mdoc(7). */
void view_explanation_page(FILE *, const struct diag_entry *entry);

/* One line a node: mode, owner, type, path, size or device or target, extended attributes, and of a hard link what it is one to. */
void view_tree(FILE *, struct compilation *, const struct plan *);

/* Disk, table, partitions, boot code, file system geometry, groups, and where each inode's blocks lie. */
void view_map(FILE *, struct compilation *, const struct plan *);

/* All of the plan, for machines. */
void view_plan_json(FILE *, struct compilation *, const struct plan *);

/* A page for people: what goes in, how full it is, what shadows what. */
void view_plan(FILE *, struct compilation *, const struct plan *);

/* Why the image has PATH: the chain from the manifest's words to the file; false when the image has no such path. */
bool view_why(FILE *, struct compilation *, const struct plan *, const char *path);
bool view_why_json(FILE *, struct compilation *, const struct plan *, const char *path);

/* What programs need: a line for each file, "PROGRAM<TAB>NEEDED => PATH". */
void view_closure(FILE *, struct compilation *, const struct traces *);

/* The same, each file below the one that asked for it first, with how it was found. */
void view_closure_tree(FILE *, struct compilation *, const struct traces *);

/* All of it, for machines. */
void view_closure_json(FILE *, const struct traces *);

/* A loaded image: the disk, its partitions, how full they are, and what is wrong or not understood. */
void view_image(FILE *, struct compilation *, const struct image *);

/* As view_tree and view_map. The tree of each partition that has one begins at its own root. */
void view_image_tree(FILE *, struct compilation *, const struct image *);
void view_image_map(FILE *, struct compilation *, const struct image *);

/* All of it, for machines; nodes as in view_plan_json, but that nobody knows why they are there. */
void view_image_json(FILE *, struct compilation *, const struct image *);

/* One line for NODE, or, where it is a directory, for each that is in it, as in view_tree. */
void view_listing(FILE *, struct compilation *, const struct node *);

/* The bytes of CONTENT. False, with a diagnostic: they cannot be read. */
bool view_content(FILE *, struct compilation *, const struct content *);

/* A picture, self-contained: the partitions to scale, a map of what is where, and what the colours mean. */
void view_image_svg(FILE *, struct compilation *, const struct image *);

/* The picture, the partitions, the largest files and the findings as a page of HTML, which refers to nothing outside it. */
void view_image_html(FILE *, struct compilation *, const struct image *);

/* A line for each owner, and the one for the byte at OFFSET, which is in the image. */
void view_owners(FILE *, struct compilation *, const struct image *);
void view_owner(FILE *, struct compilation *, const struct image *, uint64_t offset);

/* A line for each finding. */
void view_findings(FILE *, struct compilation *, const struct image *);

/* In what two images differ: a headline, each fact, whose bytes differ. With IGNORES_LAYOUT only what the images hold. */
void view_diff(FILE *, struct compilation *, const struct diff *, bool ignores_layout);

/* In short: the headline and counts; and as a page in Markdown, with a table of at most 200 rows. */
void view_diff_stat(FILE *, const struct diff *, bool ignores_layout);
/* As a page of HTML with pictures of both images, which refers to nothing outside it. */
void view_diff_html(FILE *, struct compilation *, const struct diff *, bool ignores_layout);

void view_diff_markdown(FILE *, struct compilation *, const struct diff *, bool ignores_layout);

/* The same, for machines; an owner without keys: behind the end of that image. */
void view_diff_json(FILE *, struct compilation *, const struct diff *, bool ignores_layout);

/* Prints what moved from the lock BEFORE (NULL: there was none) to AFTER, a line each, and how many packages there are. */
void view_lock(FILE *, struct compilation *, const struct lock *before, const struct lock *after);

/*
 * A summary of a build, in Markdown, of at most ROOM bytes: TITLE, what the build SAID, what was found wrong, and in what the image
 * differs from the golden one (DIFF, or NULL). What does not fit is counted in lines.
 */
const char *view_summary(struct compilation *, const char *title, const char *said, const struct diff *diff, size_t room);

/* What 'rootc decompile' made in DIRECTORY, and what it could not say. */
void view_decompiled(FILE *, struct compilation *, const struct decompiled *, const char *directory);

#endif
