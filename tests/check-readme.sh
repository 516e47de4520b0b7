#!/bin/sh
# What the README shows is so: its manifest is manifests/minimal.yaml, its example of an error is what rootc prints, its commands,
# options and templates exist, its limits and counts are those of the tests. The files that it and the other pages name are there,
# and so are make's targets, of which the Makefile's comment has all.
# (That its hash is the demo's is seen by tests/boot/run.sh.) usage: check-readme.sh ROOTC
# shellcheck disable=SC2013 # words are what is read
set -u
export LC_ALL=C
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
wrong() { echo "README: $*"; failed=1; }

# in one line, since what is looked for may be broken at a line's end
words=$(tr '\n' ' ' <README.md)
for command in $("$rootc" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do "$rootc" "$command" --help; done >"$tmp/help"
for option in $(grep -o -e '--[a-z][a-z-]*' README.md | sort -u); do
	grep -q -e " $option\( \|$\)" "$tmp/help" || wrong "no command knows $option"
done
"$rootc" init >"$tmp/templates"
for template in $(grep -o 'rootc init [a-z][a-z-]*' README.md | cut -d ' ' -f 3); do
	grep -q "^$template " "$tmp/templates" || wrong "there is no template $template"
done

sed -n '/^\.PHONY: all/,$p' Makefile | tr -s '\\\n\t ' '\n' | sort -u >"$tmp/targets"
sed '/^$/q' Makefile >"$tmp/comment"
# shellcheck disable=SC2016  # the backquote is Markdown's
cat README.md CONTRIBUTING.md "$tmp/comment" | tr '\n' ' ' | grep -o '\(`\|    \|#   \|``` \)make \(VARIANT=san \)*[a-z][a-z-]*' | sed 's/.* //' |
	sort -u >"$tmp/named"
[ "$(wc -l <"$tmp/named")" -ge 20 ] || wrong "names few targets: $(cat "$tmp/named")"
for target in $(comm -23 "$tmp/named" "$tmp/targets"); do wrong "there is no target $target"; done
for target in $(grep -v -x -e '' -e '.PHONY:' -e all -e 'install-.*' "$tmp/targets"); do
	grep -q -e "make[a-z -]* $target\( \|$\)" -e "[; ]$target: " "$tmp/comment" || wrong "the Makefile's comment lacks $target"
done

# shellcheck disable=SC2016  # the backquotes are Markdown's
for path in $(cat README.md CONTRIBUTING.md docs/*.md | tr '\n' ' ' | grep -o '`\(compiler\|docs\|examples\|include\|manifests\|schema\|tests\)/[^` ]*`' | tr -d '`' | sort -u); do
	case $path in *NAME*) ;; *) [ -e "$path" ] || wrong "there is no $path" ;; esac
done

says() { case $words in *"$1"*) ;; *) wrong "does not say '$1'" ;; esac; }
count() { grep -v -c -e '^#' -e '^$' "$1"; }
says "$(count tests/diff/facts.txt) single facts"
says "$(count tests/diff/broken.txt) fields broken"
says "| $(sed -n 's/.*exit one . many < \([0-9.]*\) .*/\1/p' tests/bench/targets.sh) times as fast |"
for limit in $(sed -n 's/^most_ms=\([0-9]*\) most_mib=\([0-9]*\).*/\1:\2/p' tests/bench/run.sh); do
	ms=${limit%:*}
	if [ $((ms % 1000)) -eq 0 ]; then says "| $((ms / 1000)) s, ${limit#*:} MiB |"; else says "| $ms ms, ${limit#*:} MiB |"; fi
done
exit "$failed"
