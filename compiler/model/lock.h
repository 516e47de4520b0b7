#ifndef MODEL_LOCK_H
#define MODEL_LOCK_H

#include "model/manifest.h"
#include "support/digest.h"

/*
 * NAME.lock: what the manifest's inputs stood for on the day of `rootc lock`. It is YAML in a fixed form, one line a package, sorted
 * by package name bytewise, read by the same reader as the manifest:
 *
 *	# Written by `rootc lock`. Commit it beside the manifest; do not edit it.
 *	lock: 2
 *	inputs:
 *	  debian:
 *	    architecture: amd64
 *	    packages: [busybox, grub-legacy]
 *	    sources:
 *	      - "deb http://snapshot.debian.org/archive/debian/20250520T000000Z bookworm main"
 *	    files:
 *	      - {package: busybox, version: "1:1.35.0-4", architecture: amd64, file: busybox_1.35.0-4_amd64.deb, size: 452120, sha256: ...}
 *	  board: {tree: ...}
 *	  firmware: {sha256: ...}
 *	  alpine: {image: ...}
 *	  tool: {file: ..., executable: true}
 *	files:
 *	  motd: ...
 *	closure:
 *	  - /lib/x86_64-linux-gnu/libc.so.6
 *	sum: ...
 *
 * `files` are the manifest's own beside it and their SHA-256. `sources` are there if the manifest has them. `closure`, which is there
 * if the inputs were at hand, lists the files that entered the image only because others need them. `sum` is the SHA-256 of all lines
 * above it. Format 1 has the inputs with packages alone.
 */
struct m_locked_file {
	struct span at;
	struct m_text package, version, architecture;
	struct m_text file;    /* name of the .deb, without a directory */
	struct m_number size;  /* bytes */
	struct m_text sha256;
};

struct m_locked_input {
	struct span at, key_at;
	const char *name;
	enum input_kind kind;
	struct m_text architecture;  /* INPUT_PACKAGES: ... */
	struct m_texts packages;     /* ... as they were asked for, ... */
	struct m_texts sources;      /* ... and as their archives were named; none: the host's */
	struct m_locked_file *files;
	size_t file_count;
	struct m_text tree;          /* INPUT_DIRECTORY: the digest of what it holds (fetch/directory.c) */
	struct m_text sha256;        /* INPUT_ARCHIVE */
	struct m_text image;         /* INPUT_OCI: the SHA-256 of its manifest, which names those of its layers */
	struct m_text file;          /* INPUT_FILE: its SHA-256, ... */
	struct m_bool executable;    /* ... and whether its x bits made it 0755 */
};

enum { LOCK_FORMAT = 2 }; /* the newest */

struct lock {
	struct span at;
	const char *path;
	struct m_number format; /* the key `lock` */
	struct m_locked_input *inputs;
	size_t input_count;
	struct m_pairs files;   /* paths from the manifest's directory on, sorted, and SHA-256 */
	struct m_texts closure; /* paths in the image, sorted; as text_escape shows them */
	struct m_text sum;      /* of all lines above it; NULL in format 1 */
};

#endif
