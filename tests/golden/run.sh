#!/bin/sh
# Golden cases: {ok,bad}/X.yaml, or X.gen which prints it, and siblings X.* that say what to run and what must come out.
# Manifests that it extends are X.*.base, in the same directory.
#   .diag    standard error of `rootc check`, or of the command in X.args, with X.lock beside the manifest, twice in different
#            surroundings; the exit status follows from the names in it
#   .tree .map .json   `rootc plan --tree`, `--map`, `--json`        .plan   `rootc plan`
#   .why     `rootc why` of the path in its first line
#   .sha256  of the image, built twice in different surroundings, and believed by e2fsck, fsck.fat, fdisk, sfdisk, sgdisk, debugfs and mtools
# usage: run.sh [--update] ROOTC [CASE]...; --update rewrites what is expected (an ok case without any gets .tree .map .sha256)
set -u
unset CDPATH
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
here=$(cd "$(dirname "$0")" && pwd)
update=
if [ "${1-}" = --update ]; then update=yes; shift; fi
[ $# -gt 0 ] || { echo "usage: run.sh [--update] ROOTC [CASE]..." >&2; exit 2; }
rootc=$(cd "$(dirname "$1")" && pwd)/${1##*/}
shift
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
out=$tmp/out passed=0 failed=0 skipped=0
# shellcheck disable=SC1091 # checked by itself
. "$here/image.sh"

pass() { passed=$((passed + 1)); }
fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 40q' "$3"; }

# compare WHAT EXPECTED GOT: equal, or made so by --update
compare() {
	if [ -n "$update" ]; then
		cmp -s "$2" "$3" || { cp "$3" "$2" && echo "updated $1"; }
	elif ! diff -u "$2" "$3" >"$tmp/diff"; then
		sed '1,2d' "$tmp/diff" >"$tmp/lines"
		fail "$1" "is not what is expected" "$tmp/lines"
		return
	fi
	pass
}

# the exit status that the names in the messages FILE stand for: that of the gravest class of an error
status_of() {
	sed -n 's/^[^|]*: error: .* \[\([a-z0-9-]*\)\]$/\1/p' "$1" | sort -u >"$tmp/names"
	[ -s "$tmp/names" ] || { grep -q 'error: ' "$1" && echo 2 || echo 0; return; }
	while read -r kind; do
		sed -n 's/^DIAG([A-Z0-9_]*, [er][a-z]*, \([a-z]*\), "'"$kind"'".*/\1/p' "$here/../../include/rootc/diagnostics.def"
	done <"$tmp/names" | sed 's/manifest/3/; s/input/4/; s/output/5/' | sort | head -n 1
}

check_diag() {
	arguments=check
	[ ! -e "$here/$1.args" ] || arguments=$(cat "$here/$1.args")
	find . >"$tmp/before"
	# shellcheck disable=SC2086 # the arguments are words
	$rootc $arguments --store "$tmp/store" "$1.yaml" >"$tmp/stdout" 2>"$out"
	status=$?
	compare "$1.diag" "$here/$1.diag" "$out"
	# shellcheck disable=SC2086
	(umask 077; TZ=Asia/Kathmandu LANG=tr_TR.UTF-8 LC_ALL=et_EE.UTF-8 HOME=/nonexistent TMPDIR=/nonexistent SOURCE_DATE_EPOCH=abc \
		$rootc $arguments --store "$tmp/store" "$1.yaml" >"$tmp/stdout" 2>"$tmp/again")
	cmp -s "$out" "$tmp/again" || fail "$1" "says something else in other surroundings" "$tmp/again"
	find . | cmp -s - "$tmp/before" || fail "$1" "wrote a file"
	[ ! -s "$tmp/stdout" ] || fail "$1" "wrote to standard output" "$tmp/stdout"
	[ "$status" = "$(status_of "$out")" ] || fail "$1" "exit status is $status, not $(status_of "$out")"
}

# check_plan CASE EXTENSION OPTION
check_plan() {
	$rootc plan ${3:+"$3"} --store "$tmp/store" "$1.yaml" >"$out" 2>"$tmp/stderr" ||
		{ fail "$1" "has no plan" "$tmp/stderr"; return; }
	compare "$1.$2" "$here/$1.$2" "$out"
}

check_why() {
	path=$(head -n 1 "$here/$1.why")
	echo "$path" >"$out"
	$rootc why --store "$tmp/store" "$1.yaml" "$path" >>"$out" 2>"$tmp/stderr" ||
		{ fail "$1" "tells no reason" "$tmp/stderr"; return; }
	compare "$1.why" "$here/$1.why" "$out"
}

check_sha256() {
	image=$tmp/image/$1.img other="$tmp/else where/$1.img"
	mkdir -p "${image%/*}" "${other%/*}"
	[ -e "$here/$1.map" ] || fail "$1" "has a hash, but no .map to say what moved"
	$rootc build -o "$image" --store "$tmp/store" "$1.yaml" >"$tmp/stdout" 2>"$out" ||
		{ fail "$1" "does not build" "$out"; return; }
	(umask 077; cd / && TZ=Asia/Kathmandu LANG=tr_TR.UTF-8 LC_ALL=et_EE.UTF-8 HOME=/nonexistent USER=nobody TMPDIR=/nonexistent \
		SOURCE_DATE_EPOCH=86400 E2FSPROGS_FAKE_TIME=1234567 MKE2FS_DEVICE_PHYS_SECTSIZE=4096 \
		$rootc build -o "$other" --store "$tmp/store" "$tmp/w/$1.yaml" >/dev/null 2>"$out") ||
		fail "$1" "does not build elsewhere" "$out"
	cmp "$image" "$other" >"$out" 2>&1 || fail "$1" "differs when built elsewhere" "$out"
	sha256sum <"$image" | cut -c 1-64 >"$out"
	compare "$1.sha256" "$here/$1.sha256" "$out"
	image_check "$1" "$image"
	rm -f "$image" "$other"
}

check_case() {
	wants=
	for extension in diag tree map json plan why sha256; do
		[ ! -e "$here/$1.$extension" ] || wants="$wants $extension"
	done
	if [ -z "$wants" ] && [ -n "$update" ]; then
		case $1 in ok/*) wants="tree map sha256" ;; *) wants=diag ;; esac
		for extension in $wants; do : >"$here/$1.$extension"; done
	fi
	[ -n "$wants" ] || fail "$1" "has no expectation"
	for extension in $wants; do
		case $extension in
		tree | map | json) check_plan "$1" "$extension" "--$extension" ;;
		plan) check_plan "$1" plan "" ;;
		*) "check_$extension" "$1" ;;
		esac
	done
}

wanted() {
	for pattern; do case $name in *"$pattern"*) return 0 ;; esac; done
	[ $# -eq 0 ]
}

for tool in e2fsck debugfs fsck.fat mcopy fdisk sfdisk sgdisk sha256sum awk cmp dd; do
	command -v "$tool" >/dev/null || fail "$tool" "is not installed"
done
mkdir -p "$tmp/w/ok" "$tmp/w/bad" "$tmp/store" && cd "$tmp/w" || exit 1
"$here/inputs/make.sh" "$tmp/w/inputs" "${MKELF:-$here/../../build/tools/mkelf}" || fail inputs "cannot be made"
for file in "$here"/ok/*.yaml "$here"/bad/*.yaml "$here"/ok/*.gen "$here"/bad/*.gen; do
	[ -e "$file" ] || continue
	name=${file#"$here/"} name=${name%.*}
	wanted "$@" || { skipped=$((skipped + 1)); continue; }
	case $file in *.gen) sh "$file" >"$name.yaml" ;; *) cp "$file" "$name.yaml" ;; esac
	[ ! -e "$here/$name.lock" ] || cp "$here/$name.lock" "$name.lock"
	for base in "$here/$name".*.base; do
		[ ! -e "$base" ] || cp "$base" "${name%/*}"
	done
	check_case "$name"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
