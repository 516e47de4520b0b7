#!/bin/sh
# `rootc build --golden`: an image whose sum is committed, is another one, or has no sum; what stays as it was, and what is told.
# usage: golden.sh ROOTC
set -u
export LC_ALL=C
rootc=$(realpath "$1")
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/w" && cd "$tmp/w" || exit 1
passed=0 failed=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $1"; sed 's/^/    /' "$tmp/out" "$tmp/err"; }

# gets NAME STATUS [ARGUMENT]...: of a build of board.yaml; standard output goes to out, standard error to err
gets() {
	name=$1 wanted=$2
	shift 2
	"$rootc" build board.yaml "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	if [ "$status" -eq "$wanted" ]; then ok; else bad "$name: exit status $status, not $wanted"; fi
}

# says STREAM PATTERN, a basic regular expression that one of its lines matches
says() { if grep -q -e "$2" "$tmp/$1"; then ok; else bad "$name: no '$2' in standard $1"; fi; }
silent() { if [ ! -s "$tmp/$1" ]; then ok; else bad "$name: standard $1 is not empty"; fi; }
is() { if [ "$2" = "$3" ]; then ok; else bad "$name: $1 is '$2', not '$3'"; fi; }
absent() { if [ ! -e "$1" ]; then ok; else bad "$name: there is $1"; fi; }
sum_of() { sha256sum <"$1" | cut -c 1-64; }

cat >board.yaml <<'Y'
rootc: 1
name: board
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files:
  /etc/motd: {content: "hello\n"}
Y
"$rootc" build board.yaml -o first >/dev/null || exit 1
sed 's/hello/goodbye/' board.yaml >changed.yaml
"$rootc" build changed.yaml -o second >/dev/null || exit 1
rm .first.stamp .second.stamp
first=$(sum_of first) second=$(sum_of second) zeroes=$(printf %064d 0)

gets 'no list' 4 --golden images.sums
says err '^images\.sums: error: there is no such list of sums \[golden-missing\]$'
absent board.img
gets 'a list is made' 0 --golden images.sums --update-golden
says out "^images\.sums: board\.img is the golden image from now on; its sum has been added$"
is 'the list' "$(cat images.sums)" "$first  board.img"
is 'its mode' "$(stat -c %a images.sums)" 644
is 'what sha256sum says' "$(sha256sum -c images.sums)" 'board.img: OK'
touch -d @1000000000 images.sums
gets 'equal' 0 --golden images.sums
says out '^images\.sums: board\.img is the golden image$'
silent err
gets 'equal, and to be updated' 0 --golden images.sums --update-golden
is "the list's time" "$(stat -c %Y images.sums)" 1000000000
gets 'equal, and no digest is asked for' 0 --golden images.sums --digest never
says out "^sha256 $first$"

# --- another image: the old one keeps its place, and is the one to compare with
cp board.yaml good.yaml
cp changed.yaml board.yaml
touch -d @1000000000 board.img
before=$(stat -c '%i %s %Y %a' board.img)
gets 'another image' 1 --golden images.sums
cp "$tmp/err" "$tmp/told"
says err "^images\.sums:1:1: error: 'board\.img' would be another image than the golden one \[golden-mismatch\]$"
says err "\^~* the sum of what was built is $second$"
says err "note: what was built is 'board\.img\.new'; nothing was put at 'board\.img'$"
says out '^contents differ$'
says out '^  partition 1 /etc/motd: content: 6 bytes -> 8 bytes, the first that differs is byte 0$'
is 'the old image' "$(stat -c '%i %s %Y %a' board.img) $(sum_of board.img)" "$before $first"
is 'the new image' "$(sum_of board.img.new)" "$second"
gets 'another image, again' 1 --golden images.sums
if cmp -s "$tmp/told" "$tmp/err"; then ok; else bad "$name: something else is told"; fi
is 'the list' "$(cat images.sums)" "$first  board.img"
is 'the directory' "$(find . | sort | tr '\n' ' ')" '. ./board.img ./board.img.new ./board.yaml ./changed.yaml ./first ./good.yaml ./images.sums ./second '
"$rootc" diff board.img board.img.new >"$tmp/diff"
is 'the difference' "$(cat "$tmp/out")" "$(cat "$tmp/diff")"

rm board.img board.img.new
gets 'the golden image is the base' 1 --golden images.sums --base first
says out '^contents differ$'
absent board.img
is 'the new image' "$(sum_of board.img.new)" "$second"
gets 'the golden image is not at hand' 1 --golden images.sums
silent out
says err "note: to be told in what they differ, have the golden image at 'board\.img', or name it as --base$"
absent board.img
cp second board.img
gets 'the output is not the golden image' 1 --golden images.sums
silent out
rm -f board.img board.img.* first.record

