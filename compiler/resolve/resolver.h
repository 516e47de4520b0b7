#ifndef RESOLVE_RESOLVER_H
#define RESOLVE_RESOLVER_H

#include "model/closure.h"
#include "model/startup.h"
#include "resolve/elf.h"
#include "resolve/map.h"
#include "resolve/resolve.h"
#include "resolve/walk.h"
#include "support/compilation.h"
#include "support/names.h"

enum file_kind {
	FILE_DATA,
	FILE_ELF,
	FILE_SCRIPT,
	FILE_BROKEN,
};

/* What a file is by its first bytes. */
struct file_facts {
	enum file_kind kind;
	struct elf_facts elf;
	const char *interpreter, *argument; /* FILE_SCRIPT: of "#!"; ARGUMENT NULL: none */
	const char *problem; /* why the kernel would not run the script, or NULL */
	const char *remedy;  /* then what to do about it */
};

/* A file that was asked for, with all it needs still to be found. */
struct root {
	struct need *need;  /* what needs the others; its path is that in the image */
	const struct content *content;
	uint16_t mode;
	const struct xattrs *xattrs; /* or NULL */
	bool must_run;      /* the manifest calls it a program */
	unsigned depth;     /* scripts that led here */
};

/* The state of resolve_closure. */
struct resolver {
	struct compilation *c;
	const struct manifest *manifest;
	struct closure *closure;
	struct map needs;     /* struct entry -> struct need */
	struct map files;     /* struct content -> struct file_facts */
	struct map loaders;   /* struct content of a dynamic loader -> what is compiled into it */
	struct map programs;  /* struct need -> itself, once its root is in ROOTS */
	struct map broken;    /* struct content of which that was said */
	struct map symbols;   /* struct content -> struct elf_symbols */
	struct map notes;     /* struct content -> struct elf_notes_read */
	struct names applets; /* those of the closure, by name */
	struct names links;   /* path -> struct entry: links that the pool lacks, made for names in the cache */
	const struct content *init; /* of the first process, or NULL when it is not known */
	const struct entry *kernel; /* that of kernel.image, or NULL */
	bool pool_is_image;   /* what is in the pool is in the image, too */
	struct need **given;  /* for each file of the manifest with a source: itself, for what it needs; else NULL */
	size_t *given_order;  /* indices of manifest->files by path, bytewise */
	struct subtree *subtrees; /* the last of the manifest's first */
	struct root *roots;
	size_t root_count, resolved_count; /* the first RESOLVED_COUNT are done */
	struct names reported; /* what was said once and is not said again */
	struct names lacks;    /* text -> struct lack */
	struct known_loader {
		const char *interp;
		const struct elf_facts *of; /* a program that names it */
	} *known_loaders;
	size_t known_loader_count;
	struct {
		bool is_read;
		const struct conf_directory *directories;
		size_t count;
	} conf; /* what /etc/ld.so.conf says, once somebody asks */
	struct {
		bool is_read;
		struct named_entry {
			const struct entry *entry;
			size_t at; /* in the order of the tree */
		} *list;
		size_t count;
	} by_name; /* all but directories and variants, once a library is missing */
	struct map caches;     /* struct content of a dynamic loader -> struct library_cache */
	struct cached_loader { /* those for which a cache is made */
		const struct elf_facts *of; /* a program */
		const char *const *directories;
		size_t directory_count;
	} *cached;
	size_t cached_count;
};

/* What CONTENT is. Looked at once. That it is broken is said once, too, at AT. */
const struct file_facts *facts_of(struct resolver *, const struct content *, struct span at);

/* The same, but of a broken ELF file nothing is said: for who may pass it over. */
const struct file_facts *facts_peek(struct resolver *, const struct content *, struct span at);

/*
 * A path as it will be in the image: what the manifest itself puts there (GIVEN, or IS_APPLET), or else what WALK found in the
 * pool.
 */
struct place {
	const char *path;
	struct walk walk;
	const struct m_file *file; /* of the manifest, or NULL */
	struct need *given;        /* the same, when it has a source */
	bool is_applet;
	const struct content *content; /* of a regular file of either kind, or NULL */
};

/* A directory of the image to be in which many names are looked for. */
struct place_directory {
	const struct entry *entry; /* in the pool, or NULL */
	bool has_more;             /* something can stand there that ENTRY does not tell: what the manifest puts there, or a loop */
};

