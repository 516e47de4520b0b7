/* Decides which of the pool's GRUB 2 modules the image is booted by, each behind those it depends on (boot.md 2.1, 3). */
#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "resolve/grub_file.h"
#include "resolve/grub_link.h"
#include "support/memory.h"
#include "support/pe.h"
#include "support/text.h"

enum {
	LARGEST_KERNEL = 256 * 1024,
	LARGEST_MODULE = 512 * 1024,
	LARGEST_LIST = 64 * 1024,
	MOST_MODULES = 512,
};

/* Which files of a directory of modules are used, and how. */
struct platform {
	const struct grub_generation *generation;
	const char *name, *disk; /* "i386-pc"; the module that reads disks, or NULL: the kernel does */
	const char *video;       /* the module that gives the kernel a screen, or NULL: it finds it */
	unsigned machine;        /* of kernel.img */
	unsigned word;           /* bytes of an address */
	struct grub_kind kernel, module;
	/* for a BIOS */
	uint64_t address;        /* where the kernel is loaded */
	struct grub_kind boot, diskboot, decompressor;
	/* for UEFI */
	unsigned pe_machine;     /* 0: for a BIOS */
	const char *program;     /* that firmware starts when nothing else is said (UEFI, 3.5.1.1) */
};

static const struct grub_kind dependency_list = {"moddep.lst", 1, LARGEST_LIST, {{0}}};
static const struct grub_kind command_list = {"command.lst", 1, LARGEST_LIST, {{0}}};

static const struct grub_generation for_bios = {
	.name = "GRUB 2",
	.version = "GRUB 2",
	.pattern = "/usr/lib/grub/i386-pc/kernel.img",
	.help = "add the package 'grub-pc-bin' to the inputs, or write 'version: legacy'",
};

static const struct grub_generation for_efi = {
	.name = "GRUB 2 for UEFI",
	.version = "GRUB 2",
	.pattern = "/usr/lib/grub/*-efi/kernel.img",
	.help = "add the package 'grub-efi-amd64-bin' or 'grub-efi-arm64-bin' to the inputs",
};

/* Offsets from include/grub/i386/pc/boot.h and kernel.h of GRUB 2. */
static const struct platform pc = {
	.generation = &for_bios,
	.name = "i386-pc",
	.disk = "biosdisk",
	.machine = EM_386,
	.word = 4,
	.address = 0x9000,
	.kernel = {"kernel.img", 64, LARGEST_KERNEL, {{0}}},
	.module = {NULL, 64, LARGEST_MODULE, {
		{0, "\177ELF\1\1\1", 7, "a 32-bit ELF file"},
		{0x10, "\1\0\3\0", 4, "an object file for i386"}}},
	.boot = {"boot.img", 512, 512, {
		{0x66, "\353\5", 2, "the check of the drive"},
		{0x1fe, "\x55\xaa", 2, "the boot signature"}}},
	.diskboot = {"diskboot.img", 512, 512, {
		{0x1f4, "\2\0\0\0\0\0\0\0\0\0\x20\x08", 12, "an empty list of blocks"}}},
	.decompressor = {"lzma_decompress.img", 0x20, 0xe00, {
		{0x18, "\377\377\377", 3, "no boot device"}}},
};

#define OBJECT_FIELDS(machine, meaning) { \
	{0, "\177ELF\2\1\1", 7, "a 64-bit ELF file"}, \
	{0x10, "\1\0" machine, 4, "an object file for " meaning}}

static const struct platform efi[] = {
	{
		.generation = &for_efi,
		.name = "x86_64-efi",
		.video = "efi_gop",
		.machine = EM_X86_64,
		.word = 8,
		.kernel = {"kernel.img", 64, LARGEST_KERNEL, OBJECT_FIELDS("\x3e\0", "x86-64")},
		.module = {NULL, 64, LARGEST_MODULE, OBJECT_FIELDS("\x3e\0", "x86-64")},
		.pe_machine = PE_MACHINE_X86_64,
		.program = "BOOTX64.EFI",
	},
	{
		.generation = &for_efi,
		.name = "arm64-efi",
		.machine = EM_AARCH64,
		.word = 8,
		.kernel = {"kernel.img", 64, LARGEST_KERNEL, OBJECT_FIELDS("\xb7\0", "arm64")},
		.module = {NULL, 64, LARGEST_MODULE, OBJECT_FIELDS("\xb7\0", "arm64")},
		.pe_machine = PE_MACHINE_ARM64,
		.program = "BOOTAA64.EFI",
	},
};

