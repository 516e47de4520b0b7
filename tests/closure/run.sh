#!/bin/sh
# `rootc closure` beside the real loaders: this system's, over every ELF file in /usr, then those of foreign Debian roots under
# qemu-user. For each object, the names and the paths that the loader lists must be the ones that rootc lists, all of them and no
# other. usage: run.sh ROOTC [native | ARCHITECTURE]...
#
# Roots are made once, below build/closure; without an archive to make them from, or an emulator to run their loaders, they are
# skipped.
set -u
rootc=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- native s390x armhf arm64
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/closure/roots.sh
. "$here/roots.sh"
packages='bash coreutils util-linux systemd curl git openssh-client perl python3 iproute2 sudo e2fsprogs gawk vim-tiny libpam-modules'

# elf_files ROOT: the programs and libraries of ROOT, as paths in it; /bin, /sbin and /lib may be directories of their own, or links.
elf_files() {
	(cd "$1" && find bin sbin lib usr/bin usr/sbin usr/libexec usr/lib -xdev -type f -size +51c 2>/dev/null) | sort |
		ROOT=$1 perl -ne 'chomp; open(F, "<", "$ENV{ROOT}/$_") or next; read(F, $m, 18);
			print "/$_\n" if $m =~ /^\x7fELF.{12}(\0[\2\3]|[\2\3]\0)/s'
}

# listed: what the loader said about each object, behind a line "object PATH STATUS", as rootc says it: "OBJECT<TAB>NAME => PATH" in
# $tmp/loader, the object in $tmp/judged, or when the loader refused it, why in $tmp/refused. The vdso is no file.
listed() {
	awk -v dir="$tmp" '
		function end() {
			if (object == "") return
			if (status == 0 || lines || fixed) {
				print object >(dir "/judged")
				for (i = 0; i < lines; i++) print object "\t" line[i] >(dir "/loader")
			} else {
				sub(/.*loading shared libraries: /, "", why)
				gsub(/\/[^ :]*/, "FILE", why)
				print why >(dir "/refused")
			}
		}
		/^object / { end(); object = $2; status = $3; lines = fixed = 0; why = "no reason given"; next }
		/^\tstatically linked$/ { fixed = 1; next }
		/^\tlinux-(vdso|gate)/ { next }
		/^\t[^ ]* => not found$/ { line[lines++] = substr($0, 2); next }
		/^\t[^ ]* => \/.* \(0x/ { line[lines++] = $1 " => " $3; next }
		/^\t\/[^ ]* \(0x/ { line[lines++] = $1 " => " $1; next }
		!/^\t/ && why == "no reason given" { why = $0 }
		END { end() }'
}

# judge NAME: compares $tmp/loader with $tmp/rootc, "OBJECT<TAB>NAME => PATH", over the objects in $tmp/judged.
judge() {
	sort -u "$tmp/loader" >"$tmp/loader.sorted"
	awk -F '\t' 'NR == FNR { judged[$0]; next } $1 in judged' "$tmp/judged" "$tmp/rootc" | sort -u >"$tmp/rootc.sorted"
	comm -3 "$tmp/loader.sorted" "$tmp/rootc.sorted" >"$tmp/differences"
	sed 's/^\t//; s/\t.*//' "$tmp/differences" | sort -u >"$tmp/wrong"
	objects=$(wc -l <"$tmp/judged") edges=$(wc -l <"$tmp/loader.sorted") wrong=$(wc -l <"$tmp/wrong")
	both=$(comm -12 "$tmp/loader.sorted" "$tmp/rootc.sorted" | wc -l)
	{
		echo "$1: $objects objects, $edges edges; $((objects - wrong)) objects and $both edges agree, $wrong objects disagree"
		sort "$tmp/refused" | uniq -c | sed 's/^ *\([0-9]*\) /    not judged: \1, which the loader refuses: /'
		sed 's/^\t/    only rootc:  /; t; s/^/    only loader: /' "$tmp/differences" | head -n 60
	} >"$tmp/report"
	cat "$tmp/report" # at once: other suites may be writing too
	if [ "$objects" -gt 0 ] && [ "$wrong" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# compare NAME ROOT COMMAND...: COMMAND OBJECT is the loader's word on each object of ROOT. What the loader refuses (another machine,
# an object file) is counted, and not judged.
compare() {
	name=$1 root=$2
	shift 2
	for file in loader judged refused; do
		: >"$tmp/$file"
	done
	elf_files "$root" >"$tmp/objects"
	while read -r object; do
		said=$("$@" "$object" </dev/null 2>&1)
		printf 'object %s %d\n%s\n' "$object" $? "$said"
	done <"$tmp/objects" 2>/dev/null | listed # the shell itself tells of loaders that crash
	tr '\n' '\0' <"$tmp/objects" | xargs -0 -s 2000000 "$rootc" closure --root "$root" >"$tmp/rootc" 2>"$tmp/complaints"
	judge "$name"
}

native() {
	compare native / env -i LD_TRACE_LOADED_OBJECTS=1 "$(interpreter /bin/sh)"
}

# make_root ARCHITECTURE ROOT: unpacks the packages and all they depend on.
make_root() {
	apt_of "$1" update >/dev/null 2>&1 # what it got may do, even if it complains
	# shellcheck disable=SC2086  # the list is meant to split
	apt_of "$1" --yes --download-only install $packages >/dev/null 2>&1 || return 1
	rm -rf "$2.new"
	mkdir "$2.new"
	for file in "$build/apt-$1"/cache/archives/*.deb; do
		dpkg -x "$file" "$2.new" || return 1
	done
	mv "$2.new" "$2"
	rm -rf "$build/apt-$1"
	echo "made a root for $1"
}

foreign() {
	root=$build/$1 emulator=$(command -v "qemu-$2-static") enter=chroot
	[ -n "$emulator" ] || { skip "$1" "no qemu-$2-static"; return; }
	[ "$(id -u)" -eq 0 ] || enter='unshare --map-root-user chroot'
	$enter / true 2>/dev/null || { skip "$1" 'only root can change its root here'; return; }
	[ -d "$root" ] || make_root "$1" "$root" || { skip "$1" 'apt brings no packages of it'; return; }
	cmp -s "$emulator" "$root/emulator" || cp "$emulator" "$root/emulator" || return
	# shellcheck disable=SC2086  # one word, or three
	compare "$1" "$root" $enter "$root" /emulator -E LD_TRACE_LOADED_OBJECTS=1 "$(interpreter "$root/bin/bash")"
}

for what; do
	case $what in
	native) native ;;
	armhf) foreign armhf arm ;;
	arm64) foreign arm64 aarch64 ;;
	ppc64el) foreign ppc64el ppc64le ;;
	*) foreign "$what" "$what" ;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
