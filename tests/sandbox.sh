#!/bin/sh
# What `rootc build` asks of the system: one execve (itself), no socket, no process, and no file outside the manifest's directory,
# the store, the inputs and the output's directory. usage: sandbox.sh ROOTC
set -u
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/manifest" "$tmp/out"
"$here/golden/inputs/make.sh" "$tmp/inputs" "$here/../build/tools/mkelf" || exit 1
cp "$here/golden/ok/minimal.yaml" "$tmp/manifest/"
strace -f -o "$tmp/log" -e trace=execve,execveat,fork,vfork,clone,clone3,socket,connect,openat,openat2,open \
	"$rootc" build "$tmp/manifest/minimal.yaml" -o "$tmp/out/image" >/dev/null 2>"$tmp/err" || { cat "$tmp/err"; exit 1; }
failed=0
complain() { echo "build: $1"; failed=1; }

[ "$(grep -c 'execve' "$tmp/log")" -eq 1 ] || complain "starts a process: $(grep execve "$tmp/log")"
grep -E 'fork\(|clone3?\(' "$tmp/log" | grep -v CLONE_THREAD && complain 'starts a process'
grep -E 'socket|connect' "$tmp/log" && complain 'opens a socket'
# Up to the first open below the manifest's directory or the output's, it is the dynamic linker that opens the libraries.
sed -n 's/.*open[a-z0-9]*([^"]*"\([^"]*\)".*) = [0-9].*/\1/p' "$tmp/log" | grep '^/' |
	grep -v -e "^$tmp/" -e '^/dev/null$' -e '^/etc/ld\.so\.cache$' -e '\.so[.0-9]*$' >"$tmp/strange"
[ -s "$tmp/strange" ] && complain "opens $(tr '\n' ' ' <"$tmp/strange")"
[ -s "$tmp/out/image" ] || complain 'wrote no image'
[ "$(find "$tmp/out" ! -name .image.stamp | wc -l)" -eq 2 ] || complain 'leaves something beside the image'
exit "$failed"
