#!/bin/bash
# What validators make of every golden manifest by the schema, beside what rootc makes of it (its .diag): the same, but for mistakes
# that show in no single value. usage: run.sh [MODULES]; without MODULES, npm's of package.json, python3-jsonschema alone
set -u
export LC_ALL=C
here=$(realpath "$(dirname "$0")") modules=${1-}
golden=$here/../golden schema=$here/../../schema/rootc.schema.json
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0

# Mistakes of one value or mapping: the schema sees them. Those that it sees in some values only are listed in beyond.txt.
seen='apt-source-malformed boolean-malformed capabilities-malformed capability-unknown choice-unknown format-unknown key-conflict key-missing key-unknown
	mode-malformed number-malformed path-malformed size-malformed text-malformed time-malformed type-mismatch uuid-malformed
	value-missing value-out-of-range xattr-unsupported'
# Mistakes in the text before it has values: what a YAML reader says of them is its own affair.
text='alias-broken character-forbidden key-twice manifest-empty manifest-too-large not-utf8 yaml-syntax yaml-unsupported'
# All other mistakes are semantic: they show only between values, or in inputs, plan and host. The schema must accept such manifests.

# no name of these is one that diagnostics had once
for name in $seen $text; do
	if grep -q "\"$name\"" "$here/../../include/rootc/diagnostics.def"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED there is no $name"; fi
done

# expectation DIAG FILE: what the schema must say of FILE, of which DIAG tells: valid, invalid, or any
expectation() {
	local name expected=valid
	while read -r name; do
		case " ${text//[[:space:]]/ } " in *" $name "*) echo any; return ;; esac
		case " ${seen//[[:space:]]/ } " in *" $name "*) expected=invalid ;; esac
	done < <(sed -n "s|^$2:[0-9].*: error: .* \[\([a-z0-9-]*\)\]\$|\1|p" "$1")
	echo $expected
}

mkdir -p "$tmp/manifests" "$tmp/generated/ok" "$tmp/generated/bad" && cd "$tmp/generated" || exit 1
for file in "$golden"/ok/*.yaml "$golden"/bad/*.yaml "$golden"/ok/*.gen "$golden"/bad/*.gen; do
	name=${file#"$golden/"} name=${name%.*}
	flat=${name/\//-}
	case $file in *.gen) sh "$file" >"$tmp/manifests/$flat.yaml" ;; *) cp "$file" "$tmp/manifests/$flat.yaml" ;; esac
	if [ -e "$golden/$name.diag" ]; then
		echo "$flat $(expectation "$golden/$name.diag" "$name.yaml")"
	else
		echo "$flat valid"
	fi
done | sort >"$tmp/all"
# what is known: mistakes of one value that are beyond a schema, and manifests that a reader of YAML does not take
sed -n 's/^\([a-z].*\):.*/\1 invalid/p' "$here/beyond.txt" | sort >"$tmp/beyond"

# judge WHO COMMAND...: COMMAND prints what WHO says; of a manifest that WHO cannot read it must say so in unread.txt
judge() {
	local who=$1
	shift
	if ! "$@" "$schema" "$tmp/manifests" >"$tmp/said" 2>"$tmp/log" || [ ! -s "$tmp/said" ]; then
		failed=$((failed + 1))
		echo "FAILED $who says nothing"
		cat "$tmp/log"
		return
	fi
	sort "$tmp/said" | join "$tmp/all" - | while read -r name expected said; do
		if grep -q -x "$name invalid" "$tmp/beyond"; then
			[ "$expected" = invalid ] || said="$said, though rootc has nothing to say that is beyond a schema"
			expected=valid
		fi
		if grep -q "^$who $name:" "$here/unread.txt"; then expected=unread; fi
		[ "$expected" != any ] || expected=$said
		if [ "$said" = "$expected" ]; then echo ok; else echo "FAILED $who: $name is $expected, but $said"; fi
	done >"$tmp/results"
	grep -v -x ok "$tmp/results"
	passed=$((passed + $(grep -c -x ok "$tmp/results"))) failed=$((failed + $(grep -c -v -x ok "$tmp/results")))
	[ "$(wc -l <"$tmp/results")" -eq "$(wc -l <"$tmp/all")" ] || { failed=$((failed + 1)); echo "FAILED $who left some out"; }
}
judge jsonschema /usr/bin/python3 "$here/jsonschema.py"
if [ -n "$modules" ]; then
	judge ajv env NODE_PATH="$modules" node "$here/ajv.js"
fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
