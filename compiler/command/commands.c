/* The commands, in the order of --help. */
#include "command/command.h"

const struct command *const commands[COMMANDS_MOST] = {
	&command_init, &command_check, &command_lock, &command_fetch, &command_vendor, &command_plan, &command_build, &command_targets, &command_why,
	&command_closure, &command_diff, &command_inspect, &command_ls, &command_cat, &command_cp,
	&command_decompile, &command_verify, &command_run, &command_schema, &command_explain,
	&command_manual, &command_completion, NULL};
