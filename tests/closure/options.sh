#!/bin/sh
# What the options of `rootc closure` and of `rootc why` print, word for word. usage: options.sh ROOTC
set -u
export LC_ALL=C
rootc=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
mkelf=$here/../../build/tools/mkelf
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

# says NAME STATUS COMMAND...: what it prints is the standard input.
says() {
	name=$1 status=$2
	shift 2
	cat >"$tmp/expected"
	"$@" >"$tmp/printed" 2>"$tmp/errors"
	got=$?
	if [ "$got" -eq "$status" ] && cmp -s "$tmp/expected" "$tmp/printed" && [ ! -s "$tmp/errors" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED $name: exit status $got, not $status"
		diff "$tmp/expected" "$tmp/printed"
		cat "$tmp/errors"
	fi
}

root=$tmp/root
mkdir -p "$root/bin" "$root/lib/glibc-hwcaps/x86-64-v3" "$root/lib64"
"$mkelf" --soname ld-linux-x86-64.so.2 --rodata '/lib/\0/usr/lib/' "$root/lib64/ld-linux-x86-64.so.2"
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed liba.so --needed libgone.so --needed libb.so \
	--opens '[{"soname":["libq.so.4"]}]' "$root/bin/program"
"$mkelf" --needed libb.so "$root/lib/liba.so"
"$mkelf" "$root/lib/glibc-hwcaps/x86-64-v3/liba.so"
for name in libb.so libq.so.4; do "$mkelf" "$root/lib/$name"; done
printf '#!/bin/program -x\n' >"$root/bin/script"

says 'a line for each file' 1 "$rootc" closure --root "$root" bin/program <<'T'
/bin/program	/lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2
/bin/program	liba.so => /lib/liba.so
/bin/program	libgone.so => not found
/bin/program	libb.so => /lib/libb.so
T
# A search that a hostile program makes long: 650 directories, 2,000 libraries that are nowhere.
runpath=$(seq -s : -f /d%g 650)
# shellcheck disable=SC2046  # words
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --runpath "$runpath" $(seq -f '--needed libm%g.so' 2000) "$root/bin/seeker"
if ! prlimit --as=67108864 "$rootc" --version >"$tmp/printed" 2>&1; then
	skipped=$((skipped + 1)) # a sanitizer takes more by itself
elif prlimit --as=67108864 "$rootc" closure --root "$root" /bin/seeker >"$tmp/printed" 2>"$tmp/errors"
	[ $? -eq 1 ] && [ "$(grep -c 'not found$' "$tmp/printed")" -eq 2000 ] && [ ! -s "$tmp/errors" ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo 'FAILED a long search: not within 64 MiB'
	head -n 3 "$tmp/errors"
fi
# A directory that must not be searched is said once, not for each library that is not in it.
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --runpath /closed --needed libx.so --needed liby.so --needed libb.so "$root/bin/barred"
mkdir -m 0 "$root/closed"
chmod 755 "$tmp"
as_nobody=
[ "$(id -u)" -ne 0 ] || as_nobody='setpriv --reuid 65534 --clear-groups'
$as_nobody "$rootc" closure --root "$root" /bin/barred >"$tmp/printed" 2>"$tmp/errors"
if [ "$(grep -c 'error: cannot read ./closed' "$tmp/errors")" -eq 1 ] && [ "$(grep -c 'error:' "$tmp/errors")" -eq 1 ]; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo 'FAILED a directory that must not be searched: not said once'
	cat "$tmp/errors"
fi
rmdir "$root/closed"
says 'a script and its interpreter' 1 "$rootc" closure --root "$root" /bin/script <<'T'
/bin/script	/bin/program => /bin/program
/bin/script	/lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2
/bin/script	liba.so => /lib/liba.so
/bin/script	libgone.so => not found
/bin/script	libb.so => /lib/libb.so
T
says '--tree' 1 "$rootc" closure --root "$root" --tree /bin/program <<'T'
/bin/program
  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (PT_INTERP)
  liba.so => /lib/liba.so (built-in directory /lib)
    libb.so => /lib/libb.so (already)
  libgone.so => not found (searched: built-in directory /lib, built-in directory /usr/lib)
  libb.so => /lib/libb.so (built-in directory /lib)
T
says '--cpu: the variant' 1 "$rootc" closure --root "$root" --cpu x86-64-v3 /bin/program <<'T'
/bin/program	/lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2
/bin/program	liba.so => /lib/glibc-hwcaps/x86-64-v3/liba.so
/bin/program	libgone.so => not found
/bin/program	libb.so => /lib/libb.so
T
says '--dlopen: what it opens' 1 "$rootc" closure --root "$root" --dlopen recommended /bin/program <<'T'
/bin/program	/lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2
/bin/program	liba.so => /lib/liba.so
/bin/program	libgone.so => not found
/bin/program	libb.so => /lib/libb.so
/bin/program	libq.so.4 => /lib/libq.so.4
T
"$rootc" closure --root "$root" --json /bin/program | python3 -c '
import json, sys
program = json.load(sys.stdin)["programs"][0]
for file in program["files"][1:]:
    print(file["name"], file["path"], file.get("how") or file.get("searched"), file["needed_by"], sep="; ")' >"$tmp/json"
says '--json' 0 cat "$tmp/json" <<'T'
/lib64/ld-linux-x86-64.so.2; /lib64/ld-linux-x86-64.so.2; PT_INTERP; /bin/program
liba.so; /lib/liba.so; built-in directory /lib; /bin/program
libgone.so; None; built-in directory /lib, built-in directory /usr/lib; /bin/program
libb.so; /lib/libb.so; built-in directory /lib; /bin/program
T
"$mkelf" --interp /lib64/ld-linux-x86-64.so.2 --needed libb.so --needs-version libb.so:B_2 "$root/bin/new"
"$mkelf" --version B_1 "$root/lib/libb.so"
"$rootc" closure --root "$root" --check /bin/new 2>&1 >/dev/null | head -n 1 >"$tmp/check"
says '--check' 0 cat "$tmp/check" <<'T'
rootc: error: '/bin/new' needs the version 'B_2' of 'libb.so', which '/lib/libb.so' does not have [library-version]
T

# the same of an image, as it will be
mkdir "$tmp/ok" && "$here/../golden/inputs/make.sh" "$tmp/inputs" "$mkelf" && cp "$here/../golden/ok/libraries.yaml" "$tmp/ok/"
says 'why --tree' 0 "$rootc" why --tree "$tmp/ok/libraries.yaml" /usr/bin/vendor <<'T'
/usr/bin/vendor
  /lib64/ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (PT_INTERP)
  libvendor.so.1 => /opt/vendor/libvendor.so.1 (/etc/ld.so.cache)
  libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (/etc/ld.so.cache)
    ld-linux-x86-64.so.2 => /lib64/ld-linux-x86-64.so.2 (already)
T
"$rootc" why --json "$tmp/ok/libraries.yaml" /opt/vendor/libvendor.so.1.4 | python3 -c '
import json, sys
why = json.load(sys.stdin)
print(why["line"], why["column"], *[step["path"] + ": " + step["how"] for step in why["chain"]], sep="\n")' >"$tmp/json"
says 'why --json' 0 cat "$tmp/json" <<'T'
17
12
/usr/bin/vendor: programs
/opt/vendor/libvendor.so.1.4: NEEDED libvendor.so.1: cache <- /etc/ld.so.conf.d/vendor.conf
T
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
