#include "command/command.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/arena.h"
#include "support/compilation.h"
#include "support/file.h"
#include "support/text.h"

enum {
	DEFAULT_MEMORY_MIB = 256,
	DEFAULT_EXPECT_TIMEOUT_S = 60,
	CONSOLE_KEPT = 64 * 1024, /* bytes of console searched at once; more than any text to expect */
	TAIL_SHOWN = 1500,
	NOT_FOUND = 127, /* as a shell says it */
	USUAL_SECTOR = 512,
};

/* A machine of QEMU's, and with what firmware it starts. */
struct machine {
	const char *emulator, *emulator_package; /* the latter, and all that follow, Debian's */
	const char *type, *cpu;                  /* CPU NULL: QEMU's own choice */
	const char *code, *variables;            /* UEFI, and the variables that it begins with, of which it writes on a copy; NULL: a BIOS */
	const char *firmware_package;
	bool is_x86;
};

static const struct machine
	pc_bios = {
		.emulator = "qemu-system-x86_64",
		.emulator_package = "qemu-system-x86",
		.type = "pc",
		.is_x86 = true,
	},
	pc_uefi = {
		.emulator = "qemu-system-x86_64",
		.emulator_package = "qemu-system-x86",
		.type = "pc",
		.code = "/usr/share/OVMF/OVMF_CODE_4M.fd",
		.variables = "/usr/share/OVMF/OVMF_VARS_4M.fd",
		.firmware_package = "ovmf",
		.is_x86 = true,
	},
	arm64_uefi = {
		.emulator = "qemu-system-aarch64",
		.emulator_package = "qemu-system-arm",
		.type = "virt",
		.cpu = "cortex-a57",
		.code = "/usr/share/AAVMF/AAVMF_CODE.fd",
		.variables = "/usr/share/AAVMF/AAVMF_VARS.fd",
		.firmware_package = "qemu-efi-aarch64",
	};

/* Whether PATH is a disk image, not a manifest: a sector that ends with the boot signature. */
static bool
is_image(const char *path)
{
	unsigned char sector[512];
	int fd = file_open(path);
	bool image = fd >= 0 && file_read(fd, sector, sizeof sector) == sizeof sector && sector[510] == 0x55 && sector[511] == 0xaa;

	if (fd >= 0)
		close(fd);
	return image;
}

/* PATH as QEMU's -drive wants it: a comma is written twice. */
static const char *
drive_file(struct arena *a, const char *path)
{
	char *out = arena_alloc(a, 2 * strlen(path) + 1), *to = out;

	for (; *path; path++) {
		*to++ = *path;
		if (*path == ',')
			*to++ = ',';
	}
	return out;
}

/*
 * Whether the processor itself runs guests. Inside some machines there is a /dev/kvm without that, which takes a guest and never
 * comes back from it.
 */
static bool
has_virtualisation(void)
{
	FILE *info = fopen("/proc/cpuinfo", "re");
	char word[64];
	bool found = false;

	while (info && !found && fscanf(info, "%63s", word) == 1)
		found = strcmp(word, "vmx") == 0 || strcmp(word, "svm") == 0;
	if (info)
		fclose(info);
	return found;
}

/* How the drive "disk" is attached. NVMe, the default, is what Debian's cloud kernels drive without an initial ramdisk. */
static const struct {
	const char *device; /* QEMU's */
	const char *name;   /* what Linux calls the disk */
	bool any_sector;    /* its sectors can have more than 512 bytes */
} disks[] = {
	[BUS_NVME] = {"nvme,serial=rootc,drive=disk", "/dev/nvme0n1", true},
	[BUS_VIRTIO] = {"virtio-blk-pci,drive=disk", "/dev/vda", true},
	[BUS_SATA] = {"ahci,id=sata", "/dev/sda", false},
	[BUS_IDE] = {"ide-hd,bus=ide.0,drive=disk", "/dev/sda", false},
};

/* The one for an image that START tells of; of several that which FIRMWARE says, or else a BIOS. */
static const struct machine *
machine_for(const struct rootc_start *start, enum firmware firmware)
{
	if (firmware == FIRMWARE_ANY)
		firmware = start->bios ? FIRMWARE_BIOS : FIRMWARE_UEFI;
	if (firmware == FIRMWARE_BIOS)
		return &pc_bios;
	return start->efi_arm64 && !start->efi_x86_64 ? &arm64_uefi : &pc_uefi;
}

