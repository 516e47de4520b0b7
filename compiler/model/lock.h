#ifndef MODEL_LOCK_H
#define MODEL_LOCK_H

#include "model/manifest.h"
#include "support/digest.h"

/*
 * NAME.lock: what the manifest's `packages` inputs stood for on the day of `rootc lock`. It is YAML in a fixed form, one line
 * a package, sorted by package name bytewise, read by the same reader as the manifest:
 *
 *	# Written by `rootc lock`. Commit it beside the manifest; do not edit it.
 *	lock: 1
 *	inputs:
 *	  debian:
 *	    architecture: amd64
 *	    packages: [busybox, grub-legacy]
 *	    files:
 *	      - {package: busybox, version: "1:1.35.0-4", architecture: amd64, file: busybox_1.35.0-4_amd64.deb, size: 452120, sha256: ...}
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
	struct m_text architecture;
	struct m_texts packages; /* as they were asked for */
	struct m_locked_file *files;
	size_t file_count;
};

struct lock {
	struct span at;
	const char *path;
	struct m_number format; /* the key `lock` */
	struct m_locked_input *inputs;
	size_t input_count;
};

#endif
