# shellcheck shell=sh disable=SC2154 # tmp, out, rootc, pass and fail are run.sh's
# Part of run.sh: whether the tools that everybody uses believe an image, and see in it what `rootc plan --tree` says.

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
	awk -F '\t' '
		BEGIN { word["04"] = "dir"; word["10"] = "file"; word["12"] = "link"; word["02"] = "char"; word["06"] = "block" }
		FILENAME == ARGV[1] { target[$1] = $2; next }
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
			printf "%s %s:%s %-4s %s%s\n", substr($2, 3), $3, $4, kind, $6, detail
		}' "$tmp/slow" "$tmp/stats" "$tmp/nodes"
}

# image_check CASE IMAGE
image_check() {
	sfdisk --verify "$2" >"$out" 2>&1
	if ! grep -q '^No errors detected' "$out" || grep -qi warning "$out"; then
		fail "$1" "sfdisk does not like the partition table" "$out"
	fi
	$rootc plan --map --store "$tmp/store" "$1.yaml" 2>/dev/null |
		sed -n 's/^\([0-9]*\)\.\.\([0-9]*\) partition .* ext[234]\( at \(.*\)\)\{0,1\}$/\1 \2 \4/p' >"$tmp/partitions"
	: >"$tmp/listing"
	while read -r first last mount; do # an image's times may lie in the future
		dd if="$2" of="$tmp/partition" bs=512 skip="$first" count=$((last - first + 1)) conv=sparse 2>/dev/null
		E2FSCK_TIME=4294967295 e2fsck -fn "$tmp/partition" >"$out" 2>&1 || echo "exit status $?" >>"$out"
		if grep -qv -e '^e2fsck ' -e '^Pass [1-5]' -e ' files (.* blocks$' "$out"; then
			fail "$1" "e2fsck does not like the file system in sector $first" "$out"
		fi
		[ -z "$mount" ] || image_listing "$tmp/partition" "${mount%/}" >>"$tmp/listing"
	done <"$tmp/partitions"
	$rootc plan --tree --store "$tmp/store" "$1.yaml" 2>/dev/null | sort >"$tmp/planned"
	sort -u "$tmp/listing" >"$tmp/seen"
	if diff -u "$tmp/planned" "$tmp/seen" >"$out"; then
		pass
	else
		fail "$1" "debugfs sees another tree than was planned" "$out"
	fi
}
