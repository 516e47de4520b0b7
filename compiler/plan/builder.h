#ifndef PLAN_BUILDER_H
#define PLAN_BUILDER_H

#include "plan/stages.h"

/* What the files that decide the paths of the image ask of one another. */

/* A tree while it is built. */
struct builder {
	struct compilation *c;
	const struct manifest *m;
	const struct closure *closure;
	const struct boot *boot;
	struct tree *tree;
	struct uncopied uncopied;
	bool failed;
};

/* A reason with no more to it than TEXT, the key that asked, at AT. */
const struct reason *builder_asked(struct builder *, struct span at, const char *text);

/* TEXT as what a file holds; SHOWN is what diagnostics call it. */
const struct content *builder_text(struct builder *, const char *text, const char *shown);

/*
 * The directory that PATH (absolute) lies in, made with all its parents where nobody named them; *NAME is what stands behind it in PATH.
 * NULL, with a diagnostic, when something is in the way.
 */
struct node *builder_parent(struct builder *, const char *path, const struct reason *why, const char **name);

/* Puts WANTED (all but its name and parent filled in) at PATH. NULL, with a diagnostic, when it cannot stand there. */
struct node *builder_put(struct builder *, const char *path, const struct node *wanted);

/* boot_files.c */

/* Puts what boots into the tree besides kernel and modules: the initial ramdisk, the unified image, GRUB's files and menu. */
void builder_put_boot(struct builder *, const struct composed *);

/* Whether the tree, complete, has all files that entries of the menu name: GRUB would not find them (its error 15). Says which not. */
bool builder_check_menu(struct builder *);

#endif
