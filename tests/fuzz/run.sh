#!/bin/sh
# Feeds inputs to one target, guided by what they reach, for SECONDS. usage: run.sh elf|manifest|load SECONDS
#
# Everything of ours that looks at the input is instrumented (AddressSanitizer and UBSan too), and for elf libelf itself, made from the
# archive's source of elfutils. What was found to be worth keeping stays in build/fuzz/corpus-TARGET for the next run; an input that
# breaks something in build/fuzz/found-TARGET.
set -u
unset CDPATH
export LC_ALL=C
target=$1 seconds=$2
here=$(realpath "$(dirname "$0")")
cd "$here/../.." || exit 1
build=$PWD/build/fuzz
log=$build/$target.log
corpus=$build/corpus-$target seeds=$build/seeds-$target found=$build/found-$target

skip() {
	echo "skipped fuzz-$target: $1"
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
}

fail() {
	echo "failed fuzz-$target: $1"
	echo '0 passed, 1 failed, 0 skipped'
	exit 1
}

# install_compiler: clang and its run-time library of the same version.
install_compiler() {
	"$here/../install.sh" clang || return 1
	version=$(clang -dumpversion)
	"$here/../install.sh" "libclang-rt-${version%%.*}-dev"
}

# fetch_elfutils: its source, in an apt state of its own, since few hosts have deb-src among their sources.
fetch_elfutils() {
	[ -d "$build/elfutils" ] && return
	state=$build/apt
	mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
	for keys in /usr/share/keyrings/debian-archive-keyring.pgp /usr/share/keyrings/debian-archive-keyring.gpg; do
		[ -e "$keys" ] && signed="[signed-by=$keys]"
	done
	# shellcheck disable=SC2016  # apt's variables, not the shell's
	apt-get indextargets --format 'deb-src '"${signed-}"' $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' \
		'Origin: Debian' 2>/dev/null | sort -u >"$state/sources.list"
	[ -s "$state/sources.list" ] || { why="apt knows no archive of Debian"; return 1; }
	set -- -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State="$state" \
		-o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User= -o Debug::NoLocking=1
	apt-get "$@" update >"$state/log" 2>&1 # what it got may do, even if it complains
	(cd "$state" && rm -rf elfutils-* && apt-get "$@" source elfutils >>log 2>&1) ||
		{ why="apt cannot get the source of elfutils: $(grep '^[EW]:' "$state/log" | tail -n 1)"; return 1; }
	mv "$state"/elfutils-*/ "$build/elfutils"
}

# show: what broke it, and how to see that again.
show() {
	for input in "$found"/*; do
		[ -f "$input" ] || continue
		echo "found: $input ($(stat -c %s "$input") bytes); to see it again: build/fuzz/fuzz-$target ${input#"$PWD/"}"
		[ "$(stat -c %s "$input")" -gt 8192 ] || base64 -w 120 "$input" | sed 's/^/  /'
	done
}

case $target in elf | manifest | load) ;; *) fail "no such target" ;; esac
longest=65536
[ "$target" != load ] || longest=131072 # bytes: a GPT or an ext4 in less is none
why=
mkdir -p "$build" "$corpus" "$seeds" "$found"
install_compiler || skip "no clang with its run-time library"
[ "$target" != elf ] || fetch_elfutils || skip "$why"
make --no-print-directory -j"$(nproc)" VARIANT=fuzz CC=clang "build/fuzz/fuzz-$target" build/tools/mkelf >"$log" 2>&1 ||
	{ grep -A 3 -e 'error:' -e 'undefined reference' "$log"; fail "it does not build; see $log"; }
"$here/seeds.sh" "$target" "$seeds" || fail "its seeds cannot be made"
find "$found" -type f -exec mv {} "$corpus" \; # what once broke it comes first
echo "fuzz-$target: $seconds s, $(find "$seeds" -type f | wc -l) seeds, $(find "$corpus" -type f | wc -l) inputs of earlier runs"
export ASAN_OPTIONS=allocator_may_return_null=1:quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1
"$build/fuzz-$target" -max_total_time="$seconds" -max_len="$longest" -timeout=60 -rss_limit_mb=2048 \
	-dict="$here/$target.dict" -artifact_prefix="$found/" -print_final_stats=1 "$corpus" "$seeds" >"$log" 2>&1
status=$?
sed -n 's/^stat::number_of_executed_units: *\([0-9]*\)/executions: \1/p; s/^stat::peak_rss_mb: *\([0-9]*\)/peak of memory: \1 MiB/p' "$log"
edges=$(sed -n 's/^INFO: Loaded .*(\([0-9]*\) inline.*/\1/p' "$log")
grep -E '^#[0-9]+.*cov: ' "$log" | tail -n 1 |
	sed "s/.*cov: \([0-9]*\) ft: \([0-9]*\) corp: \([0-9]*\).*/coverage: \1 of $edges edges, \2 features, \3 inputs kept/"
if [ "$status" -ne 0 ]; then
	grep -v '^#' "$log" | tail -n 60
	show
	fail "an input breaks it; see $log"
fi
echo '1 passed, 0 failed, 0 skipped'
