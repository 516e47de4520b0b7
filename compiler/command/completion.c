/* What a shell needs to complete a command line, from the tables: commands, their options, and what these and operands can be. */
#include "command/command.h"
#include "command/options.h"

#include <string.h>

#include "support/text.h"

static void
print_words(const char *const *words)
{
	for (const char *const *word = words; *word; word++)
		printf("%s%s", word == words ? "" : " ", *word);
}

static void
print_commands(void)
{
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
}

/* In single quotes: what is between them is as it stands, but for one of their own. A backslash goes before each of SPECIAL. */
static void
print_quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'') {
			fputs("'\\''", stdout);
			continue;
		}
		if (strchr(special, *text))
			putchar('\\');
		putchar(*text);
	}
}

static void
print_bash_command(const struct command *command)
{
	struct option_row row;

	for (int at = 0; options_next(command, &at, &row);) {
		if (!row.argument)
			continue;
		printf("\t%s:--%s", command->name, row.name);
		if (row.brief[0])
			printf(" | %s:-%s", command->name, row.brief);
		if (row.words) {
			fputs(") words='", stdout);
			print_words(row.words);
			puts("' ;;");
		} else {
			puts(") compopt -o default; return ;;");
		}
	}
	printf("\t%s:*) words='", command->name);
	for (int at = 0; options_next(command, &at, &row);)
		printf("%s--%s", at > 1 ? " " : "", row.name);
	fputs("'; [[ $cur == -* ]] || ", stdout);
	if (command->words || !command->operands_most) {
		fputs("words='", stdout);
		if (command->words)
			print_words(command->words());
		puts("' ;;");
	} else {
		puts("{ compopt -o default; return; } ;;");
	}
}

/* Bash takes '=' for a word of its own. */
static void
print_bash(void)
{
	puts("# Completion of rootc for bash: eval \"$(rootc completion bash)\"\n"
		"_rootc() {\n"
		"\tlocal cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
		"\tCOMPREPLY=()\n"
		"\tif [[ $cur == = ]]; then\n"
		"\t\tcur=\n"
		"\telif [[ $before == = ]]; then\n"
		"\t\tbefore=${COMP_WORDS[COMP_CWORD-2]}\n"
		"\tfi");
	fputs("\tif [[ $COMP_CWORD -eq 1 ]]; then\n\t\tmapfile -t COMPREPLY < <(compgen -W '", stdout);
	print_commands();
	puts(" help version --help --version' -- \"$cur\")\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]}:$before in");
	for (size_t i = 0; commands[i]; i++)
		print_bash_command(commands[i]);
	puts("\tesac\n\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n}\ncomplete -F _rootc rootc");
}

static void
print_zsh_option(const struct option_row *row)
{
	static const char special[] = ":[]\\";

	fputs("\t\t\t'", stdout);
	if (row->brief[0])
		printf("(-%s --%s)'{-%s,--%s%s}'", row->brief, row->name, row->brief, row->name, row->argument ? "=" : "");
	else
		printf("--%s%s", row->name, row->argument ? "=" : "");
	putchar('[');
	print_quoted(row->help, special);
	putchar(']');
	if (row->argument) {
		putchar(':');
		print_quoted(row->argument, special);
		fputs(row->words ? ":(" : ":_files", stdout);
		if (row->words) {
			print_words(row->words);
			putchar(')');
		}
	}
	puts("' \\");
}

static void
print_zsh_command(const struct command *command)
{
	struct option_row row;

	printf("\t%s)\n\t\t_arguments -s \\\n", command->name);
	for (int at = 0; options_next(command, &at, &row);)
		print_zsh_option(&row);
	if (command->words) {
		fputs("\t\t\t'*: :(", stdout);
		print_words(command->words());
		puts(")' ;;");
	} else {
		puts(command->operands_most ? "\t\t\t'*: :_files' ;;" : "\t\t\t&& return ;;");
	}
}

static void
print_zsh(void)
{
	puts("#compdef rootc\n# Completion of rootc for zsh: rootc completion zsh >DIRECTORY/_rootc, with DIRECTORY in $fpath\n"
		"_rootc() {\n\tlocal -a commands=(");
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->name);
		print_quoted(commands[i]->summary, ":\\");
		puts("'");
	}
	puts("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
		"\tshift words\n\t(( CURRENT-- ))\n\tcase $words[1] in");
	for (size_t i = 0; commands[i]; i++)
		print_zsh_command(commands[i]);
	puts("\tesac\n}\nif [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n\t_rootc \"$@\"\nelse\n\tcompdef _rootc rootc\nfi");
}

static void
print_fish_option(const struct command *command, const struct option_row *row)
{
	printf("complete -c rootc -n '__fish_seen_subcommand_from %s' -l %s", command->name, row->name);
	if (row->brief[0])
		printf(" -%c %s", row->brief[1] ? 'o' : 's', row->brief);
	if (row->words) {
		fputs(" -x -a '", stdout);
		print_words(row->words);
		putchar('\'');
	} else if (row->argument) {
		fputs(" -r -F", stdout);
	}
	fputs(" -d '", stdout);
	print_quoted(row->help, "\\");
	puts("'");
}

static void
print_fish(void)
{
	puts("# Completion of rootc for fish: rootc completion fish >~/.config/fish/completions/rootc.fish\ncomplete -c rootc -f");
	for (size_t i = 0; commands[i]; i++) {
		struct option_row row;

		printf("complete -c rootc -n __fish_use_subcommand -a %s -d '", commands[i]->name);
		print_quoted(commands[i]->summary, "\\");
		puts("'");
		for (int at = 0; options_next(commands[i], &at, &row);)
			print_fish_option(commands[i], &row);
		if (!commands[i]->operands_most)
			continue;
		printf("complete -c rootc -n '__fish_seen_subcommand_from %s'", commands[i]->name);
		if (commands[i]->words) {
			fputs(" -a '", stdout);
			print_words(commands[i]->words());
			puts("'");
		} else {
			puts(" -F");
		}
	}
}

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static void (*const printers[])(void) = {print_bash, print_zsh, print_fish};

static const char *const *
shell_names(void)
{
	return shells;
}

static enum rootc_status
run(const struct invocation *in)
{
	size_t shell = text_index(shells, in->operands[0]);

	if (!shells[shell])
		return usage_error("there is no completion for '%s': it is bash, zsh or fish", in->operands[0]);
	printers[shell]();
	return ROOTC_DONE;
}

const struct command command_completion = {
	.name = "completion",
	.operands = "SHELL",
	.summary = "print a script that completes command lines: bash, zsh or fish",
	.details = "For bash, in ~/.bashrc:\n\n  eval \"$(rootc completion bash)\"\n\nFor zsh, into a directory of $fpath, and for fish:\n\n"
		"  rootc completion zsh >DIRECTORY/_rootc\n  rootc completion fish >~/.config/fish/completions/rootc.fish\n\n"
		"'make install' puts all three where the shells find them.\n",
	.run = run,
	.words = shell_names,
	.mask = ON_COMPLETION,
	.operands_least = 1,
	.operands_most = 1,
};
