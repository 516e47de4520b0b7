#!/bin/sh
# Images taken apart and built again. The manifest that `rootc decompile` makes of each golden image makes the same bytes; of what
# other tools made, an image in which `rootc diff --ignore layout` finds the same. What is there already is left alone.
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
out=$tmp/out passed=0 failed=0 skipped=0 told=

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 20q' "$3"; }

# again CASE IMAGE: with the option $told decompiled to $tmp/again, what was told to $tmp/told, built to $tmp/again.img
again() {
	rm -rf "$tmp/again" "$tmp/again.img"
	# shellcheck disable=SC2086 # words
	"$rootc" decompile $told -o "$tmp/again" "$2" >"$tmp/told" 2>"$out" || { fail "$1" "cannot be decompiled" "$out"; return 1; }
	"$rootc" build -o "$tmp/again.img" "$tmp/again/again.yaml" >/dev/null 2>"$out" || { fail "$1" "does not build again" "$out"; return 1; }
	[ ! -s "$out" ] || fail "$1" "builds with warnings" "$out"
	sed 1d "$tmp/told" >"$tmp/unsaid"
	sed -n 's/^# - /not said: /p' "$tmp/again/again.yaml" | diff - "$tmp/unsaid" >"$out" || fail "$1" "tells other things than its manifest" "$out"
}

# exact CASE IMAGE: nothing was left unsaid, and the bytes are the same
exact() {
	again "$1" "$2" || return
	if [ -s "$tmp/unsaid" ]; then fail "$1" "has something that is not said" "$tmp/unsaid"; fi
	cmp -s "$2" "$tmp/again.img" && { pass; return; }
	"$rootc" diff "$2" "$tmp/again.img" >"$out"
	fail "$1" "comes out with other bytes" "$out"
}

wanted() {
	for pattern; do case $name in *"$pattern"*) return 0 ;; esac; done
	[ $# -eq 0 ]
}

mkdir -p "$tmp/w/ok" "$tmp/store" && cd "$tmp/w" || exit 1
"$golden/inputs/make.sh" "$tmp/w/inputs" "${MKELF:-$here/../../build/tools/mkelf}" || fail inputs "cannot be made"
for file in "$golden"/ok/*.yaml "$golden"/ok/*.gen; do
	name=${file#"$golden/"} name=${name%.*}
	wanted "$@" || { skipped=$((skipped + 1)); continue; }
	case $file in *.gen) sh "$file" >"$name.yaml" ;; *) cp "$file" "$name.yaml" ;; esac
	[ ! -e "$golden/$name.lock" ] || cp "$golden/$name.lock" "$name.lock"
	for base in "$golden/$name".*.base; do
		[ ! -e "$base" ] || cp "$base" "${name%/*}"
	done
	"$rootc" build -o "$tmp/image.img" --store "$tmp/store" "$name.yaml" >/dev/null 2>"$out" || { fail "$name" "does not build" "$out"; continue; }
	told=
	"$rootc" plan --map --store "$tmp/store" "$name.yaml" 2>/dev/null | grep -q '^disk .* sector_size 4096 table mbr' && told='--sector-size 4KiB'
	exact "$name" "$tmp/image.img"
	told=
done
name=others
# shellcheck disable=SC1091 # checked by itself
! wanted "$@" || . "$here/others.sh"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
