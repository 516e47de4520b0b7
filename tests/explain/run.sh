#!/bin/sh
# Every example that `rootc explain` gives of a diagnostic, as it stands there, in a manifest that lacks just that: the bad one fails
# with that name, the good one builds. In the catalogue a pair is "bad: TEXT" and "good: TEXT", or a line with "# wrong" and the next.
# And of every key, by its path in the manual: each is a value that the key can have.
# usage: run.sh ROOTC MKELF
set -u
export LC_ALL=C
rootc=$(realpath "$1") mkelf=$(realpath "$2")
inputs=$(realpath "$(dirname "$0")/../golden/inputs") layouts=$(realpath "$(dirname "$0")/../archives/layout.py")
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/w" && cd "$tmp/w" || exit 1
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $1"; sed 's/^/    /;12q' out; }

"$inputs/make.sh" "$tmp/inputs" "$mkelf" || exit 1
mkdir -p pool/usr/bin pool/usr/lib/sftp pool/boot pool/empty
cp "$(find "$tmp/inputs/system/boot" -name 'vmlinuz-*' | head -n 1)" pool/boot/vmlinuz-1
cp pool/boot/vmlinuz-1 pool/boot/other
"$mkelf" pool/usr/bin/dropbear && chmod 755 pool/usr/bin/dropbear || exit 1
cp pool/usr/bin/dropbear pool/usr/lib/sftp/server
python3 "$layouts" alpine sound && python3 "$layouts" images several || exit 1

# context NAME: a manifest with the line @ where the example goes
context() {
	pool='inputs: {pool: {directory: pool}}'
	disk='disk: {size: 8MiB}'
	files=
	case $1 in
	size-malformed) disk='disk:
@' ;;
	yaml-syntax) disk=@ ;;
	oci-broken | oci-undecided) pool=@ ;;
	apt-source-*) pool='inputs: {debian: {packages: [busybox],
@
}}' ;;
	budget-exceeded | subtree-empty | pool-path-missing | pool-path-kind) files=@ ;;
	pattern-ambiguous) files='kernel:
@' ;;
	*) return 1 ;;
	esac
	printf 'rootc: 1\nname: board\n%s\n%s\npartitions:\n  root: {size: 4MiB, mount: /, filesystem: {type: ext2, block_size: 1KiB}}\n%s\n' "$pool" "$disk" "$files"
}

# example KIND NAME: as it stands in the explanation, without what is said behind it
example() {
	"$rootc" explain "$2" | awk -v kind="$1" '
		/^ +(bad|good): / { if (index($0, kind ": ")) { sub(/^ +(bad|good): +/, ""); sub(/     .*/, ""); print }; next }
		wrong { if (kind == "good") print; wrong = 0; next }
		/# wrong/ { wrong = 1; if (kind == "bad") print }' | sed 's/^ *//'
}

# manifest KIND NAME: the context with the example, indented as where it goes
manifest() {
	example "$1" "$2" >text
	[ "$(wc -l <text)" -eq 1 ] || { echo "$2 has not one $1 example" >out; return 1; }
	context "$2" | awk -v example="$(cat text)" '
		$0 == "@" { print (after ~ /^(disk|kernel):$/ ? "  " : "") example; next }
		{ after = $0; print }' >board.yaml
}

for name in $("$rootc" explain | cut -d ' ' -f 1); do
	"$rootc" explain "$name" | grep -q -e '^ *bad: ' -e '# wrong' || continue
	if [ "$name" = package-unknown ]; then
		echo "skipped: $name, whose example is for the host's apt"
		skipped=$((skipped + 1))
		continue
	fi
	context "$name" >/dev/null || { echo "no manifest for it in $0" >out; bad "$name"; continue; }
	rm -f board.img
	# what is locked by the host's apt cannot be built here
	case $name in apt-source-*) command=check ;; *) command=build ;; esac
	if manifest bad "$name" && ! "$rootc" $command board.yaml >out 2>&1 && grep -q "^board\.yaml:[0-9]*:[0-9]*: error: .* \[$name\]$" out; then
		ok
	else
		bad "$name: the bad example"
	fi
	if manifest good "$name" && "$rootc" $command board.yaml >out 2>&1 && { [ $command = check ] || [ -e board.img ]; }; then ok; else bad "$name: the good example"; fi
done

# nested PATH EXAMPLE: a manifest that has, at most, that key, on its last line
nested() {
	printf '%s\n' "$1" | sed 's/^files\.NAME/files.\/NAME/; s/^devices\.NAME/devices.\/NAME/' | awk -v example="$2" '{
		count = split($0, keys, ".")
		for (i = 1; i < count; i++) {
			is_list = sub(/\[\]$/, "", keys[i])
			name = keys[i] == "NAME" ? "name" : keys[i]
			print indent name ":"
			indent = indent (is_list ? "  - " : "  ")
		}
		print indent example
	}'
}

"$rootc" manual rootc-manifest | sed -n 's/^\.It [A-Z][a-z] //p' >paths
grep -q 'grub\.menu\[\]\.title' paths || { echo "no keys" >out; bad 'the paths of the manual'; }
while read -r path; do
	if "$rootc" explain "$path" >explained 2>out && grep -qxF "$path" explained; then ok; else bad "explain $path"; continue; fi
	example=$(awk -v path="$path" '$0 == path { here = 1 } here && sub(/^  example +/, "") { print; exit } here && $0 == "" && ++empty == 2 { exit }' explained)
	[ -n "$example" ] || continue
	nested "$path" "$example" >board.yaml
	"$rootc" check board.yaml >out 2>&1
	line=$(wc -l <board.yaml)
	if grep -Eq "^board\.yaml:$line:.*\[([a-z-]*-malformed|type-mismatch|choice-unknown|value-[a-z-]*|key-unknown|yaml-[a-z]*)\]$" out; then bad "the example of $path"; else ok; fi
done <paths
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
