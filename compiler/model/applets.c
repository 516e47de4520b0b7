#include "model/applets.h"

#include <stddef.h>
#include <string.h>

/*
 * The directories in which busybox installs its applets (its include/applets.src.h and the source files' APPLET lines,
 * 1.35 to 1.37). What stands in no row belongs in /bin.
 */
static const char *const in_sbin[] = {
	"acpid", "adjtimex", "arp", "blkid", "blockdev", "bootchartd", "depmod", "devmem", "fbsplash", "fdisk", "findfs",
	"freeramdisk", "fsck", "fsck.minix", "fstrim", "getty", "halt", "hdparm", "hwclock", "ifconfig", "ifdown", "ifenslave",
	"ifup", "init", "insmod", "ip", "ipaddr", "iplink", "ipneigh", "iproute", "iprule", "iptunnel", "klogd", "loadkmap",
	"logread", "losetup", "lsmod", "makedevs", "mdev", "mkdosfs", "mke2fs", "mkfs.ext2", "mkfs.minix", "mkfs.vfat", "mkswap",
	"modinfo", "modprobe", "nameif", "pivot_root", "poweroff", "raidautorun", "reboot", "rmmod", "route", "run-init",
	"runlevel", "setconsole", "slattach", "start-stop-daemon", "sulogin", "swapoff", "swapon", "switch_root", "sysctl",
	"syslogd", "tc", "tunctl", "tune2fs", "udhcpc", "uevent", "vconfig", "watchdog", "zcip", NULL};

static const char *const in_usr_sbin[] = {
	"add-shell", "addgroup", "adduser", "arping", "brctl", "chat", "chpasswd", "chroot", "crond", "delgroup", "deluser",
	"dhcprelay", "dnsd", "fakeidentd", "fbset", "fsfreeze", "ftpd", "httpd", "i2cdetect", "i2cdump", "i2cget", "i2cset",
	"i2ctransfer", "inetd", "killall5", "loadfont", "lpd", "mim", "nanddump", "nandwrite", "nbd-client", "nologin", "ntpd",
	"partprobe", "popmaildir", "powertop", "rdate", "rdev", "readahead", "readprofile", "remove-shell", "rtcwake", "seedrng",
	"sendmail", "setfont", "setlogcons", "svlogd", "telnetd", "tftpd", "ubiattach", "ubidetach", "ubimkvol", "ubirename",
	"ubirmvol", "ubirsvol", "ubiupdatevol", "udhcpd", NULL};

static const char *const in_usr_bin[] = {
	"[", "[[", "ar", "ascii", "awk", "basename", "bc", "beep", "blkdiscard", "bunzip2", "bzcat", "bzip2", "cal", "chpst",
	"chrt", "chvt", "cksum", "clear", "cmp", "comm", "crc32", "crontab", "cryptpw", "cut", "dc", "deallocvt", "diff",
	"dirname", "dos2unix", "dpkg", "dpkg-deb", "du", "dumpleases", "eject", "env", "envdir", "envuidgid", "expand", "expr",
	"factor", "fallocate", "fgconsole", "find", "flock", "fold", "free", "ftpget", "ftpput", "fuser", "groups", "hd", "head",
	"hexdump", "hexedit", "hostid", "id", "install", "ipcrm", "ipcs", "killall", "last", "less", "logger", "logname", "lpq",
	"lpr", "lsof", "lspci", "lsscsi", "lsusb", "lzcat", "lzma", "lzopcat", "man", "md5sum", "mesg", "microcom", "mkfifo",
	"mkpasswd", "nc", "nl", "nmeter", "nohup", "nproc", "nsenter", "nslookup", "od", "openvt", "passwd", "paste", "patch",
	"pgrep", "pkill", "pmap", "printf", "pscan", "pstree", "pwdx", "realpath", "renice", "reset", "resize", "rpm2cpio",
	"runsv", "runsvdir", "rx", "script", "scriptreplay", "seq", "setfattr", "setkeycodes", "setsid", "setuidgid", "sha1sum",
	"sha256sum", "sha3sum", "sha512sum", "showkey", "shred", "shuf", "softlimit", "sort", "split", "ssl_client", "strings",
	"sum", "sv", "svc", "svok", "tac", "tail", "taskset", "tcpsvd", "tee", "telnet", "test", "tftp", "time", "timeout", "top",
	"tr", "traceroute", "traceroute6", "tree", "truncate", "ts", "tty", "ttysize", "udpsvd", "unexpand", "uniq", "unix2dos",
	"unlink", "unlzma", "unshare", "unxz", "unzip", "uptime", "users", "uudecode", "uuencode", "vlock", "volname", "w",
	"wall", "wc", "wget", "which", "who", "whoami", "whois", "xargs", "xxd", "xz", "xzcat", "yes", NULL};

static const char *const at_the_root[] = {"linuxrc", NULL};

static const struct {
	const char *directory;
	const char *const *applets;
} homes[] = {
	{"/sbin", in_sbin},
	{"/usr/sbin", in_usr_sbin},
	{"/usr/bin", in_usr_bin},
	{"", at_the_root},
};

const char *
applet_directory(const char *applet)
{
	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
		for (size_t k = 0; homes[i].applets[k]; k++)
			if (strcmp(homes[i].applets[k], applet) == 0)
				return homes[i].directory;
	return "/bin";
}
