#include "model/applets.h"

#include <stddef.h>
#include <string.h>

/*
 * The directories in which busybox installs its applets (its include/applets.src.h and the source files' APPLET lines,
 * 1.35 to 1.37, but readlink, which Debian has in /bin). What stands in no row belongs in /bin.
 */
static const char *const in_sbin[] = {
	"acpid", "adjtimex", "arp", "blkid", "blockdev", "bootchartd", "depmod", "devfsd", "devmem", "e2label", "fbsplash",
	"fdisk", "findfs", "freeramdisk", "fsck", "fsck.minix", "fstrim", "getty", "halt", "hdparm", "hwclock", "ifconfig",
	"ifdown", "ifenslave", "ifup", "init", "inotifyd", "insmod", "ip", "ipaddr", "iplink", "ipneigh", "iproute", "iprule",
	"iptunnel", "klogd", "loadkmap", "logread", "losetup", "lsmod", "makedevs", "mdev", "mkdosfs", "mke2fs", "mkfs.ext2",
	"mkfs.ext3", "mkfs.minix", "mkfs.reiser", "mkfs.vfat", "mkswap", "modinfo", "modprobe", "nameif", "pivot_root",
	"poweroff", "raidautorun", "reboot", "restorecon", "rmmod", "route", "run-init", "runlevel", "setconsole", "setfiles",
	"slattach", "start-stop-daemon", "sulogin", "swapoff", "swapon", "switch_root", "sysctl", "syslogd", "tc", "tunctl",
	"tune2fs", "udhcpc", "uevent", "vconfig", "watchdog", "zcip", NULL};

static const char *const in_usr_sbin[] = {
	"add-shell", "addgroup", "adduser", "arping", "brctl", "chat", "chpasswd", "chroot", "crond", "delgroup", "deluser",
	"dhcprelay", "dnsd", "ether-wake", "fakeidentd", "fbset", "fdformat", "flash_eraseall", "flash_lock", "flash_unlock",
	"flashcp", "fsfreeze", "ftpd", "getenforce", "getsebool", "httpd", "i2cdetect", "i2cdump", "i2cget", "i2cset",
	"i2ctransfer", "ifplugd", "inetd", "killall5", "load_policy", "loadfont", "lpd", "matchpathcon", "mim", "nanddump",
	"nandwrite", "nbd-client", "nologin", "ntpd", "partprobe", "popmaildir", "powertop", "rdate", "rdev", "readahead",
	"readprofile", "remove-shell", "rfkill", "rtcwake", "seedrng", "selinuxenabled", "sendmail", "sestatus", "setenforce",
	"setfont", "setlogcons", "setsebool", "svlogd", "telnetd", "tftpd", "ubiattach", "ubidetach", "ubimkvol", "ubirename",
	"ubirmvol", "ubirsvol", "ubiupdatevol", "udhcpd", NULL};

static const char *const in_usr_bin[] = {
	"[", "[[", "ar", "ascii", "awk", "basename", "bc", "beep", "blkdiscard", "bunzip2", "bzcat", "bzip2", "cal", "chcon",
	"chpst", "chrt", "chvt", "cksum", "clear", "cmp", "comm", "crc32", "crontab", "cryptpw", "cut", "dc", "deallocvt",
	"diff", "dirname", "dos2unix", "dpkg", "dpkg-deb", "du", "dumpleases", "eject", "env", "envdir", "envuidgid", "expand",
	"expr", "factor", "fallocate", "fgconsole", "find", "flock", "fold", "free", "ftpget", "ftpput", "fuser", "getfattr",
	"groups", "hd", "head", "hexdump", "hexedit", "hostid", "id", "install", "ipcrm", "ipcs", "killall", "last", "less",
	"logger", "logname", "lpq", "lpr", "lsof", "lspci", "lsscsi", "lsusb", "lzcat", "lzma", "lzopcat", "man", "md5sum",
	"mesg", "microcom", "mkfifo", "mkpasswd", "nc", "netcat", "nl", "nmeter", "nohup", "nproc", "nsenter", "nslookup", "od",
	"openvt", "passwd", "paste", "patch", "pgrep", "pkill", "pmap", "printf", "pscan", "pstree", "pwdx", "realpath",
	"renice", "reset", "resize", "rpm2cpio", "runcon", "runsv", "runsvdir", "rx", "script", "seq", "setfattr", "setkeycodes",
	"setsid", "setuidgid", "sha1sum", "sha256sum", "sha3sum", "sha512sum", "showkey", "shred", "shuf", "smemcap",
	"softlimit", "sort", "split", "ssl_client", "strings", "sum", "sv", "svc", "svok", "tac", "tail", "taskset", "tcpsvd",
	"tee", "telnet", "test", "tftp", "time", "timeout", "top", "tr", "traceroute", "traceroute6", "tree", "truncate", "ts",
	"tsort", "tty", "ttysize", "udhcpc6", "udpsvd", "unexpand", "uniq", "unit", "unix2dos", "unlink", "unlzma", "unlzop",
	"unshare", "unxz", "unzip", "uptime", "users", "uudecode", "uuencode", "vlock", "volname", "w", "wall", "wc", "wget",
	"which", "who", "whoami", "whois", "xargs", "xxd", "xz", "xzcat", "yes", NULL};

static const char *const at_the_root[] = {"linuxrc", NULL};

const char *const applet_directories[] = {"/bin", "/sbin", "/usr/sbin", "/usr/bin", "", NULL};
static const char *const *const applets_in[] = {NULL, in_sbin, in_usr_sbin, in_usr_bin, at_the_root};

const char *
applet_directory(const char *applet)
{
	for (size_t i = 1; applet_directories[i]; i++)
		for (size_t k = 0; applets_in[i][k]; k++)
			if (strcmp(applets_in[i][k], applet) == 0)
				return applet_directories[i];
	return applet_directories[0];
}
