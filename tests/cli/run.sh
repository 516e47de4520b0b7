#!/bin/sh
# The command line and the host as bad inputs: for each, the exit status, the first line of standard error, and
# the output untouched. usage: run.sh ROOTC CLOCK.SO
set -u
rootc=$(realpath "$1") clock=$(realpath "$2")
export LC_ALL=C
tmp=$(mktemp -d) || exit 1
tmp=$(realpath "$tmp")
trap 'chmod -R u+rwx "$tmp" 2>/dev/null; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
chmod 755 .
umask 022
passed=0 failed=0 skipped=0

# Root may read and write anything: what is about permissions runs as another user, where that can be had.
user=
if [ "$(id -u)" -eq 0 ]; then
	user='setpriv --reuid=65534 --regid=65534 --clear-groups'
	$user "$rootc" --version >/dev/null 2>&1 || user=none
fi

cat >good.yaml <<'Y'
rootc: 1
name: good
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files:
  /etc/motd: {content: "hello\n"}
Y
"$rootc" build good.yaml -o golden.img >/dev/null || { echo "cannot build the good manifest"; exit 1; }

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; }

# expect NAME STATUS PATTERN COMMAND...: PATTERN is a regular expression for standard error's first line ("" for none at all).
# Nothing may stand on standard output when STATUS is not 0, and no file may appear in the directory.
expect() {
	name=$1 status=$2 pattern=$3
	shift 3
	before=$(find . | sort)
	timeout 10 "$@" >"$tmp.out" 2>"$tmp.err"
	got=$?
	why=
	[ "$got" -eq "$status" ] || why="exit status $got, not $status;"
	if [ -n "$pattern" ]; then
		head -n 1 "$tmp.err" | grep -Eq "$pattern" || why="$why no '$pattern' in the first line;"
	elif [ -s "$tmp.err" ]; then
		why="$why standard error is not empty;"
	fi
	[ "$status" -eq 0 ] || [ ! -s "$tmp.out" ] || why="$why standard output is not empty;"
	[ "$status" -eq 0 ] || [ "$before" = "$(find . | sort)" ] || why="$why a file appeared;"
	if [ -z "$why" ]; then ok; else bad "$name: $why"; head -n 5 "$tmp.err"; fi
	rm -f "$tmp.out" "$tmp.err"
}

# same NAME FILE: FILE is the golden image.
same() {
	if cmp -s golden.img "$2"; then ok; else bad "$1: other bytes in $2"; fi
	rm -f "$2"
}

# older: makes old.img an image with other bytes.
older() {
	echo older >older.img
	cp older.img old.img
	rm -f .old.img.stamp
}

# untouched NAME STATUS: old.img is what it was, or after success the golden image, and no temporary stands beside it.
untouched() {
	now=older.img
	if [ "$2" -eq 0 ] || grep -s -q 'it is complete, but' "$tmp.err"; then now=golden.img; fi
	left=$(find . -name '.old*' ! -name '.old.img.stamp')
	if cmp -s "$now" old.img && [ -z "$left" ]; then ok; else bad "$1: the old image or $left"; fi
}

# --- inspect --offset: one of the 1048576 bytes
for offset in '' x -1 +1 12x 0x 1048576 18446744073709551616; do
	expect "inspect --offset '$offset'" 2 "takes the number of a byte of the image, below 1048576, not '" "$rootc" inspect --offset "$offset" golden.img
done
expect 'inspect --offset of the last byte' 0 '' "$rootc" inspect --offset 0xfffff golden.img
# golden.img has one file system from sector 1 on, of blocks of 1 KiB: its superblock lies at 512 + 1024
motd=$("$rootc" inspect --owners golden.img | sed -n 's/^\([0-9]*\)\..* data .* \/etc\/motd$/\1/p')
etc=$("$rootc" inspect --owners golden.img | sed -n 's/^\([0-9]*\)\..* directory .* \/etc$/\1/p')
while read -r offset field; do
	if "$rootc" inspect --offset "$offset" golden.img | grep -q -x "$field"; then ok; else bad "inspect --offset $offset is not $field"; fi
done <<F
450 450..450 entry 1 OS type
$((1536 + 57)) 1592..1593 s_magic
$((motd + 3)) byte 3 of the file
$((etc + 33)) $((etc + 32))..$((etc + 35)) name of 'motd'
$((etc + 6)) $((etc + 6))..$((etc + 6)) name_len of '.'
F

# --- verify by a manifest
says_verify() { if [ "$("$rootc" verify "$2" good.yaml)" = "$3" ]; then ok; else bad "verify of $1"; fi; }
says_verify 'what the manifest makes' golden.img 'golden.img: what good.yaml makes'
expect 'verify of what the manifest makes' 0 '' "$rootc" verify golden.img good.yaml
cp golden.img other.img
at=$("$rootc" inspect --owners golden.img | sed -n 's|\.\..* data .* /etc/motd$||p')
printf J | dd of=other.img bs=1 seek="$at" conv=notrunc 2>/dev/null
says_verify 'another content' other.img "contents differ
  partition 1 /etc/motd: content: 6 bytes -> 6 bytes, the first that differs is byte 0
    cause: good.yaml:6:24: \"hello\\\\n\"
    @@ -1,1 +1,1 @@
    -hello
    +Jello
