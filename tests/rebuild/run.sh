#!/bin/sh
# A build that has nothing to do does nothing, one that has something to do notices, and depfiles say when. usage: run.sh ROOTC
set -u
rootc=$(realpath "$1")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# says NAME TEXT [OPTION]...: the build succeeds, and its last line begins with TEXT ('sha256': it was built anew).
says() {
	name=$1 text=$2
	shift 2
	"${program:-$rootc}" build target.yaml -o out/target.img "$@" >out.txt 2>err && tail -n 1 out.txt | grep -q "^$text"
	result "$name: says '$text'" $?
	[ "$(tail -n 1 out.txt | cut -c1-7)" != nothing ] || [ ! -s err ]
	result "$name: no message" $?
}

# The inputs: two directories, one of which shadows the other, an archive, a base, sources beside the manifest, a ramdisk's program.
make_target() {
	mkdir -p lower/etc lower/deep/er upper/etc out archive/usr/share
	for file in etc/a etc/b deep/er/c unused; do echo "lower $file" >"lower/$file"; done
	echo upper >upper/etc/a
	: >lower/etc/empty
	ln -s a lower/etc/link
	echo packed >archive/usr/share/packed
	tar -C archive --owner=0 --group=0 --mtime=@0 -cf files.tar usr
	echo beside >source
	mkdir -p build/real && echo single >build/real/single-1 && ln -s real/single-1 build/single
	echo plain >plain
	cat >base.yaml <<-'Y'
		rootc: 1
		disk: {size: 8MiB}
		partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
	Y
	cat >target.yaml <<-'Y'
		extends: base.yaml
		name: target
		inputs:
		  lower: {directory: lower}
		  upper: {directory: upper}
		  tar: {archive: files.tar}
		  single: {file: build/single, path: /opt/single}
		  plain: {file: plain, path: /opt/plain}
		files:
		  /etc/**: {}
		  /deep/**: {}
		  /packed: {source: /usr/share/packed}
		  /beside: {source: source}
		  /opt/**: {}
	Y
}

# opened LOG: what the traced program opened for reading, but for libraries and directories that it only went through.
opened() {
	sed -n 's/.*open[at2]*(\(.*\)) = \([0-9]*\)<\(.*\)>$/\3 \1/p' "$1" | grep -v 'O_PATH\|O_WRONLY\|O_RDWR\|O_CREAT' | cut -d ' ' -f 1 |
		grep -v -e '^/lib' -e '^/usr/lib' -e '^/etc/ld' -e '^/proc/' -e '^/sys/' -e '^/dev/' | sort -u
}

make_target
says 'the first time' sha256 -MD
says 'the second time' 'nothing to do'
[ "$(sed -n 's/^sha256 //p' out.txt)" = "$(sha256sum <out/target.img | cut -c1-64)" ]
result 'the second time: the hash is that of the image' $?

# The depfile and what was really opened.
rm -rf out/.target.img.stamp .rootc
"$rootc" build target.yaml -o out/target.img >/dev/null
strace -f -y -e trace=open,openat,openat2 -o trace "$rootc" build target.yaml -o out/target.img --rebuild -MD -MF deps >out.txt 2>err
result 'a traced build' $?
sed -e 's/^[^:]*://; s/ *\\$//; s/^ *//' deps >listed
xargs realpath <listed | sort -u >named
opened trace | grep -v -e '/target\.img$' -e "^$tmp/out$" >really
diff really named
result 'the depfile is what was opened' $?
for file in target.yaml base.yaml files.tar source plain build/single build/real/single-1 lower lower/etc lower/deep/er/c upper/etc/a .rootc/archive .rootc/blob; do
	grep -q -e "^$file" -e "^$tmp/$file" listed
	result "the depfile names $file" $?
done
! grep -q unused listed
result 'the depfile does not name what is not used' $?
cp deps before
rm deps
says 'nothing to do, with -MF' 'nothing to do' -MD -MF deps
cmp deps before
result 'nothing to do: the same depfile' $?

# Nothing to do: no file is opened but the stamp, and nothing is written.
strace -f -y -e trace=open,openat,openat2,creat,write,pwrite64,rename,renameat,unlink,unlinkat -o trace "$rootc" build target.yaml -o out/target.img >out.txt 2>err
[ "$(opened trace)" = "$tmp/out/.target.img.stamp" ]
result 'nothing to do: only the stamp is opened' $?
! grep -v -e ' open' -e '+++' -e "write(1<" trace
result 'nothing to do: nothing is written' $?
sed 's/^name: target/name: other/' target.yaml >other.yaml
"$rootc" build target.yaml >out.txt 2>err && "$rootc" build target.yaml >out.txt 2>err && grep -q '^nothing to do' out.txt
result 'nothing to do, without -o' $?
"$rootc" build other.yaml >out.txt 2>err && "$rootc" build other.yaml >out.txt 2>err && grep -q '^nothing to do' out.txt && grep -q '^other.img' out.txt
result 'nothing to do, a name that is not that of the manifest' $?

# Whatever changes is noticed; where the bytes stay, so does the file. changes NAME SAYS COMMAND...
changes() {
	change=$1 then=$2
	shift 2
	says "before: $change" ''
	stat -c '%i %Y %y' out/target.img >was
	"$@"
	says "$change" "$then"
	stat -c '%i %Y %y' out/target.img >is
	if [ "$then" = unchanged ]; then cmp -s was is; else ! cmp -s was is; fi
	result "$change: the file" $?
	says "after: $change" 'nothing to do'
}
same_size() {
	touch -r "$1" reference
	sed -i "$2" "$1"
	touch -r reference "$1"
}
overwrite() { printf '%s' "$2" | dd of="$1" conv=notrunc bs=1 seek="$3" status=none; touch -r was "$1"; }
changes 'a source is touched' unchanged touch lower/etc/b
changes 'the manifest is touched' unchanged touch target.yaml
changes 'an unused file is touched' unchanged touch lower/unused
changes 'a source is written anew' unchanged cp lower/etc/b lower/b.new
changes 'that is moved away again' unchanged rm -f lower/b.new
changes 'other bytes, the same size and time' sha256 same_size lower/etc/b s/lower/LOWER/
changes 'a longer source' sha256 sh -c 'echo more >>lower/deep/er/c'
changes 'a source beside the manifest' sha256 sh -c 'echo more >>source'
changes 'an empty file is filled' sha256 sh -c 'echo more >>lower/etc/empty'
changes 'a new file' sha256 sh -c 'echo new >upper/etc/new'
changes 'a new directory' sha256 mkdir upper/etc/directory
changes 'a file in that' sha256 sh -c 'echo new >upper/etc/directory/new'
changes 'a file is gone' sha256 rm upper/etc/new
changes 'what is shadowed comes out' sha256 rm upper/etc/a
changes 'a link leads elsewhere' sha256 ln -sf b lower/etc/link
changes 'a file can be executed' sha256 chmod +x lower/etc/a
changes 'the base' sha256 sh -c 'echo "epoch: 7" >>base.yaml'
changes 'the manifest' sha256 sh -c 'echo "  /more: {content: more}" >>target.yaml'
echo other >archive/usr/share/packed
changes 'an archive' sha256 tar -C archive --owner=0 --group=0 --mtime=@0 -cf files.tar usr
changes 'a single file' sha256 sh -c 'echo more >>plain'
changes 'a single file is touched' unchanged touch plain
changes 'a single file can be executed' sha256 chmod +x plain
changes 'a single file behind a link' sha256 sh -c 'echo more >>build/real/single-1'
changes 'a single file, the same size and time' sha256 same_size build/real/single-1 s/single/SINGLE/
echo other >build/real/single-2
changes 'the link of a single file leads elsewhere' sha256 ln -sfn real/single-2 build/single
changes 'a file in the place of that link' unchanged sh -c 'rm build/single && cp build/real/single-2 build/single'
changes 'the image has a byte of its own' sha256 overwrite out/target.img X 100
changes 'the image is longer' sha256 sh -c 'echo x >>out/target.img'
changes 'the image is gone' sha256 rm out/target.img
changes 'another file in its place' sha256 sh -c 'cp out/target.img copy && sed s/a/b/ copy >out/target.img'
cp out/target.img copy && mv copy out/target.img
says 'the same file in its place' unchanged
changes 'a stamp that ends early' unchanged sh -c 'head -n 8 out/.target.img.stamp >cut && cat cut >out/.target.img.stamp'
changes 'a stamp of nothing' unchanged sh -c ': >out/.target.img.stamp'
changes 'a stamp with other words' unchanged sed -i 's/^file /fiel /' out/.target.img.stamp
changes 'no stamp' unchanged rm out/.target.img.stamp
says 'another option' unchanged --digest=always
says 'the option again' 'nothing to do' --digest=always
says 'a build that was asked for' unchanged --rebuild
says 'another store' unchanged --store elsewhere

# Another program: one byte of its build ID differs.
id=$(readelf -n "$rootc" | sed -n 's/.*Build ID: //p')
cp "$(realpath "$rootc")" changed
ID=$id perl -0777 -pi -e 'my $id = pack "H*", $ENV{ID}; my $other = $id; substr($other, 0, 1) = chr(255 - ord $id); s/\Q$id\E/$other/ or die' changed
says 'before another rootc' ''
program=./changed says 'another rootc' unchanged
program=./changed says 'the other rootc again' 'nothing to do'

# Errors do not hide behind a stamp, and leave the image.
says 'before an error' ''
mv source gone
! "$rootc" build target.yaml -o out/target.img >out.txt 2>err && grep -q '^target.yaml:13:21: error: cannot read .source' err
result 'an input that is gone' $?
mv gone source
says 'it is back' ''

# A source is looked for as it is opened, without following links: what a build refuses is not called current.
mkdir way && echo x >way/x
cat >way.yaml <<-Y
	rootc: 1
	name: way
	disk: {size: 4MiB}
	partitions: {root: {size: rest, mount: /, filesystem: {type: ext2}}}
	files: {/x: {source: way/x}}
Y
"$rootc" build way.yaml >out.txt 2>err && "$rootc" build way.yaml >out.txt 2>err && grep -q '^nothing to do' out.txt
result 'a source in a directory' $?
mv way moved && ln -s moved way
! "$rootc" build way.yaml >out.txt 2>err && grep -q '^way.yaml:5:22: error: ' err
result 'a source in a directory that is a link now' $?

# A file that changed a moment ago: the stamp must not vouch for bytes that were read before the clock went on.
i=0
while [ $i -lt 30 ]; do
	echo "round $i: a" >source
	"$rootc" build target.yaml -o out/target.img --digest=never >/dev/null
	echo "round $i: b" | dd of=source conv=notrunc status=none
	"$rootc" build target.yaml -o out/target.img --digest=never >/dev/null
	grep -a -q "round $i: b" out/target.img || break
	i=$((i + 1))
done
[ $i -eq 30 ]
result 'a change right behind a build' $?

# Names, as make and ninja read them.
mkdir -p 'odd/x'
i=0
# shellcheck disable=SC2016  # '$' is part of a name
for name in 'a b' 'c#d' 'e$f' 'g:h' 'i\j' 'k\ l' 'm\\ n' 'o~p' 's@t' 'u=v' 'w(x)y' 'y{z}' '+,!' 'ä'; do
	echo "$name" >"odd/x/$name"
done
cat >odd.yaml <<'Y'
rootc: 1
name: odd
inputs: {odd: {directory: odd}}
disk: {size: 8MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext4}}}
files: {/x/**: {}}
Y
"$rootc" build odd.yaml -MD -MP >out.txt 2>err
result 'odd names' $?
cat >build.ninja <<E
rule rootc
  command = echo run >>runs; $rootc build odd.yaml -o odd.img -MD -MP
  depfile = odd.img.d
  restat = 1
rule copy
  command = echo copy >>copies; cp \$in \$out
build odd.img: rootc
build copy.img: copy odd.img
E
cat >Makefile <<E
odd.img: ; echo run >>runs; $rootc build odd.yaml -o odd.img -MD -MP; touch odd.img
-include odd.img.d
E
# runs TOOL WANT NAME: how often rootc is run by TOOL
runs() {
	: >runs
	$1 >out.txt 2>err
	result "$3: $1" $?
	[ "$(wc -l <runs)" -eq "$2" ]
	result "$3: $1 runs rootc $2 times" $?
}
for tool in ninja make; do
	rm -f odd.img
	runs $tool 1 'at first'
	runs $tool 0 'nothing changed'
	for file in odd/x/*; do
		touch "$file"
		runs $tool 1 "'$file' is touched"
		runs $tool 0 "'$file' is touched no more"
	done
	echo new >odd/x/new
	runs $tool 1 'a new file'
	rm odd/x/new
	runs $tool 1 'a file is gone'
	runs $tool 0 'and that was all'
done
runs ninja 1 'make has touched it'
: >copies
touch odd/x/*
runs ninja 1 'all are touched'
[ ! -s copies ]
result 'what is made of the image is not made again' $?
echo other >'odd/x/a b'
runs ninja 1 'other bytes'
[ "$(cat copies)" = copy ]
result 'what is made of the image is made again' $?
for bad in 'a*b' 'a\\#b' 'a\\:b' 'lib(x)' 'a;b' 'a|b' "$(printf 'a\nb')"; do
	: >"odd/x/$bad"
	"$rootc" build odd.yaml -MD >out.txt 2>err
	[ $? -eq 5 ] && grep -q '\[depfile-name\]' err
	result "a name that has no form: '$bad'" $?
	rm "odd/x/$bad"
done
"$rootc" build odd.yaml -MF nowhere/deps >out.txt 2>err
[ $? -eq 5 ] && grep -q 'nowhere/deps.*\[depfile-unwritable\]' err
result 'a depfile that cannot be written' $?
echo old >deps && ln deps deps.old && "$rootc" build odd.yaml -MF deps >out.txt 2>err
[ "$(cat deps.old)" = old ] && grep -q '^odd.img:' deps && [ "$(stat -c %a deps)" = 644 ] && [ -z "$(find . -name 'deps.*' ! -name deps.old)" ]
result 'a depfile is replaced as a whole' $?
mkfifo pipe && (timeout 20 cat pipe >piped &) && "$rootc" build odd.yaml -MF pipe >out.txt 2>err && sleep 0.2 && [ -p pipe ] && grep -q '^odd.img:' piped
result 'a depfile that is no regular file' $?
"$rootc" build odd.yaml -MF odd.yaml --rebuild >out.txt 2>err
[ $? -eq 3 ] && grep -q '^rootc: 1' odd.yaml
result 'a depfile that is an input' $?
"$rootc" build odd.yaml -MD >out.txt 2>err && "$rootc" build odd.yaml -MF odd.yaml >out.txt 2>err
[ $? -eq 3 ] && grep -q "the depfile 'odd.yaml' is the input 'odd.yaml' itself" err && grep -q '^rootc: 1' odd.yaml
result 'a depfile that is an input, with nothing to do' $?
image=$(sed -n 's/^name: //p' odd.yaml).img
cp "$image" same.img
"$rootc" build odd.yaml -MF "$image" --rebuild >out.txt 2>err
[ $? -eq 3 ] && grep -q "the depfile '$image' is the input '$image' itself" err && cmp "$image" same.img
result 'a depfile that is the image' $?

# Another image that takes this one's place before the stamp is written is not vouched for: the stamp's unlink waits for it.
printf '%s\n' 'rootc: 1' 'name: late' 'disk: {size: 1MiB}' 'files: {/f: {content: late}}' \
	'partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}' >late.yaml
sed 's/content: late/content: else/' late.yaml >else.yaml
"$rootc" build else.yaml -o else.img >out.txt && "$rootc" build late.yaml -o right.img >out.txt
(sleep 0.5; cp else.img else.two; mv else.two late.img) &
strace -f -o trace -e trace=unlink -e inject=unlink:delay_enter=1500000 "$rootc" build late.yaml -o late.img >out.txt 2>err
wait
cmp -s late.img else.img
result 'the other image came in time' $?
"$rootc" build late.yaml -o late.img >out.txt 2>err
cmp late.img right.img
result 'an image that another build has put in the place of this one' $?

finish
