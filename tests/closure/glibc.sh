# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # a $ is for the loader; the variables are crafted.sh's
# Sourced by crafted.sh: the rules of glibc's ld.so.

lib=$("$interp" --list-diagnostics 2>/dev/null | sed -n 's/^dl_dst_lib="\(.*\)"$/\1/p')

given 'G1: a NEEDED with $ORIGIN'
program --needed '$ORIGIN/liba.so' --needed '${ORIGIN}/../lib/libb.so'
library /opt/bin/liba.so
library /opt/lib/libb.so
expect '/opt/bin/liba.so => /opt/bin/liba.so' \
	'/opt/bin/../lib/libb.so => /opt/bin/../lib/libb.so'

given 'G1: the $ORIGIN of a library in its NEEDED'
program --needed /opt/lib/liba.so
library /opt/lib/liba.so --needed '$ORIGIN/sub/libb.so'
library /opt/lib/sub/libb.so
expect '/opt/lib/liba.so => /opt/lib/liba.so' \
	'/opt/lib/sub/libb.so => /opt/lib/sub/libb.so'

given 'G1: a longer word than ORIGIN is no token'
program --needed 'lib$ORIGINAL.so'
library '/lib/lib$ORIGINAL.so'
expect 'lib$ORIGINAL.so => /lib/lib$ORIGINAL.so'

given 'G1: a colon in NEEDED is a colon'
program --needed liba.so:libb.so
library /lib/liba.so:libb.so
expect 'liba.so:libb.so => /lib/liba.so:libb.so'

given 'G2: a SONAME that is loaded already ends the search'
program --needed libimpl.so --needed libz.so.1
library /lib/libimpl.so --soname libz.so.1
library /lib/libz.so.1
expect 'libimpl.so => /lib/libimpl.so'

given 'G2: a library that is asked for by its path is known by its SONAME'
program --needed /opt/x/liba.so --needed liba.so.1
library /opt/x/liba.so --soname liba.so.1
library /lib/liba.so.1
expect '/opt/x/liba.so => /opt/x/liba.so'

given 'G2: and without a SONAME it is not known by the end of its path'
program --needed /opt/x/liba.so --needed liba.so
library /opt/x/liba.so
library /lib/liba.so
expect '/opt/x/liba.so => /opt/x/liba.so' \
	'liba.so => /lib/liba.so'

given 'G2: the first that was loaded serves all'
program --needed liba.so --needed libz.so --runpath /opt/one
library /opt/one/liba.so --needed libz.so --runpath /opt/two
library /opt/one/libz.so
library /opt/two/libz.so
expect 'liba.so => /opt/one/liba.so' \
	'libz.so => /opt/one/libz.so'

given 'G2: the loader is known by its SONAME and by its path'
program --needed "$(basename "$interp")" --needed "$interp" --needed liba.so
library /lib/liba.so --needed "$(basename "$interp")"
expect 'liba.so => /lib/liba.so'

given 'G3: a path is not searched for'
program --needed /opt/x/liba.so --runpath /opt/lib
library /opt/lib/opt/x/liba.so
library /lib/liba.so
expect '/opt/x/liba.so => not found'

given 'G3: a path to a library of another class is not found'
program --needed /opt/x/liba.so
library /opt/x/liba.so --class 32 --machine 3
expect '/opt/x/liba.so => not found'

given 'G4: RPATH is inherited'
program --rpath /opt/lib --needed liba.so
library /opt/lib/liba.so --needed libb.so
library /opt/lib/libb.so
library /lib/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /opt/lib/libb.so'

given 'G4: RUNPATH is not'
program --runpath /opt/lib --needed liba.so
library /opt/lib/liba.so --needed libb.so
library /opt/lib/libb.so
library /lib/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /lib/libb.so'

given 'G4: a RUNPATH voids the RPATH beside it'
program --rpath /opt/r --runpath /opt/u --needed liba.so --needed libb.so
library /opt/r/liba.so
library /opt/u/libb.so
library /lib/liba.so
library /lib/libb.so
expect 'liba.so => /lib/liba.so' \
	'libb.so => /opt/u/libb.so'

given 'G4: an object with a RUNPATH has no use for the RPATH of others'
program --rpath /opt/lib --needed liba.so
library /opt/lib/liba.so --runpath /nowhere --needed libb.so
library /opt/lib/libb.so
library /lib/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /lib/libb.so'

given 'G4: its own RPATH comes first, then that of who loaded it, then that of the program'
program --rpath /opt/p --needed liba.so
library /opt/p/liba.so --rpath /opt/a --needed libb.so
library /opt/a/libb.so --rpath /opt/b --needed libc1.so --needed libc2.so --needed libc3.so
library /opt/b/libc1.so
library /opt/a/libc1.so
library /opt/a/libc2.so
library /opt/p/libc2.so
library /opt/p/libc3.so
library /lib/libc3.so
expect 'liba.so => /opt/p/liba.so' \
	'libb.so => /opt/a/libb.so' \
	'libc1.so => /opt/b/libc1.so' \
	'libc2.so => /opt/a/libc2.so' \
	'libc3.so => /opt/p/libc3.so'