bytes that differ: 1
  1 from $at on: partition 1 data of inode 13 (/etc/motd)"
exits() { "$rootc" verify "$2" good.yaml >/dev/null 2>&1; got=$?; if [ $got -eq "$3" ]; then ok; else bad "verify of $1: exit status $got"; fi; }
exits 'another content' other.img 1
printf '\377' | dd of=other.img bs=1 seek=1536 conv=notrunc 2>/dev/null # the number of inodes
exits 'a damaged image' other.img 4
expect 'verify of no image' 4 "cannot read 'none'" "$rootc" verify none good.yaml
expect 'verify by no manifest' 4 'none.yaml: error: cannot read the manifest' "$rootc" verify golden.img none.yaml
if [ -z "$(find . -name '.*.rootc-*')" ]; then ok; else bad 'verify leaves a temporary'; fi
rm other.img

# --- diff
if [ "$("$rootc" diff golden.img golden.img)" = identical ]; then ok; else bad 'diff of an image and itself'; fi
expect 'diff with no image' 4 "cannot read 'none'" "$rootc" diff golden.img none

# --- inspect --json: the same each time, and complete as the other views are
"$rootc" inspect --json golden.img >one.json
"$rootc" inspect --json golden.img >two.json
if cmp -s one.json two.json; then ok; else bad 'inspect --json: other bytes the second time'; fi
python3 -c 'import json, sys
image = json.load(open("one.json"))
owners = image["owners"]
print(",".join(image), len(owners), sum(o["bytes"] for o in owners),
    [n["size"] for n in image["trees"][0]["nodes"] if n["path"] == "/etc/motd"])' >seen 2>&1
echo "image,partition_table,disk,regions,partitions,trees,owners,findings,findings_left_out $("$rootc" inspect --owners golden.img | wc -l) 1048576 [6]" >expected
if cmp -s seen expected; then ok; else bad 'inspect --json: not what there is'; cat seen; fi
rm -f one.json two.json seen expected

# --- ls, cat, cp: places in an image
cat >parts.yaml <<'Y'
rootc: 1
name: parts
disk: {size: 4MiB, table: gpt}
partitions:
  root: {size: 1MiB, mount: /, filesystem: {type: ext2, block_size: 1KiB}}
  data: {size: 1MiB, mount: /data, filesystem: {type: ext4, block_size: 1KiB}}
  none: {size: 64KiB}
files:
  /etc/motd: {content: "hello\n"}
  /etc/link: {link: motd}
  /etc/loop: {link: loop}
  /data/file: {content: "data\n"}
Y
"$rootc" build parts.yaml -o parts.img >/dev/null || bad 'parts.yaml does not build'
gives() { # NAME EXPECTED COMMAND...
	name=$1 expected=$2
	shift 2
	if got=$("$@" 2>&1) && [ "$got" = "$expected" ]; then ok; else bad "$name: '$got'"; fi
}
gives 'ls of a directory' "0644 0:0 file /etc/motd 6" "$rootc" ls golden.img:/etc
gives 'ls by number' "0644 0:0 file /file 5" "$rootc" ls parts.img:2:/
gives 'ls by name' "0644 0:0 file /file 5" "$rootc" ls parts.img:data:/
gives 'ls of a file' "0644 0:0 file /etc/motd 6" "$rootc" ls parts.img:root:/etc/motd
gives 'cat' hello "$rootc" cat golden.img:/etc/motd
gives 'cat through a link' hello "$rootc" cat parts.img:root:/etc/link
gives 'cat of another partition' data "$rootc" cat parts.img:data:/file
expect 'ls without a partition' 4 "'parts.img' has files in several partitions \[image-partition\]" "$rootc" ls parts.img:/
gives 'ls without a partition: what to write' "    = help: say in which, such as 'parts.img:2:/'; its partitions are: 1 'root', 2 'data', 3 'none' (no files)" \
	sh -c "'$rootc' ls parts.img:/ 2>&1 | tail -n 1"
expect 'ls of no partition' 4 "'parts.img' has no partition 'nope' \[image-partition\]" "$rootc" ls parts.img:nope:/
expect 'ls of an empty partition' 4 "no files that can be read in partition '3' \[image-partition\]" "$rootc" ls parts.img:3:/
expect 'ls of nothing' 4 "'golden.img' has nothing at '/nope' \[image-path\]" "$rootc" ls golden.img:/nope
expect 'ls of a loop' 4 "has nothing at '/etc/loop' \[image-path\]" "$rootc" ls parts.img:root:/etc/loop
expect 'cat of a directory' 4 "'/etc' in 'golden.img' is no regular file \[image-path\]" "$rootc" cat golden.img:/etc
expect 'cat of no image' 4 "cannot read 'none.img'" "$rootc" cat none.img:/etc/motd
for place in golden.img golden.img: golden.img:etc ':/etc' 'golden.img::/etc' ''; do
	expect "cat of the place '$place'" 2 "'$place' is no place in an image" "$rootc" cat "$place"
