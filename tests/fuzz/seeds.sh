#!/bin/sh
# Makes the inputs to begin with: small ones that are made, and real ones of this system. usage: seeds.sh elf|manifest|load DIRECTORY
set -eu
cd "$(dirname "$0")/../.."

# elf OUT OPTION...: an ELF file as mkelf makes it.
elf() {
	out=$1
	shift
	build/tools/mkelf "$@" "$out"
}

seeds_elf() {
	for kind in '64 lsb 62' '64 msb 22' '32 lsb 40' '32 msb 8'; do
		# shellcheck disable=SC2086  # three words
		set -- "$1" $kind
		name=$1/$2-$3
		elf "$name-program" --class "$2" --data "$3" --machine "$4" --type exec --interp /lib64/ld-linux-x86-64.so.2 \
			--needed libplain.so --needed libfuzzed.so --needed libmissing.so --runpath "\$ORIGIN/../lib:\${LIB}/x::/opt"
		elf "$name-pie" --class "$2" --data "$3" --machine "$4" --interp /lib/ld-musl-x86_64.so.1 --needed libplain.so \
			--rpath "\$ORIGIN:/lib" --flags-1 0x08000001
		elf "$name-library" --class "$2" --data "$3" --machine "$4" --soname libmissing.so --needed libplain.so \
			--filter libfuzzed.so --auxiliary libabsent.so --flags-1 0x800 --rpath "\$LIB"
		elf "$name-loader" --class "$2" --data "$3" --machine "$4" --rodata "/lib/x86_64-linux-gnu/\\0/lib/\\0lib/x86_64-linux-gnu\\0[\\0ls\\0sh"
		elf "$name-versions" --class "$2" --data "$3" --machine "$4" --soname libfuzzed.so --version V1 --version V2 \
			--undefined pthread_cancel --undefined getaddrinfo --defines f@V1 --defines g --needed libplain.so \
			--needs-version libplain.so:V1 --weakly-needs-version libplain.so:V2 --hash sysv --isa 4
		elf "$name-opens" --class "$2" --data "$3" --machine "$4" --type exec --interp /lib64/ld-linux-x86-64.so.2 --opens \
			'[{"soname":["libplain.so","libabsent.so"],"feature":"x","priority":"required","description":"\u00e9"},{"soname":["y"]}]'
		elf "$name-audited" --class "$2" --data "$3" --machine "$4" --type exec --interp /lib64/ld-linux-x86-64.so.2 \
			--audit /lib/libplain.so:libfuzzed.so --depaudit libplain.so --undefined f@V1 --weak g@V2 --hash gnu --dt-flags 8
		elf "$name-static" --class "$2" --data "$3" --machine "$4" --type exec --static
	done
	printf '#!/bin/program\n' >"$1/script"
	printf '#! /bin/fuzzed -x\n' >"$1/script-of-itself"
	printf '#!/usr/bin/env -S A=1 program x\n' >"$1/script-env"
	printf '# a comment\ninclude /etc/ld.so.conf.d/*.conf\n/srv\n  /usr/lib/ \n' >"$1/conf"
	printf '/lib/libplain.so libfuzzed.so # a comment\n/lib/libabsent.so:x' >"$1/preload"
	printf 'passwd: files db [NOTFOUND=return] nis # x\nhosts:files  dns\n' >"$1/nsswitch"
	printf '/lib:/srv\n/usr/lib' >"$1/musl-path"
	# searches: of all kinds of elements, and a long one
	# shellcheck disable=SC2016  # the loaders' variables, not the shell's
	printf '/opt/a:$ORIGIN/../lib:${ORIGIN}:/$LIB::x:/opt/./a//:/lib64/..\nlibplain.so\nlibmissing.so\n$ORIGIN/libplain.so\n/lib/libplain.so\nlibc.so.6\n' >"$1/search"
	{ seq -s : -f '/d%g:/lib/.' 100 && seq -f 'libm%g.so' 100; } >"$1/search-long"
	# of this system: a program, a library, a loader, a cache
	for file in /bin/true /bin/sh /lib/*/libdl.so.2 /lib/*/libBrokenLocale.so.1 /etc/ld.so.cache /etc/ld.so.conf.d/*.conf; do
		[ ! -f "$file" ] || [ "$(stat -L -c %s "$file")" -gt 65536 ] || cp "$file" "$1/$(echo "${file#/}" | tr / _)"
	done
}

seeds_manifest() {
	for file in manifests/*.yaml manifests/*.lock tests/golden/ok/*.yaml tests/golden/bad/*.yaml; do
		[ ! -f "$file" ] || [ "$(stat -L -c %s "$file")" -gt 65536 ] || cp "$file" "$1/$(echo "$file" | tr / _)"
	done
}

# Images as small as their makers make them.
seeds_load() {
	export PATH="$PATH:/usr/sbin:/sbin"
	tree=$(mktemp -d)
	mkdir "$tree/d" && echo text >"$tree/d/file" && ln -s file "$tree/d/link" && ln "$tree/d/file" "$tree/other"
	for kind in 'ext2 1024 ' 'ext2 2048 ' 'ext4 1024 ^has_journal,metadata_csum' 'ext4 1024 ^has_journal,^extents,^64bit'; do
		# shellcheck disable=SC2086  # three words
		set -- "$1" $kind
		image=$1/$2-$3-$(echo "${4-}" | tr -d '^,')
		rm -f "$image"
		mke2fs -q -F -t "$2" -b "$3" ${4+-O "$4"} -N 16 -m 0 -d "$tree" "$image" 120k >/dev/null 2>&1
	done
	for bits in 12 16 32; do
		rm -f "$1/fat$bits"
		mkfs.fat -C -F $bits -s 1 -f 2 "$1/fat$bits" 64 >/dev/null 2>&1 || rm -f "$1/fat$bits"
		# mtools reads no FAT32 that is as small
		[ ! -e "$1/fat$bits" ] || mcopy -s -i "$1/fat$bits" "$tree/d" :: 2>/dev/null || true
	done
	truncate -s 100k "$1/mbr" && printf 'label: dos\nstart=8, size=80, type=82\nstart=96, size=64, type=c, bootable\n' | sfdisk -q "$1/mbr" >/dev/null
	truncate -s 60k "$1/swap" && mkswap "$1/swap" >/dev/null 2>&1
	dd if="$1/swap" of="$1/mbr" bs=512 seek=8 count=80 conv=notrunc status=none
	truncate -s 120k "$1/gpt" && printf 'label: gpt\nfirst-lba: 34\nstart=40, size=16, name="name"\n' | sfdisk -q "$1/gpt"
	(cd "$tree" && find . | cpio -o -H newc --quiet) >"$1/cpio" 2>/dev/null
	rm -r "$tree"
}

"seeds_$1" "$(realpath "$2")"