# --- the line is found and rewritten, and nothing else
printf '# golden\n%s *other.img\r\n\n%s *./board.img\r\n\\%s  a\\\\b.img\n%s  last.img' "$zeroes" "$first" "$zeroes" "$zeroes" >images.sums
gets 'a list of several' 1 --golden images.sums
says err '^images\.sums:4:1: error: '
gets 'a list of several is updated' 0 --golden images.sums --update-golden
says out '^images\.sums: board\.img is the golden image from now on; its sum has been changed$'
printf '# golden\n%s *other.img\r\n\n%s *./board.img\r\n\\%s  a\\\\b.img\n%s  last.img' "$zeroes" "$second" "$zeroes" "$zeroes" >expected
if cmp -s images.sums expected; then ok; else bad "$name: other bytes"; fi
gets 'a list gets one line more' 0 --golden images.sums --update-golden -o more.img
printf '\n%s  more.img\n' "$second" >>expected
if cmp -s images.sums expected; then ok; else bad "$name: other bytes"; fi
gets 'no line of this name' 4 --golden images.sums -o none.img
says err "^images\.sums: error: it has no line for 'none\.img' \[golden-missing\]$"
absent none.img
gets 'a name to escape' 1 --golden images.sums -o 'a\b.img'
says err '^images\.sums:5:2: error: '
gets 'a name to escape is updated' 0 --golden images.sums --update-golden -o 'a\b.img'
gets 'a name to escape is found' 0 --golden images.sums -o 'a\b.img'
mkdir out
gets 'an output in a directory' 0 --golden images.sums -o out/more.img
says out '^images\.sums: out/more\.img is the golden image$'

# --- what is no list
wrong() { gets "$1" 4 --golden bad.sums; says err "$2"; absent board.img; }
rm -rf board.img
printf '%s  a\nhello\n' "$zeroes" >bad.sums
wrong 'no sum' '^bad\.sums:2:1: error: a line that is no sum \[golden-malformed\]$'
echo "${zeroes#0}  board.img" >bad.sums
wrong '63 digits' '^bad\.sums:1:1: error: a line that is no sum'
echo "$zeroes board.img" >bad.sums
wrong 'one space' '^bad\.sums:1:1: error: a line that is no sum'
echo "$zeroes  " >bad.sums
wrong 'no name' '^bad\.sums:1:1: error: a line that is no sum'
echo "SHA256 (board.img) = $first" >bad.sums
wrong "BSD's form" '^bad\.sums:1:1: error: a line that is no sum'
printf '%s  board.img\n%s *board.img\n' "$first" "$first" >bad.sums
wrong 'two sums of one image' "^bad\.sums:2:1: error: a second sum of 'board\.img' \[golden-malformed\]$"
says err '^bad\.sums:1:1: note: the first one$'
printf '%s  board.img\n\377\n' "$first" >bad.sums
wrong 'no text' '^bad\.sums:2:1: error: byte 0xff does not belong to valid UTF-8 \[golden-malformed\]$'
cp first bad.sums
wrong 'an image as a list' '^bad\.sums:1:1: error: .*\[golden-malformed\]$'
rm bad.sums && mkdir bad.sums
wrong 'a directory as a list' '^bad\.sums: error: cannot read the list of sums: Is a directory \[file-unreadable\]$'
rmdir bad.sums && mkfifo bad.sums
wrong 'a FIFO as a list' '^bad\.sums: error: cannot read the list of sums: not a regular file \[file-unreadable\]$'
rm bad.sums && ln -s images.sums bad.sums
gets 'a link as a list' 0 --golden bad.sums -o more.img
gets 'a link is not written through' 5 --golden bad.sums --update-golden -o link.img
says err '^bad\.sums: error: cannot write the list of sums: it is a symbolic link \[golden-unwritable\]$'
gets 'a list in no directory' 5 --golden none/images.sums --update-golden
says err '^none/images\.sums: error: cannot write the list of sums: No such file or directory \[golden-unwritable\]$'

# --- what cannot be
gets 'an update of nothing' 2 --update-golden
says err '^rootc: error: --update-golden changes the list that --golden names'
gets 'the list as output' 3 --golden images.sums --update-golden -o images.sums
says err "^images\.sums: error: the output 'images\.sums' is the input 'images\.sums' itself \[output-inside-input\]$"
sed "s|{content: .*}|{source: board.img.new}|" good.yaml >board.yaml
cp good.yaml board.img.new
gets 'the place of another image is a source' 3 --golden images.sums --update-golden
says err "error: the output 'board\\.img\\.new' is the input 'board\\.img\\.new' itself"
cp changed.yaml board.yaml
cp images.sums board.img.new
gets 'the place of another image is the list' 3 --golden board.img.new --update-golden
says err "error: the output 'board\.img\.new' is the input 'board\.img\.new' itself"
rm board.img.new && mkdir board.img.new
echo "$zeroes  board.img" >images.sums
rm -f board.img
gets 'the place of another image is a directory' 5 --golden images.sums
says err "cannot write 'board\.img\.new': it is a directory \[output-unwritable\]"
absent board.img

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