/* What GRUB needs to show its menu and to obey it. */
static const char *const menu_modules[] = {"normal", "linux", "search", "configfile", "serial", "terminal", "echo", "test",
	"ls", "cat", "sleep", "halt", "reboot", "part_msdos", "part_gpt", "ext2", "fat", NULL};

/* The choosing of modules. */
struct choice {
	struct resolver *r;
	const struct platform *platform;
	const char *directory;   /* in the pool */
	const char *dependencies; /* moddep.lst */
	struct grub_files *files; /* of a module that cannot be used there is only the name */
	bool failed, stopped;
};

static const char *
table_module(enum table_kind table)
{
	switch (table) {
	case TABLE_MBR:
		return "part_msdos";
	case TABLE_GPT:
		return "part_gpt";
	case TABLE_NONE: /* check/ sees to it */
		break;
	}
	BUG("a kind of partition table that GRUB cannot be on");
}

static const char *
filesystem_module(enum filesystem_kind kind)
{
	switch (kind) {
	case FILESYSTEM_EXT2:
	case FILESYSTEM_EXT3:
	case FILESYSTEM_EXT4:
		return "ext2";
	case FILESYSTEM_VFAT:
		return "fat";
	}
	BUG("a kind of file system that is none");
}

/* What stands behind "NAME:" in moddep.lst, up to the end of its line; NULL: there is no such line. */
static const char *
dependencies_of(const struct choice *choice, const char *name, size_t length)
{
	for (const char *line = choice->dependencies; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1;
	return NULL;
}

static bool
is_chosen(const struct choice *choice, const char *name, size_t length)
{
	for (size_t i = 0; i < choice->files->module_count; i++) {
		const char *chosen = choice->files->modules[i].name;

		if (strncmp(chosen, name, length) == 0 && strcmp(chosen + length, ".mod") == 0)
			return true;
	}
	return false;
}

static void
fail(struct choice *choice, const char *problem, const char *name, size_t length)
{
	diag(&choice->r->c->diags, DIAG_GRUB_FILE_BAD, choice->r->manifest->grub.version.at, "'%s/moddep.lst' %s '%.*s'",
		choice->directory, problem, (int)length, name);
	choice->failed = true;
}

static void choose(struct choice *, const char *name, size_t length, unsigned depth);

/* The last on the line comes first, as with grub-mkimage. */
static void
choose_all(struct choice *choice, const char *line, unsigned depth)
{
	size_t end = strcspn(line, "\n"), start;

	for (; end; end = start) {
		while (end && line[end - 1] == ' ')
			end--;
		for (start = end; start && line[start - 1] != ' '; start--)
			;
		if (start < end)
			choose(choice, line + start, end - start, depth);
	}
}

/* The NAME's module, and before it those it depends on. */
static void
choose(struct choice *choice, const char *name, size_t length, unsigned depth)
{
	const char *line = dependencies_of(choice, name, length);
	struct grub_kind kind = choice->platform->module;
	struct grub_file file = {0};

	if (choice->stopped || is_chosen(choice, name, length))
		return;
	/* A module is chosen when those it depends on are: one that depends on itself never is. */
	if (depth > MOST_MODULES || choice->files->module_count >= MOST_MODULES) {
		fail(choice, "has too many modules depend on one another, such as", name, length);
		choice->stopped = true;
		return;
	}
	if (line)
		choose_all(choice, line, depth + 1);
	else
		fail(choice, "says nothing of the module", name, length);
	if (choice->stopped)
		return;
	kind.name = arena_printf(choice->r->c->arena, "%.*s.mod", (int)length, name);
	choice->failed |= !grub_read_file(choice->r, choice->platform->generation, choice->directory, &kind, &file);
	file.name = kind.name;
	*ARENA_PUSH(choice->r->c->arena, choice->files->modules, choice->files->module_count) = file;
}

/* The module that has the command NAME, by command.lst: "cat: cat", "*search: search"; NULL: none has it. */
static const char *
module_of_command(const struct choice *choice, const char *name, size_t length)
{
	const char *line = (const char *)choice->files->commands.bytes;

	for (; *line; line += strcspn(line, "\n"), line += *line == '\n') {
		const char *command = line + (*line == '*');

		if (strncmp(command, name, length) == 0 && strncmp(command + length, ": ", 2) == 0)
			return command + length + 2;
	}
	return NULL;
}

/* The module that COMMAND of a menu entry is in, or that it names. */
static void
choose_command(struct choice *choice, const struct m_text *command)
{
	static const char *const of_kernel[] = {"set", "unset", NULL};
	bool loads = text_starts_with(command->v, "insmod ");
	const char *name = command->v + (loads ? strlen("insmod ") : 0), *module;
	size_t length = strcspn(name, " ");

	if (!loads && of_kernel[text_index(of_kernel, arena_strndup(choice->r->c->arena, name, length))])
		return;
	module = loads ? name : module_of_command(choice, name, length);
	if (module && dependencies_of(choice, module, strcspn(module, " \n"))) {
		choose(choice, module, strcspn(module, " \n"), 0);
		return;
	}
	diag_help(diag(&choice->r->c->diags, DIAG_GRUB_COMMAND_UNKNOWN, command->at, "%s has no %s '%.*s'",
		choice->platform->generation->name, loads ? "module" : "command", (int)length, name),
		"each item is one command, such as 'reboot' or 'chainloader +1'");
	choice->failed = true;
}

static void
choose_commands(struct choice *choice)
{
	const struct m_grub *grub = &choice->r->manifest->grub;

	for (size_t i = 0; i < grub->menu_count; i++)
		for (size_t k = 0; k < grub->menu[i].commands.count; k++)
			choose_command(choice, &grub->menu[i].commands.v[k]);
}

static void
choose_modules(struct choice *choice)
{
	const struct manifest *m = choice->r->manifest;
	const char *inside;
	int boot = partition_holding(m, "/boot/grub", &inside);
	const struct m_filesystem *filesystem = &m->partitions[boot].filesystem;
	const char *first[] = {choice->platform->disk, table_module((enum table_kind)m->disk.table.v),
		filesystem_module((enum filesystem_kind)filesystem->type.v), "search_fs_uuid"};

	for (size_t i = 0; i < sizeof first / sizeof *first; i++)
		if (first[i])
			choose(choice, first[i], strlen(first[i]), 0);
	choice->files->first_count = choice->files->module_count;
	for (size_t i = 0; menu_modules[i]; i++)
		choose(choice, menu_modules[i], strlen(menu_modules[i]), 0);
	if (choice->platform->video)
		choose(choice, choice->platform->video, strlen(choice->platform->video), 0);
	if (choice->files->commands.bytes)
		choose_commands(choice);
}

/* The kernel as it stands in memory: what its program headers load. */
static bool
flatten_kernel(struct choice *choice, const struct grub_file *file)
{
	struct resolver *r = choice->r;
	const struct platform *p = choice->platform;
	const struct file_facts *facts = facts_of(r, file->entry->content, r->manifest->grub.version.at);
	unsigned char *flat = arena_alloc(r->c->arena, LARGEST_KERNEL);
	bool good = facts->kind == FILE_ELF && facts->elf.machine == p->machine && facts->elf.load_count > 0 &&
		facts->elf.loads[0].address == p->address;

	if (facts->kind == FILE_BROKEN)
		return false;
	for (size_t i = 0; good && i < facts->elf.load_count; i++) {
		const struct elf_load *load = &facts->elf.loads[i];
		uint64_t at = load->address - p->address;

		good = load->address >= p->address && at <= LARGEST_KERNEL && load->size <= LARGEST_KERNEL - at &&
			load->offset <= file->size && load->size <= file->size - load->offset;
		if (!good)
			break;
		memcpy(flat + at, file->bytes + load->offset, load->size);
		if (at + load->size > choice->files->kernel_size)
			choice->files->kernel_size = (size_t)(at + load->size);
	}
	choice->files->kernel = flat;
	if (!good)
		diag(&r->c->diags, DIAG_GRUB_FILE_BAD, r->manifest->grub.version.at,
			"'%s/%s' is no program for %s that is loaded at 0x%" PRIx64, choice->directory, file->name, p->name,
			p->address);
	return good;
}

/* Modules of one GRUB do not fit the kernel of another. */
static void
check_packages(struct choice *choice, const struct grub_file *kernel)
{
	const char *package = kernel->entry->package;

	for (size_t i = 0; i < choice->files->module_count; i++) {
		const struct entry *entry = choice->files->modules[i].entry;

		if (!entry || (entry->input == kernel->entry->input &&
			(entry->package == package || (package && entry->package && strcmp(entry->package, package) == 0))))
			continue;
		diag_note(diag(&choice->r->c->diags, DIAG_GRUB_FILES, choice->r->manifest->grub.version.at,
			"'%s' is not from where kernel.img is, and only modules of the same GRUB 2 fit it",
			entry_path(choice->r->c, entry)),
			entry->input->key_at, "input '%s' has it", entry->input->name);
		return;
	}
}

static bool
link_kernel(struct choice *choice, const struct grub_file *file)
{
	struct resolver *r = choice->r;
	const char *why = grub_link_kernel(r->c, file->bytes, file->size, choice->platform->machine, choice->files);

	if (why)
		diag(&r->c->diags, DIAG_GRUB_FILE_BAD, r->manifest->grub.version.at, "'%s/%s' cannot be linked: %s", choice->directory,
			file->name, why);
	return !why;
}

/* GRUB for platform P out of DIRECTORY, unless something is wrong with it. */
static void
resolve_platform(struct resolver *r, const struct platform *p, const char *directory, struct grub_files *to)
{
	struct grub_files files = {.platform = p->name, .word = p->word, .program = p->program, .pe_machine = p->pe_machine};
	struct choice choice = {.r = r, .platform = p, .files = &files, .directory = directory};
	struct grub_file kernel = {0}, dependencies = {0};
	const struct {
		const struct grub_kind *kind;
		struct grub_file *file;
	} wanted[] = {{&p->kernel, &kernel}, {&p->boot, &files.boot}, {&p->diskboot, &files.diskboot},
		{&p->decompressor, &files.decompressor}, {&dependency_list, &dependencies}, {&command_list, &files.commands}};

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (wanted[i].kind->name)
			choice.failed |= !grub_read_file(r, p->generation, directory, wanted[i].kind, wanted[i].file);
	if (kernel.bytes)
		choice.failed |= !(p->pe_machine ? link_kernel(&choice, &kernel) : flatten_kernel(&choice, &kernel));
	if (dependencies.bytes) {
		choice.dependencies = (const char *)dependencies.bytes;
		choose_modules(&choice);
	}
	if (kernel.bytes)
		check_packages(&choice, &kernel);
	if (!choice.failed)
		*to = files;
}

/* For the machine that the pool has a GRUB for. */
static void
resolve_efi(struct resolver *r)
{
	const char *directory = grub_find_directory(r, &for_efi);

	for (size_t i = 0; directory && i < sizeof efi / sizeof *efi; i++) {
		if (strcmp(strrchr(directory, '/') + 1, efi[i].name) != 0)
			continue;
		kernel_check_for_efi(r, efi[i].pe_machine);
		resolve_platform(r, &efi[i], directory, &r->closure->grub_efi);
		return;
	}
	if (directory)
		diag_help(diag(&r->c->diags, DIAG_GRUB_FILES, r->manifest->grub.version.at,
			"'%s' is GRUB 2 for a machine that rootc does not know", directory),
			"take the package 'grub-efi-amd64-bin' or 'grub-efi-arm64-bin' instead");
}

void
resolve_grub2(struct resolver *r)
{
	const char *directory;

	if (r->manifest->grub.platform.v != GRUB_EFI && (directory = grub_find_directory(r, &for_bios)))
		resolve_platform(r, &pc, directory, &r->closure->grub);
	if (r->manifest->grub.platform.v != GRUB_BIOS)
		resolve_efi(r);
}
