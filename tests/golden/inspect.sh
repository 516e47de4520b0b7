#!/bin/sh
# Whether e2fsck, sfdisk and debugfs believe an image and see in it the tree that was planned.
# usage: inspect.sh ROOTC MANIFEST IMAGE STORE LOCK
# shellcheck disable=SC2034,SC2329 # image.sh uses these
set -u
program=$1 manifest=$2 image=$3 store=$4 lock=$5
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
out=$tmp/out failed=0 passed=0

planned() { shift; "$program" plan "$1" "$manifest" --store "$store" --lock "$lock"; }
pass() { passed=$((passed + 1)); }
fail() { failed=1; echo "$2"; [ ! -s "${3-}" ] || cat "$3"; }

# image.sh calls: $rootc plan --map --store ... MANIFEST
rootc=planned
# shellcheck source=/dev/null
. "$(dirname "$0")/image.sh"
image_check demo "$image"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
