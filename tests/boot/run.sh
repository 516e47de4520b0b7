#!/bin/sh
# Tests that take real Debian packages through apt and boot them. usage: run.sh ROOTC
# Where apt has no network they are skipped, and say so.
set -u
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
dir=$(realpath "$here/../..")/build/boot-test
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
mkdir -p "$dir" || exit 1
# shellcheck source=tests/boot/count.sh
. "$here/count.sh"

need_packages minimal 7 'boot and fetch'
if ! timeout 120 "$here/demo.sh" "$rootc" "$dir" >"$dir/demo.log" 2>&1; then
	cat "$dir/demo.log"
	result 'demo.sh: lock, fetch, build, boot to a prompt through the menu' 1
	finish
fi
result demo 0
image=$dir/minimal.img

# The README shows this image's hash; where the archive has moved on, another lock was taken and there is nothing to compare.
if [ "$lock" = "$manifests/minimal.lock" ]; then
	grep -q "$(sed -n 's/^sha256 //p' "$dir/build.out")" "$here/../../README.md"
	result "the README's hash is the demo's" $?
fi

# The same bytes from another directory, as if by another user on another day.
mkdir -p "$dir/elsewhere with blanks"
(cd "$dir/elsewhere with blanks" && umask 077 && env -i TZ=Pacific/Kiritimati LANG=tr_TR.UTF-8 SOURCE_DATE_EPOCH=5 E2FSPROGS_FAKE_TIME=9 HOME=/nonexistent \
	"$rootc" build "$manifests/minimal.yaml" --lock "$lock" --store "$store" -o minimal.img >/dev/null)
cmp "$image" "$dir/elsewhere with blanks/minimal.img"
result 'same bytes elsewhere' $?

# Independent readers: e2fsck is silent, sfdisk content, debugfs sees the tree of the plan.
"$here/../golden/inspect.sh" "$rootc" "$manifests/minimal.yaml" "$image" "$store" "$lock"
result 'e2fsck, sfdisk and debugfs agree' $?

# The article's own disk, with a stand-in for the small kernel that its user brings: a bzImage header and 2 MB.
article=$dir/article
rm -rf "$article"
mkdir -p "$article/article-12mb/boot"
cp "$manifests/article-12mb.yaml" "$article/"
head -c 2097152 /dev/zero >"$article/article-12mb/boot/vmlinuz"
# shellcheck disable=SC2059 # the text is meant as a format
put() { printf "$2" | dd of="$article/article-12mb/boot/vmlinuz" bs=1 seek="$1" conv=notrunc status=none; }
put 497 '\002\000\000\0'
put 510 '\125\252\353\152HdrS\017\002'
put 529 '\001'
"$rootc" lock "$article/article-12mb.yaml" --store "$store" &&
	"$rootc" fetch "$article/article-12mb.yaml" --store "$store" &&
	"$rootc" build "$article/article-12mb.yaml" --store "$store" -o "$article/disk" >/dev/null &&
	[ "$(stat -c %s "$article/disk")" -eq 12582912 ] &&
	"$here/../golden/inspect.sh" "$rootc" "$article/article-12mb.yaml" "$article/disk" "$store" "$article/article-12mb.lock"
result "the article's 12 MiB disk" $?

# Every applet link runs in the booted machine.
cat >"$dir/typed" <<'GUEST'
n=0; for d in /bin /sbin /usr/bin /usr/sbin; do for l in $d/*; do [ -L $l ] || continue; $l --help >/dev/null 2>&1 </dev/null; s=$?; [ $s -ge 126 ] && echo BROKEN $l; n=$((n+1)); done; done; echo RAN-$n-APPLETS-$((40+2))
GUEST
links=$("$rootc" plan --tree "$manifests/minimal.yaml" --lock "$lock" --store "$store" | grep -c 'link .* -> .*busybox$')
rm -f "$dir/keys" "$dir/console"
mkfifo "$dir/keys"
: >"$dir/console"
(
	tries=0
	while ! grep -q '/ # ' "$dir/console" && [ "$tries" -lt 180 ]; do
		sleep 1
		tries=$((tries + 1))
	done
	cat "$dir/typed"
	sleep 120
) >"$dir/keys" 2>/dev/null &
typist=$!
"$rootc" run "$image" --expect "RAN-$links-APPLETS-42" --timeout 240 <"$dir/keys" >"$dir/console" 2>"$dir/console.err"
status=$?
kill "$typist" 2>/dev/null
grep '^BROKEN /' "$dir/console" && status=1
[ "$status" -eq 0 ] || { tail -c 2000 "$dir/console"; cat "$dir/console.err"; }
result "all $links applet links run in the booted image" "$status"

# The closure is complete and minimal: busybox runs in the image's tree, and without any one library it does not.
rm -rf "$dir/root"
mkdir "$dir/root"
offset=$("$rootc" plan --json "$manifests/minimal.yaml" --lock "$lock" --store "$store" |
	sed -n 's/.*"first_lba": \([0-9]*\).*/\1/p' | head -n 1)
dd if="$image" of="$dir/root.ext2" bs=512 skip="$offset" conv=sparse status=none
debugfs -R "rdump / $dir/root" "$dir/root.ext2" >/dev/null 2>&1
inside() { if [ "$(id -u)" -eq 0 ]; then chroot "$dir/root" "$@"; else unshare -Ur chroot "$dir/root" "$@"; fi; }
status=0
inside /bin/busybox true || { echo "busybox does not run in the image's own tree"; status=1; }
libraries=$(find "$dir/root" -type f -name '*.so*')
[ -n "$libraries" ] || { echo "the image has no library"; status=1; }
for library in $libraries; do
	mv "$library" "$library.away"
	inside /bin/busybox true 2>/dev/null && { echo "busybox runs without $library"; status=1; }
	mv "$library.away" "$library"
done
result 'busybox needs every shipped library and no other' "$status"
finish