done
mkdir out
expect 'cp to a file' 0 '' "$rootc" cp golden.img:/etc/motd out/copy
expect 'cp into a directory' 0 '' "$rootc" cp golden.img:/etc/motd out
for file in out/copy out/motd; do
	if [ "$(cat "$file")" = hello ] && [ "$(stat -c %a "$file")" = 644 ]; then ok; else bad "cp: $file is not the file"; fi
done
expect 'cp onto the image' 5 'it is the image that the file comes from' "$rootc" cp golden.img:/etc/motd golden.img
expect 'cp into nothing' 5 "there is no directory 'none'" "$rootc" cp golden.img:/etc/motd none/copy
expect 'cp of a directory' 4 'is no regular file' "$rootc" cp golden.img:/etc out/etc
if [ "$(find out -type f | wc -l)" = 2 ]; then ok; else bad 'cp: something was left behind'; fi
expect 'cat to a full disk' 5 '' sh -c "'$rootc' cat golden.img:/etc/motd >/dev/full 2>/dev/null"
# an inode that says that its data is in itself, in a file system without that feature
cp golden.img inline.img
inode=$("$rootc" inspect --owners golden.img | sed -n 's/^\([0-9]*\)\.\..* inode [0-9]* \/etc\/motd$/\1/p' | head -n 1)
printf '\020' | dd of=inline.img bs=1 seek=$((inode + 35)) conv=notrunc 2>/dev/null
expect 'cat of data in an inode' 4 "where the bytes of '/etc/motd' in 'inline.img' are is not understood \[image-path\]" "$rootc" cat inline.img:/etc/motd
expect 'inspect --tree of data in an inode' 0 '' "$rootc" inspect --tree inline.img
expect 'inspect --json of data in an inode' 0 '' "$rootc" inspect --json inline.img
rm -rf parts.yaml parts.img inline.img out

# --- usage
expect 'no command' 2 '^rootc: error: no command' "$rootc"
expect 'a manifest for a command' 2 "no command 'good.yaml'; did you mean 'rootc build good.yaml'" "$rootc" good.yaml
expect 'unknown command' 2 "did you mean 'build'" "$rootc" biuld good.yaml
expect 'an option before the command' 2 "no command '-o'; options stand behind the command" "$rootc" -o good.img build good.yaml
expect 'unknown option' 2 "has no option '--bogus'" "$rootc" build --bogus good.yaml
expect 'option of another command' 2 "has no option '--tree'" "$rootc" build --tree good.yaml
expect 'option without its argument' 2 'needs an argument' "$rootc" build good.yaml -o
expect 'no operand' 2 '^rootc: error: usage: rootc build' "$rootc" build
expect 'too many operands' 2 "^rootc: error: usage: rootc plan .*; 'good.yaml' is one too many" "$rootc" plan good.yaml good.yaml
expect 'nothing expected' 2 'not empty' "$rootc" run good.yaml --expect ''
expect 'nothing that can be allowed' 2 "did you mean 'grub-cannot-read'" "$rootc" check good.yaml --allow grub-cannot-raed
expect 'what cannot be allowed' 2 "'disk-too-small' cannot be allowed" "$rootc" build good.yaml --allow disk-too-small
expect 'bad number' 2 'whole number' "$rootc" run good.yaml --timeout ten
expect 'bad choice' 2 "cannot be 'xml': it takes human\\|short\\|json" "$rootc" check good.yaml --message-format=xml
expect 'empty choice' 2 "color cannot be ''" "$rootc" check good.yaml --color=
esc=$(printf '\033')
expect 'control characters in a command' 2 "no command 'bu.x1b.31mild'" "$rootc" "bu${esc}[31mild"
expect 'control characters in an option' 2 "no option '--.x1b'" "$rootc" build "--$esc"
expect 'control characters in a name' 4 '^a.x1b: error: ' "$rootc" build "a$esc"
expect 'unknown diagnostic' 2 "did you mean 'disk-too-small'" "$rootc" explain disk-to-small
expect 'unknown key' 2 "did you mean 'partitions'" "$rootc" explain partitoins
expect 'neither key nor diagnostic' 2 "no diagnostic and no key 'x.y'" "$rootc" explain x.y
expect 'no key' 2 "no diagnostic and no key ''" "$rootc" explain ''
expect 'a vendor directory and a store' 2 "^rootc: error: --vendor and --store exclude each other" "$rootc" build --vendor v --store s good.yaml
expect 'vendor without a directory' 2 '^rootc: error: usage: rootc vendor' "$rootc" vendor good.yaml
expect 'help' 0 '' "$rootc" --help
expect 'version' 0 '' "$rootc" --version
for command in check lock fetch vendor plan build why closure run schema explain; do
	expect "help of $command" 0 '' "$rootc" "$command" --help
done

