#!/bin/bash
# shellcheck disable=SC2030,SC2031 # a rootc that stands in for the real one does so in a subshell
# Golden images in every environment of environments.txt and in reprotest's: one hash. Then what no number of runs can prove: that
# nothing is linked which could tell two environments apart, and that no image knows where it was made.
# usage: reproducible.sh ROOTC LIBRARY [ROW]...
set -u
rootc=$(realpath "$1") library=$(realpath "$2")
shift 2
here=$(realpath "$(dirname "$0")")
# shellcheck source=tests/identity/cases.sh
. "$here/cases.sh"
# shellcheck source=tests/identity/surroundings.sh
. "$here/surroundings.sh"

# choose_cases: cuts $work/cases down to some that differ in kind. What others alone need goes: copies of $work are made, and not
# every tool that makes one leaves 8 GiB of holes as they are.
choose_cases() {
	for case in gpt-min grub2-vfat initramfs libraries many-files minimal wide xattrs; do
		grep -x "$case" "$work/cases"
	done >"$tmp/chosen"
	mv "$tmp/chosen" "$work/cases"
	rm -rf "$work/inputs/holes"
	echo "images: $(paste -s -d ' ' "$work/cases")"
}

is_golden() {
	[ "$(sha256sum <"$1" 2>/dev/null | cut -c 1-64)" = "$(cat "$work/ok/$2.sha256")" ]
}

# in_environment COMMAND...: runs $piece, whose "$@" is COMMAND, in a process of its own
in_environment() {
	rm -rf "$image"
	(eval "$piece") >/dev/null 2>"$tmp/err"
}

# try NAME: one environment, with all chosen images
try() {
	while read -r case; do
		manifest=$work/ok/$case.yaml image=$tmp/image
		if ! (rootc=$tmp/probe; in_environment "$tmp/probe" build -o "$image" "$manifest"); then
			unavailable=$((unavailable + 1))
			skip "$1" "not to be had here: $(head -n 1 "$tmp/err" | cut -c 1-120)"
			return
		fi
		in_environment "$rootc" build -o "$image" --store "$work/store" "$manifest"
		status=$?
		if [ "$status" -ne 0 ] || ! is_golden "$image" "$case"; then
			other=$((other + 1))
			fail "$1" "$case is another image, or none (exit status $status)" "$tmp/err"
			return
		fi
	done <"$work/cases"
	same=$((same + 1))
}

