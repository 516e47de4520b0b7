#ifndef ROOTC_PROGRESS_H
#define ROOTC_PROGRESS_H

#include <stdbool.h>

/* How far a call of rootc.h has come. What may take long, in the order in which a call comes to it; each as often as there is reason. */
enum rootc_phase {
	ROOTC_OVER,        /* nothing: the call is about to return */
	ROOTC_CHECKING,    /* whether all that an image was made of is as it was; WHAT: the image */
	ROOTC_READING,     /* a manifest; WHAT: its path */
	ROOTC_WAITING,     /* for a store that another process writes to; WHAT: its path */
	ROOTC_ASKING,      /* apt which packages there are; WHAT: the architecture */
	ROOTC_LOOKING,     /* for locked packages in a store; WHAT: the input and the store */
	ROOTC_DOWNLOADING, /* packages, in bytes; WHAT: the input */
	ROOTC_UNPACKING,   /* packages into a store; or an archive, of which TOTAL is 0; WHAT: that */
	ROOTC_COPYING,     /* packages out of a store; WHAT: the input */
	ROOTC_OPENING,     /* an input; with packages, these; WHAT: the input */
	ROOTC_HASHING,     /* a file or a directory; an image in bytes; WHAT: that */
	ROOTC_RESOLVING,   /* what the image needs */
	ROOTC_PACKING,     /* an initial ramdisk */
	ROOTC_PLANNING,    /* where everything lies */
	ROOTC_WRITING,     /* an image, in bytes, of which there may come fewer than TOTAL, or a directory; WHAT: its path */
	ROOTC_SYNCING,     /* what was written onto the disk; WHAT: the image's path */
	ROOTC_LOADING,     /* an image that is there; WHAT: its path */
	ROOTC_COMPARING,   /* an image with one that is there; WHAT: the path of that */
	ROOTC_PHASES,
};

struct rootc_progress {
	enum rootc_phase phase;
	bool begins;      /* it has just begun, and so the one before is at its end, as far as that was told of last */
	const char *what; /* or NULL; not escaped; lives until the next phase begins */
	const char *item; /* of what is counted, that which is not done yet but begun, in the same way */
	unsigned long long done, total; /* things or bytes, as the phase says; TOTAL 0: that is not known, or there is nothing to count */
};

#endif
