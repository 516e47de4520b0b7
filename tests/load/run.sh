#!/bin/sh
# Images read back. For every golden image whose partitions are all ext2, ext3 or ext4, what `rootc inspect` sees is what
# `rootc plan` said; verify finds nothing; owners cover each byte once. Then images by mke2fs, and damaged ones.
# usage: run.sh ROOTC [CASE]...
set -u
unset CDPATH
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden
rootc=$(realpath "$1")
shift
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
out=$tmp/out passed=0 failed=0 skipped=0
# shellcheck disable=SC1091 # checked by itself
. "$golden/image.sh"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 20q' "$3"; }

# same NAME WORDS EXPECTED SEEN
same() {
	if diff -u "$3" "$4" >"$out"; then pass; else fail "$1" "$2" "$out"; fi
}

# What only a manifest can know: the names of an MBR's partitions, where they are mounted, which name of a file came first.
anonymous() {
	paths=' 0100.* links [2-9]'
	[ "$mounts" = 1 ] || paths=
	sed -e "/^inode [0-9]* mode$paths/s/ [/<].*\$//" -e 's/^\([0-9.]* partition [0-9]*\) [^ ]* type/\1 type/' -e 's/^\(partition [0-9]*\) .*/\1/' \
		-e '/^[0-9.]* partition /s/ at \/.*$//' "$1"
}

# owners CASE IMAGE: each begins where the last one ended, and the last one ends with the image
owners() {
	"$rootc" inspect --owners "$2" | awk -v size="$(stat -c %s "$2")" '
		{ split($1, at, /\.\./); if (at[1] != next_byte) { print "at byte " next_byte ": " $0; exit } next_byte = at[2] + 1 }
		END { if (next_byte != size) print "end at byte " next_byte " of " size }' >"$out"
	if [ -s "$out" ]; then fail "$1" "its owners do not cover it once" "$out"; else pass; fi
}

check_golden() {
	image=$tmp/image.img
	"$rootc" build -o "$image" --store "$tmp/store" "$1.yaml" >/dev/null 2>"$out" || { fail "$1" "does not build" "$out"; return; }
	"$rootc" plan --map --store "$tmp/store" "$1.yaml" >"$tmp/planned" 2>/dev/null
	mounts=$(grep -c '^[0-9.]* partition .* ext[234]' "$tmp/planned")
	grep -q '^[0-9.]* partition .* at /$' "$tmp/planned" || mounts=0
	anonymous "$tmp/planned" >"$tmp/expected"
	"$rootc" inspect --map "$image" >"$tmp/seen" 2>"$out" || fail "$1" "cannot be inspected" "$out"
	anonymous "$tmp/seen" >"$tmp/known"
	same "$1" "its map is not what was planned" "$tmp/expected" "$tmp/known"
	if [ "$mounts" = 1 ]; then
		"$rootc" plan --tree --store "$tmp/store" "$1.yaml" 2>/dev/null | same_names >"$tmp/expected"
		"$rootc" inspect --tree "$image" | same_names >"$tmp/known"
		same "$1" "its tree is not what was planned" "$tmp/expected" "$tmp/known"
	fi
	if "$rootc" verify "$image" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail "$1" "verify finds something" "$out"; fi
	owners "$1" "$image"
}

# foreign NAME MKE2FS-ARGUMENT...: a file system of the tree in $tmp/tree, on which verify and e2fsck agree
foreign() {
	name=$1
	shift
	rm -f "$tmp/image.img"
	mke2fs -q -F -d "$tmp/tree" "$@" "$tmp/image.img" 24M >"$out" 2>&1 || { fail "$name" "mke2fs fails" "$out"; return; }
	if "$rootc" verify "$tmp/image.img" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail "$name" "verify finds something" "$out"; fi
	"$rootc" inspect --tree "$tmp/image.img" | sed -n 's/^[0-7]* [0-9:]* [a-z]* *\(\/[^ ]*\).*/\1/p' | sort >"$tmp/seen"
	(cd "$tmp/tree" && find . | sed 's/^\.//; s/^$/\//' | sort) >"$tmp/expected"
	same "$name" "has another tree" "$tmp/expected" "$tmp/seen"
	owners "$name" "$tmp/image.img"
}

# damaged NAME STATUS: the image in $tmp/bad.img gets this exit status of verify, and a finding; inspect survives it
damaged() {
	timeout 20 "$rootc" verify "$tmp/bad.img" >"$out" 2>&1
	status=$?
	if [ "$status" = "$2" ] && [ -s "$out" ]; then pass; else fail "$1" "verify gives $status, not $2" "$out"; fi
	timeout 20 "$rootc" inspect --tree --map "$tmp/bad.img" >/dev/null 2>"$out" || fail "$1" "inspect gives $?" "$out"
	[ ! -s "$tmp/bad.img" ] || owners "$1" "$tmp/bad.img"
}

