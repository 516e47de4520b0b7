# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass and fail are run.sh's
# Part of run.sh: whether the tools that everybody uses believe an image, and see in it what `rootc plan --tree` says.

# Lines of inode, name and value as `rootc plan --tree` shows it, by name, of all attributes of the inodes in $tmp/nodes of the file $1.
image_xattrs() {
	awk -F '\t' '!seen[$1]++ { print "ea_list <" $1 ">" }' "$tmp/nodes" >"$tmp/commands"
	debugfs -f "$tmp/commands" "$1" 2>/dev/null | awk -v OFS='\t' '
		/^debugfs: / { split($0, field, /[<>]/); inode = field[2]; next }
		match($0, / \([0-9]+\)( = |$)/) {
			value = substr($0, RSTART + RLENGTH)
			size = substr($0, RSTART + 2) + 0
			if (value !~ /^"/) { gsub(/ /, "", value); value = "0x" value }
			print inode, substr($0, 3, RSTART - 3), size == 0 ? "\"\"" : value
		}' >"$tmp/shown"
	while IFS='	' read -r inode name value; do
		if [ "$value" = 0x ]; then # ea_list shows no long ones
			debugfs -R "ea_get -f $tmp/value <$inode> \"$name\"" "$1" >/dev/null 2>&1
			value="\"$(cat "$tmp/value")\""
		fi
		printf '%s\t%s\t%s\n' "$inode" "$name" "$value"
	done <"$tmp/shown" | sort -t '	' -k 1,1n -k 2,2
}

# The lines of `rootc plan --tree`, in any order, for the file system in the file $1, mounted at $2 ("" for /).
image_listing() {
	: >"$tmp/nodes"
	: >"$tmp/slow"
	printf '2\t%s\n' "$2" >"$tmp/level"
	while [ -s "$tmp/level" ]; do # a level of directories at a time: debugfs starts slowly
		sed 's/\(.*\)\t.*/ls -p <\1>/' "$tmp/level" >"$tmp/commands"
		debugfs -f "$tmp/commands" "$1" 2>/dev/null >"$tmp/found"
		# from lines /inode/mode/owner/group/name/size/ to inode, mode, owner, group, size, path
		awk -F / -v OFS='\t' -v top="$2" '
			NR == FNR { split($0, field, "\t"); path[field[1]] = field[2]; next }
			/^debugfs: / { split($0, field, /[<>]/); above = path[field[2]]; next }
			above == top && $6 == "lost+found" { next }
			above == top && $6 == "." { print $2, $3, $4, $5, $7, above == "" ? "/" : above }
			NF >= 7 && $6 != "." && $6 != ".." { print $2, $3, $4, $5, $7, above "/" $6 }' \
			"$tmp/level" "$tmp/found" >"$tmp/children"
		cat "$tmp/children" >>"$tmp/nodes"
		awk -F '\t' -v OFS='\t' -v top="${2:-/}" '$2 ~ /^04/ && $6 != top { print $1, $6 }' "$tmp/children" >"$tmp/level"
	done
	awk -F '\t' '$2 !~ /^(04|10)/ { print "stat <" $1 ">" }' "$tmp/nodes" >"$tmp/commands"
	debugfs -f "$tmp/commands" "$1" 2>/dev/null >"$tmp/stats"
	# stat does not show the target of a link that is too long to lie in its inode
	awk -F '\t' '$2 ~ /^12/ && $5 >= 60 { print $1 }' "$tmp/nodes" | while read -r inode; do
		printf '%s\t%s\n' "$inode" "$(debugfs -R "cat <$inode>" "$1" 2>/dev/null)" >>"$tmp/slow"
	done
	image_xattrs "$1" >"$tmp/xattrs"
	awk -F '\t' '
		BEGIN { word["04"] = "dir"; word["10"] = "file"; word["12"] = "link"; word["02"] = "char"; word["06"] = "block" }
		FILENAME == ARGV[1] { target[$1] = $2; next }
		FILENAME == ARGV[3] { xattrs[$1] = xattrs[$1] " " $2 "=" $3; next }
		/^debugfs: / { split($0, field, /[<>]/); inode = field[2]; next }
		/^Fast link dest: / { target[inode] = substr($0, 18, length($0) - 18); next }
		/Device major\/minor number: / {
			sub(/.*number: /, "")
			split($0, field, /[: ]/)
			device[inode] = field[1] + 0 "," field[2] + 0
			next
		}
		FILENAME == ARGV[2] { next }
		{
			kind = word[substr($2, 1, 2)]
			detail = kind == "file" ? " " $5 : kind == "link" ? " -> " target[$1] : kind == "dir" ? "" : " " device[$1]
			gsub(/\\/, "\\\\&", $6)
			line[++count] = sprintf("%s %s:%s %-4s %s%s", substr($2, 3), $3, $4, kind, $6, detail xattrs[$1])
			if (kind == "dir") next
			of[count] = $1
			if (names[$1]++ == 0 || $6 < least[$1]) least[$1] = $6
		}
		END {
			for (i = 1; i <= count; i++)
				print line[i] (names[of[i]] > 1 ? " = " least[of[i]] : "")
		}' "$tmp/slow" "$tmp/stats" "$tmp/xattrs" "$tmp/nodes"
}

# The same for a vfat, as mtools see it; modes and owners are "-".
image_listing_fat() {
	rm -rf "$tmp/fat"
	mkdir "$tmp/fat"
	LC_ALL=C.UTF-8 mcopy -s -n -i "$1" '::*' "$tmp/fat/" 2>"$out"
	[ -n "$2" ] || echo '- - dir  /'
	(cd "$tmp/fat" && find . -mindepth 1 -type d -printf "- - dir  $2/%P\n" -o -mindepth 1 -printf "- - file $2/%P %s\n")
}

# image_filesystem CASE FILE TYPE SECTOR: fsck says nothing of the file system but that it looked at it.
image_filesystem() {
	case $3 in
	vfat)
		fsck.fat -n "$2" >"$out" 2>&1 || echo "exit status $?" >>"$out"
		noise='^fsck.fat [0-9]\|: [0-9]* files, [0-9]*/[0-9]* clusters$'
		;;
	*) # an image's times may lie in the future
		E2FSCK_TIME=4294967295 e2fsck -fn "$2" >"$out" 2>&1 || echo "exit status $?" >>"$out"
		noise='^e2fsck \|^Pass [1-5]\| files (.* blocks$'
		;;
	esac
	if grep -qv "$noise" "$out"; then
		fail "$1" "fsck does not like the file system in sector $4" "$out"
	fi
}