/* Whether M has all that it needs to start from a disk on BUS with sectors of SECTOR_SIZE bytes; else says what it lacks. */
static bool
is_complete(const struct machine *m, enum bus bus, unsigned sector_size)
{
	if (bus == BUS_IDE && !m->is_x86) {
		fprintf(stderr, "rootc: error: this image is for arm64, and QEMU's machine for it has no IDE\n");
		return false;
	}
	if (sector_size != USUAL_SECTOR && !disks[bus].any_sector) {
		fprintf(stderr, "rootc: error: this image is for a disk with sectors of %u bytes, which QEMU has none of on IDE or SATA; "
			"use --bus nvme or --bus virtio\n", sector_size);
		return false;
	}
	if (!m->code || (access(m->code, R_OK) == 0 && access(m->variables, R_OK) == 0))
		return true;
	fprintf(stderr, "rootc: error: there is no %s to boot this image with; on Debian: apt install %s\n", m->code, m->firmware_package);
	return false;
}

static const char *
machine_option(struct arena *a, const struct machine *m)
{
	bool is_host = m->is_x86 && access("/dev/kvm", R_OK | W_OK) == 0 && has_virtualisation();

	return arena_printf(a, "%s,accel=%s", m->type, is_host ? "kvm" : "tcg");
}

static const char *
disk_option(struct arena *a, enum bus bus, unsigned sector_size)
{
	if (sector_size == USUAL_SECTOR)
		return disks[bus].device;
	return arena_printf(a, "%s,logical_block_size=%u,physical_block_size=%u", disks[bus].device, sector_size, sector_size);
}

/* Snapshot keeps the image's bytes as they are. Never returns. */
_Noreturn static void
become_machine(struct arena *a, const struct invocation *in, const struct machine *m, const char *image)
{
	const char *drive = arena_printf(a, "file=%s,format=raw,if=none,id=disk,snapshot=on", drive_file(a, image));
	const char *memory = arena_printf(a, "%u", in->memory_mib);
	const char *argv[32] = {m->emulator, "-machine", machine_option(a, m), "-m", memory, "-display", "none", "-serial", "mon:stdio",
		"-no-reboot", "-nic", "none", "-drive", drive, "-device", disk_option(a, in->bus, in->options.sector_size)};
	size_t count = 0;

	while (argv[count])
		count++;
	if (in->bus == BUS_SATA) { /* AHCI is a controller; the disk is one device more */
		argv[count++] = "-device";
		argv[count++] = "ide-hd,bus=sata.0,drive=disk";
	}
	if (m->cpu) {
		argv[count++] = "-cpu";
		argv[count++] = m->cpu;
	}
	if (m->code) {
		argv[count++] = "-drive";
		argv[count++] = arena_printf(a, "if=pflash,format=raw,readonly=on,file=%s", m->code);
		argv[count++] = "-drive";
		argv[count++] = arena_printf(a, "if=pflash,format=raw,snapshot=on,file=%s", m->variables);
	}

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	execvp(m->emulator, (char *const *)argv);
	_exit(NOT_FOUND);
}

static volatile sig_atomic_t time_is_up;

static void
note_alarm(int number)
{
	(void)number;
	time_is_up = 1;
}

/*
 * Without SA_RESTART, so that the alarm ends a read or a wait; and again each second, since the first one may come just before
 * these begin.
 */
static void
set_alarm(unsigned seconds)
{
	struct sigaction action = {.sa_handler = note_alarm};
	struct itimerval when = {.it_value = {.tv_sec = seconds}, .it_interval = {.tv_sec = 1}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &when, NULL);
}

struct console {
	char kept[CONSOLE_KEPT + 1];
	size_t size;
};

/* Appends what was read; drops the oldest half when full. */
static void
keep(struct console *console, const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (console->size == CONSOLE_KEPT) {
			console->size = CONSOLE_KEPT / 2;
			memmove(console->kept, console->kept + CONSOLE_KEPT - console->size, console->size);
		}
		console->kept[console->size++] = bytes[i] ? bytes[i] : ' ';
	}
	console->kept[console->size] = '\0';
}

/* Copies the console to standard output until it shows TEXT, ends, or time is up. Whether TEXT was seen. */
static bool
watch(int fd, const char *text, struct console *console)
{
	char bytes[4096];
	ssize_t got;

	while (!time_is_up && (got = read(fd, bytes, sizeof bytes)) > 0) {
		fwrite(bytes, 1, (size_t)got, stdout);
		fflush(stdout);
		keep(console, bytes, (size_t)got);
		if (strstr(console->kept, text))
			return true;
	}
	return false;
}

