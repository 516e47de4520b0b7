# shellcheck shell=sh disable=SC2015,SC2034,SC2154 # what the suites read, and their directory, here
# Sourced by the suites beside it: the golden images, and whether another rootc gives the bytes that stand in their .sha256.

# shellcheck source=tests/closure/roots.sh
. "$here/../closure/roots.sh"
top=$(realpath "$here/../..")
unset CI # some are built by the lock of another manifest, which is not what --locked means
identity=$top/build/identity
mkdir -p "$identity"
work=$tmp/work

fail() { failed=$((failed + 1)); echo "FAIL $1: $2"; [ ! -s "${3-}" ] || sed 's/^/    /; 20q' "$3"; }

# finish: the last line, and the status with which to end
finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# make_cases: all of golden/ok that have a hash, in $work/ok, with their inputs; their names in $work/cases.
make_cases() {
	mkdir -p "$work/ok" "$work/store"
	make -s -C "$top" build/tools/mkelf >"$tmp/make.log" 2>&1 && # its inputs, as tests/golden makes them
		"$here/../golden/inputs/make.sh" "$work/inputs" "$top/build/tools/mkelf" ||
		{ fail inputs 'cannot be made' "$tmp/make.log"; finish; exit 1; }
	: >"$work/cases"
	for file in "$here"/../golden/ok/*.sha256; do
		name=${file##*/} name=${name%.sha256} source=${file%.sha256}
		# what is locked comes from an archive, and is another test's
		[ ! -e "$source.lock" ] || { skip "$name" 'it needs packages'; continue; }
		if [ -e "$source.gen" ]; then sh "$source.gen" >"$work/ok/$name.yaml"; else cp "$source.yaml" "$work/ok/$name.yaml"; fi
		cp "$file" "$work/ok/"
		echo "$name" >>"$work/cases"
	done
	cp "$here"/../golden/ok/*.base "$work/ok/" # that some of them extend
}

# add_booted: also the images that `make check-boot` has built from packages and booted.
add_booted() {
	mkdir -p "$work/booted"
	for file in "$top"/build/boot-matrix/made/*.sha256; do
		[ -e "$file" ] || { skip booted 'make check-boot has left no images here'; return; }
		cp "$file" "${file%.sha256}.yaml" "${file%.sha256}.lock" "$work/booted/"
		echo "../booted/$(basename "$file" .sha256)" >>"$work/cases" # seen from the golden ones, of which some have the same name
	done
}

# compare_cases NAME SAYS COMMAND...: builds each case by COMMAND, a rootc of some kind, and counts those whose bytes are the golden
# ones. One line tells of all. The store is its own: what another has unpacked would not be unpacked again.
compare_cases() {
	name=$1 says=$2 same=0 other=
	shift 2
	image=$tmp/image.$name
	while read -r case; do
		rm -f "$image"
		store=$tmp/store.$name lock=$work/ok/$case.lock
		[ ! -e "$lock" ] || store=$top/build/boot-test/store # what was fetched cannot be again
		# the lock by its path: the manifest may bear another name than its file, and so look for another lock
		if ! "$@" build -o "$image" --store "$store" --lock "$lock" "$work/ok/$case.yaml" >/dev/null 2>"$tmp/$name.err" </dev/null; then
			other="$other $case"
			sed "s|^|    $case: |; 5q" "$tmp/$name.err"
		elif [ "$(sha256sum <"$image" | cut -c 1-64)" = "$(cat "$work/ok/$case.sha256")" ]; then
			same=$((same + 1))
		else
			other="$other $case"
		fi
	done <"$work/cases"
	rm -rf "$image" "$tmp/store.$name"
	passed=$((passed + same)) failed=$((failed + $(echo "$other" | wc -w)))
	printf '%-22s %3d same, %d other%s  %s\n' "$name" "$same" "$(echo "$other" | wc -w)" "${other:+:$other}" "$says"
}

# build_rootc DIRECTORY VARIABLE...: makes rootc below $identity/DIRECTORY with make's variables as given.
build_rootc() {
	directory=$1
	shift
	make -s -C "$top" -j"$(nproc)" V=1 B="build/identity/$directory" LIBARCHIVE_SONAME=libarchive.so.13 "$@" \
		"build/identity/$directory/rootc" >"$tmp/make.log" 2>&1
}
