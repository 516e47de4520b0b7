/*
 * Decides what the initial ramdisk holds: a small root file system of its own, described by a manifest of its own, so that busybox
 * and modules bring into it what they need by the same code as into the image; and whether it keeps all that is to be in it.
 */
#include "plan/plan.h"

#include <inttypes.h>

#include "plan/attributes.h"
#include "support/compilation.h"

/* Runs as the first process. Every command in it is an applet of the table below. It begins so ... */
static const char init_begin[] =
	"#!/bin/sh\n"
	"# Loads the kernel modules, waits for the root file system that the kernel's command line names, and gives over to its init.\n"
	"export PATH=/bin:/sbin:/usr/bin:/usr/sbin\n"
	"\n"
	"give_up() {\n"
	"\techo \"initramfs: $1\"\n"
	"\techo \"initramfs: block devices:$(cd /sys/class/block && for name in *; do echo -n \" $name\"; done)\"\n"
	"\texec sh\n"
	"}\n"
	"\n"
	"# hex FILE OFFSET COUNT: bytes as words of two digits\n"
	"hex() { hexdump -v -s \"$2\" -n \"$3\" -e '/1 \"%02x \"' \"$1\" 2>/dev/null; }\n"
	"\n"
	"# number WORD...: what these bytes are, the lowest first\n"
	"number() {\n"
	"\tdigits=''\n"
	"\tfor byte; do digits=$byte$digits; done\n"
	"\techo $((0x$digits))\n"
	"}\n"
	"\n";

/* ... goes on so, with numbers of bytes: of the disk's sectors, whose second has the header of a GPT, and two places in that ... */
static const char init_partuuid[] =
	"# partuuid DISK NUMBER: as the kernel writes it, of a partition in a GPT or an MBR\n"
	"partuuid() {\n"
	"\tif [ \"$(hex \"/dev/$1\" %" PRIu32 " 8)\" = '45 46 49 20 50 41 52 54 ' ]; then\n"
	"\t\ttable=$(number $(hex \"/dev/$1\" %" PRIu32 " 8)) size=$(number $(hex \"/dev/$1\" %" PRIu32 " 4))\n"
	"\t\tset -- $(hex \"/dev/$1\" $((table * %" PRIu32 " + ($2 - 1) * size + 16)) 16)\n"
	"\t\techo \"$4$3$2$1-$6$5-$8$7-$9${10}-${11}${12}${13}${14}${15}${16}\"\n"
	"\telse\n"
	"\t\tpart=$2\n"
	"\t\tset -- $(hex \"/dev/$1\" 440 4)\n"
	"\t\tprintf '%%s%%s%%s%%s-%%02x\\n' \"$4\" \"$3\" \"$2\" \"$1\" \"$part\"\n"
	"\tfi\n"
	"}\n"
	"\n";

/* ... and ends so. */
static const char init_end[] =
	"# find_partuuid UUID: the device\n"
	"find_partuuid() {\n"
	"\tfor file in /sys/class/block/*/partition; do\n"
	"\t\t[ -e \"$file\" ] || continue\n"
	"\t\tdirectory=$(readlink -f \"${file%/partition}\") disk=${directory%/*}\n"
	"\t\t[ \"$(partuuid \"${disk##*/}\" \"$(cat \"$file\")\")\" != \"$1\" ] || { echo \"/dev/${directory##*/}\"; return; }\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# find_root: the device that root= means, or nothing while it is not there\n"
	"find_root() {\n"
	"\tcase $root in\n"
	"\tPARTUUID=*) find_partuuid \"$(echo \"${root#PARTUUID=}\" | tr A-F a-f)\" ;;\n"
	"\tUUID=* | LABEL=*) findfs \"$root\" 2>/dev/null ;;\n"
	"\t*) [ ! -b \"$root\" ] || echo \"$root\" ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"mount -t proc proc /proc\n"
	"mount -t sysfs sysfs /sys\n"
	"mount -t devtmpfs devtmpfs /dev\n"
	"# The list is in an order in which each finds what it needs. A module for hardware that is not there is no failure.\n"
	"for list in /lib/modules/*/modules.dep; do\n"
	"\t[ ! -e \"$list\" ] || while IFS=: read -r module _; do insmod \"${list%/*}/$module\" 2>/dev/null; done <\"$list\"\n"
	"done\n"
	"\n"
	"root='' mode=ro type='' flags='' init='' seconds=30\n"
	"for word in $(cat /proc/cmdline); do\n"
	"\tcase $word in\n"
	"\troot=*) root=${word#root=} ;;\n"
	"\tro | rw) mode=$word ;;\n"
	"\trootfstype=*) type=${word#rootfstype=} ;;\n"
	"\trootflags=*) flags=,${word#rootflags=} ;;\n"
	"\tinit=*) init=${word#init=} ;;\n"
	"\tesac\n"
	"done\n"
	"[ -n \"$root\" ] || give_up 'the command line has no root='\n"
	"while device=$(find_root) && [ -z \"$device\" ]; do\n"
	"\t[ \"$seconds\" -gt 0 ] || give_up \"there is no $root\"\n"
	"\tseconds=$((seconds - 1))\n"
	"\tsleep 1\n"
	"done\n"
	"mount -o \"$mode$flags\" ${type:+-t \"$type\"} \"$device\" /newroot || give_up \"cannot mount $device\"\n"
	"for try in /sbin/init /etc/init /bin/init /bin/sh; do\n"
	"\t[ -n \"$init\" ] || { [ ! -e \"/newroot$try\" ] && [ ! -L \"/newroot$try\" ]; } || init=$try\n"
	"done\n"
	"umount /dev /sys /proc\n"
	"exec switch_root /newroot \"$init\" \"$@\"\n";

