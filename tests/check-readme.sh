#!/bin/sh
# What the README shows is so: its manifest is manifests/minimal.yaml, its example of an error is what rootc prints, its commands
# exist. (That its hash is the demo's is seen by tests/boot/run.sh.) usage: check-readme.sh ROOTC
set -u
rootc=$(realpath "$1")
cd "$(dirname "$0")/.." || exit 1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

# block LANGUAGE: the lines of the first block that begins with ```LANGUAGE.
block() { awk -v fence="\`\`\`$1" '$0 == "```" && on { exit } on { print } $0 == fence { on = 1 }' README.md; }

block yaml | diff - manifests/minimal.yaml || { echo "README: its manifest is not manifests/minimal.yaml"; failed=1; }

mkdir -p "$tmp/overlay/opt"
head -c 34M /dev/zero >"$tmp/overlay/opt/firmware.bin"
cat >"$tmp/board.yaml" <<'Y'
rootc: 1
name: board
inputs: {overlay: {directory: overlay}}
disk: {size: 25MiB}
partitions:
  root:
    mount: /
    size: 24MiB
    filesystem: {type: ext4}
files:
  /opt/firmware.bin: {source: /opt/firmware.bin}
Y
(cd "$tmp" && "$rootc" check board.yaml) 2>"$tmp/said"
block text | diff - "$tmp/said" || { echo "README: its example of an error is not what rootc says"; failed=1; }

# its examples of inputs are some, where they go
# shellcheck disable=SC2016  # the backquotes are the README's
file=$(sed -n 's/.*`\({file: [^`]*}\)`.*/\1/p' README.md) sources=$(sed -n 's/.*`\(sources: [^`]*\)`.*/\1/p' README.md)
cat >"$tmp/inputs.yaml" <<Y
rootc: 1
name: inputs
inputs:
  kernel: $file
  debian:
    packages: [busybox]
    $sources
disk: {size: 8MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext2}}}
files: {/kernel: {source: /boot/vmlinuz-custom}}
Y
: >"$tmp/bzImage"
if [ -z "$file" ] || [ -z "$sources" ] || ! "$rootc" check "$tmp/inputs.yaml" 2>"$tmp/said"; then
	echo "README: its examples of inputs are none"
	cat "$tmp/said"
	failed=1
fi

for command in $("$rootc" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	grep -q "\`$command\`\|rootc $command" README.md || { echo "README: says nothing of '$command'"; failed=1; }
done
for target in demo check; do
	make -n "$target" >/dev/null || { echo "README: there is no target $target"; failed=1; }
done
exit "$failed"
