#include "support/libarchive.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "support/compilation.h"

#define SYMBOL(name) {"archive_" #name, offsetof(struct libarchive, name)},

static const struct {
	const char *name;
	size_t offset; /* of its member */
} symbols[] = {LIBARCHIVE_FUNCTIONS(SYMBOL)};

bool
libarchive_load(struct libarchive *library, struct compilation *c, struct span at)
{
	bool ok = (library->handle = dlopen(LIBARCHIVE_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE));

	for (size_t i = 0; ok && i < sizeof symbols / sizeof *symbols; i++) {
		void *address = dlsym(library->handle, symbols[i].name);

		memcpy((char *)library + symbols[i].offset, &address, sizeof address);
		ok = address;
	}
	if (!ok)
		diag_help(diag(&c->diags, DIAG_UNPACKER_MISSING, at, "cannot load the library that unpacks archives: %s", dlerror()),
			"install libarchive (on Debian: apt install libarchive13)");
	return ok;
}

void
libarchive_unload(struct libarchive *library)
{
	if (library->handle)
		dlclose(library->handle);
}

int
libarchive_add_filter(const struct libarchive *library, struct archive *reader, int (*support)(struct archive *))
{
	struct archive *probe = library->read_new();
	/* Without the library for a format, libarchive would start a program for it, and says so by a warning. */
	bool built_in = probe && support(probe) == ARCHIVE_OK;

	library->read_free(probe);
	return built_in ? support(reader) : ARCHIVE_OK;
}
