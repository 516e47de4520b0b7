# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # a $ is for the loader; the variables are crafted.sh's
# Sourced by crafted.sh: the rules of musl's loader. It lists a program without starting it, but for the last cases.

# path_file TEXT: the loader's own directories.
path_file() {
	arch=${interp##*/}
	text "/etc/${arch%.so.1}.path" "$1"
}

given 'M2: the names of the C library are the loader'
program --needed libc.so --needed libm.so.6 --needed libpthread.so.0 --needed libdl.so.2 --needed libc.musl-x86_64.so.1 --needed liba.so
library /lib/libc.so
library /lib/libm.so.6
library /lib/libc.musl-x86_64.so.1
library /lib/liba.so --needed librt.so.1 --needed libutil.so.1 --needed libxnet.so
expect 'liba.so => /lib/liba.so'

given 'M2: only with a dot behind them'
program --needed libm2.so --needed libcrypt.so.1 --needed libresolv.so.2
library /lib/libm2.so
library /lib/libcrypt.so.1
expect 'libm2.so => /lib/libm2.so' \
	'libcrypt.so.1 => /lib/libcrypt.so.1' \
	'libresolv.so.2 => not found'

given 'M2: the loader by its path'
program --needed "$interp" --needed liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'M2: the loader by its name is searched for'
program --needed "${interp##*/}"
expect

given 'M3: RUNPATH is inherited'
program --runpath /opt/lib --needed liba.so
library /opt/lib/liba.so --needed libb.so
library /opt/lib/libb.so
library /lib/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /opt/lib/libb.so'

given 'M3: RPATH is inherited, by one with a RUNPATH too'
program --rpath /opt/lib --needed liba.so
library /opt/lib/liba.so --runpath /opt/a --needed libb.so --needed libd.so
library /opt/lib/libb.so
library /opt/a/libb.so
library /opt/lib/libd.so
library /lib/libd.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /opt/a/libb.so' \
	'libd.so => /opt/lib/libd.so'

given 'M3: a RUNPATH beats the RPATH beside it'
program --rpath /opt/r --runpath /opt/u --needed liba.so --needed libb.so
library /opt/r/liba.so
library /opt/u/liba.so
library /opt/r/libb.so
library /lib/libb.so
expect 'liba.so => /opt/u/liba.so' \
	'libb.so => /lib/libb.so'

given 'M3: a RUNPATH that is empty beats it too'
program --rpath /opt/r --runpath '' --needed liba.so
library /opt/r/liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'M3: who loaded it first is its parent'
program --runpath /opt/p --needed liba.so --needed libb.so
library /opt/p/liba.so --runpath /opt/a --needed libz.so
library /opt/p/libb.so --runpath /opt/b --needed libz.so
library /opt/a/libz.so --needed liby.so
library /opt/b/libz.so
library /opt/a/liby.so
library /opt/b/liby.so
expect 'liba.so => /opt/p/liba.so' \
	'libb.so => /opt/p/libb.so' \
	'libz.so => /opt/a/libz.so' \
	'liby.so => /opt/a/liby.so'

given 'M3: a line feed separates directories too'
program --runpath '/opt/a
/opt/b' --needed liba.so
library /opt/b/liba.so
expect 'liba.so => /opt/b/liba.so'

given 'M3: neither auxiliaries nor filtees, nor DF_1_NODEFLIB'
program --flags-1 0x800 --filter libx.so --auxiliary liby.so --needed liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'M4: without a path file, /lib, /usr/local/lib and /usr/lib'
program --needed liba.so --needed libb.so --needed libd.so
library /lib/liba.so
library /usr/local/lib/liba.so
library /usr/local/lib/libb.so
library /usr/lib/libb.so
library /usr/lib/libd.so
expect 'liba.so => /lib/liba.so' \
	'libb.so => /usr/local/lib/libb.so' \
	'libd.so => /usr/lib/libd.so'

given 'M4: the path file takes their place, with colons and line feeds'
path_file '/opt/a:/opt/b\n/opt/d\n'
program --needed liba.so --needed libb.so --needed libd.so --needed libe.so
library /opt/a/liba.so
library /opt/b/libb.so
library /opt/d/libd.so
library /lib/liba.so
library /lib/libe.so
expect 'liba.so => /opt/a/liba.so' \
	'libb.so => /opt/b/libb.so' \
	'libd.so => /opt/d/libd.so' \
	'libe.so => not found'

given 'M4: the path file is that beside the directory of the loader'
program --interp "/usr$interp" --needed liba.so
put "/usr$interp"
cp "$root$interp" "$root/usr$interp"
path_file /opt/a
mkdir "$root/usr/etc"
mv "$root/etc/"* "$root/usr/etc/"
library /opt/a/liba.so
library /lib/liba.so
expect 'liba.so => /opt/a/liba.so'

given 'M4: neither comments nor blanks in it'
path_file '# mine\n /opt/a\n/opt/b \n/opt/d\n'
program --needed liba.so --needed libb.so --needed libd.so
library /opt/a/liba.so
library /opt/b/libb.so
library /opt/d/libd.so
library '/opt/b /libb.so'
expect 'liba.so => not found' \
	'libb.so => /opt/b /libb.so' \
	'libd.so => /opt/d/libd.so'

given 'M4: an empty one leaves nothing'
path_file ''
program --needed liba.so
library /lib/liba.so
expect 'liba.so => not found'

given 'M4: a slash at the end, and one more in between'
path_file '/opt/a/://opt//b'
program --needed liba.so --needed libb.so
library /opt/a/liba.so
library /opt/b/libb.so
expect 'liba.so => /opt/a//liba.so' \
	'libb.so => //opt//b/libb.so'

# first_is WHAT OPTION...: the first file found is made so, and a good one stands behind it.
first_is() {
	given "M5: the first file, $1"
	shift
	program --runpath /opt/one:/opt/two --needed liba.so
	library /opt/one/liba.so "$@"
	library /opt/two/liba.so
}

first_is 'a text, ends the program'
text /opt/one/liba.so 'GROUP ( liba.so.1 ) /* of a linker, and long enough for a header of any class */\n'
expect 'refused liba.so'

first_is 'empty, ends the program'
text /opt/one/liba.so ''
expect 'refused liba.so'

first_is 'a directory, ends the program'
rm "$root/opt/one/liba.so"
mkdir "$root/opt/one/liba.so"
expect 'refused liba.so'

first_is 'without dynamic section, ends the program' --static
expect 'refused liba.so'

first_is 'an object file, ends the program' --type 1
expect 'refused liba.so'

first_is 'for another operating system, is taken'
patch /opt/one/liba.so 7 '\011'
expect 'liba.so => /opt/one/liba.so'

first_is 'of a newer ABI, is taken'
patch /opt/one/liba.so 8 '\001'
expect 'liba.so => /opt/one/liba.so'

first_is 'a program with DF_1_PIE, is taken' --flags-1 0x08000000
expect 'liba.so => /opt/one/liba.so'

first_is 'a link that leads nowhere, is passed over'
rm "$root/opt/one/liba.so"
link /opt/one/liba.so nowhere
expect 'liba.so => /opt/two/liba.so'

first_is 'below a file, is passed over'
rm -r "$root/opt/one"
text /opt/one ''
expect 'liba.so => /opt/two/liba.so'

first_is 'a link to itself, ends the search'
rm "$root/opt/one/liba.so"
link /opt/one/liba.so liba.so
expect 'refused liba.so'

given 'M5: a directory whose name is too long is passed over'
long=$(printf '%0250d/%0250d' 0 0)
program --runpath "/$long:/opt/a" --needed libabcdefghij.so
library "/$long/libabcdefghij.so"
library /opt/a/libabcdefghij.so
expect 'libabcdefghij.so => /opt/a/libabcdefghij.so'

given 'M6: a SONAME is no name'
program --needed libimpl.so --needed libz.so.1
library /lib/libimpl.so --soname libz.so.1
library /lib/libz.so.1
expect 'libimpl.so => /lib/libimpl.so' \
	'libz.so.1 => /lib/libz.so.1'

given 'M6: the name that was searched for is one, wherever it was found'
program --needed liba.so --needed libz.so --runpath /opt/one
library /opt/one/liba.so --needed libz.so --runpath /opt/two
library /opt/one/libz.so
library /opt/two/libz.so
expect 'liba.so => /opt/one/liba.so' \
	'libz.so => /opt/one/libz.so'

given 'M6: the end of a path is no name'
program --needed /opt/x/liba.so --needed liba.so
library /opt/x/liba.so
library /lib/liba.so
expect '/opt/x/liba.so => /opt/x/liba.so' \
	'liba.so => /lib/liba.so'

given 'M6: one file by two links is one library'
program --needed liba.so.1 --needed liba.so
library /lib/liba.so.1
link /lib/liba.so liba.so.1
expect 'liba.so.1 => /lib/liba.so.1'

given 'M7: $ORIGIN'
program --runpath '$ORIGIN/../lib:${ORIGIN}/sub' --needed liba.so --needed libb.so
library /opt/lib/liba.so
library /opt/bin/sub/libb.so
expect 'liba.so => /opt/bin/../lib/liba.so' \
	'libb.so => /opt/bin/sub/libb.so'

given 'M7: that of a library is where it was found'
program --runpath /opt/lib --needed liba.so
library /opt/real/liba.so --runpath '$ORIGIN/sub' --needed libb.so
link /opt/lib/liba.so ../real/liba.so
library /opt/lib/sub/libb.so
library /opt/real/sub/libb.so
expect 'liba.so => /opt/lib/liba.so' \
	'libb.so => /opt/lib/sub/libb.so'

given 'M7: inherited, it is that of its owner'
program --runpath '$ORIGIN/../lib' --needed liba.so
library /opt/lib/liba.so --needed libb.so
library /opt/lib/libb.so
expect 'liba.so => /opt/bin/../lib/liba.so' \
	'libb.so => /opt/bin/../lib/libb.so'

given 'M7: a longer word than ORIGIN is ORIGIN and more'
program --runpath '$ORIGINAL' --needed liba.so
library /opt/binAL/liba.so
expect 'liba.so => /opt/binAL/liba.so'

given 'M7: another $ voids the whole path'
program --runpath '/opt/x:$ORIGIN:/opt/$LIB' --needed liba.so
library /opt/x/liba.so
library /opt/bin/liba.so
library /lib/liba.so
expect 'liba.so => /lib/liba.so'

given 'M7: a $ in NEEDED is one'
program --needed 'lib$ORIGIN.so'
library '/lib/lib$ORIGIN.so'
expect 'lib$ORIGIN.so => /lib/lib$ORIGIN.so'

given 'M8: a path is not searched for'
program --needed /opt/x/liba.so --needed /opt/x/libb.so --runpath /opt/lib
library /opt/x/liba.so
library /opt/lib/opt/x/libb.so
expect '/opt/x/liba.so => /opt/x/liba.so' \
	'/opt/x/libb.so => not found'

given 'M8: what is missing does not hide what is there'
program --needed liba.so --needed libb.so
library /lib/libb.so --needed libd.so
expect 'liba.so => not found' \
	'libb.so => /lib/libb.so' \
	'libd.so => not found'

# compiled OPTION...: a program of musl-gcc that needs liba.so, which stands in /opt/lib, and tells itself what is loaded.
compiled() {
	mkdir -p "$root/opt/bin" "$root/opt/lib"
	echo 'int a;' | musl-gcc -x c -shared -fPIC - -o "$root/opt/lib/liba.so"
	printf '%s\n' '#include <link.h>' '#include <stdio.h>' '#include <string.h>' 'extern int a;' \
		'static int show(struct dl_phdr_info *i, size_t size, void *unused) {' \
		'	const char *name = strrchr(i->dlpi_name, 47);' \
		'	return name && strstr(name, ".so") ? printf("\t%s => %s (0x0)\n", name + 1, i->dlpi_name), 0 : 0; }' \
		'int main(void) { return dl_iterate_phdr(show, 0) + a; }' |
		musl-gcc -x c - -o "$root/opt/bin/prog" -Wl,--no-as-needed "$@" -L "$root/opt/lib" -la
	how=run
}

if command -v musl-gcc >/dev/null; then
	given 'a program of musl-gcc, with an RPATH'
	compiled -Wl,-rpath,/opt/lib,--disable-new-dtags
	expect 'liba.so => /opt/lib/liba.so'

	given 'M7: the $ORIGIN of a program that is started is where it really is'
	compiled -Wl,-rpath,'$ORIGIN/../lib'
	library /usr/lib/liba.so
	link /usr/bin/p ../../opt/bin/prog
	asked=/usr/bin/p
	expect 'liba.so => /opt/bin/../lib/liba.so'
else
	skip 'programs of musl-gcc' 'it is not installed'
fi
