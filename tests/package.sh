#!/bin/sh
# The Debian packages: built in a copy of the tree, without errors for lintian, and what they hold works. usage: package.sh
set -u
export LC_ALL=C
unset MAKEFLAGS MAKELEVEL
cd "$(dirname "$0")/.." || exit 1
top=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
result() { if [ "$2" -eq 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED $1"; tail -n 40 "$tmp/log"; fi; }
finish() { echo "$passed passed, $failed failed, 0 skipped"; [ "$failed" -eq 0 ]; exit; }

mkdir "$tmp/rootc" && git ls-files -z | tar -c --null -T - | tar -x -C "$tmp/rootc" || exit 1
(cd "$tmp/rootc" && dpkg-buildpackage -us -uc -b "-j$(nproc)") >"$tmp/log" 2>&1
built=$?
result 'dpkg-buildpackage' $built
[ $built -eq 0 ] || finish

version=$(sed -n 's/^.define ROOTC_VERSION "\(.*\)"/\1/p' compiler/command/command.h)
ls "$tmp"/rootc_"$version"_*.deb "$tmp"/librootc-dev_"$version"_*.deb >"$tmp/log" 2>&1
result "the packages have the program's version" $?
lintian --allow-root --fail-on error "$tmp"/*.changes >"$tmp/log" 2>&1
result 'lintian sees no error' $?

root=$tmp/root
for package in "$tmp"/rootc_*.deb "$tmp"/librootc-dev_*.deb; do dpkg-deb -x "$package" "$root" || exit 1; done
for file in usr/bin/rootc usr/share/man/man1/rootc.1.gz usr/share/man/man5/rootc-manifest.5.gz usr/share/rootc/rootc.schema.json \
	usr/share/bash-completion/completions/rootc usr/share/zsh/vendor-completions/_rootc usr/share/fish/vendor_completions.d/rootc.fish; do
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
"$root/usr/bin/rootc" build -o program.img good.yaml >log 2>&1
result 'the program of the package builds' $?
PKG_CONFIG_PATH=$(dirname "$root"/usr/lib/*/pkgconfig/rootc.pc)
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR="$root"
# shellcheck disable=SC2046  # words
${CC:-cc} -std=c11 -o library "$top/tests/library.c" $(pkg-config --cflags --libs rootc) >log 2>&1 &&
	./library good.yaml library.img >log 2>&1 && cmp program.img library.img >>log 2>&1
result 'the library of the package builds the same bytes' $?
finish
