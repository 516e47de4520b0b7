#!/bin/sh
# `rootc closure --root ROOT` opens nothing outside ROOT, however the root points to the host: by links, by $ORIGIN, by paths in
# NEEDED, RPATH, ld.so.conf, ld.so.cache and #!. Shown by strace, with a directory on the host that has all that is asked for.
# usage: poisoned.sh ROOTC
set -u
rootc=$(realpath "$1")
mkelf=$(realpath "$(dirname "$0")")/../../build/tools/mkelf
tmp=$(realpath "$(mktemp -d)") || exit 1
trap 'rm -rf "$tmp"' EXIT
root=$tmp/root host=$tmp/host
mkdir -p "$root/bin" "$root/lib64" "$root/lib" "$root/etc" "$root/opt" "$host"
for name in liba.so libb.so libc.so libd.so libe.so libf.so ld.so sh; do "$mkelf" "$host/$name"; done
"$mkelf" --rodata '/lib/\0/usr/lib/' "$root/lib64/ld-linux-x86-64.so.2"
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed liba.so --needed libb.so --needed "$host/libc.so" --needed libd.so \
	--needed libe.so --needed libf.so --rpath "$host:\$ORIGIN/../../host:/lib/up" "$root/bin/program"
"$mkelf" --interp "$host/ld.so" --needed liba.so "$root/bin/foreign"
printf '#!%s/sh\n' "$host" >"$root/bin/script"
ln -s "$host/liba.so" "$root/lib/liba.so"
ln -s ../../../../../../../../../../../../../../../.."$host/libb.so" "$root/lib/libb.so"
ln -s "$host" "$root/lib/up"
ln -s ../../host "$root/opt/x"
ln -s "$host/libe.so" "$root/lib/libe.so"
echo "$host" >"$root/etc/ld.so.conf"
echo "$host/libf.so" >"$root/etc/ld.so.preload"
failed=0

complain() { echo "closure: $1"; failed=1; }

strace -y -f -o "$tmp/log" -e trace=open,openat,openat2,readlink,readlinkat \
	"$rootc" closure --root "$root" --check --dlopen suggested /bin/program /bin/foreign /bin/script >"$tmp/found" 2>"$tmp/said"
grep -q '=> /' "$tmp/found" || complain 'finds nothing at all, not even its loader'
[ "$(grep -c 'not found$' "$tmp/found")" -ge 8 ] || { complain 'finds what only the host has:'; cat "$tmp/found"; }
# the first open below the root is ours; before it the libraries of rootc itself are loaded
sed -n "\|$root|,\$p" "$tmp/log" | sed -n 's/.* = [0-9][0-9]*<\(.*\)>$/\1/p' | grep -v -e "^$root$" -e "^$root/" >"$tmp/strange"
[ -s "$tmp/strange" ] && { complain 'opens outside the root:'; sort -u "$tmp/strange"; }
grep -q " = [0-9]*<$root/bin/program>" "$tmp/log" || complain 'opens nothing: the test sees nothing'
exit "$failed"