# The lines of `rootc plan --tree` with " = PATH" behind all names of a file that has several: that of them which sorts first.
same_names() {
	awk '
		function path_of(text) {
			sub(/^[0-7]+ [0-9]+:[0-9]+ [a-z]+ +/, "", text)
			sub(/ [0-9,]+( (user|trusted|security)\..*)?$/, "", text)
			return text
		}
		{
			line[++count] = $0
			if (match($0, / = \/.*/)) {
				original[count] = substr($0, RSTART + 3)
				line[count] = substr($0, 1, RSTART - 1)
			}
		}
		END {
			for (i = 1; i <= count; i++) {
				if (!(i in original)) continue
				name = path_of(line[i])
				if (!(original[i] in least)) least[original[i]] = original[i]
				if (name < least[original[i]]) least[original[i]] = name
			}
			for (i = 1; i <= count; i++) {
				name = i in original ? original[i] : path_of(line[i])
				print line[i] (name in least ? " = " least[name] : "")
			}
		}'
}

# image_table CASE IMAGE SECTOR_SIZE: sfdisk and sgdisk cannot be told how large sectors are, but fdisk can.
image_table() {
	case $3 in
	512) sfdisk --verify "$2" >"$out" 2>&1 ;;
	*) printf 'v\nq\n' | fdisk -b "$3" "$2" >"$out" 2>&1 ;;
	esac
	if ! grep -q 'No errors detected' "$out" || grep -qi warning "$out"; then
		fail "$1" "fdisk does not like the partition table" "$out"
	fi
	if [ "$3" = 512 ] && [ "$(dd if="$2" bs=1 skip=512 count=8 2>/dev/null)" = "EFI PART" ]; then
		sgdisk -v "$2" >"$out" 2>&1
		grep -q '^No problems found' "$out" || fail "$1" "sgdisk does not like the partition table" "$out"
	fi
}