# --- closure: what is asked about is not there, or is nothing that needs anything
mkdir -p root/bin
ln -s /bin/loop root/bin/loop
mkfifo root/bin/fifo
echo text >root/bin/text
chmod +x root/bin/text
printf '#!/bin/none\n' >root/bin/script
ln -s "$(realpath /bin/sh)" root/bin/sh
expect 'closure of nothing' 2 '^rootc: error: usage: rootc closure' "$rootc" closure
expect 'closure in no root' 4 "cannot read the root 'nowhere': No such file" "$rootc" closure --root nowhere /bin/sh
expect 'closure of a missing program' 4 "cannot look into '/bin/x': there is no 'x' in /bin \[root-path-missing\]" "$rootc" closure --root root /bin/x
expect 'closure of a directory' 4 'it is a directory \[root-path-missing\]' "$rootc" closure --root root /bin
expect 'closure of a FIFO' 4 'a FIFO or a socket \[root-path-missing\]' "$rootc" closure --root root /bin/fifo
expect 'closure of a loop of links' 4 'more than 40 links \[root-path-missing\]' "$rootc" closure --root root /bin/loop
expect 'closure of data' 4 'neither an ELF file nor a script \[root-untraceable\]' "$rootc" closure --root root /bin/text
expect "closure where only the host has the file" 4 "there is no '[a-z0-9]*' in .* \[root-path-missing\]" "$rootc" closure --root root /bin/sh
"$rootc" closure --root root bin/script >"$tmp.out" 2>"$tmp.err"
if [ $? -eq 1 ] && [ "$(cat "$tmp.out")" = "$(printf '/bin/script\t/bin/none => not found')" ] && [ ! -s "$tmp.err" ]; then ok; else bad 'closure of a script without its interpreter'; fi
rm -rf root "$tmp.out" "$tmp.err"

# --- a subtree with what is no file in it: refused, unless the manifest says what stands there
mkdir special
mkfifo special/pipe
sed 's|^files:|inputs: {special: {directory: special}}\nfiles:\n  /copy/**: {source: /}|' good.yaml >special.yaml
expect 'a FIFO in a subtree' 3 "^special.yaml:7:3: error: '/copy/pipe' is a device, FIFO or socket .*\[pool-path-kind\]" \
	"$rootc" build special.yaml -o special.img
echo '  /copy/pipe: {content: no pipe}' >>special.yaml
expect 'a file in place of a FIFO' 0 '' "$rootc" build special.yaml -o special.img
rm -rf special special.yaml special.img

# --- run: an image that only UEFI could start, and no firmware; where there is one, it is covered up
if [ ! -d /usr/share/OVMF ]; then
	expect 'no firmware' 5 'there is no .*OVMF.*apt install ovmf' "$rootc" run golden.img
elif unshare -rm mount -t tmpfs none /usr/share/OVMF 2>/dev/null; then
	expect 'no firmware' 5 'there is no .*OVMF.*apt install ovmf' \
		unshare -rm sh -c "mount -t tmpfs none /usr/share/OVMF; exec '$rootc' run golden.img"
else
	echo 'skipped: run without firmware, since it is installed and cannot be covered up here'
	skipped=$((skipped + 1))
fi

# --- run: the machine and firmware that an image is made for, told by emulators that only say what they were asked for
mkdir machines
for machine in x86_64 aarch64; do
	printf '#!/bin/sh\necho "%s" "$@"\n' "$machine" >"machines/qemu-system-$machine"
	chmod 755 "machines/qemu-system-$machine"
done
# esp IMAGE TABLE BITS SECTORS PROGRAM...: an image by other tools, with a FAT of so many bits and these programs in it
esp() {
	image=$1 table=$2 bits=$3 sectors=$4
	shift 4
	rm -f part "$image"
	mkfs.fat -C -F "$bits" -s 1 part $((sectors / 2)) >/dev/null
	mmd -i part ::EFI ::EFI/BOOT
	for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do mmd -i part "::EFI/BOOT/a name of some length $n"; done
	for program; do mcopy -i part good.yaml "::EFI/BOOT/$program"; done
	truncate -s $(((sectors + 4096) * 512)) "$image"
	case $table in
	gpt) sgdisk -a 1 -n 1:2048:+2s -n "2:2056:+$((sectors - 1))s" -t 2:ef00 "$image" >/dev/null ;;
	mbr) printf 'label: dos\nstart=2056, size=%s, type=ef\n' "$sectors" | sfdisk -q "$image" ;;
	esac
	dd if=part of="$image" bs=512 seek=2056 conv=notrunc status=none
	rm part
}
# for_machine NAME PATTERN OPTION...: rootc run asks for that
for_machine() {
	name=$1 pattern=$2
	shift 2
	asked=$(PATH="$tmp/machines:$PATH" timeout 10 "$rootc" run "$@" 2>&1 </dev/null)
	if echo "$asked" | grep -Eq -e "$pattern"; then ok; else bad "$name: asked for: $asked"; fi
}
if [ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] && [ -e /usr/share/AAVMF/AAVMF_CODE.fd ]; then
	pc='^x86_64 .*-machine pc,.*OVMF_CODE'
	virt='^aarch64 .*-machine virt,.*-cpu .*AAVMF_CODE'
	for_machine 'neither code nor programs' "$pc" golden.img
	esp one.img gpt 12 2048 BOOTAA64.EFI
	for_machine 'arm64, GPT, FAT12' "$virt" one.img
	for_machine 'arm64 on virtio' '^aarch64 .*-device virtio-blk-pci' one.img --bus virtio
	expect 'arm64 on IDE' 5 'for arm64, and .* has no IDE' "$rootc" run one.img --bus ide
	yes | dd of=one.img bs=440 count=1 conv=notrunc status=none
	for_machine 'code for a BIOS' '^x86_64 .*-machine pc,.*drive=disk$' one.img
	for_machine 'code, but UEFI is asked for' "$virt" one.img --firmware uefi
	esp one.img gpt 16 20000 BOOTX64.EFI BOOTAA64.EFI
	for_machine 'both, FAT16' "$pc" one.img
	esp one.img mbr 32 80000 BOOTAA64.EFI
	for_machine 'arm64, MBR, FAT32' "$virt" one.img
	esp one.img gpt 32 80000 BOOTAA64.TXT
	for_machine 'another name' "$pc" one.img
	esp one.img gpt 12 2048 BOOTAA64.EFI
	# chains that bite their own tails, and all other nonsense that fits
	for byte in 001 002 003 040 377; do
		tr '\000' "\\$byte" </dev/zero | dd of=one.img bs=512 seek=2057 count=12 conv=notrunc status=none
		for_machine "a FAT of nothing but $byte" "$pc|$virt" one.img
	done
	for byte in 000 001 040 377; do
		tr '\000' "\\$byte" </dev/zero | dd of=one.img bs=1 seek=$((2056 * 512 + 11)) count=40 conv=notrunc status=none
		for_machine "a boot sector of nothing but $byte" "$pc|$virt" one.img
	done
	tr '\000' '\377' </dev/zero | dd of=one.img bs=1 seek=$((512 + 72)) count=20 conv=notrunc status=none
	for_machine 'a GPT that lies beyond all' "$pc" one.img
