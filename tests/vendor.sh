#!/bin/sh
# From a fresh clone, its locks and a directory that was vendored, every example builds to its committed hash, where there is no store
# and no network. Fetching needs apt and its archive. usage: vendor.sh ROOTC DIRECTORY, which keeps what was fetched
set -u
export LC_ALL=C
rootc=$(realpath "$1")
mkdir -p "$2" || exit 1
dir=$(realpath "$2")
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; sed 's/^/    /' "$dir/err"; }
skip() { skipped=$((skipped + 1)); echo "skipped: $1"; }
total() { echo "$passed passed, $failed failed, $skipped skipped"; [ "$failed" -eq 0 ]; exit; }

# A network of its own has no way out; as another user than root only with a user namespace of its own, too.
alone=
for way in 'unshare -n' 'unshare -rn'; do
	if $way true 2>/dev/null; then alone=$way; break; fi
done
[ -n "$alone" ] || echo 'there can be no network namespace here: the builds are only not asked to use the network'

rm -rf "$dir/clone" "$dir/vendor" "$dir/images"
mkdir "$dir/images"
git clone -q --shared . "$dir/clone" 2>"$dir/err" || { bad 'a fresh clone'; total; }
examples=$(sed -n 's/.*  \(.*\)\.img$/\1/p' "$dir/clone/manifests/images.sums")

# 1. With the network: what the locks name, and of that a copy.
have=
for name in $examples; do
	manifest=$dir/clone/manifests/$name.yaml
	if ! "$rootc" fetch --locked "$manifest" --store "$dir/store" >"$dir/err" 2>&1; then
		grep -q 'apt-failed\|no-longer-available' "$dir/err" || { bad "fetch $name"; continue; }
		skip "$name: its packages cannot be had here: $(head -n 1 "$dir/err")"
	elif "$rootc" vendor "$manifest" "$dir/vendor" --store "$dir/store" >"$dir/err" 2>&1; then
		have="$have $name"
	else
		bad "vendor $name"
	fi
done

# 2. Without either.
cd "$dir/images" || exit 1
mv "$dir/store" "$dir/store.away" 2>/dev/null
for name in $have; do
	# shellcheck disable=SC2086  # a command and its options
	if $alone "$rootc" build --frozen --vendor "$dir/vendor" --golden "$dir/clone/manifests/images.sums" "$dir/clone/manifests/$name.yaml" \
		>"$dir/err" 2>&1; then ok; else bad "build $name"; fi
	if [ -e "$dir/clone/manifests/.rootc" ]; then bad "$name: there is a store"; else ok; fi
done
mv "$dir/store.away" "$dir/store" 2>/dev/null
if [ -z "$(git -C "$dir/clone" status --porcelain)" ]; then ok; else git -C "$dir/clone" status --short >"$dir/err"; bad 'the clone is as it was'; fi
echo "$(echo "$have" | wc -w) examples built with ${alone:-no namespace of their own}; vendored: $(du -sh "$dir/vendor" 2>/dev/null | cut -f 1)"
total
