#!/bin/sh
# File systems of the largest sizes: e2fsck and verify believe them, and they cost what is in them.
# usage: large.sh ROOTC [MOST]; MOST: the largest to have e2fsck read, in TiB, which takes it 3 s each
set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
rootc=$1 most=${2-2} passed=0 failed=0 skipped=0
tmp=
trap '[ -z "$tmp" ] || rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP

# ext4 has no files of 16 TiB: a place is looked for that has
for place in "${TMPDIR:-/tmp}" /dev/shm /var/tmp; do
	tmp=$(mktemp -d "$place/rootc-large-XXXXXX" 2>/dev/null) || continue
	truncate -s 17T "$tmp/image" 2>/dev/null && break
	rm -rf "$tmp"
	tmp=
done
[ -n "$tmp" ] || { echo "no directory for files of 17 TiB: TMPDIR, /dev/shm and /var/tmp were tried"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; }

# large NAME TIB DISK PARTITION FILESYSTEM MEBIBYTES: what `du` may find in the image
large() {
	printf 'rootc: 1\nname: large\ndisk: {size: %s, table: %s}\npartitions:\n  root: {start: %s, size: %s, mount: /, filesystem: {%s}}\n' \
		"$3" "$table" "$first" "$4" "$5" >"$tmp/m.yaml"
	echo 'files: {/etc/motd: {content: hello}}' >>"$tmp/m.yaml"
	rm -f "$tmp/image"
	"$rootc" build -o "$tmp/image" "$tmp/m.yaml" >"$tmp/log" 2>&1 || { fail "$1" "does not build: $(cat "$tmp/log")"; return; }
	used=$(du -m "$tmp/image" | cut -f 1)
	[ "$used" -le "$6" ] || { fail "$1" "takes $used MiB, more than $6"; return; }
	passed=$((passed + 1))
	# read back in 3 GiB of address space: all tables of inodes of 16 TiB would take 256
	if timeout 60 prlimit --as=3221225472 "$rootc" verify "$tmp/image" >"$tmp/log" 2>&1 && [ ! -s "$tmp/log" ]; then
		passed=$((passed + 1))
	else
		fail "$1" "cannot be verified: $(head -c 300 "$tmp/log")"
	fi
	[ "$2" -le "$most" ] || return
	# e2fsck of a file that holds the file system alone; the offset is for file systems inside disks
	if E2FSCK_TIME=4294967295 e2fsck -fn "$tmp/image?offset=$offset" >"$tmp/log" 2>&1 && ! grep -qv -e '^e2fsck ' -e '^Pass' -e blocks$ "$tmp/log"; then
		passed=$((passed + 1))
	else
		fail "$1" "e2fsck: $(cat "$tmp/log")"
	fi
}

first=8s offset=4096 table=mbr
large "200 GiB" 0 200GiB rest "type: ext4" 8
large "2 TiB without checksums" 2 2TiB rest "type: ext4, features: [^metadata_csum]" 170
large "almost 2 TiB" 2 2TiB rest "type: ext4" 24
first=1MiB offset=1048576 table=gpt
large "almost 16 TiB" 16 16TiB rest "type: ext4" 120
large "16 TiB" 17 17TiB 16TiB "type: ext4" 250

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
