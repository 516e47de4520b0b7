#!/bin/sh
# Fetches the inputs of manifests/minimal.yaml, builds it and boots it to a prompt, saying what it does and where the time goes.
# usage: demo.sh ROOTC DIR   (DIR takes the store and the image)
set -eu
rootc=$1 dir=$2
manifest=$(dirname "$0")/../../manifests/minimal.yaml
lock=$(dirname "$0")/../../manifests/minimal.lock
image=$dir/minimal.img
mkdir -p "$dir"
rm -f "$dir/minimal.lock" "$dir/unseen"

now() { date +%s%3N; }
since() { awk "BEGIN { printf \"%.1f s\", ($(now) - $1) / 1000 }"; }
run() { "$rootc" "$@" --store "$dir/store"; }

start=$(now)
echo "fetching what $(basename "$lock") names (packages by name, version and hash) ..."
if ! run fetch "$manifest" --lock "$lock" 2>"$dir/fetch.err"; then
	cat "$dir/fetch.err" >&2
	grep -q '\[no-longer-available\]' "$dir/fetch.err" || exit 1
	lock=$dir/minimal.lock
	echo "the archive has moved on: locking today's versions in $lock instead; the image's hash will be another"
	run lock "$manifest" --lock "$lock"
	run fetch "$manifest" --lock "$lock"
fi
fetched=$(since "$start")

start=$(now)
echo "building $image ..."
run build "$manifest" --lock "$lock" -o "$image" | tee "$dir/build.out"
built=$(since "$start")

start=$(now)
echo "booting it in QEMU ..."
# The pipe would hide what run says.
{ "$rootc" run "$image" --expect '/ # ' --timeout 180 </dev/null || echo "$?" >"$dir/unseen"; } | tee "$dir/console"
[ ! -e "$dir/unseen" ] || exit "$(cat "$dir/unseen")"
booted=$(since "$start")
for seen in 'GNU GRUB  version 0.97' 'root (hd0,0)'; do
	grep -q "$seen" "$dir/console" || { echo "the prompt came, but not through GRUB: no '$seen' on the console" >&2; exit 1; }
done

cat <<TEXT


$(cat "$dir/build.out")
time: fetch $fetched, build $built, boot $booted
To use it: $rootc run $image      (ctrl-a x ends it)
TEXT
