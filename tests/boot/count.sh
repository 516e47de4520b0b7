# shellcheck shell=sh disable=SC2034,SC2154 # what the tests read, and their $rootc, $here and $dir
# For the tests that take packages through apt and boot what is made of them: counting, and the packages. To be read in by them.
passed=0 failed=0 skipped=0
manifests=$(realpath "$here/../../manifests")
store=$(realpath "$here/../..")/build/boot-test/store # one for all: what one of them has fetched is there for the next

# result NAME STATUS: counts one test.
result() {
	if [ "$2" -eq 0 ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $1"
	fi
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
	exit
}

# fetch_packages NAME: has the packages of manifests/NAME.yaml in $store. $lock is then the lock that says which: the committed one, or,
# where the archive has moved on, one of today's versions in $dir. False when there are none; $dir/fetch.err tells why.
fetch_packages() {
	lock=$manifests/$1.lock
	"$rootc" fetch "$manifests/$1.yaml" --lock "$lock" --store "$store" 2>"$dir/fetch.err" && return
	grep -q '\[no-longer-available\]' "$dir/fetch.err" || return 1
	lock=$dir/$1.lock
	echo "the archive has moved on: locking today's versions for $1 instead"
	"$rootc" lock "$manifests/$1.yaml" --lock "$lock" --store "$store" 2>"$dir/fetch.err" &&
		"$rootc" fetch "$manifests/$1.yaml" --lock "$lock" --store "$store" 2>"$dir/fetch.err"
}

# is_offline: whether it was apt that could not
is_offline() { grep -q '\[apt-failed\]' "$dir/fetch.err"; }

# need_packages NAME COUNT WHAT: the same for a test that is nothing without them: it ends here, with COUNT tests of WHAT skipped if it
# is the network that is missing.
need_packages() {
	fetch_packages "$1" && return
	if is_offline; then
		echo "skipped: $3, since apt reaches no archive here:"
		grep -m 3 '' "$dir/fetch.err"
		skipped=$2
	else
		cat "$dir/fetch.err"
		result "fetch $1" 1
	fi
	finish
}

# boot CONSOLE IMAGE TEXT [OPTION]...: `rootc run` of IMAGE until the console, which is kept in CONSOLE, shows TEXT. An emulator that gets
# too little of a busy machine loses the timer of its PC, and Linux panics of it: that is not the image's fault, and tried again.
boot() {
	console=$1 image=$2 text=$3
	shift 3
	for _ in 1 2 3; do
		"$rootc" run "$image" --expect "$text" --timeout 180 "$@" </dev/null >"$console" 2>&1 && return
		grep -a -q 'IO-APIC + timer doesn.t work' "$console" || break
		echo "$image: the emulated timer stood still; again"
	done
	tail -c 1500 "$console"
	return 1
}
