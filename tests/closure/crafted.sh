#!/bin/sh
# Small roots in which the rules of a loader show one by one: what a program loads in each, by the loader itself inside that root,
# by `rootc closure`, and as it is written here. usage: crafted.sh ROOTC [glibc | musl]...
#
# The files are made by tests/tools/mkelf, so that a root needs nothing else than the loader. Numbers are those of elf-rules.
set -u
# The cases are entered by chroot, with /proc in them: both in a mount namespace, and for all but root also a user namespace.
if [ "${1-}" != --inside ]; then
	map=
	[ "$(id -u)" -eq 0 ] || map=--map-root-user
	# shellcheck disable=SC2086  # an option, or none
	if unshare $map --mount true 2>/dev/null; then exec unshare $map --mount "$0" --inside "$@"; fi
	echo 'skipped crafted: only root can change its root here'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi
rootc=$(realpath "$2")
shift 2
[ $# -gt 0 ] || set -- glibc musl
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/closure/roots.sh
. "$here/roots.sh"
mkelf=$here/../../build/tools/mkelf
root=$tmp/root

# --- what a case is made of

# given NAME: a new case, with nothing but the loader in its root.
given() {
	name=$1 asked=/opt/bin/prog how=started user=0
	for old in "$root"/*; do
		[ "$old" = "$root/proc" ] || rm -rf "$old"
	done
	put "$interp"
	cp -L "$interp" "$root$interp"
}

# put PATH: makes its directory.
put() { [ -d "$root${1%/*}" ] || mkdir -p "$root${1%/*}"; }

elf() {
	path=$1
	shift
	put "$path"
	# shellcheck disable=SC2086  # options
	"$mkelf" --hash sysv $kind "$@" "$root$path"
}

# program [OPTION]...: the program that is asked about.
program() {
	elf /opt/bin/prog --type exec --interp "$interp" "$@"
	chmod 755 "$root/opt/bin/prog"
}

# library PATH [OPTION]...
library() { elf "$@"; }

# text PATH TEXT, as printf has it
text() {
	put "$1"
	# shellcheck disable=SC2059  # it is meant to be a format
	printf "$2" >"$root$1"
}

# link PATH TARGET
link() {
	put "$1"
	ln -s "$2" "$root$1"
}

# patch PATH OFFSET BYTES, as printf has them
patch() {
	# shellcheck disable=SC2059  # it is meant to be a format
	printf "$3" | dd of="$root$1" bs=1 seek="$2" conv=notrunc status=none
}

# expect [LINE]...: what is loaded, without the loader itself: "NAME => PATH", "NAME => not found", or instead of all that
# "refused NAME", when the loader ends the program because of what it found.
expect() {
	[ $# -eq 0 ] || printf '%s\n' "$@" | sort >"$tmp/expected"
	[ $# -gt 0 ] || : >"$tmp/expected"
	"by_$loader" "$asked" | told >"$tmp/loader"
	by_rootc "$asked" | told >"$tmp/rootc"
	if cmp -s "$tmp/expected" "$tmp/loader" && cmp -s "$tmp/expected" "$tmp/rootc"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $loader $name"
		for who in expected loader rootc; do sed "s/^/    $who: /" "$tmp/$who"; done
	fi
}

# What was said, on standard input, as expect has it.
told() {
	grep -v "/${interp##*/}\$" | sort -u >"$tmp/told"
	grep '^refused ' "$tmp/told" || cat "$tmp/told"
}

by_rootc() {
	"$rootc" closure --root "$root" "$1" 2>"$tmp/complaints" | sed "s/^[^\t]*\t//"
	sed -n "
		s/.*for the library '\([^']*\)' the $loader loader takes .*/refused \1/p
		s/.*'[^']*\/\([^'/]*\)' is not a usable ELF file.*/refused \1/p" "$tmp/complaints"
}

# inside COMMAND...: runs it in the root, as the user $user, with nothing in its environment but $settings.
inside() {
	# shellcheck disable=SC2016  # perl's
	perl -e 'chroot shift; chdir "/"; %ENV = map { split /=/, $_, 2 } split / /, shift; $< = $> = shift; exec @ARGV or die $!' \
		"$root" "$settings" "$user" "$@" 2>&1
}

# --- the loaders

# LD_TRACE_LOADED_OBJECTS is what ldd sets; the CPU is one without what the directories of glibc-hwcaps ask for. Where $how is
# "listed", the loader lists the program without starting it: then what is not found ends it. Where it is "run", it runs: a secure
# program is not traced, but it tells what it does not find.
by_glibc() {
	settings='GLIBC_TUNABLES=glibc.cpu.hwcaps=-SSE4_2,-POPCNT,-AVX2_Usable'
	if [ "$how" = listed ]; then
		inside "$interp" --list "$1"
	elif [ "$how" = run ]; then
		inside "$1"
	else
		settings="LD_TRACE_LOADED_OBJECTS=1 $settings"
		inside "$1"
	fi | sed -n "
		/^\tlinux-vdso/d
		s/.*error while loading shared libraries: \(.*\): cannot open shared object file: No such.*/\1 => not found/p
		s/.*error while loading shared libraries: \([^:]*\/\)*\([^:/]*\): .*/refused \2/p
		s/^\t\(.*\) (0x[0-9a-f]*)\$/\1/
		s/^\t\(.* => not found\)\$/\1/
		/^\//s/^[^ ]*\$/& => &/
		/ => /p"
}

# Where $how is "run", the program tells it itself. An error that is none: there was no directory to look into.
by_musl() {
	settings=
	if [ "$how" = run ]; then inside "$1"; else inside "$interp" --list "$1"; fi | sed -n "
		s/: No error information (needed/: No such file or directory (needed/
		s/^\t\(.*\) (0x[0-9a-f]*)\$/\1/p
		s/^Error loading shared library \(.*\): No such file or directory (needed by .*/\1 => not found/p
		s/^Error loading shared library \([^:]*\): .*/refused \1/p"
}

# use LOADER INTERPRETER: who judges the cases that follow.
use() {
	loader=$1 interp=$2
	kind=$(kind "$interp")
}

mkdir -p "$root/proc"
mount --rbind /proc "$root/proc" || exit 1
trap 'umount -l "$root/proc"; rm -rf --one-file-system "$tmp"' EXIT
for what; do
	case $what in
	glibc)
		use glibc "$(interpreter /bin/sh)"
		# shellcheck source=tests/closure/glibc.sh
		. "$here/glibc.sh"
		;;
	musl)
		for file in /lib/ld-musl-*.so.1; do
			[ -e "$file" ] || { skip musl 'it is not installed'; continue; }
			use musl "$file"
			# shellcheck source=tests/closure/musl.sh
			. "$here/musl.sh"
		done
		;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
