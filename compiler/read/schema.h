#ifndef READ_SCHEMA_H
#define READ_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The manifest language as data: it is decoded by this, and its JSON Schema is printed from this. */

enum kind {
	KIND_TEXT,     /* struct m_text: as written, of a FORM */
	KIND_NUMBER,   /* struct m_number: plain decimal; with CHOICES only these */
	KIND_PARTTYPE, /* struct m_parttype: two hexadecimal digits, with or without 0x; a GUID; a name */
	KIND_WORD,     /* struct m_number: 0x and eight hexadecimal digits */
	KIND_BOOL,     /* struct m_bool: true or false; MIN 1: only true */
	KIND_CHOICE,   /* struct m_enum: the index in CHOICES */
	KIND_SIZE,     /* struct m_size: a number and a unit; with CHOICES only these */
	KIND_EXTENT,   /* struct m_size: a size, `rest` or `min` */
	KIND_LENGTH,   /* struct m_size: a size or `min` */
	KIND_ROOM,     /* struct m_size: a size or a percentage up to 90 */
	KIND_MODE,     /* struct m_mode: octal */
	KIND_TIME,     /* struct m_time */
	KIND_UUID,     /* struct m_uuid */
	KIND_TEXTS,    /* struct m_texts: a list of texts, at least MIN */
	KIND_PAIRS,    /* struct m_pairs: a mapping from names to texts */
	KIND_MAPPING,  /* a struct of its own, described by OF */
	KIND_MAPPINGS, /* an array and its count: a list of mappings OF, at least MIN */
	KIND_NAMED,    /* an array and its count: a mapping from names to mappings OF, at least MIN */
};

/* What a text must look like; the rules are in forms.c. */
enum form {
	FORM_CONTENT,      /* anything */
	FORM_TARGET,       /* of a link */
	FORM_HOST_PATH,    /* of the host: anything that opens */
	FORM_ARGUMENTS,    /* one line, may be empty */
	FORM_COMMAND,      /* one line */
	FORM_TITLE,        /* one line */
	FORM_LABEL,        /* of a file system */
	FORM_VOLUME_ID,    /* of a FAT file system */
	FORM_FEATURE,      /* of an ext file system, '^' takes it away */
	FORM_PROJECT_NAME,
	FORM_NAME,
	FORM_PACKAGE,
	FORM_ARCHITECTURE,
	FORM_VERSION,      /* of a Debian package */
	FORM_APPLET,
	FORM_MODULE,       /* of the kernel */
	FORM_FILE_NAME,
	FORM_SHA256,
	FORM_TAG,          /* of an OCI image */
	FORM_APT_SOURCE,   /* a line of sources.list(5) */
	FORM_PATTERN,      /* of short names, may begin with '-' */
	FORM_PATH,         /* absolute, normalised, may be / */
	FORM_FILE_PATH,    /* the same, but not / */
	FORM_DEVICE_PATH,  /* the same, may hold one range */
	FORM_XATTR_NAME,   /* of an extended attribute, with its namespace */
	FORM_XATTR_VALUE,  /* text, 0x and hexadecimal digits, or 0s and base64 */
	FORM_CAPABILITIES, /* of a program, as setcap takes them */
	FORM_SOURCE,       /* a file's path, or a relative one without ".." */
	FORM_SUBTREE,      /* a path that ends in SUBTREE_SUFFIX */
	FORM_POOL_PATH,    /* of the inputs: absolute, normalised, may be / */
	FORM_POOL_FILE,    /* the same, but not / */
};

#define NO_MEMBER SIZE_MAX

struct foreign;
struct schema;

struct field {
	const char *key;
	const char *doc; /* one sentence */
	enum kind kind;
	enum form form, name_form; /* NAME_FORM: of KIND_PAIRS */
	size_t offset;       /* of the member in its struct */
	size_t count_offset; /* KIND_MAPPINGS, KIND_NAMED */
	bool required;       /* with ONLY_WITH: where one of these is there */
	const char *preset;  /* the default, as it would be written */
	const char *example; /* where what its form has for one would be none; or NULL */
	uint64_t min, max;   /* numbers; bytes of a size */
	bool may_be_nil;     /* KIND_UUID */
	const char *all;     /* KIND_TEXTS: the word that may stand in place of the list; NULL: none */
	const char *const *choices; /* ends in NULL */
	const struct schema *of;
	const char *const *only_with; /* keys, ending in a NULL, without any of which this one means nothing */
	const char *not_with;         /* a key that this one contradicts */
	const struct foreign *foreign; /* values that others have, or NULL */
};

/* A group of keys of which a mapping has exactly one. */
struct one_of {
	const char *const *keys; /* ends in NULL */
	size_t offset;           /* of the enum that takes the index, or NO_MEMBER */
};

struct schema {
	const char *noun; /* "partition" */
	const char *doc;
	size_t size;      /* of its struct, which begins with the mapping's span */
	const struct field *fields; /* end in a row without a key */
	size_t key_at_offset, name_offset; /* KIND_NAMED: where the name goes */
	enum form name_form;
	const char *suffix;            /* KIND_NAMED: names that end so ... */
	const struct schema *suffixed; /* ... are decoded by this one, into the same struct */
	size_t given_offset; /* of a bool, or NO_MEMBER */
	struct one_of one_of;
	const struct foreign *foreign; /* keys that others have, or NULL */
};

/* How many keys KEYS, which end in a NULL, are. */
static inline size_t
keys_count(const char *const *keys)
{
	size_t count = 0;

	while (keys[count])
		count++;
	return count;
}

extern const struct schema manifest_schema;
extern const struct schema lock_schema;

/* The range of a KIND_TIME: what a 34-bit time of ext4 holds. */
#define TIME_MIN (-INT64_C(0x80000000))
#define TIME_MAX (INT64_C(0x400000000) + TIME_MIN - 1)

#endif