given 'G4: who loaded it first is its parent, though another asks for it too'
program --runpath /opt/p --needed liba.so --needed libb.so
library /opt/p/liba.so --rpath /opt/a --needed libz.so
library /opt/p/libb.so --rpath /opt/b --needed libz.so
library /opt/a/libz.so --needed liby.so
library /opt/b/libz.so
library /opt/a/liby.so
library /opt/b/liby.so
expect 'liba.so => /opt/p/liba.so' \
	'libb.so => /opt/p/libb.so' \
	'libz.so => /opt/a/libz.so' \
	'liby.so => /opt/a/liby.so'

given 'G4: the RPATH of one with a RUNPATH is passed over, that of its parent is not'
program --rpath /opt/p --needed liba.so
library /opt/p/liba.so --rpath /opt/a --runpath /opt/u --needed libb.so
library /opt/u/libb.so --needed libc1.so --needed libc2.so
library /opt/a/libc1.so
library /opt/u/libc1.so
library /opt/p/libc2.so
library /lib/libc1.so
expect 'liba.so => /opt/p/liba.so' \
	'libb.so => /opt/u/libb.so' \
	'libc1.so => /lib/libc1.so' \
	'libc2.so => /opt/p/libc2.so'

given 'G5: slashes at the end and doubled ones'
program --runpath '/opt/a//:/opt//b/:/opt/./c' --needed liba.so --needed libb.so --needed libc1.so
library /opt/a/liba.so
library /opt/b/libb.so
library /opt/c/libc1.so
expect 'liba.so => /opt/a/liba.so' \
	'libb.so => /opt//b/libb.so' \
	'libc1.so => /opt/./c/libc1.so'

given 'G5: the root as a directory'
program --runpath / --needed liba.so
library /liba.so
expect 'liba.so => /liba.so'

given 'G5: an empty RUNPATH is none'
program --runpath '' --needed liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'G5: a directory that is not there, and a file in its place'
program --runpath /nowhere:/opt/file:/opt/x --needed liba.so
text /opt/file ''
library /opt/x/liba.so
expect 'liba.so => /opt/x/liba.so'

given 'G6: the $ORIGIN of a program is where it really is'
program --runpath '$ORIGIN/../lib' --needed liba.so
library /opt/lib/liba.so
library /lib/liba.so
link /usr/bin/p /opt/bin/prog
asked=/usr/bin/p
expect 'liba.so => /opt/bin/../lib/liba.so'

given 'G6: that of a library is where it was found'
program --runpath /opt/lib --needed liba.so
library /opt/real/liba.so --runpath '${ORIGIN}/sub' --needed libb.so
link /opt/lib/liba.so ../real/liba.so
library /opt/lib/sub/libb.so
library /opt/real/sub/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /opt/lib/sub/libb.so'

given 'G6: and one found by way of $ORIGIN has it in its own'
program --rpath '$ORIGIN/../lib' --needed liba.so
library /opt/lib/liba.so --rpath '$ORIGIN' --needed libb.so
library /opt/lib/libb.so
expect 'liba.so => /opt/bin/../lib/liba.so' \
	'libb.so => /opt/bin/../lib/libb.so'

given 'G7: $LIB'
program --runpath '/opt/$LIB:/srv/${LIB}/x' --needed liba.so --needed libb.so
library "/opt/$lib/liba.so"
library "/srv/$lib/x/libb.so"
expect "liba.so => /opt/$lib/liba.so" \
	"libb.so => /srv/$lib/x/libb.so"

given 'G7: an element with an unknown word is taken as it is'
program --runpath '/opt/$NOTHING:/opt/x' --needed liba.so
library '/opt/$NOTHING/liba.so'
library /opt/x/liba.so
expect 'liba.so => /opt/$NOTHING/liba.so'

given 'G8: the directories of its own, in their order'
program --needed liba.so --needed libb.so --needed libc1.so
library "/usr/$lib/liba.so"
library /lib/liba.so
library "/$lib/libb.so"
library "/usr/$lib/libb.so"
library /usr/lib/libc1.so
expect "liba.so => /usr/$lib/liba.so" \
	"libb.so => /$lib/libb.so" \
	'libc1.so => /usr/lib/libc1.so'

given 'G9: without the CPU for it, no file of glibc-hwcaps'
program --runpath /opt/lib --needed liba.so
library /opt/lib/glibc-hwcaps/x86-64-v2/liba.so
library /opt/lib/liba.so
expect 'liba.so => /opt/lib/liba.so'

