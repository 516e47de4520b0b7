# shellcheck shell=sh disable=SC2034,SC2154 # what the suites read, and their directory, here
# Sourced by the suites beside it: where they work, how they count, and how packages of any architecture come here.

unset CDPATH
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
build=$here/../../build/closure
mkdir -p "$build"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
passed=0 failed=0 skipped=0

skip() { skipped=$((skipped + 1)); echo "skipped $1: $2"; }

# apt_of ARCHITECTURE ARGUMENT...: the host's apt and its sources for another architecture, with a state of its own, so that the
# host's stays as it is and nobody needs to be root.
apt_of() {
	architecture=$1 state=$build/apt-$1
	shift
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	: >"$state/status"
	apt-get -qq -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" -o Dir::State="$state" \
		-o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
		-o APT::Install-Recommends=0 -o APT::Sandbox::User= -o Debug::NoLocking=1 -o Acquire::Retries=1 \
		-o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 "$@"
}

# kind ELF: its class, byte order, machine and flags, as mkelf's options.
kind() {
	perl -e '
		read STDIN, $head, 64;
		($class, $data) = unpack "x4CC", $head;
		($short, $long) = $data == 2 ? ("n", "N") : ("v", "V");
		printf "--class %d --data %s --machine %d --flags %d", 32 * $class, $data == 2 ? "msb" : "lsb",
			unpack("x18 $short", $head), unpack($class == 2 ? "x48 $long" : "x36 $long", $head)' <"$1"
}

# interpreter PROGRAM: its PT_INTERP.
interpreter() {
	readelf -lW "$1" 2>/dev/null | sed -n 's/.*interpreter: \(.*\)]/\1/p'
}
