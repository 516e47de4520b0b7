#!/bin/sh
# `make install` into a directory of its own: what is there, that it works, and that `make uninstall` leaves nothing. usage: installed.sh
set -u
export LC_ALL=C
cd "$(dirname "$0")/.." || exit 1
top=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
result() { if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; cat "$tmp/log"; fi; }

make -s install DESTDIR="$tmp" PREFIX=/opt/rootc >"$tmp/log" 2>&1
result 'make install' $?
root=$tmp/opt/rootc
for file in bin/rootc lib/librootc.a lib/pkgconfig/rootc.pc include/rootc/rootc.h include/rootc/progress.h share/rootc/rootc.schema.json share/man/man1/rootc.1 \
	share/man/man1/rootc-build.1 share/man/man5/rootc-manifest.5 share/man/man7/rootc-errors.7 \
	share/bash-completion/completions/rootc share/zsh/site-functions/_rootc share/fish/vendor_completions.d/rootc.fish; do
	[ -s "$root/$file" ]
	result "$file is there" $?
done

cd "$tmp" || exit 1
cat >good.yaml <<'Y'
rootc: 1
name: good
disk: {size: 1MiB}
partitions: {root: {size: 512KiB, start: 1s, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
Y
sed 's/512KiB/2MiB/' good.yaml >bad.yaml
"$root/bin/rootc" build -o program.img good.yaml >log 2>&1
result 'the program builds' $?
export PKG_CONFIG_PATH="$root/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$tmp"
# shellcheck disable=SC2046  # words
${CC:-cc} -std=c11 -Wall -Wextra -Werror -o library "$top/tests/library.c" $(pkg-config --cflags --libs rootc) >log 2>&1
result 'a program compiles by pkg-config' $?
./library good.yaml library.img >log 2>&1
result 'the library builds' $?
[ "$(sed -n '1p;2p' log)" = "$(printf 'writing library.img\nover')" ]
result 'the library tells how far it is' $?
cmp program.img library.img >>log 2>&1
result 'the same bytes as the program' $?
./library bad.yaml bad.img >log 2>&1
[ $? -eq 3 ] && grep -q '^bad.yaml:4:[0-9]*: error: .* \[disk-too-small\]$' log
result 'the library tells what is wrong' $?

cd "$top" && make -s uninstall DESTDIR="$tmp" PREFIX=/opt/rootc >"$tmp/log" 2>&1
result 'make uninstall' $?
find "$root" -type f >"$tmp/log"
[ ! -s "$tmp/log" ]
result 'make uninstall leaves nothing' $?

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
