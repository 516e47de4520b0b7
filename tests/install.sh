#!/bin/sh
# Installs the Debian packages named that are not there yet, and says so. As root directly, else through sudo.
set -u
missing=
for package; do
	state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) || state=
	[ "$state" = 'install ok installed' ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null || { echo "this is no Debian: install what is the same as$missing" >&2; exit 1; }
as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || { echo "missing:$missing; become root and: apt-get install$missing" >&2; exit 1; }
	as_root=sudo
fi
echo "installing$missing"
# An index that is out of date or not there at all is the usual reason for a failure: fetch it and try once more.
# shellcheck disable=SC2086  # the list is meant to split
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
	{ $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null; }