# refused_for WHAT OPTION...: a library made so, before a good one.
refused_for() {
	given "G10: $1 ends the program"
	shift
	program --runpath /opt/one:/opt/two --needed liba.so
	library /opt/one/liba.so "$@"
	library /opt/two/liba.so
}

# passed_over WHAT OPTION...
passed_over() {
	refused_for "$@"
	name="G10: $1 is passed over"
}

refused_for 'a text'
text /opt/one/liba.so 'GROUP ( liba.so.1 ) /* of a linker, and long enough for a header of any class */\n'
expect 'refused liba.so'

refused_for 'an empty file'
text /opt/one/liba.so ''
expect 'refused liba.so'

refused_for 'a directory'
rm "$root/opt/one/liba.so"
mkdir "$root/opt/one/liba.so"
expect 'refused liba.so'

refused_for 'the other byte order'
patch /opt/one/liba.so 5 '\002'
expect 'refused liba.so'

refused_for 'another version of ELF in its first bytes'
patch /opt/one/liba.so 6 '\002'
expect 'refused liba.so'

refused_for 'another version of ELF in its header'
patch /opt/one/liba.so 20 '\002'
expect 'refused liba.so'

refused_for 'another operating system'
patch /opt/one/liba.so 7 '\011'
expect 'refused liba.so'

passed_over 'the operating system GNU, not at all,'
patch /opt/one/liba.so 7 '\003'
expect 'liba.so => /opt/one/liba.so'

refused_for 'a newer ABI'
patch /opt/one/liba.so 8 '\001'
expect 'refused liba.so'

refused_for 'padding that is not zero'
patch /opt/one/liba.so 12 '\001'
expect 'refused liba.so'

refused_for 'program headers of another size'
patch /opt/one/liba.so 54 '\071'
expect 'refused liba.so'

refused_for 'an object file' --type 1
expect 'refused liba.so'

refused_for 'a program' --type exec
expect 'refused liba.so'

refused_for 'a program with DF_1_PIE' --flags-1 0x08000000
expect 'refused liba.so'

refused_for 'a file without dynamic section' --static
expect 'refused liba.so'

passed_over 'another class' --class 32 --machine 3
expect 'liba.so => /opt/two/liba.so'

passed_over 'another machine' --machine 8
expect 'liba.so => /opt/two/liba.so'

passed_over 'another machine with the other byte order of another class' --class 32 --data msb --machine 8
expect 'liba.so => /opt/two/liba.so'

passed_over 'a program of another machine' --type exec --machine 8
expect 'liba.so => /opt/two/liba.so'

passed_over 'another machine for another operating system' --machine 8
patch /opt/one/liba.so 7 '\011'
expect 'liba.so => /opt/two/liba.so'

passed_over 'another machine with program headers of another size' --machine 8
patch /opt/one/liba.so 54 '\071'
expect 'liba.so => /opt/two/liba.so'

refused_for 'another machine with another version of ELF in its header' --machine 8
patch /opt/one/liba.so 20 '\002'
expect 'refused liba.so'

passed_over 'another class with another version of ELF in its header' --class 32 --machine 3
patch /opt/one/liba.so 20 '\002'
expect 'liba.so => /opt/two/liba.so'

passed_over 'another class with program headers of another size' --class 32 --machine 3
patch /opt/one/liba.so 42 '\071'
expect 'liba.so => /opt/two/liba.so'

passed_over 'another class with another ABI' --class 32 --machine 3
patch /opt/one/liba.so 8 '\001'
expect 'liba.so => /opt/two/liba.so'

# upstream's ld.so looks at the byte order first; Debian's and Ubuntu's, at the machine
passed_over 'another machine with the other byte order' --data msb --machine 8
expect 'liba.so => /opt/two/liba.so'

passed_over 'the same machine in the other byte order, where its number is another one,' --data msb
expect 'liba.so => /opt/two/liba.so'

refused_for 'a short file of another class'
text /opt/one/liba.so '\177ELF\001\001\001\000\000\000\000\000\000\000\000\000\003\000\003\000\001\000\000\000'
expect 'refused liba.so'

given 'G12: a link that leads nowhere is passed over'
program --runpath /opt/one:/opt/two --needed liba.so
link /opt/one/liba.so nowhere
library /opt/two/liba.so
expect 'liba.so => /opt/two/liba.so'

given 'G12: a link to itself ends this RUNPATH, and the search goes on behind it'
program --runpath /opt/one:/opt/two --needed liba.so
link /opt/one/liba.so liba.so
library /opt/two/liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'G12: a name too long for a file ends nothing'
long=$(printf '%0256d' 0)
program --runpath /opt/one --needed "$long" --needed liba.so
library /opt/one/liba.so
expect "$long => not found" \
	'liba.so => /opt/one/liba.so'

