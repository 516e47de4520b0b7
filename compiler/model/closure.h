#ifndef MODEL_CLOSURE_H
#define MODEL_CLOSURE_H

#include "model/manifest.h"
#include "model/pool.h"

/*
 * Why something is in the image: the manifest's words that asked for it, or the file that needs it and how it was found. A
 * chain of these ends at the manifest; `rootc why` prints it.
 */
struct reason {
	struct span at;              /* the manifest's words at the end of the chain */
	const char *text;            /* "programs", "NEEDED libc.so.6, built-in directory", "PT_INTERP", "target of /lib64/ld..." */
	const struct need *needed_by; /* NULL: the manifest itself asked */
};

/* One entry of the pool that enters the image, at its own path. */
struct need {
	const char *path;          /* absolute, in the pool and in the image, free of links in its directories */
	const struct entry *entry; /* a file, a link or a directory */
	struct reason why;         /* the first reason found; the closure is breadth-first, so it is the shortest chain */
};

/* The code that GRUB legacy is installed from, read and checked (boot.md 1). */
struct boot_files {
	const unsigned char *stage1;    /* 512 bytes */
	const unsigned char *stage1_5;  /* e2fs_stage1_5 */
	size_t stage1_5_size;
	const struct need *stage2;      /* enters the image as /boot/grub/stage2 */
};

/* A kernel module of the image. What it needs stands before it in the list: loaded in this order, each finds what it wants. */
struct kernel_module {
	const char *path;  /* absolute, as it is reached through /lib/modules */
	size_t *needs;     /* indices of modules */
	size_t need_count;
};

/* A file that a GRUB is installed from, read and checked. */
struct grub_file {
	const char *name; /* "ext2.mod" */
	const struct entry *entry;
	const unsigned char *bytes;
	size_t size;
};

/* Bytes that GRUB's EFI image is aligned to: its headers have the first page, its kernel begins with the second. */
enum { GRUB_PAGE = 4096 };

/* GRUB 2 for one platform (boot.md 2, 3). */
struct grub_files {
	const char *platform;        /* "i386-pc" */
	unsigned word;               /* bytes of an address */
	struct grub_file commands;   /* command.lst: which module has which command */
	const unsigned char *kernel; /* as it stands in memory; for a BIOS without .bss */
	size_t kernel_size;
	struct grub_file *modules;   /* each behind those it depends on */
	size_t module_count;
	size_t first_count;          /* how many of them, from the first on, suffice to read /boot/grub */
	/* for a BIOS */
	struct grub_file boot, diskboot, decompressor;
	/* for UEFI: kernel and sizes are in whole pages, and addresses count from the image's headers on */
	const char *program;         /* the name that firmware looks for, "BOOTX64.EFI" */
	unsigned pe_machine;
	size_t code_size;            /* of the kernel that are code; its data follow */
	uint32_t entry;              /* the address that firmware jumps to */
	uint32_t *fixups;            /* addresses of addresses, which change when the image is loaded elsewhere */
	size_t fixup_count;
};

/* What a unified kernel image is made of; STUB is NULL where none is asked for. */
struct unified {
	struct span at;
	const struct content *stub;      /* systemd's, for the kernel's machine */
	const struct content *kernel, *arguments;
	const struct content *initramfs; /* or NULL */
	const char *name;                /* that firmware looks for, "BOOTX64.EFI" */
};

enum kernel_machine { KERNEL_UNKNOWN, KERNEL_I386, KERNEL_X86_64, KERNEL_ARM64 };

/* What `kernel.image` tells of itself; each may be unknown. */
struct kernel_facts {
	enum kernel_machine machine;
	const char *release;     /* "6.1.0-49-amd64": what it says itself, else what its name says, "/boot/vmlinuz-6.1.0-49-amd64"; or NULL */
	bool says_release;       /* itself */
	uint32_t most_arguments; /* bytes that it takes of its command line; 0: unknown */
	uint32_t memory_bytes;   /* that it needs from where it is loaded until it has unpacked itself; 0: unknown */
	const char *config;      /* the text of its configuration (.config), or NULL */
	const char *builtin;     /* the text of its modules.builtin: paths of what is part of it and could have been a module; or NULL */
};

/* An applet of busybox that the manifest asks for. */
struct applet {
	const char *name;
	struct span at; /* the manifest's words for it, or for all */
};

/* Files of the image that are composed of others, or NULL. */
struct composed {
	const struct content *initramfs;
	const struct content *unified;
};

/* What resolve/ found: everything the pool gives to the image. */
struct closure {
	const struct pool *pool;
	struct need **needs; /* in the order in which they were found; each path once */
	size_t need_count;
	const char *kernel_path;          /* where the kernel lies, or NULL without one */
	struct kernel_facts kernel;       /* what is at KERNEL_PATH */
	const char *busybox_path;         /* where busybox lies (links in its path resolved), or NULL */
	struct applet *applets;
	size_t applet_count;
	const struct content **sources;   /* for each file of the manifest (same index) its bytes; NULL when it has no source */
	const struct entry **source_entries; /* for each file or subtree whose source is in the pool, the entry; else NULL */
	const char *module_directory;     /* "/lib/modules/RELEASE", or NULL without modules */
	struct kernel_module *modules;
	size_t module_count;
	struct span modules_at;           /* what in the manifest asks for them */
	const struct content *initramfs;  /* a ready one, or NULL */
	const struct content_data **data; /* for each file of the manifest that is sparse, what is in it; else NULL */
	const struct content **raws;      /* for each partition of the manifest (same index) what `raw` names; NULL: nothing */
	const struct content *boot_code;  /* what the disk begins with, or NULL */
	struct unified unified;           /* without arguments, and without an initramfs that is still to be made */
	const struct content *cache; /* /etc/ld.so.cache, or NULL */
	struct boot_files boot;           /* stage1 NULL: no GRUB legacy */
	struct grub_files grub, grub_efi; /* kernel NULL: no GRUB 2 for a BIOS, for UEFI */
};

#endif
