#include "model/startup.h"

#include <string.h>

#include "support/arena.h"
#include "support/text.h"

enum { LINK_LIMIT = 40 }; /* MAXSYMLINKS of Linux */

const char *const startup_usual[] = {"/sbin/init", "/etc/init", "/bin/init", "/bin/sh", NULL};

const char *
startup_argument(struct arena *a, const char *arguments, const char *prefix)
{
	const char *value = NULL;
	size_t length;

	for (const char *at = arguments; *at; at += length + (at[length] != '\0')) {
		length = text_word_length(at);
		if (length == 2 && strncmp(at, "--", 2) == 0)
			break;
		if (text_starts_with(at, prefix))
			value = arena_strndup(a, at + strlen(prefix), length - strlen(prefix));
	}
	return value && !strchr(value, '"') ? value : NULL;
}

const struct node *
startup_reach(const struct node *root, const char *path)
{
	const struct node *node = *path == '/' ? tree_reach(root, path, LINK_LIMIT) : NULL;

	return node && node->original ? node->original : node;
}

const struct program_facts *
startup_program(const struct startup *startup, const struct node *file)
{
	for (size_t i = 0; i < startup->program_count; i++)
		if (startup->programs[i].file == file)
			return &startup->programs[i];
	return NULL;
}