static enum rootc_status
report_unseen(struct arena *a, const struct invocation *in, const struct console *console)
{
	const char *tail = console->size > TAIL_SHOWN ? console->kept + console->size - TAIL_SHOWN : console->kept;

	fprintf(stderr, "\nrootc: error: the console did not show '%s' ", text_escape(a, in->expect));
	if (time_is_up)
		fprintf(stderr, "within %u seconds", in->timeout_s);
	else
		fprintf(stderr, "before the machine stopped");
	fprintf(stderr, "; it ended with:\n%s\n", tail);
	return ROOTC_UNSEEN;
}

/* What an emulator that ended by itself means: it says itself why it cannot go on. */
static enum rootc_status
emulator_status(const struct machine *m, int wait_status)
{
	if (!WIFEXITED(wait_status) || WEXITSTATUS(wait_status) == 0)
		return ROOTC_DONE;
	if (WEXITSTATUS(wait_status) == NOT_FOUND)
		fprintf(stderr, "rootc: error: there is no %s; on Debian: apt install %s\n", m->emulator, m->emulator_package);
	else
		fprintf(stderr, "rootc: error: %s failed with status %d\n", m->emulator, WEXITSTATUS(wait_status));
	return ROOTC_OUTPUT;
}

/* Boots IMAGE until its console shows what is expected. */
static enum rootc_status
boot_and_watch(struct arena *a, const struct invocation *in, const struct machine *m, const char *image)
{
	struct console *console = arena_alloc(a, sizeof *console);
	int ends[2], wait_status = 0;
	enum rootc_status status;
	bool seen;
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0) {
		fprintf(stderr, "rootc: error: cannot start a process: %s\n", strerror(errno));
		return ROOTC_OUTPUT;
	}
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		become_machine(a, in, m, image);
	}
	close(ends[1]);
	/* On a terminal the console itself shows how far it is. */
	if (!isatty(STDOUT_FILENO))
		display_console(in->display, in->expect);
	set_alarm(in->timeout_s);
	seen = watch(ends[0], in->expect, console);
	set_alarm(0);
	display_over(in->display);
	close(ends[0]);
	kill(pid, SIGKILL); /* a gentler end would make it talk; its snapshot has no name and needs no cleaning */
	waitpid(pid, &wait_status, 0);
	if (seen)
		return ROOTC_DONE;
	status = emulator_status(m, wait_status);
	return status ? status : report_unseen(a, in, console);
}

/* Boots IMAGE with the terminal as its console, until it stops or time is up. */
static enum rootc_status
boot(struct arena *a, const struct invocation *in, const struct machine *m, const char *image)
{
	int wait_status = 0;
	pid_t pid = fork();

	if (pid < 0) {
		fprintf(stderr, "rootc: error: cannot start a process: %s\n", strerror(errno));
		return ROOTC_OUTPUT;
	}
	if (pid == 0)
		become_machine(a, in, m, image);
	if (isatty(STDIN_FILENO) && in->verbosity != VERBOSITY_QUIET)
		fprintf(stderr, "rootc: the console is below; ctrl-a x ends the machine\n");
	set_alarm(in->timeout_s);
	while (waitpid(pid, &wait_status, 0) < 0 && errno == EINTR)
		if (time_is_up)
			kill(pid, SIGTERM);
	set_alarm(0);
	return emulator_status(m, wait_status);
}

/* The only target in DIRECTORY; NULL with *STATUS set when it has none or several. */
static const char *
only_target(const struct invocation *in, struct arena *a, const char *directory, enum rootc_status *status)
{
	struct rootc *r = invocation_begin(in);
	const char *const *targets, *target = NULL;
	size_t count;

	*status = rootc_targets(r, &directory, 1, &targets, &count);
	if (*status == ROOTC_DONE && count == 1)
		target = arena_strdup(a, targets[0]);
	else if (*status == ROOTC_DONE)
		*status = usage_error("there are %zu targets in '%s': name one of them, such as '%s'", count, text_escape(a, directory),
			text_escape(a, targets[0]));
	*status = invocation_end(in, r, *status);
	return target;
}

/* The manifest that is meant by DIRECTORY: that of its name, which `init` makes, or else its only target. NULL with *STATUS set. */
static const char *
manifest_in(const struct invocation *in, struct arena *a, const char *directory, enum rootc_status *status)
{
	char *real = realpath(directory, NULL);
	const char *path = real ? text_below(a, directory, arena_printf(a, "%s.yaml", strrchr(real, '/') + 1)) : NULL;

	free(real);
	return path && access(path, F_OK) == 0 ? path : only_target(in, a, directory, status);
}