mkdir -p "$tmp/w/ok" "$tmp/store" && cd "$tmp/w" || exit 1
"$golden/inputs/make.sh" "$tmp/w/inputs" "${MKELF:-$here/../../build/tools/mkelf}" || fail inputs "cannot be made"
for file in "$golden"/ok/*.sha256; do
	name=ok/$(basename "$file" .sha256)
	case $name in *"${1-}"*) ;; *) continue ;; esac
	# what load/ does not read yet
	if grep -q '^[0-9.]* partition .* \(vfat\|swap\|raw\)' "$golden/$name.map"; then continue; fi
	for base in "$golden/$name".*.base; do
		[ ! -e "$base" ] || cp "$base" ok
	done
	if [ -e "$golden/$name.gen" ]; then sh "$golden/$name.gen" >"$name.yaml"; else cp "$golden/$name.yaml" "$name.yaml"; fi
	[ ! -e "$golden/$name.lock" ] || cp "$golden/$name.lock" "$name.lock"
	check_golden "$name"
done

mkdir -p "$tmp/tree/many" "$tmp/tree/a/b" && cd "$tmp/tree" || exit 1
seq 1 300000 >large
: >empty
echo text >a/b/small
ln -s a/b/small short
ln -s "/$(printf '%080d' 7)" long
i=0
while [ $i -lt 400 ]; do : >many/"a rather long name that fills blocks".$i; i=$((i + 1)); done
mv many/* a/b/ && for f in a/b/*.*; do mv "$f" "many/$(basename "$f" | tr ' ' _)"; done
for type in ext2 ext3 ext4; do
	for block in 1024 2048 4096; do
		for inode in 128 256; do
			foreign "$type-$block-$inode" -t $type -b $block -I $inode
		done
	done
done

# two files with one block of attributes, as Linux makes them
image=$tmp/image.img
mke2fs -q -F -t ext2 -b 1024 -I 128 -d "$tmp/tree" "$image" 16M >/dev/null 2>&1
debugfs -w -R 'ea_set large user.note shared' "$image" >/dev/null 2>&1
block=$(debugfs -R 'stat large' "$image" 2>/dev/null | sed -n 's/.*File ACL: \([0-9]*\).*/\1/p')
debugfs -w -R "sif empty file_acl $block" "$image" >/dev/null 2>&1
debugfs -w -R 'sif empty blocks 2' "$image" >/dev/null 2>&1
printf '\002' | dd of="$image" bs=1 seek=$((block * 1024 + 4)) conv=notrunc 2>/dev/null
e2fsck -fn "$image" >"$out" 2>&1 || fail "shared attributes" "e2fsck finds something" "$out"
"$rootc" verify "$image" >"$tmp/seen" 2>&1
: >"$tmp/expected"
same "shared attributes" "verify finds something" "$tmp/expected" "$tmp/seen"
"$rootc" inspect --tree "$image" | grep -c 'user.note="*shared' >"$tmp/seen"
echo 2 >"$tmp/expected"
same "shared attributes" "not both files have them" "$tmp/expected" "$tmp/seen"

base=$tmp/base.img
mke2fs -q -F -t ext4 -b 1024 -d "$tmp/tree" "$base" 16M >/dev/null 2>&1
: >"$tmp/bad.img"; damaged empty 4
dd if=/dev/zero of="$tmp/bad.img" bs=1M count=1 2>/dev/null; damaged zeros 4
seq 1 100000 >"$tmp/bad.img"; damaged text 4
for size in 1 512 1500 2048 100000 8000000; do head -c $size "$base" >"$tmp/bad.img"; damaged "cut at $size" 4; done
# absurd numbers in the superblock: offset in it, four bytes
for field in '0 inodes' '4 blocks' '20 first-block' '24 block-size' '32 group' '40 inodes-in-group' '88 inode-size'; do
	cp "$base" "$tmp/bad.img"
	printf '\377\377\377\377' | dd of="$tmp/bad.img" bs=1 seek=$((1024 + ${field%% *})) conv=notrunc 2>/dev/null
	damaged "absurd ${field#* }" 4
done
cp "$base" "$tmp/bad.img"
debugfs -w -R "sif large block[5] 0xfffffff0" "$tmp/bad.img" >/dev/null 2>&1; damaged "a map beyond the device" 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "ln a a/b/loop" "$tmp/bad.img" >/dev/null 2>&1; damaged "a directory in itself" 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "ln large lost+found/1" "$tmp/bad.img" >/dev/null 2>&1; damaged "a file in lost+found that counts one name" 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "ssv free_blocks_count 5" "$tmp/bad.img" >/dev/null 2>&1; damaged "a sum of free blocks" 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "ssv free_inodes_count 5" "$tmp/bad.img" >/dev/null 2>&1; damaged "a sum of free inodes" 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "sif a links_count 9" "$tmp/bad.img" >/dev/null 2>&1; damaged "the links of a directory" 4
mke2fs -q -F -t ext2 -b 1024 -d "$tmp/tree" "$tmp/bad.img" 16M >/dev/null 2>&1
block=$(debugfs -R "blocks a/b" "$tmp/bad.img" 2>/dev/null | cut -d ' ' -f 1)
printf '\013' | dd of="$tmp/bad.img" bs=1 seek=$((block * 1024 + 12)) conv=notrunc 2>/dev/null; damaged "a directory's .." 4
cp "$base" "$tmp/bad.img"
debugfs -w -R "clri large" "$tmp/bad.img" >/dev/null 2>&1; damaged "an inode of zeros" 4
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
