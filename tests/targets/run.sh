#!/bin/sh
# Several targets in one process: which they are, that each image is the one that a process of its own makes, in what order they are
# told of, that one that fails stops no other, and that nothing is left behind by a signal. usage: run.sh ROOTC
set -u
rootc=$(realpath "$1")
examples=$(realpath "$(dirname "$0")/../../examples/targets")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# is NAME WANTED GOT
is() { [ "$2" = "$3" ]; result "$1: '$3'" $?; }

# run STATUS COMMAND...: its output goes to out and err
run() {
	status=$1
	shift
	timeout 60 "$@" >out 2>err
	is "exit status of $*" "$status" $?
}

mkdir boards one many archive
cat >boards/base.yaml <<'Y'
rootc: 1
disk: {size: 2MiB}
inputs: {tar: {archive: ../files.tar}}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext4, block_size: 1KiB}}}
files: {/packed: {source: /packed}}
Y
echo packed >archive/packed
tar -C archive --owner=0 --group=0 --mtime=@0 -cf files.tar packed
n=0
while [ "$n" -lt 9 ]; do
	n=$((n + 1))
	printf 'extends: base.yaml\nname: t%d\nfiles: {/etc/name: {content: "t%d\\n"}}\n' $n $n >boards/t$n.yaml
done
echo 'jobs: {}' >boards/workflow.yml
echo 'rootc: 1' >boards/.hidden.yaml
mkdir boards/below.yaml

# --- which they are
t() { printf 'boards/t%d.yaml\n' "$@"; }
run 0 "$rootc" targets boards
is 'a base and YAML of another kind are no targets' "$(t 1 2 3 4 5 6 7 8 9)" "$(cat out)"
run 0 "$rootc" targets boards/t3.yaml boards/../boards/t3.yaml boards/base.yaml
is 'what is named is a target, and once' "$(t 3; echo boards/base.yaml)" "$(cat out)"
echo 'disk: [' >boards/broken.yaml
echo 'rootc: [' >>boards/broken.yaml
run 0 "$rootc" targets boards
is 'what cannot be read is a target' boards/broken.yaml "$(head -n 1 out)"
rm boards/broken.yaml
: >all
for shard in 1 2 3 4; do
	run 0 "$rootc" targets boards --shard $shard/4
	cat out >>all
done
is 'each is in one share' "$(t 1 2 3 4 5 6 7 8 9)" "$(sort all)"
for shard in 0/4 5/4 1 1/ /4 1/4x -1/4 1/99999 ''; do
	run 2 "$rootc" targets boards --shard "$shard"
done
mkdir empty
run 3 "$rootc" targets empty
is 'a directory without any' "rootc: error: there is no manifest in 'empty' [targets-missing]" "$(head -n 1 err)"
sed s/t2/t1/ boards/t2.yaml >boards/twin.yaml
run 3 "$rootc" build boards
is 'two of one name' "boards/twin.yaml:2:7: error: 'boards/t1.yaml' and 'boards/twin.yaml' would both write 't1.img' [output-twice]" "$(head -n 1 err)"
is 'none of them is built' '' "$(find . -name '*.img')"
rm boards/twin.yaml

# --- the images, and the order in which they are told of
(cd one && for n in 1 2 3 4 5 6 7 8 9; do "$rootc" build ../boards/t$n.yaml; done) >one.out 2>&1
for jobs in 1 2 8; do
	rm -rf many && mkdir many
	(cd many && "$rootc" build ../boards -j $jobs) >out 2>err
	is "-j $jobs: as one after another" "$(cat one.out)" "$(sed '$d' out)"
	is "-j $jobs: what is said of all" '9 targets: 9 built, 0 with nothing to do, 0 failed' "$(tail -n 1 out)"
	is "-j $jobs: the images" "$(cd one && sha256sum ./*.img)" "$(cd many && sha256sum ./*.img)"
done
(cd many && "$rootc" build ../boards) >out 2>err
is 'a second time' '9 targets: 0 built, 9 with nothing to do, 0 failed' "$(tail -n 1 out)"
(cd one && "$rootc" build ../boards/t4.yaml) >out 2>err
is 'their stamps are those of a process of its own' 'nothing to do: all that it is made of is as it was' "$(tail -n 1 out)"
rm -rf many && mkdir many
for shard in 1 2; do (cd many && "$rootc" build ../boards --shard $shard/2) >/dev/null 2>&1; done
is 'the images of all shares' "$(cd one && sha256sum ./*.img)" "$(cd many && sha256sum ./*.img)"