/* One step before the build, in a compilation of its own. *LACKS_LOCK: nothing is wrong but that there is no lock, and nothing is said. */
static enum rootc_status
prepare(const struct invocation *in, const char *manifest, enum rootc_status (*step)(struct rootc *, const char *), bool *lacks_lock)
{
	struct rootc *r = invocation_begin(in);
	enum rootc_status status = step(r, manifest);
	struct diagnostics *d = rootc_diagnostics(r);

	*lacks_lock = d->count == 1 && d->list[0]->kind == DIAG_LOCK_MISSING && in->options.locked != ROOTC_LOCKED_YES && !in->options.offline;
	if (*lacks_lock)
		d->count = d->error_count = 0;
	return invocation_end(in, r, status);
}

/* Locks what is not locked yet. */
static enum rootc_status
lock_new(struct rootc *r, const char *manifest)
{
	return rootc_lock(r, manifest, &(struct rootc_update){0});
}

/* What a manifest in a directory that was named as a whole lacks: the lock, if there is none, and what it names. */
static enum rootc_status
prepare_directory(const struct invocation *in, const char *manifest)
{
	bool lacks_lock;
	enum rootc_status status = prepare(in, manifest, rootc_fetch, &lacks_lock);

	if (!lacks_lock)
		return status;
	status = prepare(in, manifest, lock_new, &lacks_lock);
	if (status != ROOTC_DONE)
		return status;
	return prepare(in, manifest, rootc_fetch, &lacks_lock);
}

/*
 * The image to boot: the operand itself, or what the manifest builds, which then tells how large its sectors are. NULL with *STATUS set
 * when that fails.
 */
static const char *
image_of(struct invocation *in, struct rootc *r, enum rootc_status *status)
{
	struct arena *a = rootc_compilation(r)->arena;
	const char *manifest = in->operands[0];
	struct rootc_built built;

	*status = ROOTC_DONE;
	if (is_image(manifest))
		return manifest;
	if (file_is_directory(manifest) && (manifest = manifest_in(in, a, manifest, status)))
		*status = prepare_directory(in, manifest);
	if (*status == ROOTC_DONE)
		*status = rootc_build(r, manifest, in->output, &built);
	if (*status != ROOTC_DONE)
		return NULL;
	in->options.sector_size = built.sector_size;
	return built.path;
}

static enum rootc_status
run(const struct invocation *in)
{
	struct invocation filled = *in;
	struct rootc *r;
	struct arena *a;
	enum rootc_status status;
	const char *image;
	struct rootc_start start;
	const struct machine *m = NULL;

	filled.options.disk = disks[in->bus].name;
	filled.options.memory_bytes = (unsigned long long)in->memory_mib << 20;
	filled.options.on_serial_port = true;
	r = invocation_begin(&filled);
	a = rootc_compilation(r)->arena;
	image = image_of(&filled, r, &status);
	if (image) {
		start = rootc_start_of(image, filled.options.sector_size);
		filled.options.sector_size = start.sector_size;
		m = machine_for(&start, in->firmware);
	}
	if (!filled.memory_mib)
		filled.memory_mib = DEFAULT_MEMORY_MIB;
	if (in->expect && !filled.timeout_s)
		filled.timeout_s = DEFAULT_EXPECT_TIMEOUT_S;
	if (image && !is_complete(m, in->bus, filled.options.sector_size))
		status = ROOTC_OUTPUT;
	else if (image)
		status = in->expect ? boot_and_watch(a, &filled, m, image) : boot(a, &filled, m, image);
	return invocation_end(in, r, status);
}

const struct command command_run = {
	.name = "run",
	.operands = "IMAGE|MANIFEST|DIR",
	.summary = "boot an image in QEMU, on this terminal",
	.details = "Boots IMAGE, or what MANIFEST builds, with the serial port as console. The image is not changed: what the machine writes\n"
		"is forgotten. The machine is the one that the image is made for: with a BIOS, or with UEFI for x86-64 or arm64. Of DIR it takes\n"
		"the manifest of the same name, which 'rootc init' makes, or else the only target in it (see 'rootc targets'), and first locks\n"
		"(once) and fetches its packages, by the network. With --expect, exit status 6 when TEXT does not come.\n",
	.run = run,
	.mask = ON_RUN,
	.operands_least = 1,
	.operands_most = 1,
	.starts_processes = true,
};
