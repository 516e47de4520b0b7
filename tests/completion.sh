#!/bin/bash
# `rootc completion SHELL`, by the shells themselves: what they make of a line. usage: completion.sh ROOTC
set -u
rootc=$(realpath "$1")
export LC_ALL=C
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0 skipped=0

# A line as far as it is typed, and what its last word must become.
cat >"$tmp/lines" <<'L'
rootc bu|build
rootc verif|verify
rootc build --dig|--digest
rootc build --digest ne|never
rootc run --bus=ni|
rootc run --bus=id|ide
rootc check --allow init-m|init-missing
rootc closure --cpu power1|power10
rootc explain key-unk|key-unknown
rootc completion z|zsh
rootc init hyb|hybrid
rootc manual rootc-man|rootc-manifest rootc-manual
L

for shell in bash zsh fish; do "$rootc" completion $shell >"$tmp/$shell"; done
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $1"; }

# Each prints the words that the line's last one can become, in one line.
ask_bash() {
	# shellcheck disable=SC2016 # for the other bash
	bash --norc -c 'compopt() { :; }; . "$1"
		words=${2//=/ = }; COMP_WORDS=($words); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _rootc; echo "${COMPREPLY[@]}"' - "$tmp/bash" "$1"
}
ask_fish() {
	# shellcheck disable=SC2016
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$tmp/fish" "$1" | cut -f 1 | sed 's/^--[a-z]*=//' | sort | xargs
}
# A terminal's worth of zsh, up to WORDS: what it inserts, with the colours taken away, or what it lists.
cat >"$tmp/ask.zsh" <<'Z'
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "PS1=; setopt NO_BEEP; autoload -Uz compinit; compinit -u -D; source $1; print REA''DY"
zpty -r z out '*READY*'
zpty -w -n z "$2"$'\t'
got=
for try in {1..50}; do
	sleep 0.1
	while zpty -r -t z part; do got+=$part; done
	[[ -n $3 && $got == *$~3* ]] && break
	[[ -z $3 && $try -eq 10 ]] && break
done
print -r -- "$got"
Z
ask_zsh() {
	zsh -f "$tmp/ask.zsh" "$tmp/zsh" "$1" "${2// /*}" </dev/null | sed 's/\x1b\[[?0-9;]*[A-Za-z]//g' | tr -d '\r\b' | tr '\n' ' '
}

while IFS='|' read -r line words; do
	[ "$(ask_bash "$line" 2>/dev/null)" = "$words" ] || { bad "bash: $line"; ask_bash "$line"; continue; }
	ok
done <"$tmp/lines"

if command -v fish >/dev/null; then
	while IFS='|' read -r line words; do
		got=$(ask_fish "$line")
		if [ "$got" = "$words" ]; then ok; else bad "fish: $line: '$got'"; fi
	done <"$tmp/lines"
else
	skipped=$((skipped + 1))
	echo 'skipped: completion in fish, which is not installed'
fi

if command -v zsh >/dev/null; then
	while IFS='|' read -r line words; do
		got=$(ask_zsh "$line" "$words")
		for word in $words; do
			case $got in *"$word"*) ;; *) bad "zsh: $line: '$got'"; continue 2 ;; esac
		done
		ok
	done <"$tmp/lines"
else
	skipped=$((skipped + 1))
	echo 'skipped: completion in zsh, which is not installed'
fi

# every command and every option of --help is in each script
"$rootc" --help | sed -n 's/^  \([a-z]*\) .*/\1/p' | while read -r command; do
	echo "$command"
	"$rootc" "$command" --help | sed -n 's/^  \(-[^ ]*, \|    \)--\([a-z-]*\).*/\2/p'
done | sort -u >"$tmp/all"
for shell in bash zsh fish; do
	missing=$(while read -r word; do grep -q -e "[ '-]${word}[][} :='*]" "$tmp/$shell" || echo "$word"; done <"$tmp/all")
	if [ -z "$missing" ] && [ "$(wc -l <"$tmp/all")" -gt 20 ]; then ok; else bad "$shell lacks: $missing"; fi
done

"$rootc" completion tcsh 2>"$tmp/err"
if [ $? -eq 2 ] && grep -q "no completion for 'tcsh': it is bash, zsh or fish" "$tmp/err"; then ok; else bad 'tcsh'; fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