wanted() {
	for pattern; do [ "$pattern" = "$row" ] && return 0; done
	[ $# -eq 0 ]
}

end_row() {
	passed=$((passed + same))
	printf '%-18s %3d same, %d other%s\n' "$row" "$same" "$other" "$([ "$unavailable" -eq 0 ] || echo ", $unavailable skipped")"
	same=0 other=0 unavailable=0
}

try_rows() {
	set -f # a value is a word, whatever is in it
	while IFS=$'\t' read -r row values piece <&8; do
		wanted "$@" || continue
		for value in $values; do
			if [ "$value" = - ]; then try "$row"; else try "$row=$value"; fi
		done
		end_row
	done 8< <(grep -v -e '^#' -e '^$' "$here/environments.txt")
	set +f
}

is_all_golden() {
	while read -r case; do
		is_golden "$(find "$1" -name "$case.img")" "$case" || return
	done <"$work/cases"
}

# try_reprotest: each of its variations alone. It builds twice, in copies of the directory.
try_reprotest() {
	row=reprotest
	wanted "$@" || return
	command -v reprotest >/dev/null || { skip reprotest 'it is not installed'; return; }
	echo "while read -r case; do '$rootc' build -o \$case.img --store store ok/\$case.yaml || exit; done <cases" >"$work/build.sh"
	for variation in environment build_path kernel aslr num_cpus time user_group fileordering domain_host home locales exec_path \
		timezone umask; do
		rm -rf "$tmp/artifacts"
		vary=-all,+$variation
		[ "$variation" != user_group ] || vary=$vary,user_group.available+=nobody:nogroup
		if [ "$variation" = user_group ] && ! command -v sudo >/dev/null; then
			unavailable=$((unavailable + 1))
			skip reprotest=user_group 'it takes sudo; the row "user" is the same'
			continue
		fi
		# what the second build makes is kept only where it differs
		if reprotest --no-diffoscope --store-dir "$tmp/artifacts" --variations="$vary" -c 'sh build.sh' "$work" '*.img' \
			>"$tmp/reprotest.log" 2>&1 && is_all_golden "$tmp/artifacts/control"; then
			same=$((same + 1))
		else
			other=$((other + 1))
			fail "reprotest=$variation" 'makes other images, or none' "$tmp/reprotest.log"
		fi
	done
	end_row
}

# -- without running anything

# What would let an environment in, and the object files that may: the command line's and fetch's, the number of processors (which
# decides no byte) and of the process (the temporary's name).
forbidden='time|clock|clock_gettime|gettimeofday|(local|gm|mk)time(_r)?|strftime|getrandom|getentropy|s?rand(om)?(_r)?|arc4random[a-z_]*|'
forbidden=$forbidden'(secure_)?getenv|environ|setlocale|strcoll|strxfrm|gethostname|uname|sysinfo|getpw[a-z_]*|getlogin(_r)?|ge?te?uid|getpid|'
forbidden=$forbidden'getcwd|get_current_dir_name|readdir(64)?(_r)?|scandir(64)?|tmpnam|tempnam|tmpfile(64)?|mks?temps?|system|popen|exec[a-z]+|'
forbidden=$forbidden'posix_spawnp?|v?fork|socket|connect|uuid_generate[a-z_]*|sched_getaffinity|get_nprocs[a-z_]*'
at_home='directory.o:readdir(64)?|process.o:(environ|execvpe|fork|getpid)|processors.o:sched_getaffinity|output.o:getpid'

check_library() {
	nm -A -u "$library" 2>/dev/null | sed 's/^[^:]*:\([^:]*\):.* U /\1:/' >"$tmp/undefined"
	[ "$(wc -l <"$tmp/undefined")" -gt 1000 ] || { fail library 'nm shows too little of it' "$tmp/undefined"; return; }
	if grep -E ":($forbidden)\$" "$tmp/undefined" | grep -v -x -E "$at_home" >"$tmp/strange"; then
		fail library 'is linked with what differs between environments' "$tmp/strange"
	else
		passed=$((passed + 1))
		echo "library            asks for nothing that differs between environments, outside of its home"
	fi
}

# check_traces: builds where every name is one that would be found again
check_traces() {
	mkdir -p "$tmp/i-capture-the-directory" "$tmp/i-capture-the-output"
	cp -a "$work/." "$tmp/i-capture-the-directory/"
	while read -r case; do
		image=$tmp/i-capture-the-output/i-capture-the-name.img
		(cd "$tmp/i-capture-the-directory" &&
			export HOME=/i-capture-the-home USER=i-capture-the-user LOGNAME=i-capture-the-user TMPDIR=/i-capture-the-tmp &&
			unshare --map-root-user --uts sh -c 'hostname i-capture-the-host && exec "$@"' - \
				"$rootc" build -o "$image" --store store "ok/$case.yaml") >/dev/null 2>"$tmp/err" ||
			{ skip traces "no host name to be had: $(head -n 1 "$tmp/err")"; return; }
		grep -a -o -E "i-capture-the-[a-z]*|$(hostname)\.[a-z.]+|$(date '+%b %e %Y')|${tmp#/}" "$image" | sort -u >"$tmp/strange"
		if [ -s "$tmp/strange" ]; then
			fail "$case" 'knows where it was made' "$tmp/strange"
		else
			passed=$((passed + 1))
		fi
	done <"$work/cases"
	echo 'traces             looked for: the names of host, user, home and directories, the date'
}

make_cases
choose_cases
cat >"$tmp/probe" <<'END' && chmod 755 "$tmp/probe" # what goes before rootc: does the environment let a program write?
#!/bin/sh
while [ $# -gt 1 ]; do
	[ "$1" != -o ] || : >"$2"
	shift
done
END
make_copies
same=0 other=0 unavailable=0
try_rows "$@"
try_reprotest "$@"
if [ $# -eq 0 ]; then
	check_library
	check_traces
fi
finish
