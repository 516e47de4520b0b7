#ifndef PLAN_STARTUP_H
#define PLAN_STARTUP_H

#include "model/startup.h"
#include "plan/stages.h"

/* What the rules about the start of an image ask of one another. */

enum ramdisk_kind {
	RAMDISK_NONE,
	RAMDISK_OWN,     /* with the init that rootc writes */
	RAMDISK_ROOT,    /* which is the root directory, and stays it */
	RAMDISK_MADE,    /* with an init of the user's own, which may do anything: nothing is said of what follows ... */
	RAMDISK_FOREIGN, /* ... nor of it, where it is not made here */
};

/* One way to start the image: an entry of the menu, or the unified kernel image. */
struct start {
	struct compilation *c;
	const struct plan *plan;
	const struct startup *startup;
	const struct machine *machine;
	const struct kernel_facts *kernel; /* or NULL: another than the image's */
	const char *arguments;  /* all of them, with root= */
	struct span at;         /* the words that gave them */
	enum ramdisk_kind ramdisk;
	bool by_default;        /* when nobody chooses another one */
	int root;               /* the partition that root= names, or -1: not known */
};

/* Whether the kernel was configured with OPTION ("EXT4_FS") built in. */
bool kernel_has(const struct kernel_facts *, const char *option);

/* The partition that root= names, or -1 when it may be on another disk or is none; the latter is told. */
int startup_root(const struct start *);

/* Sees to it that the kernel has drivers for the disk that root= names and for its file system, and looks for no other one. */
void startup_check_drivers(const struct start *);

/* The root of the file system that the first process is on, or NULL: nobody knows. */
const struct node *startup_first_root(const struct start *);

/* Sees to it that the kernel can start the init of a ramdisk that is made here and left again. */
void startup_check_ramdisk(const struct start *);

/* Sees to it that there is a first process and that the kernel can start it. Its path, or NULL. */
const char *startup_check_init(const struct start *);

/* Why the kernel does not start FILE, or NULL, at PATH on the file system under ROOT: "is not there ..."; NULL: it does, or nobody knows. */
const char *startup_why_not(const struct start *, const struct node *root, const struct node *file, const char *path);

/* Tells when the kernel says nothing where the machine has its only terminal, and nothing is to be started there either. */
void startup_check_terminal(const struct start *);

/*
 * Where the first process, at the path INIT, is init of busybox: sees to it that what it starts by /etc/inittab is there, and has its
 * terminals.
 */
void startup_check_inittab(const struct start *, const char *init);

#endif