else
	echo 'skipped: which machine an image is for, since there is no firmware for each (ovmf, qemu-efi-aarch64)'
	skipped=$((skipped + 20))
fi
rm -rf machines one.img

# --- the manifest
mkdir directory
mkfifo fifo
expect 'manifest missing' 4 '^none.yaml: error: .*No such file' "$rootc" build none.yaml
expect 'manifest is a directory' 4 '^directory: error: .*[Ii]s a directory' "$rootc" plan directory
expect 'manifest is a FIFO' 4 '^fifo: error: .*not a regular file' "$rootc" build fifo
expect 'manifest name of 5,000 bytes' 4 'error: .*too long' "$rootc" build "$(printf '%5000s' '' | tr ' ' x)"
expect 'manifest below a file' 4 'error: .*Not a directory' "$rootc" build good.yaml/x
expect 'manifest without a name' 4 "^'': error: .*No such file" "$rootc" build ''
expect 'manifest is a device' 4 '^/dev/zero: error: .*not a regular file' "$rootc" build /dev/zero
ln -s circle circle
expect 'manifest is a loop of links' 4 '^circle: error: .*levels of symbolic links' "$rootc" build circle
if [ "$user" = none ]; then
	skipped=$((skipped + 1))
else
	: >secret.yaml
	chmod 000 secret.yaml
	# shellcheck disable=SC2086 # the user's words
	expect 'manifest unreadable' 4 '^secret.yaml: error: .*Permission denied' $user "$rootc" build secret.yaml
	rm -f secret.yaml
fi
expect 'standard input is a directory' 4 '^<stdin>: error: .*[Ii]s a directory' sh -c "'$rootc' build - <."
expect 'standard input is closed' 4 '^<stdin>: error: .*Bad file descriptor' sh -c "'$rootc' build - <&-"
expect 'standard input has no end' 3 '^<stdin>:1:1: error: .*larger than 4 MiB' sh -c "yes | '$rootc' build -"
"$rootc" build - -o stdin.img <good.yaml >/dev/null; same 'manifest on standard input' stdin.img
expect 'error on standard input' 3 '^<stdin>:1:1: error: ' sh -c "echo 'x: 1' | '$rootc' build -"

# --- outputs that are no place for an image
ln -s golden.img link.img
expect 'output is a directory' 5 'directory' "$rootc" build good.yaml -o directory
expect 'output is /dev/null' 5 '/dev/null' "$rootc" build good.yaml -o /dev/null
expect 'output is /dev/full' 5 '/dev/full' "$rootc" build good.yaml -o /dev/full
expect 'output is a FIFO' 5 'fifo' "$rootc" build good.yaml -o fifo
expect 'output is in /proc' 5 '/proc' "$rootc" build good.yaml -o /proc/x
expect 'output is a link' 5 'link.img' "$rootc" build good.yaml -o link.img
ln -s nowhere dangling.img
expect 'output is a link to nothing' 5 'dangling.img.: it is a symbolic link' "$rootc" build good.yaml -o dangling.img
expect 'output without a name' 5 "cannot write ''" "$rootc" build good.yaml -o ''
expect 'output is this directory' 5 "cannot write '\\.': it is a directory" "$rootc" build good.yaml -o .
expect 'output is the root directory' 5 "cannot write '/': it names a directory" "$rootc" build good.yaml -o /
expect 'output ends with a slash' 5 'good.yaml/' "$rootc" build good.yaml -o good.yaml/
expect 'output is standard output' 5 '/dev/stdout' "$rootc" build good.yaml -o /dev/stdout
expect 'output below a loop of links' 5 'levels of symbolic links' "$rootc" build good.yaml -o circle/x.img
for device in /dev/loop0 /dev/vda /dev/sda; do
	[ -b $device ] || continue
	expect "output is $device" 5 "cannot write '$device': it is a block device" "$rootc" build good.yaml -o $device
	break