static const char *const applets[] = {"cat", "echo", "findfs", "hexdump", "insmod", "mount", "printf", "readlink", "sh", "sleep",
	"switch_root", "tr", "umount"};

enum { APPLETS = sizeof applets / sizeof *applets };

struct ramdisk {
	struct compilation *c;
	const struct m_initramfs *from;
	struct manifest *m;
};

static struct m_text
text_at(struct span at, const char *text)
{
	return (struct m_text){.at = at, .v = text, .given = true};
}

static struct m_file *
add_file(struct ramdisk *k, const char *path)
{
	struct m_file *file = ARENA_PUSH(k->c->arena, k->m->files, k->m->file_count);

	*file = (struct m_file){.at = k->from->at, .key_at = k->from->at, .path = path};
	return file;
}

static void
add_directory(struct ramdisk *k, const char *path)
{
	add_file(k, path)->directory = (struct m_bool){.at = k->from->at, .v = true, .given = true};
}

static const char *
init_script(struct arena *a, uint32_t sector_size)
{
	enum { ENTRIES_LBA = 72, ENTRY_SIZE = 84 }; /* in the header */

	return arena_printf(a, "%s%s%s", init_begin,
		arena_printf(a, init_partuuid, sector_size, sector_size + ENTRIES_LBA, sector_size + ENTRY_SIZE, sector_size), init_end);
}

static void
add_init(struct ramdisk *k, uint32_t sector_size)
{
	struct m_file *init = add_file(k, "/init");

	init->mode = (struct m_mode){.at = k->from->at, .v = 0755, .given = true};
	if (k->from->init.given) {
		init->source = k->from->init;
		init->key_at = k->from->init.at;
	} else {
		init->content = text_at(k->from->at, init_script(k->c->arena, sector_size));
	}
}

static void
add_applets(struct ramdisk *k)
{
	struct m_texts *list = &k->m->busybox.applets;

	*list = (struct m_texts){.at = k->from->at, .v = ARENA_ARRAY(k->c->arena, struct m_text, APPLETS), .given = true};
	for (size_t i = 0; i < APPLETS; i++)
		list->v[list->count++] = text_at(k->from->at, applets[i]);
	k->m->busybox.is_for_init = true;
}

static void
add_console(struct ramdisk *k)
{
	struct m_device *console = ARENA_PUSH(k->c->arena, k->m->devices, k->m->device_count);

	*console = (struct m_device){
		.at = k->from->at,
		.key_at = k->from->at,
		.path = "/dev/console",
		.type.v = DEVICE_CHAR,
		.major.v = 5,
		.minor.v = 1,
		.mode = {.v = 0600, .given = true},
	};
}

const struct manifest *
plan_initramfs(struct compilation *c, const struct manifest *of, const struct kernel_facts *kernel)
{
	static const char *const directories[] = {"/dev", "/proc", "/sys", "/newroot"};
	struct manifest *m = ARENA_NEW(c->arena, struct manifest);
	struct ramdisk k = {.c = c, .from = &of->kernel.initramfs, .m = m};

	*m = (struct manifest){
		.at = k.from->at,
		.path = of->path,
		.directory = of->directory,
		.name = of->name,
		.epoch = of->epoch,
		.kernel = {.at = k.from->at, .given = true, .modules = k.from->modules, .facts = kernel},
		.busybox = of->busybox,
		.libraries = of->libraries,
	};
	for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
		add_directory(&k, directories[i]);
	add_init(&k, (uint32_t)of->disk.sector_size.bytes);
	if (m->busybox.given && !k.from->init.given) /* an init of the user's own may want other applets: those of the image */
		add_applets(&k);
	add_console(&k);
	return m;
}

/* Whether the ramdisk keeps NODE. */
static bool
fits(struct lost_attributes *lost, const struct node *node)
{
	if (!node->original)
		return attributes_lose(lost, node);
	diag_help(diag(&lost->c->diags, DIAG_UNSTORABLE, node->why->at, "'%s' cannot be stored: an initial ramdisk has no hard links",
		node_path(lost->c, node)), "write 'link: PATH', or a second file with the same 'source'");
	return false;
}

/* The same of NODE and all below it that lies on no partition. Recursion is as deep as the paths are. */
static bool
all_fit(struct lost_attributes *lost, const struct node *node)
{
	bool good = fits(lost, node);

	for (size_t i = 0; i < node->child_count && !node->is_mount; i++)
		good &= all_fit(lost, node->children[i]);
	return good;
}

bool
plan_fits_initramfs(struct compilation *c, const struct manifest *m, const struct tree *tree)
{
	struct lost_attributes lost = {.c = c, .where = "an initial ramdisk", .only_root = !m->kernel.initramfs.mount.given};
	bool good = all_fit(&lost, tree->root);

	attributes_report(&lost);
	return good;
}
