#!/bin/sh
# Ten slips that everybody makes, and the screen that each gives: docs/errors.md, which this writes with --update and else compares.
# usage: slips.sh [--update] ROOTC MKELF
# shellcheck disable=SC2016 # the backquotes are Markdown's
set -u
unset CDPATH
export LC_ALL=C
update=
if [ "${1-}" = --update ]; then update=yes; shift; fi
rootc=$(realpath "$1") mkelf=$(realpath "$2") here=$(realpath "$(dirname "$0")")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
"$here/golden/inputs/make.sh" "$tmp" "$mkelf" && cd "$tmp" || exit 1
passed=0 failed=0

cat >good.yaml <<'Y'
rootc: 1
name: board
inputs:
  system: {directory: system}
disk: {size: 8MiB}
partitions:
  root:
    size: rest
    mount: /
    filesystem: {type: ext2, block_size: 1KiB}
busybox:
  program: /bin/busybox
  applets: [sh, ls]
programs: [/usr/bin/hello]
devices:
  /dev/console: {type: char, major: 5, minor: 1, mode: 0600}
Y
"$rootc" check good.yaml >out 2>&1
[ ! -s out ] || { echo "FAILED: the manifest without a slip"; cat out; exit 1; }

cat >board.lock <<'L'
lock: 1
inputs:
  debian:
    architecture: amd64
    packages: [busybox-static]
    files:
      - package: busybox-static
        version: 1:1.35.0-4+b3
        architecture: amd64
        file: busybox-static_1.35.0-4+b3_amd64.deb
        size: 936760
        sha256: 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
L

# slip TITLE STATUS NAME SCRIPT: what sed's SCRIPT makes of the manifest gives this exit status and, once, this diagnostic
slip() {
	sed "$4" good.yaml >board.yaml
	"$rootc" check board.yaml >out 2>&1
	got=$?
	if [ $got -eq "$2" ] && [ "$(grep -c ': error: ' out)" -eq 1 ] && grep -q "\[$3\]" out; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1: exit status $got" >&2
		cat out >&2
	fi
	printf '\n## %s\n\n```diff\n' "$1"
	diff -U 0 good.yaml board.yaml | sed -n '4,$p' | grep -v '^@@'
	printf '```\n\n```text\n$ rootc check board.yaml\n'
	cat out
	printf '```\n\nExit status %d.\n' "$got"
}

slips() {
	printf '# Ten slips\n\nWhat rootc says of mistakes that everybody makes, in this manifest. `tests/slips.sh --update` writes this page, and `make check`\ncompares it. `rootc explain NAME` says more of the name in brackets.\n\n```yaml\n'
	cat good.yaml
	echo '```'
	slip 'A wrong indent' 3 yaml-syntax 's/^    mount:/   mount:/'
	slip 'A wrong unit' 3 size-malformed 's/8MiB/8MB/'
	slip 'A wrong key' 3 key-unknown 's/block_size/blocksize/'
	slip 'A missing library' 4 library-missing 's|/usr/bin/hello|/usr/bin/lonely|'
	slip 'Too small a disk' 3 disk-too-small 's/8MiB/1MiB/'
	slip 'A missing package' 3 pool-path-missing 's|/usr/bin/hello|/usr/bin/strace|'
	slip "A stale lock" 4 lock-stale 's|  system: .*|  debian: {packages: [busybox-static, strace]}|'
	slip 'An unknown applet' 3 applet-unknown 's/ls\]/lss]/'
	slip 'A bad mode' 3 mode-malformed 's/0600/0680/'
	slip 'A bad path' 3 path-malformed 's|/dev/console|dev/console|'
}
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed liblonely.so.1 system/usr/bin/lonely || exit 1
slips >errors.md
if [ -n "$update" ]; then
	cp errors.md "$here/../docs/errors.md"
elif diff -u "$here/../docs/errors.md" errors.md >out; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo 'FAILED docs/errors.md is not what rootc says'
	cat out
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