done
if python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket")' 2>/dev/null; then
	expect 'output is a socket' 5 "cannot write 'socket': it is no regular file" "$rootc" build good.yaml -o socket
	expect 'manifest is a socket' 4 '^socket: error: ' "$rootc" build socket
	[ -S socket ] || bad 'the socket changed'
else
	skipped=$((skipped + 2))
fi
if [ -h link.img ] && [ -h dangling.img ] && [ ! -e nowhere ] && [ -c /dev/null ] && [ -p fifo ]; then ok; else bad 'an output that was refused changed'; fi

# --- outputs that are inputs
mkdir -p overlay/below
: >source
cat >inputs.yaml <<'Y'
rootc: 1
name: inputs
inputs: {overlay: {directory: overlay}}
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files:
  /a: {source: source}
Y
ln -s overlay/below way-in
expect 'output is the manifest' 3 'good.yaml:1:1: error: the output .good.yaml. is the input' "$rootc" build good.yaml -o good.yaml
expect 'output is a source' 3 'inputs.yaml:7:16: error: .* is the input .source. itself' "$rootc" build inputs.yaml -o source
for key in file init; do
	{ cat good.yaml; echo "kernel: {image: /boot/vmlinuz, initramfs: {$key: source}}"; } >ramdisk.yaml
	expect "output is the ramdisk's $key" 3 'error: .* is the input .source. itself' "$rootc" build ramdisk.yaml -o source
done
expect 'output is inside an input' 3 'inputs.yaml:3:31: error: .* lies inside the input .overlay.' "$rootc" build inputs.yaml -o overlay/below/x.img
expect 'output is inside an input by a link' 3 'inputs.yaml:3:31: error: .* lies inside' "$rootc" build inputs.yaml -o way-in/x.img
rm -rf overlay way-in source inputs.yaml

# --- directories that take no image, found before inputs are read
cat >no-inputs.yaml <<'Y'
rootc: 1
name: x
inputs: {gone: {directory: gone}}
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
Y
expect 'output directory missing, before inputs' 5 'nowhere' "$rootc" build no-inputs.yaml -o nowhere/x.img
mkdir read-only
# shellcheck disable=SC2016 # the inner shell's
in_read_only='mount -t tmpfs -o ro none read-only && exec "$0" build no-inputs.yaml -o read-only/x.img'
if unshare -rm mount -t tmpfs -o ro none read-only 2>/dev/null; then
	expect 'output on a read-only file system, before inputs' 5 "cannot write 'read-only/x.img': .*Read-only file system" \
		unshare -rm sh -c "$in_read_only" "$rootc"
else
	echo 'skipped: an output on a read-only file system, since none can be mounted here'
	skipped=$((skipped + 1))
fi
rmdir read-only
expect 'output below a file' 5 'good.yaml/x' "$rootc" build good.yaml -o good.yaml/x
expect 'output name too long' 5 'error: ' "$rootc" build good.yaml -o "$(printf '%256s' '' | tr ' ' x)"
if [ "$user" = none ]; then
	skipped=$((skipped + 2))
else
	mkdir closed
	chmod 555 closed
	# shellcheck disable=SC2086 # the user's words
	expect 'output directory not writable, before inputs' 5 'closed/x.img' $user "$rootc" build no-inputs.yaml -o closed/x.img
	chmod 000 closed
	# shellcheck disable=SC2086
	expect 'output directory without search permission, before inputs' 5 'closed/x.img' $user "$rootc" build no-inputs.yaml -o closed/x.img
	chmod 755 closed
	rmdir closed
fi

# --- the longest name
name=$(printf '%255s' '' | tr ' ' n)
"$rootc" build good.yaml -o "$name" >/dev/null; same 'output name of 255 bytes' "$name"

# --- standard streams and limits
"$rootc" build good.yaml -o closed.img <&- >&- 2>&-; same 'all standard streams closed' closed.img
for stream in '<&-:0' '>&-:5' '2>&-:0' '>/dev/full:5' '2>/dev/full:0'; do
	sh -c "'$rootc' build good.yaml -o closed.img ${stream%:*}" >/dev/null 2>&1
	[ $? -eq "${stream#*:}" ] || bad "build ${stream%:*}: another exit status"
	same "build ${stream%:*}" closed.img
