# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass, fail, same, foreign and damaged are run.sh's
# Part of run.sh: what is rare, and what somebody made to be read wrongly.

# strange NAME: verify says of the image in $tmp/bad.img, which is whole, just the lines of $tmp/expected
strange() {
	timeout 20 "$rootc" verify "$tmp/bad.img" >"$out" 2>&1
	status=$?
	if [ "$status" = 0 ]; then pass; else fail "$1" "verify gives $status, not 0" "$out"; fi
	sed "s,^$tmp/bad.img: ,," "$out" >"$tmp/seen"
	same "$1" 'verify finds something else' "$tmp/expected" "$tmp/seen"
}

foreign sparse_super2 -t ext4 -b 1024 -O sparse_super2
foreign 'sparse_super2 with one copy' -t ext2 -b 1024 -O sparse_super2 -E num_backup_sb=1
# e2fsprogs has it from 1.47 on
if mke2fs -n -q -F -t ext4 -O orphan_file "$tmp/image.img" 24M >/dev/null 2>&1; then
	foreign orphan_file -t ext4 -O orphan_file
else
	skipped=$((skipped + 1))
fi
foreign 'blocks of 64 KiB' -t ext2 -b 65536
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext4 -b 1024 -O bigalloc "$tmp/bad.img" 24M >/dev/null 2>&1
echo 'byte 1124: the file system has clusters (bigalloc), which rootc does not read [not-understood]' >"$tmp/expected"
strange bigalloc
rm -f "$tmp/bad.img"
mke2fs -q -F -t ext4 -O journal_dev "$tmp/bad.img" 24M >/dev/null 2>&1
echo 'byte 1120: the file system has features that rootc does not read: incompat 0x8 [not-understood]' >"$tmp/expected"
strange 'a journal of another file system'
