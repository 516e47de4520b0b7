#include "command/command.h"

static enum rootc_status
run(const struct invocation *in)
{
	(void)in;
	rootc_print_schema(stdout);
	return ROOTC_DONE;
}

const struct command command_schema = {
	.name = "schema",
	.operands = "",
	.summary = "print the JSON Schema of the manifest, for editors",
	.details = "Begin a manifest with '# yaml-language-server: $schema=rootc.schema.json' to have keys completed and explained.\n",
	.run = run,
	.mask = ON_SCHEMA,
};
