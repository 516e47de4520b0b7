# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass, fail, same, owners and damaged are run.sh's
# Part of run.sh: FAT file systems by mkfs.fat and mtools, swap space by mkswap, and damaged ones.

# clean NAME: verify finds nothing in the image
clean() {
	if "$rootc" verify "$tmp/image.img" >"$out" 2>&1 && [ ! -s "$out" ]; then pass; else fail "$1" "verify finds something" "$out"; fi
	owners "$1" "$tmp/image.img"
}

# field FILE OFFSET SIZE: a number in it
field() { od -An -v -tu"$3" -j "$2" -N "$3" "$1" | tr -d ' '; }
# put OFFSET BYTES: these, as printf's %b takes them, into bad.img
put() { printf '%b' "$2" | dd of="$tmp/bad.img" bs=1 seek="$1" conv=notrunc status=none; }

# by_mtools IMAGE BITS KIBIBYTES: with the tree in $tmp/fat, the last file of which does not fit into the room that another left
by_mtools() {
	rm -f "$1"
	mkfs.fat -C -F "$2" -s 1 -n LABEL "$1" "$3" >/dev/null 2>&1 &&
		mcopy -i "$1" "$tmp/fat/larger" ::first && mcopy -i "$1" "$tmp/fat/large" ::second && mdel -i "$1" ::first &&
		mcopy -s -i "$1" "$tmp/fat"/* :: && mdel -i "$1" ::second
}

mkdir -p "$tmp/fat/EFI/BOOT/many" "$tmp/fat/empty directory"
seq 1 3000 >"$tmp/fat/large"
seq 1 9000 >"$tmp/fat/larger"
: >"$tmp/fat/nothing in it"
echo text >"$tmp/fat/EFI/BOOT/BOOTX64.EFI"
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do echo $i >"$tmp/fat/EFI/BOOT/many/a name of some length $i"; done
for kind in '12 1440' '16 8000' '32 40000'; do
	bits=${kind% *}
	by_mtools "$tmp/image.img" "$bits" "${kind#* }" || fail "FAT$bits" 'cannot be made'
	clean "FAT$bits by mtools"
	"$rootc" inspect --tree "$tmp/image.img" | sed -n 's/^[0-7]* [0-9:]* [a-z]* *\(\/.*\)$/\1/p' | sort >"$tmp/seen"
	(cd "$tmp/fat" && find . -type d -printf '/%P\n' -o -printf '/%P %s\n' | sort) >"$tmp/expected"
	same "FAT$bits by mtools" 'has another tree' "$tmp/expected" "$tmp/seen"
	# on FAT32, mtools goes on behind what it wrote last
	if [ "$bits" = 32 ] || "$rootc" inspect --map "$tmp/image.img" | grep -q '^file .* clusters [0-9.]*,[0-9.]* '; then
		pass
	else
		fail "FAT$bits by mtools" 'has nothing in two pieces'
	fi
	# the same files, each in one piece
	rm -f "$tmp/whole.img"
	mkfs.fat -C -F "$bits" -s 1 -n LABEL -i "$(minfo -i "$tmp/image.img" | sed -n 's/^serial number: //p')" "$tmp/whole.img" "${kind#* }" >/dev/null 2>&1
	mcopy -s -i "$tmp/whole.img" "$tmp/fat"/* ::
	"$rootc" diff "$tmp/image.img" "$tmp/whole.img" >"$out" 2>&1
	if grep -q 'content' "$out"; then fail "FAT$bits by mtools" 'its files are not what was written' "$out"; else pass; fi
done
# FAT16 with one cluster in a sector: fat, copy, root, data are where these begin, entry N where the one of cluster N is
by_mtools "$tmp/fat.img" 16 8000
fat=$(($(field "$tmp/fat.img" 14 2) * 512))
copy=$((fat + $(field "$tmp/fat.img" 22 2) * 512))
root=$((copy + copy - fat))
data=$((root + $(field "$tmp/fat.img" 17 2) * 32))
at() { echo $((data + ($1 - 2) * 512)); }
# alias NAME: where the root directory has the entry
alias_at() { dd if="$tmp/fat.img" bs=512 skip=$((root / 512)) count=$(((data - root) / 512)) status=none | grep -obUa "$1" | sed -n "1s/:.*//p" | awk -v root=$root '{ print root + $1 }'; }
# both N VALUE: the entry of cluster N, in both FATs
both() { put $((fat + 2 * $1)) "$2" && put $((copy + 2 * $1)) "$2"; }
low() { printf '\\0%03o\\0%03o' $(($1 % 256)) $(($1 / 256)); }
fresh() { cp "$tmp/fat.img" "$tmp/bad.img"; }
large=$(alias_at 'LARGE   ') empty=$(alias_at 'NOTHIN~1')
first=$(field "$tmp/fat.img" $((large + 26)) 2)
size=$(stat -c %s "$tmp/fat/large") clusters=$((($(stat -c %s "$tmp/fat/large") + 511) / 512))
free=$((($(field "$tmp/fat.img" 19 2) * 512 - data) / 512 + 1))

fresh; put $((copy + 200)) '\0377\0377'
echo "byte $((fat + 200)): the FAT and its copy differ, first in the entry of cluster 100 [table]" >"$tmp/expected"
damaged 'a FAT and its copy'
fresh; both "$first" "$(low "$first")"
{
	echo "byte $((fat + 2 * first)): the clusters of '/large', from $first on, come to $first, which has an owner already [shared]"
	echo "byte $((fat + 2 * (first + 1))): clusters from $((first + 1)) on, $((clusters - 1)) of them, are in use, but no name leads to them [count]"
	echo "byte $(at "$first"): '/large' has $size bytes and so $clusters clusters, but the FAT has 1 for it [count]"
} >"$tmp/expected"
damaged 'a loop in a FAT'
fresh; both "$free" '\0377\0377'
echo "byte $((fat + 2 * free)): cluster $free is in use, but no name leads to it [count]" >"$tmp/expected"
damaged 'a lost cluster'
fresh; both 1 '\0377\0177'
echo "byte $((fat + 2)): the FAT says that the file system was not unmounted, or had errors [table]" >"$tmp/expected"
damaged 'a FAT that was not unmounted'
fresh; put $((large + 28)) '\0000\0000\0001\0000'
echo "byte $(at "$first"): '/large' has 65536 bytes and so 128 clusters, but the FAT has $clusters for it [count]" >"$tmp/expected"
damaged 'a size of a file on a FAT'
fresh; put $((large + 26)) '\0377\0377'
{
	echo "byte 0: the clusters of '/large', from 65535 on, come to 65535, which the file system does not have [invalid]"
	echo "byte 0: '/large' has $size bytes and so $clusters clusters, but the FAT has 0 for it [count]"
	echo "byte $((fat + 2 * first)): clusters from $first on, $clusters of them, are in use, but no name leads to them [count]"
} >"$tmp/expected"
sort -k 2,2n -k 3 -o "$tmp/expected" "$tmp/expected"
damaged 'a cluster beyond a FAT'
fresh; put $((empty + 26)) "$(low "$first")" && put $((empty + 29)) '\0002'
{
	echo "byte 0: '/nothing in it' has 512 bytes and so 1 clusters, but the FAT has 0 for it [count]"
	echo "byte $((fat + 2 * first)): the clusters of '/nothing in it', from $first on, come to $first, which has an owner already [shared]"
} >"$tmp/expected"
damaged 'two files with one cluster'
fresh; put $((empty - 32 + 13)) '\0'
echo "byte $empty: an entry of the directory '/' has a long name that is of another one [invalid]" >"$tmp/expected"
damaged 'a long name of another alias'
fresh; put 43 'OTHER'
echo "byte $(alias_at 'LABEL      '): the label in the root directory is not that of the boot sector [table]" >"$tmp/expected"
damaged 'a label of a FAT'
fresh; put 22 '\0377\0377'
echo "byte 0: the boot sector's number of sectors in a FAT cannot be [invalid]" >"$tmp/expected"
damaged 'absurd FATs'
for kind in '12 1440' '16 8000' '32 40000'; do
	by_mtools "$tmp/whole.img" "${kind% *}" "${kind#* }"
	for size in 600 5000 100000; do
		head -c $size "$tmp/whole.img" >"$tmp/bad.img"
		echo "byte 0: the boot sector's number of sectors cannot be [invalid]" >"$tmp/expected"
		damaged "FAT${kind% *} cut at $size"
	done
done
by_mtools "$tmp/fat.img" 32 40000
fresh; put $((512 + 488)) '\0001\0000\0000\0000'
free=$(field "$tmp/fat.img" $((512 + 488)) 4)
echo "byte 1000: $free clusters are free, but FSInfo says 1 [count]" >"$tmp/expected"
damaged 'free clusters in FSInfo'
fresh; put $((6 * 512 + 3)) 'x'
echo "byte 3072: the boot sector and its copy differ [table]" >"$tmp/expected"
damaged 'a copy of a boot sector'

# swap space in the only partition of a disk
swap=1048576
truncate -s 3M "$tmp/swap.img"
printf 'label: dos\nstart=2048, size=2048, type=82\n' | sfdisk -q "$tmp/swap.img"
truncate -s 1M "$tmp/swap" && mkswap -U 01234567-89ab-cdef-0123-456789abcdef -L name "$tmp/swap" >/dev/null 2>&1
dd if="$tmp/swap" of="$tmp/swap.img" bs=1M seek=1 conv=notrunc status=none
cp "$tmp/swap.img" "$tmp/image.img"
clean 'swap space by mkswap'
"$rootc" inspect --map "$tmp/image.img" | sed -n 's/.* swap uuid/swap uuid/p' >"$tmp/seen"
echo "swap uuid 01234567-89ab-cdef-0123-456789abcdef label 'name'" >"$tmp/expected"
same 'swap space by mkswap' 'is something else' "$tmp/expected" "$tmp/seen"
renew() { cp "$tmp/swap.img" "$tmp/bad.img"; }
renew; put $((swap + 4086)) 'T'
echo "byte $swap: partition 1 holds no swap space that can be read, which its type says [invalid]" >"$tmp/expected"
damaged 'the signature of swap space'
renew; put $((swap + 1024)) '\0002'
echo "byte $((swap + 1024)): swap space has version 2, not 1 [invalid]" >"$tmp/expected"
damaged 'the version of swap space'
renew; put $((swap + 1029)) '\0001'
echo "byte $((swap + 1028)): swap space ends with page 511, but there are 256 [invalid]" >"$tmp/expected"
damaged 'the size of swap space'
renew; put $((swap + 2000)) 'x'
echo "byte $((swap + 2000)): the header of swap space is not zero at byte $((swap + 2000)), which nothing uses [invalid]" >"$tmp/expected"
damaged 'the header of swap space'
