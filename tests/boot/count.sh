# shellcheck shell=sh disable=SC2034,SC2154 # what the tests read, and their $rootc, $here and $dir
# For the tests that take packages through apt and boot what is made of them: counting, and the packages. To be read in by them.
passed=0 failed=0 skipped=0
unset CI # some are built by the lock of another manifest, which is not what --locked means
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

# What the console of an emulator shows that gets too little of a busy machine: it loses the timer of its PC, or commands to its NVMe disk
# (which Linux then waits for in vain, 30 s each). That is not the image's fault.
starved="IO-APIC [+] timer doesn't work|nvme nvme[0-9]: I/O .* timeout"

# boot CONSOLE IMAGE TEXT [OPTION]...: `rootc run` of IMAGE until the console, which is kept in CONSOLE, shows TEXT; where the emulator was
# starved, up to three times.
boot() {
	console=$1 image=$2 text=$3
	shift 3
	for _ in 1 2 3; do
		"$rootc" run "$image" --expect "$text" --timeout 180 "$@" </dev/null >"$console" 2>&1 && return
		grep -a -E -m 1 -e "$starved" "$console" || break
		echo "$image: the emulator was starved; again"
	done
	tail -c 1500 "$console"
	return 1
}