# image_partitions CASE IMAGE SECTOR_SIZE: fdisk sees each where the map has it
image_partitions() {
	$rootc plan --map --store "$tmp/store" "$1.yaml" 2>/dev/null |
		sed -n -e 's/^\([0-9]*\) partition [0-9].*/\1 \1/p' -e 's/^\([0-9]*\)\.\.\([0-9]*\) partition .*/\1 \2/p' >"$tmp/expected"
	fdisk -b "$3" -o Start,End -l "$2" 2>&1 | sed -n 's/^ *\([0-9][0-9]*\)  *\([0-9][0-9]*\)$/\1 \2/p' | sort -n >"$tmp/shown"
	diff -u "$tmp/expected" "$tmp/shown" >"$out" || fail "$1" "fdisk sees other partitions" "$out"
}

# image_check CASE IMAGE
image_check() {
	sector=$($rootc plan --map --store "$tmp/store" "$1.yaml" 2>/dev/null | sed -n '1s/^disk .* sector_size \([0-9]*\) .*/\1/p')
	sector=${sector:-512}
	image_table "$1" "$2" "$sector"
	image_partitions "$1" "$2" "$sector"
	$rootc plan --map --store "$tmp/store" "$1.yaml" 2>/dev/null |
		sed -n 's/^\([0-9]*\)\.\.\([0-9]*\) partition .* \(ext[234]\|vfat\)\( at \(.*\)\)\{0,1\}$/\1 \2 \3 \5/p' >"$tmp/partitions"
	$rootc plan --map --store "$tmp/store" "$1.yaml" 2>/dev/null |
		sed -n -e "s/^\([0-9]*\)\.\.\([0-9]*\) partition .* swap uuid \([^ ]*\) label '\(.*\)'\$/\1 \2 swap \3 \4/p" \
			-e 's/^\([0-9]*\)\.\.\([0-9]*\) partition .* raw \([^ ]*\) \([0-9]*\) bytes$/\1 \2 raw \3 \4/p' >"$tmp/others"
	while read -r first last kind name detail; do
		dd if="$2" of="$tmp/partition" bs="$sector" skip="$first" count=$((last - first + 1)) 2>/dev/null
		if [ "$kind" = raw ]; then # of the input `system`, or beside the manifest in `board`
			case $name in /*) raw=inputs/system$name ;; *) raw=inputs/board/$name ;; esac
			cmp -n "$detail" "$raw" "$tmp/partition" >"$out" 2>&1 || fail "$1" "the bytes of $name are others" "$out"
			continue
		fi
		{ echo ${detail:+"LABEL: $detail"} "UUID:  $name"; } | tr -s ' ' >"$tmp/expected"
		swaplabel "$tmp/partition" 2>"$out" | tr -s ' ' | paste -sd ' ' - | diff - "$tmp/expected" >>"$out" ||
			fail "$1" "swaplabel does not like the swap space in sector $first" "$out"
	done <"$tmp/others"
	: >"$tmp/listing"
	while read -r first last type mount; do
		dd if="$2" of="$tmp/partition" bs="$sector" skip="$first" count=$((last - first + 1)) conv=sparse 2>/dev/null
		image_filesystem "$1" "$tmp/partition" "$type" "$first"
		listing=image_listing
		[ "$type" != vfat ] || listing=image_listing_fat
		[ -z "$mount" ] || $listing "$tmp/partition" "${mount%/}" >>"$tmp/listing"
	done <"$tmp/partitions"
	$rootc plan --tree --store "$tmp/store" "$1.yaml" 2>/dev/null | same_names | awk '
		NR == FNR {
			if ($4) mounts[$4 == "/" ? "" : $4]
			if ($3 == "vfat" && $4) vfat[$4 == "/" ? "" : $4]
			next
		}
		{
			path = substr($0, index($0, "/"))
			held = 0 # else it lies in an initial ramdisk
			for (mount in mounts)
				held += index(mount in vfat ? path : path "/", mount "/") == 1
			if (!held) next
			for (mount in vfat)
				if (index(path, mount "/") == 1) {
					sub(/^[^ ]* [^ ]*/, "- -")
					sub(/ (user|trusted|security)\..*/, "")
				}
			print
		}' "$tmp/partitions" - | sort >"$tmp/planned"
	sort -u "$tmp/listing" >"$tmp/seen"
	if diff -u "$tmp/planned" "$tmp/seen" >"$out"; then
		pass
	else
		fail "$1" "there is another tree in it than was planned" "$out"
	fi
}
