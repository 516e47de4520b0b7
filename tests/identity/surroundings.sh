# shellcheck shell=sh disable=SC2154 # rootc, work, image, case and tmp are reproducible.sh's
# What rows of environments.txt ask for and is more than a line. Each builds $case into $image.

# -- variables

no_variables() { env -i "$@"; }

many_variables() {
	# shellcheck disable=SC2046  # words
	env $(seq 10000 | sed 's/.*/variable_&=&/') "$@"
}

# all_variables COMMAND...: every one of the row "variable" at once
all_variables() {
	# shellcheck disable=SC2046  # words
	env $(sed -n 's/^variable	\([^	]*\)	.*/\1/p' "$here/environments.txt") "$@"
}

# -- where the manifest and its inputs are

# make_copies: the work as from finds it, in $tmp/from-HOW
make_copies() {
	memory=$(mktemp -d /dev/shm/rootc.XXXXXX) && trap 'rm -rf "$tmp" "$memory"' EXIT && cp -a "$work/." "$memory" &&
		ln -s "$memory" "$tmp/from-tmpfs"
	mkdir "$tmp/from-reversed"
	(cd "$work" && find . | sort -r | tar -cf - --no-recursion -T -) | tar -xf - -C "$tmp/from-reversed"
	cp -al "$work" "$tmp/from-linked"
	cp -r "$work" "$tmp/from-new"
	for year in 1970 2200; do
		cp -a "$work" "$tmp/from-$year"
		find "$tmp/from-$year" -exec touch -h -d "$year-02-03 04:05:06.789" {} +
	done
	cp -a "$work" "$tmp/from-owned"
	chown -Rh 12345:54321 "$tmp/from-owned" 2>/dev/null || rm -rf "$tmp/from-owned"
}

from() {
	[ -d "$1/ok" ] && "$rootc" build -o "$image" --store "$1/store" "$1/ok/$case.yaml"
}

# from_below NAME: from a directory of that name
from_below() {
	mkdir -p "$tmp/in"
	[ -d "$tmp/in/$1" ] || cp -a "$work" "$tmp/in/$1"
	from "$tmp/in/$1"
}

# from_depth LENGTH: from a directory whose path has about LENGTH bytes
from_depth() {
	path=$tmp/depth-$1
	while [ ${#path} -lt "$1" ]; do path=$path/$(printf '%099d' 0); done
	[ -d "$path" ] || { mkdir -p "${path%/*}" && cp -a "$work" "$path"; }
	from "$path"
}

# -- where the image goes

# into_below NAME: into NAME.img in a directory of that name
into_below() {
	mkdir -p "$tmp/out/$1"
	"$rootc" build -o "$tmp/out/$1/$1.img" --store "$work/store" "$manifest" && mv "$tmp/out/$1/$1.img" "$image"
}

# existing WHAT: something is where the image goes
existing() {
	case $1 in
	empty) : >"$image" ;;
	sparse) truncate -s 1G "$image" ;;
	older) "$rootc" build -o "$image" --store "$work/store" "$work/ok/no-inputs.yaml" ;;
	larger) yes | head -c 50000000 >"$image" ;;
	*) yes garbage | head -c 1000000 >"$image" ;;
	esac
	case $1 in
	read-only) chmod 400 "$image" ;;
	hard-link) ln -f "$image" "$tmp/other-name" ;;
	esac
}

# -- how it is said

spelled() {
	set -- "$1" "$image" "$work/store" "$manifest"
	case $1 in
	-o=FIRST) "$rootc" build --store "$3" "-o$2" "$4" ;;
	OUTPUT=) "$rootc" build "--output=$2" "--store=$3" "$4" ;;
	STORE=) "$rootc" build "$4" "--store=$3" --output "$2" ;;
	LAST) "$rootc" build "$4" -o "$2" --store "$3" ;;
	JOINED) "$rootc" build "-o$2" --store "$3" -j2 "$4" ;;
	--) "$rootc" build -o "$2" --store "$3" -- "$4" ;;
	esac
}

# called HOW: the program by another name
called() {
	set -- "$1" build -o "$image" --store "$work/store" "$manifest"
	command=$1
	shift
	case $command in
	by-name) PATH=${rootc%/*}:$PATH; "${rootc##*/}" "$@" ;;
	relative) cd "${rootc%/*}" && "./${rootc##*/}" "$@" ;;
	descriptor) exec 7<"$rootc"; /proc/self/fd/7 "$@" ;;
	link) ln -sf "$rootc" "$tmp/a-link"; "$tmp/a-link" "$@" ;;
	esac
}

# -- how the manifest is written

# rewritten HOW: the same manifest in other words
rewritten() {
	other=$work/ok/in-other-words.yaml
	case $1 in
	comments) sed -E 's/^([a-z]+:.*[^|])$/# before\n\1 # behind/' ;;
	blank-lines) sed -E 's/^[a-z]/\n\n&/' ;;
	trailing-blanks) sed -E 's/^[a-z]+:$/& \t /' ;;
	crlf) sed 's/$/\r/' ;;
	byte-order-mark) printf '\357\273\277' && cat ;;
	directive-*) printf '%%YAML %s\n---\n' "${1#directive-}" && cat ;;
	document-marks) echo --- && cat && echo ... ;;
	no-last-line-feed) printf %s "$(cat)" ;;
	keys-single) sed -E "s/^([a-z]+):/'\1':/" ;;
	keys-double) sed -E 's/^([a-z]+):/"\1":/' ;;
	values-quoted) sed -E 's/^(rootc|name|epoch): ([^ ]*)$/\1: "\2"/' ;;
	anchors) sed -E 's/^(rootc|name): /&\&\1 /' ;;
	explicit-keys) sed -E 's/^([a-z]+): (.*[^|])$/? \1\n: \2/' ;;
	reversed) awk '/^[a-z]/ { n++ } { text[n] = text[n] $0 "\n" } END { while (n >= 0) printf "%s", text[n--] }' ;;
	esac <"$manifest" >"$other"
	! cmp -s "$manifest" "$other" || return
	"$rootc" build -o "$image" --store "$work/store" "$other"
}
