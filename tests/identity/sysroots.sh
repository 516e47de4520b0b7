# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # like cases.sh, after which this is sourced
# Roots of other Debian releases and architectures, unpacked and never installed: a compiler finds headers and libraries in them, and
# their own loader runs what was built.

packages='libc6-dev libyaml-dev libext2fs-dev comerr-dev libelf-dev libfdisk-dev nettle-dev libarchive-dev'

# mirror: where this system gets Debian from.
mirror() {
	found=$(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' 2>/dev/null | head -n 1)
	echo "${found:-http://deb.debian.org/debian/}"
}

# release_apt ARCHITECTURE SUITE ARGUMENT...: apt for a release, with a state of its own.
release_apt() {
	arch=$1 suite=$2 build=$identity/$1-$2.apt
	shift 2
	mkdir -p "$build"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(mirror) $suite main" >"$build/sources.list"
	apt_of "$arch" -o Dir::Etc::SourceList="$build/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none "$@"
}

# is_archive_there: apt would go on with an old index, or without one, if it were not told to mind
is_archive_there() {
	release_apt "$(dpkg --print-architecture)" stable -o APT::Update::Error-Mode=any update >"$tmp/stable.log" 2>&1
}

# make_sysroot ARCHITECTURE SUITE: $identity/ARCHITECTURE-SUITE, once.
make_sysroot() {
	root=$identity/$1-$2
	[ ! -d "$root" ] || return 0
	release_apt "$1" "$2" update >"$tmp/apt.log" 2>&1
	# shellcheck disable=SC2086  # the list is meant to split
	release_apt "$1" "$2" --yes --download-only install $packages >>"$tmp/apt.log" 2>&1 || return 1
	archives=$build/apt-$1/cache/archives
	rm -rf "$root.new"
	mkdir "$root.new"
	for file in "$archives"/*.deb; do
		dpkg -x "$file" "$root.new" || return 1
		dpkg-deb -W --showformat '${Package} ${Version}\n' "$file"
	done >"$root.packages"
	for directory in lib lib64; do # where /usr is merged, it is not these packages that say so
		[ -e "$root.new/$directory" ] || ln -s "usr/$directory" "$root.new/$directory"
	done
	find "$root.new" -lname '/*' -printf '%p\t%l\n' | while IFS='	' read -r link target; do
		ln -sfn "$root$target" "$link"
	done
	mv "$root.new" "$root"
	rm -rf "$build"
}

# use_sysroot ARCHITECTURE SUITE TRIPLET: sets $flags for a compiler and $loader for what it makes.
use_sysroot() {
	root=$identity/$1-$2
	libraries=$root/usr/lib/$3:$root/lib/$3
	flags="--sysroot=$root"
	for directory in "$root/usr/lib/$3" "$root/lib/$3"; do
		flags="$flags -B$directory/ -L$directory -Wl,-rpath-link,$directory"
	done
	loader=$(find -L "$root/lib/$3" -maxdepth 1 -name 'ld*.so*' | sort | head -n 1)
	says="$(release_word "$1" "$2" libext2fs2) $(release_word "$1" "$2" libfdisk1) $(release_word "$1" "$2" libyaml-0-2) \
$(release_word "$1" "$2" libelf1) $(release_word "$1" "$2" libnettle8) $(release_word "$1" "$2" libarchive13) \
$(release_word "$1" "$2" libc6)"
}

# release_word ARCHITECTURE SUITE PACKAGE: "libfdisk 2.38.1", without what Debian adds to names and versions.
release_word() {
	sed -n "s/^\($3\)\(t64\)\{0,1\} \([0-9]*:\)\{0,1\}\([0-9.]*\).*/\1 \4/p" "$identity/$1-$2.packages" |
		sed 's/^libyaml-0-2/libyaml/; s/^libc6/glibc/; s/^\([a-z0-9]*[a-z]\)[0-9]* /\1 /'
}