struct place_directory place_directory(struct resolver *, const char *path);

/* Whether it is known that nothing called NAME stands in a directory: a look that leaves no trace. */
bool place_lacks(const struct resolver *, const struct place_directory *, const char *name);

struct place place_find(struct resolver *, const char *path);

/* Fills in PLACE, of which only the path is known, when a subtree of the manifest puts a file there. */
bool subtree_has(struct resolver *, struct place *);

/* Whether a subtree of the manifest puts anything at PATH. */
bool subtree_fills(struct resolver *, const char *path);

/* The file at PATH, if it is known that it will be in the image, whatever needs it: given by the manifest, or NULL. */
const struct content *image_file(struct resolver *, const char *path);

/* False for what was said already: TEXT, which is kept. */
bool is_news(struct resolver *, const char *text);

/* Makes all that the pool has of PLACE part of the image: links on the way, directories left by "..", and the file. */
struct need *place_take(struct resolver *, const struct place *, struct reason why);

/* Whether what stands at PLACE is part of it already: the reason of another taking does not count then. */
bool place_is_taken(struct resolver *, const struct place *);

/* Puts a link to TARGET at PATH in DIRECTORY, for those who look for it there: it becomes part of the image when it is taken. */
void place_link(struct resolver *, const char *path, const char *target, struct entry *directory);

/* Makes ENTRY part of the image at its own path, unless it is already. */
struct need *need_entry(struct resolver *, const struct entry *, struct reason why);

/* Asks for what NEED needs, once. */
void root_add(struct resolver *, struct root);

/* Something that is missing, by a text that is kept: told of once, however many need it. */
struct lack {
	struct diag *told; /* NULL: not yet */
	size_t others;     /* who need it, too */
};

struct lack *lack_of(struct resolver *, const char *text);

/* Adds to what was told of LACK that NEED needs it, too. */
void lack_repeat(struct lack *, const struct need *need);

/* Adds to a diagnostic about something that NEED needs, who needs it and who that, up to the manifest; but nothing that it tells already. */
void need_explain(struct diag *, const struct need *);

/*
 * The bytes that SOURCE means, a path in the pool (then *ENTRY is what stands there) or a file beside the manifest; NULL with a
 * diagnostic.
 */
const struct content *source_content(struct resolver *, const struct m_text *source, const struct entry **entry);

/* Says of the kernel that firmware cannot start it, and WHO asks for that. */
void kernel_refuse(struct resolver *, const char *why, struct reason who);

/* The machine (PE_MACHINE_*) of the EFI program that KERNEL is; 0 with a diagnostic: it is none. */
unsigned kernel_efi_machine(struct resolver *, const struct content *kernel, struct reason who);

/* Says so if GRUB 2 for UEFI, which runs on MACHINE, cannot start the kernel. */
void kernel_check_for_efi(struct resolver *, unsigned machine);

/* Each below finds one kind of need; mistakes are recorded as diagnostics. */
void resolve_program(struct resolver *, const struct root *, const struct elf_facts *);
void resolve_script(struct resolver *, const struct root *, const struct file_facts *);
void resolve_kernel(struct resolver *);

/* Where a bzImage has "HdrS" and the version of its boot protocol (the kernel's Documentation/arch/x86/boot.rst). */
enum { BZIMAGE_HEADER = 0x202, BZIMAGE_VERSION = 0x206 };
void resolve_kernel_facts(struct resolver *, const struct entry *kernel);
void resolve_modules(struct resolver *);
void resolve_unified(struct resolver *, const struct content *kernel);
void resolve_busybox(struct resolver *);
void resolve_programs(struct resolver *);
void resolve_sources(struct resolver *);
void resolve_sparse(struct resolver *);
void resolve_subtrees(struct resolver *);
void resolve_gconv(struct resolver *);
void resolve_grub_legacy(struct resolver *);
void resolve_grub2(struct resolver *);

/* The same as resolve_single, but the file does not become part of the image by it. */
bool find_single(struct resolver *, const struct m_text *text, struct place *);

/*
 * The one regular file of the pool that TEXT (a path or a pattern) stands for, with its links; NULL with a
 * diagnostic.
 */
struct need *resolve_single(struct resolver *, const struct m_text *text, const char *reason);

#endif