# --- the list of sums
(cd many && "$rootc" build ../boards --golden sums --update-golden -j 8) >out 2>err
is 'all lines of a list that several write' "$(cd one && sha256sum -- *.img)" "$(sort -k 2 many/sums)"
(cd many && "$rootc" build ../boards --golden sums) >out 2>err
result 'all are the golden images' $?

# --- one that fails
echo 'unknown: 1' >>boards/t3.yaml
sed -i 's/{content.*}/{source: nowhere}}/' boards/t7.yaml
for jobs in 1 8; do
	rm -rf many && mkdir many
	(cd many && "$rootc" build ../boards -j $jobs) >out 2>err
	is "-j $jobs: the gravest mistake" 3 $?
	is "-j $jobs: the others are built" 7 "$(find many -name '*.img' | wc -l)"
	is "-j $jobs: what is said of all" '9 targets: 7 built, 0 with nothing to do, 2 failed
failed: ../boards/t3.yaml
failed: ../boards/t7.yaml' "$(tail -n 3 out)"
	is "-j $jobs: messages in the order of the targets" '../boards/t3.yaml ../boards/t7.yaml' \
		"$(sed -n 's/^\([^ :]*\):[0-9:]* error: .*/\1/p' err | tr '\n' ' ' | sed 's/ $//')"
done
for format in sarif gitlab; do
	(cd many && "$rootc" build ../boards --message-format $format) >out 2>err
	python3 -c 'import json, sys; json.load(sys.stdin)' <err
	result "$format: one document" $?
done

# --- what is for one target
for options in '-o x.img' '-MF x.d' '--base one/t1.img'; do
	# shellcheck disable=SC2086  # words
	run 2 "$rootc" build boards $options
done
run 2 "$rootc" build boards/t1.yaml -

# --- make and ninja drive a directory, as examples/targets says
mkdir driven
cp boards/base.yaml boards/t6.yaml boards/t8.yaml boards/t9.yaml driven/
# shellcheck disable=SC2016  # for the script that it prints
printf '#!/bin/sh\n[ "$1" != build ] || echo "$2" >>%s/runs\nexec %s "$@"\n' "$tmp" "$rootc" >counted
chmod +x counted
cp "$examples/Makefile" .
# drives TOOL NAME TARGET...: NAME is what has happened, TARGET what must be built for it
drives() {
	tool=$1 name=$2
	shift 2
	: >runs
	case $tool in
	make) make -s -j2 TARGETS=driven "ROOTC=$tmp/counted" >out 2>err ;;
	ninja) ROOTC="$tmp/counted" sh "$examples/ninja.sh" driven >build.ninja && ninja >out 2>err ;;
	esac
	result "$tool, $name: exit status" $?
	is "$tool, $name" "$(for n; do echo "driven/$n.yaml"; done)" "$(sort -u runs)"
}
for tool in make ninja; do
	rm -f t*.img .t*.img.stamp
	drives "$tool" 'at first' t6 t8 t9
	drives "$tool" 'nothing has changed'
	echo '# a comment' >>driven/t8.yaml
	drives "$tool" 'one manifest has changed' t8
	sleep 0.1 # make takes what is of the same tick of the file system's clock for not newer
	touch driven/base.yaml
	drives "$tool" 'the base is touched' t6 t8 t9
	drives "$tool" 'and no more'
	printf 'extends: base.yaml\nname: t10\n' >driven/t10.yaml
	drives "$tool" 'a new target' t10
	is "$tool: its image" "$(cd many && "$rootc" build ../driven/t10.yaml >/dev/null && sha256sum <t10.img)" "$(sha256sum <t10.img)"
	rm driven/t10.yaml
	drives "$tool" 'a target is gone'
	echo "$tool" >archive/packed
	tar -C archive --owner=0 --group=0 --mtime=@0 -cf files.tar packed
	drives "$tool" 'an archive of the base has changed' t6 t8 t9
done

# --- a signal at any time leaves no temporary
head -c 20000000 /dev/zero | tr '\0' x >boards/large
sed -i 's|2MiB|64MiB|; s|/packed}}|/packed}, /large: {source: large}}|' boards/base.yaml
hit=0
mkdir ended
for delay in 0 0.005 0.01 0.02 0.03 0.05 0.08 0.12; do
	(cd ended && exec "$rootc" build --rebuild ../boards -j 4 -MD --digest never) >out 2>err &
	sleep $delay
	kill -TERM $! 2>/dev/null
	wait $! 2>/dev/null
	[ $? -ne 143 ] || hit=$((hit + 1))
	is "after $delay s: what is left" '' "$(find ended -type f ! -name '*.img' ! -name '*.img.d' ! -name '.*.img.stamp')"
done
[ "$hit" -gt 0 ]
result 'a signal came while images were written' $?

finish
