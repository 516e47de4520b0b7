#ifndef MODEL_STARTUP_H
#define MODEL_STARTUP_H

#include "model/tree.h"

enum { STARTUP_INTERPRETERS = 5 }; /* that the kernel runs for one program at most (exec_binprm in fs/exec.c) */

/* What is known of the programs that run when the image starts. Read by resolve/ in the planned tree, judged by plan/. */

enum program_kind {
	PROGRAM_UNKNOWN, /* damaged, or not to be told from its first bytes */
	PROGRAM_ELF,
	PROGRAM_SCRIPT,
	PROGRAM_DATA,    /* neither: no kernel for x86 or arm64 starts it by itself */
};

struct program_facts {
	const struct node *file;
	enum program_kind kind;
	uint16_t machine;        /* PROGRAM_ELF: EM_* */
	const char *interpreter; /* PT_INTERP, or what stands behind "#!"; NULL: none */
};

struct startup {
	struct program_facts *programs; /* all that could be the first process, and what runs these */
	size_t program_count;
	const char *inittab; /* the text of /etc/inittab on the partition mounted at "/", or NULL */
};

/* What is known of the machine. */
struct machine {
	uint64_t memory_bytes; /* 0: not known */
	const char *disk;      /* what Linux calls its only disk, "/dev/sda"; NULL: not known */
	bool on_serial_port;    /* its only terminal is its first serial port; false: not known */
};

/* Where Linux looks for its first process when nothing is said (kernel_init in init/main.c), up to a NULL. */
extern const char *const startup_usual[];

/*
 * The value of the last word of ARGUMENTS that begins with PREFIX, such as "init=", and is the kernel's, not init's, as the kernel
 * would take it; NULL: there is none, or it is quoted.
 */
const char *startup_argument(struct arena *, const char *arguments, const char *prefix);

/* The file that PATH leads the kernel to when all it has mounted is the file system under ROOT, or NULL. */
const struct node *startup_reach(const struct node *root, const char *path);

/* What is known of FILE, or NULL. */
const struct program_facts *startup_program(const struct startup *, const struct node *file);

#endif
