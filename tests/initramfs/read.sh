#!/bin/sh
# Initial ramdisks inside images, as cpio makes them and distributions pack them: ls, cat and cp of what is in them, and diff of two;
# what is damaged, too large or packed in an unknown way is said to be so. usage: read.sh ROOTC
set -u
rootc=$(realpath "$1")
# shellcheck source=tests/apart.sh
. "$(dirname "$0")/../apart.sh"

# archive DIRECTORY: of all in it, to standard output
archive() { (cd "$1" && find . | sort | cpio -o -H newc --quiet --owner 0:0); }
# image NAME RAMDISK: a file system that holds it as /boot/initrd.img
image() {
	rm -rf root && mkdir -p root/boot && cp "$2" root/boot/initrd.img && mke2fs -q -F -t ext2 -b 1024 -d root "$1" 4M >/dev/null
}
# says NAME TEXT: ls of the ramdisk of x.img fails with these words
says() {
	timeout 20 "$rootc" ls x.img:/boot/initrd.img:/ >out 2>&1
	status=$?
	[ $status -eq 4 ] && grep -q "no initial ramdisk that can be read: $2" out
	result "$1 (exit status $status): $(cat out)" $?
}

mkdir -p early/kernel/x86/microcode main/bin main/etc main/dev
echo microcode >early/kernel/x86/microcode/GenuineIntel.bin
printf '#!/bin/sh\nexec /bin/sh\n' >main/init && chmod 755 main/init
seq 1 20000 >main/bin/large
echo one >main/etc/conf
ln main/etc/conf main/etc/other
ln -s ../etc/conf main/bin/link
archive early >early.cpio && archive main >main.cpio
(cd early && find . ; cd ../main && find .) | sed 's/^\.//; s/^$/\//' | sort -u >expected

for packing in cat 'gzip -c' 'zstd -c' 'xz -c' 'lz4 -l -c' 'bzip2 -c' 'xz --format=lzma -c'; do
	command -v "${packing%% *}" >/dev/null || continue
	{ cat early.cpio; head -c 512 /dev/zero; $packing <main.cpio; } >ramdisk 2>/dev/null
	image x.img ramdisk
	[ "$("$rootc" cat x.img:/boot/initrd.img:/init)" = "$(cat main/init)" ]
	result "the init behind early files, by $packing" $?
	[ "$("$rootc" cat x.img:/boot/initrd.img:/kernel/x86/microcode/GenuineIntel.bin)" = microcode ]
	result "an early file in front of $packing" $?
	[ "$("$rootc" cat x.img:1:/boot/initrd.img:/bin/link)" = one ] && [ "$("$rootc" cat x.img:/boot/initrd.img:/etc/other)" = one ]
	result "links, by $packing" $?
	"$rootc" cp x.img:/boot/initrd.img:/bin/large copy && cmp -s copy main/bin/large
	result "a copy out of $packing" $?
	for directory in / /bin /etc /kernel /kernel/x86 /kernel/x86/microcode; do
		"$rootc" ls "x.img:/boot/initrd.img:$directory"
	done | sed -n 's/^[0-7]* [0-9:]* [a-z]* *\(\/[^ ]*\).*/\1/p' | sort -u >seen
	grep -v -x / expected | cmp -s - seen
	result "the names, by $packing" $?
done

cp x.img kept.img
"$rootc" cp x.img:/boot/initrd.img:/init x.img 2>out
[ $? -eq 5 ] && cmp -s x.img kept.img
result "a copy over the image itself: $(cat out)" $?

# Which member differs.
cp ramdisk first && image a.img first
echo two >main/etc/conf && chmod 700 main/init && rm main/bin/link
archive main | gzip -c >packed && cat early.cpio packed >second && image b.img second
"$rootc" diff --ignore layout a.img b.img | sed -n 's/^  partition 1 \(.*initrd.img:[^,]*\).*/\1/p' | grep -v ': times: ' >seen
cat >expected <<'E'
/boot/initrd.img:/bin/link: link removed: to ../etc/conf
/boot/initrd.img:/etc/conf: content: 4 bytes -> 4 bytes
/boot/initrd.img:/init: mode: 0755 -> 0700
E
sed -i '/^\/boot\/initrd.img: content/d' seen
diff -u expected seen
result 'members that differ' $?

# What is not understood, and why.
echo text >ramdisk && image x.img ramdisk && says 'a text' 'it does not begin as one'
{ cat early.cpio; printf '\211LZO\0\r\n\032\n'; } >ramdisk && image x.img ramdisk && says 'lzo' 'it is packed by lzo'
{ cat early.cpio; printf 'something'; } >ramdisk && image x.img ramdisk && says 'more behind it' 'there is something else behind an archive in it'
gzip -c main.cpio | head -c 3000 >ramdisk && image x.img ramdisk && says 'one cut off' 'what is packed in it is damaged'
head -c 3000 main.cpio >ramdisk && image x.img ramdisk && says 'an archive cut off' 'it ends too early'
sed 's/bin\/large/..\/larges/' main.cpio >ramdisk
image x.img ramdisk && says 'a name that leads out' 'it has a name that cannot be'
{ head -c 300M /dev/zero | gzip -1 -c; } >zeroes && image x.img zeroes && says 'zeroes' 'there is something else\|it holds nothing\|it unpacks'
mkdir bomb && truncate -s 300M bomb/zeroes && archive bomb | gzip -1 -c >ramdisk && image x.img ramdisk && says 'a bomb' 'it unpacks to more than is read'

# Whatever is damaged, there is an answer.
i=0 wrong=0
archive main >plain && gzip -nc plain >zipped
while [ $i -lt 100 ]; do
	for kind in plain zipped; do
		size=$(stat -c %s $kind)
		[ $kind = zipped ] || size=2500 # headers
		cp $kind ramdisk
		printf '%b' "\\0$(printf %o $((i * 37 % 256)))" | dd of=ramdisk bs=1 seek=$((i * 7919 % size)) conv=notrunc status=none
		image x.img ramdisk
		timeout 20 "$rootc" ls x.img:/boot/initrd.img:/ >out 2>&1
		status=$?
		if [ $status -ne 0 ] && [ $status -ne 4 ]; then wrong=$((wrong + 1)); fi
	done
	i=$((i + 1))
done
[ $wrong -eq 0 ]
result "200 damaged ramdisks: $wrong without an answer" $?
finish