done
expect 'what was asked for, with standard output closed' 5 'standard output' sh -c "'$rootc' plan good.yaml >&-"
expect 'standard error closed' 4 '' sh -c "'$rootc' check none.yaml 2>&-"
expect 'standard error full' 4 '' sh -c "'$rootc' check none.yaml 2>/dev/full"
expect 'standard output full' 5 'standard output' sh -c "'$rootc' plan good.yaml --tree >/dev/full"
prlimit --nofile=8 "$rootc" build good.yaml -o few.img >/dev/null; same '8 descriptors' few.img
prlimit --stack=131072 "$rootc" build good.yaml -o stack.img >/dev/null; same 'small stack' stack.img
# limits hold however little there is
head -c 500000 /dev/zero | tr '\0' '[' >deep.yaml
expect 'deep nesting with a small stack' 3 '^deep.yaml:1:[0-9]+: error: ' prlimit --stack=131072 "$rootc" check deep.yaml
{ printf 'x: '; head -c 100000000 /dev/zero | tr '\0' x; } >large.yaml
bound='prlimit --as=134217728' # with sanitizers, any program takes more than that
! ldd "$rootc" | grep -q libasan || bound=
# shellcheck disable=SC2086 # words
expect 'a scalar of 100 MB' 3 '^large.yaml:1:1: error: .*larger than 4 MiB' $bound "$rootc" check large.yaml
rm -f deep.yaml large.yaml
cp golden.img old.img
expect 'file size limit' 5 'old.img' sh -c "ulimit -f 100; exec '$rootc' build good.yaml -o old.img"
same 'the old image survives it' old.img

# --- umask
for mask in 0777 0000 0077; do
	(umask $mask && "$rootc" build good.yaml -o mask.img >/dev/null)
	[ "$(stat -c %a mask.img 2>/dev/null)" = 644 ] || bad "umask $mask: mode $(stat -c %a mask.img)"
	same "umask $mask" mask.img
done

# --- environment: nothing in it matters
env SOURCE_DATE_EPOCH=abc E2FSPROGS_FAKE_TIME=1234567 UNIX_IO_FORCE_BOUNCE=yes LIBFDISK_DEBUG=all MKE2FS_CONFIG=/x TZ=Asia/Kathmandu \
	LC_ALL=tr_TR.UTF-8 MALLOC_PERTURB_=85 "$rootc" build good.yaml -o env.img >/dev/null 2>"$tmp.err"; same 'environment' env.img
[ -s "$tmp.err" ] && bad 'the environment makes it talk'
rm -f "$tmp.err"

# --- clocks: each says another time, and runs backwards; more than one file system, since each library has its own use for the time
cat >clocks.yaml <<'Y'
rootc: 1
name: clocks
disk: {size: 12MiB, table: gpt}
partitions:
  esp: {size: 2MiB, mount: /efi, filesystem: {type: vfat}}
  swap: {size: 1MiB, swap: {}}
  root: {size: rest, mount: /, filesystem: {type: ext4}}
files:
  /etc/motd: {content: "hello\n"}
  /efi/note: {content: "hello\n"}
Y
mv golden.img kept.img
"$rootc" build clocks.yaml -o golden.img >/dev/null || bad 'clocks.yaml does not build'
[ "$(CLOCK=5000 LD_PRELOAD="$clock" date +%s)" -le 5000 ] || bad 'the clock is not another one'
for now in 0 1 2147483648 4294967296 -1; do # 1970, 2038-01-19, 2106-02-07, 1969
	CLOCK=$now LD_PRELOAD="$clock" timeout 10 "$rootc" build clocks.yaml -o clock.img >/dev/null; same "a clock that says $now, and less each time" clock.img
	rm -f .clock.img.stamp
done
mv kept.img golden.img
rm -f clocks.yaml .golden.img.stamp

# --- signals, at many moments: the exit status, the old image, no temporary
for signal in INT:2 TERM:15 HUP:1; do
	number=${signal#*:} signal=${signal%:*}
	for when in 1 2 3 5 8; do
		older
		strace -qq -o /dev/null -e trace=pwrite64,ftruncate,fsync -e inject=pwrite64,ftruncate,fsync:signal="SIG$signal":when=$when \
			"$rootc" build good.yaml -o old.img >/dev/null 2>&1
		got=$?
		case $got in 0 | $((128 + number))) ;; *) bad "SIG$signal at call $when: exit status $got" ;; esac
		untouched "SIG$signal at call $when" $got
	done
done

# Waiting for a manifest that does not come.
older
for signal in INT:130 TERM:143 HUP:129; do
	expect "SIG${signal%:*} while it reads" "${signal#*:}" '' sh -c "exec timeout --preserve-status -s ${signal%:*} 0.2 '$rootc' build - -o old.img <>fifo"
	untouched "SIG${signal%:*} while it reads" 1
done

# --- errors of the output: each call that can fail, failing
for call in openat:EMFILE ftruncate:EFBIG pwrite64:ENOSPC pwrite64:EIO fsync:EIO fchmod:EPERM renameat:EACCES renameat2:EACCES rename:EACCES close:EIO; do
	for when in 1 2 3 4 6 9 14 20; do
		older
		strace -qq -f -o "$tmp.trace" -e "trace=${call%:*}" -e "inject=${call%:*}:error=${call#*:}:when=$when" \
			"$rootc" build good.yaml -o old.img >/dev/null 2>"$tmp.err"
		got=$?
		grep -q INJECTED "$tmp.trace" || break
		case $got in 0 | 5 | 4 | 127) ;; *) bad "$call at $when: exit status $got" ;; esac
		[ "$got" -eq 0 ] || [ -s "$tmp.err" ] || bad "$call at $when: no message"
		untouched "$call at $when" $got
	done