given 'G16: DF_1_NODEFLIB leaves the directories of its own out'
program --flags-1 0x800 --runpath /opt/lib --needed liba.so --needed libb.so
library /opt/lib/liba.so --needed libc1.so
library /lib/libb.so
library /lib/libc1.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => not found' \
	'libc1.so => /lib/libc1.so'

given 'G16: and an own RPATH is still searched'
program --flags-1 0x800 --rpath /opt/lib --needed liba.so
library /opt/lib/liba.so
expect 'liba.so => /opt/lib/liba.so'

given 'G17: one file by two links is one library'
program --needed liba.so.1 --needed liba.so --needed libb.so
library /lib/liba.so.1.0
link /lib/liba.so.1 liba.so.1.0
link /lib/liba.so liba.so.1
library /lib/libb.so --needed liba.so
expect 'liba.so.1 => /lib/liba.so.1' \
	'libb.so => /lib/libb.so'

given 'G17: one file by two names is one library'
program --needed liba.so.1 --needed liba.so
library /lib/liba.so.1
ln "$root/lib/liba.so.1" "$root/lib/liba.so"
expect 'liba.so.1 => /lib/liba.so.1'

given 'G17: a copy is another library'
program --needed liba.so.1 --needed liba.so
library /lib/liba.so.1
cp "$root/lib/liba.so.1" "$root/lib/liba.so"
expect 'liba.so.1 => /lib/liba.so.1' \
	'liba.so => /lib/liba.so'

given 'G17: a directory by two names is one library, found by the first'
program --runpath /opt/one:/opt/two --needed liba.so --needed /opt/two/liba.so
library /opt/two/liba.so
link /opt/one two
expect 'liba.so => /opt/one/liba.so'

given 'G18: breadth-first, in the order of NEEDED'
program --needed liba.so --needed libb.so
library /lib/liba.so --needed libd.so --needed libc1.so
library /lib/libb.so --needed libe.so --needed libc1.so
library /lib/libc1.so --needed liba.so --needed libf.so
library /lib/libd.so --needed libg.so
library /lib/libe.so
library /lib/libf.so
library /lib/libg.so
expect 'liba.so => /lib/liba.so' \
	'libb.so => /lib/libb.so' \
	'libd.so => /lib/libd.so' \
	'libc1.so => /lib/libc1.so' \
	'libe.so => /lib/libe.so' \
	'libg.so => /lib/libg.so' \
	'libf.so => /lib/libf.so'

given 'G18: a missing auxiliary is no matter'
program --auxiliary libx.so --needed liba.so
library /lib/liba.so --auxiliary liby.so
how=listed
expect 'liba.so => /lib/liba.so'

given 'G18: one that is there is loaded'
program --needed liba.so
library /lib/liba.so --auxiliary libx.so
library /lib/libx.so --needed liby.so
library /lib/liby.so
expect 'libx.so => /lib/libx.so' \
	'liba.so => /lib/liba.so' \
	'liby.so => /lib/liby.so'

given 'G18: a filtee is searched before the objects that wait'
program --needed liba.so --needed libb.so
library /lib/liba.so --filter libx.so
library /lib/libb.so --runpath /opt/b --needed libz.so
library /lib/libx.so --runpath /opt/x --needed libz.so
library /opt/b/libz.so
library /opt/x/libz.so
expect 'libx.so => /lib/libx.so' \
	'liba.so => /lib/liba.so' \
	'libb.so => /lib/libb.so' \
	'libz.so => /opt/x/libz.so'

given 'G18: and behind the rest of who filters'
program --needed liba.so
library /lib/liba.so --filter libx.so --runpath /opt/a --needed libz.so
library /lib/libx.so --runpath /opt/x --needed libz.so
library /opt/a/libx.so --runpath /opt/x --needed libz.so
library /opt/a/libz.so
library /opt/x/libz.so
expect 'libx.so => /opt/a/libx.so' \
	'liba.so => /lib/liba.so' \
	'libz.so => /opt/a/libz.so'

given 'G18: a missing filtee ends the program'
program --filter libx.so
how=listed
expect 'libx.so => not found'

if grep -q '^ *0 *0 *4294967295$' /proc/self/uid_map; then
	given 'G21: a setuid program has no $ORIGIN but in the directories of the loader'
	program --runpath '$ORIGIN/../lib' --needed liba.so
	library /opt/lib/liba.so
	chmod 4755 "$root/opt/bin/prog"
	how=run user=65534
	expect 'liba.so => not found'

	given 'G21: nor one behind something else'
	program --runpath '/opt/$ORIGIN/lib' --needed liba.so
	library /opt/opt/bin/lib/liba.so
	chmod 4755 "$root/opt/bin/prog"
	how=run user=65534
	expect 'liba.so => not found'
else
	skip G21 'only root can run as somebody else'
fi
