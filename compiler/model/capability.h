#ifndef MODEL_CAPABILITY_H
#define MODEL_CAPABILITY_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The capabilities of a program file (capabilities(7)), as the kernel reads them from an attribute of it. */

#define CAPABILITY_XATTR "security.capability"

enum { CAPABILITY_SIZE = 20 }; /* bytes: struct vfs_cap_data of VFS_CAP_REVISION_2, linux/capability.h */

/* Their names by number, up to a NULL: "cap_chown", ... */
extern const char *const capability_names[];

/* What is wrong with a text. */
struct capability_fault {
	const char *unknown; /* a word that names no capability, or NULL */
	const char *why;     /* else, in words */
};

/*
 * The attribute that TEXT, of the form of cap_from_text(3) and setcap(8), stands for. False with a FAULT, also for what is a set of
 * a process, but none that a file can have.
 */
bool capability_encode(struct arena *, const char *text, unsigned char bytes[CAPABILITY_SIZE], struct capability_fault *);

/* Whether the kernel would take VALUE for one of its revisions. */
bool capability_is_valid(const unsigned char *value, size_t size);

/* Whether a program with VALUE starts with more rights than who starts it. */
bool capability_grants(const unsigned char *value, size_t size);

#endif