done
rm -f "$tmp.trace" "$tmp.err" old.img

# --- a reader that goes away
"$rootc" build no-inputs.yaml 2>&1 | head -c 1 >/dev/null
if [ -e x.img ]; then bad 'a partial output after SIGPIPE'; else ok; fi

# --- two builds at once
"$rootc" build good.yaml -o both.img >/dev/null &
"$rootc" build good.yaml -o both.img >/dev/null
wait
same 'two builds at once' both.img

# --- other names of one manifest
mkdir -p 'a b/c'
cp good.yaml 'a b/c/'
(cd 'a b' && "$rootc" build ./c//good.yaml -o ../dots.img >/dev/null); same './ and //' dots.img
ln -s 'a b/c/good.yaml' linked.yaml
"$rootc" build linked.yaml -o linked.img >/dev/null; same 'through a link' linked.img
"$rootc" build "$tmp/good.yaml" -o absolute.img >/dev/null; same 'absolute' absolute.img

# says NAME EXPECTED COMMAND...: what stands on standard output.
says() {
	name=$1 expected=$2
	shift 2
	got=$("$@")
	if [ "$got" = "$expected" ]; then ok; else bad "$name: '$got', not '$expected'"; fi
}
sed 's/1MiB/64MiB/; s/good/small/' good.yaml >small.yaml
sed 's/1MiB/65MiB/; s/good/large/' good.yaml >large.yaml
"$rootc" build small.yaml -o small.img >/dev/null
"$rootc" build large.yaml -o large.img >/dev/null
digest_of() { sha256sum <"$1" | cut -d ' ' -f 1; }
small=$(digest_of small.img) large=$(digest_of large.img)
rm -f small.img large.img .small.img.stamp .large.img.stamp
says 'digest of a small image' "small.img: 64 MiB
sha256 $small" "$rootc" build small.yaml
rm small.img
says 'no digest of a small image' 'small.img: 64 MiB' "$rootc" build --digest never small.yaml
says 'no digest of a large image' 'large.img: 65 MiB' "$rootc" build large.yaml
rm large.img
says 'digest of a large image' "large.img: 65 MiB
sha256 $large" "$rootc" build --digest=always large.yaml
expect 'digest at no such time' 2 "cannot be 'now'" "$rootc" build --digest now good.yaml

# init: each template is one that check takes, under the directory's name; nothing that is there is written over
says 'init' 'demo/demo.yaml: a copy of template minimal
next: rootc run demo' "$rootc" init demo
expect 'init over a manifest' 5 'cannot make demo/demo.yaml: File exists' "$rootc" init demo
expect 'init of no template' 2 "no template 'minimla'; did you mean 'minimal'" "$rootc" init minimla other
expect 'init with no manifest name' 2 "^rootc: error: 'Demo' is not a name" "$rootc" init Demo
expect 'init of what is called as a template' 0 '' "$rootc" init server
expect 'init of what is called as a template: its text' 0 '' grep -q dropbear server/server.yaml
expect 'init with nothing' 0 '' sh -c "'$rootc' init >listed && grep -qx 'server            A small server' listed"
! grep -v '^[a-z0-9-]* *[A-Z][^.:]*$' listed || bad 'a template without a summary'
for template in $("$rootc" init | sed 's/ .*//'); do
	expect "init $template" 0 '' "$rootc" init "$template" "a-$template/"
	expect "check of template $template" 0 '^rootc: the manifest is good; its inputs are not here yet' "$rootc" check "a-$template/a-$template.yaml"
	if "$rootc" schema | cmp -s - "a-$template/rootc.schema.json"; then ok; else bad "init $template: another schema"; fi
done
mkdir kept && printf '*.img\nmine' >kept/.gitignore && echo mine >kept/rootc.schema.json
expect 'init beside files' 0 '' "$rootc" init kept
says 'init keeps the schema, and adds to .gitignore' '*.img
mine
/.rootc/
*.img.stamp
*.img.new
mine' cat kept/.gitignore kept/rootc.schema.json
mkdir bare
expect 'run of a directory without manifest' 3 "there is no manifest in 'bare'" "$rootc" run bare
mkdir targets && printf 'disk: {size: 1}\n' >targets/base.yaml && printf 'extends: base.yaml\nname: x\nrootc: 1\npartitions: {}\n' >targets/one.yaml
expect 'run of a directory with one target' 3 '^targets/base.yaml:1:14: error: ' "$rootc" run targets
cp targets/one.yaml targets/targets.yaml && echo 'unknown: 1' >>targets/targets.yaml
expect 'run of a directory with a manifest of its name' 3 "^targets/targets.yaml:4:13: error: 'partitions' is empty" "$rootc" run targets/
sed 's/x/y/' targets/one.yaml >targets/two.yaml && rm targets/targets.yaml
expect 'run of a directory with several targets' 2 "there are 2 targets in 'targets': name one of them, such as 'targets/one.yaml'" "$rootc" run targets

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
