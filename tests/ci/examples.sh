#!/bin/bash
# Runs the steps of examples/ci as they are written, as the runners do, in a project of local files: when the image is the golden one,
# when it is another one, when the manifest is wrong. Not run are the steps that install rootc, which need a network; the packages
# that they name are compared with the Makefile's. usage: examples.sh ROOTC
set -u
export LC_ALL=C
rootc=$(realpath "$1")
examples=$(realpath "$(dirname "$0")/../../examples/ci")
makefile=$(realpath "$(dirname "$0")/../../Makefile")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT TERM HUP
mkdir "$tmp/bin" && ln -s "$rootc" "$tmp/bin/rootc"
passed=0 failed=0 skipped=0

ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAIL $1"; [ ! -e log ] || sed 's/^/    /;20q' log; }
is() { if [ "$2" = "$3" ]; then ok; else bad "$1: '$2', not '$3'"; fi; }
has() { if grep -q -e "$3" "$2"; then ok; else bad "$1: no '$3' in $2"; fi; }

# variables KEY FILE: the mapping below KEY, as assignments
variables() {
	awk -v key="$1:" '
		on { match($0, /^ */); if (RLENGTH <= depth) exit; sub(/^ */, ""); sub(/: /, "="); print }
		$1 == key && NF == 1 { match($0, /^ */); depth = RLENGTH; on = 1 }' "$2"
}

# GitHub: each `run` is a file for `bash -e`, but for that of the step named SKIPPED.
github_steps() {
	awk -v skipped="Install rootc" -v to="$1/step" '
		block { match($0, /^ */); if (NF && RLENGTH <= depth) block = 0; else { if (!skip) print substr($0, depth + 3) >file; next } }
		/^ *- / { name = "" }
		/^ *- name: / { name = $0; sub(/^ *- name: /, "", name) }
		/^ *run: / {
			skip = name == skipped
			if (!skip) file = sprintf("%s%02d", to, ++count)
			match($0, /^ */); depth = RLENGTH
			if ($0 ~ /run: \|$/) block = 1
			else if (!skip) { sub(/^ *run: /, ""); print >file }
		}' "$examples/github.yml"
}

# GitLab: the items of `script` are one script.
gitlab_script() {
	echo 'set -eo pipefail'
	awk '
		on && /^  [a-z]/ { exit }
		on && /^    - / { sub(/^    - /, ""); print }
		/^  script:$/ { on = 1 }' "$examples/gitlab.yml"
}

# project NAME: board.yaml with its sum, in a directory of its own, which becomes the current one
project() {
	mkdir -p "$tmp/$1/overlay" && cd "$tmp/$1" || exit 1
	echo hello >overlay/motd
	cat >board.yaml <<'Y'
rootc: 1
name: board
inputs: {overlay: {directory: overlay}}
disk: {size: 1MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext2, block_size: 1KiB}}}
files:
  /etc/motd: {source: /motd}
Y
	"$rootc" build board.yaml --golden images.sums --update-golden >/dev/null || exit 1
}

clean_env() { env -i PATH="$tmp/bin:/usr/bin:/bin" HOME=/nonexistent "$@"; }

github() {
	local step status=0
	local -a vars
	mapfile -t vars < <(variables env "$examples/github.yml")
	: >summary.md
	for step in "$tmp"/steps/step*; do
		clean_env "${vars[@]}" GITHUB_STEP_SUMMARY="$PWD/summary.md" bash -e "$step" >>log 2>&1 || { status=$?; break; }
	done
	return "$status"
}

gitlab() {
	local -a vars
	mapfile -t vars < <(variables variables "$examples/gitlab.yml")
	clean_env "${vars[@]}" bash "$tmp/gitlab.sh" >log 2>&1
}

mkdir "$tmp/steps"
github_steps "$tmp/steps"
gitlab_script >"$tmp/gitlab.sh"
is 'steps of GitHub' "$(find "$tmp/steps" -type f | wc -l)" 3
is 'lines of GitLab' "$(grep -c rootc "$tmp/gitlab.sh")" 3
is 'variables' "$(variables env "$examples/github.yml" | tr '\n' ' ')" 'MANIFEST=board.yaml IMAGE=board.img '

# What was taken out by lines is what a reader of YAML sees there.
if /usr/bin/python3 -c 'import yaml' 2>/dev/null; then
	/usr/bin/python3 - "$examples" >"$tmp/seen" <<'PY'
import sys, yaml
steps = yaml.safe_load(open(sys.argv[1] + "/github.yml"))["jobs"]["image"]["steps"]
print("\n".join(s["run"].rstrip("\n") for s in steps if "run" in s and s["name"] != "Install rootc"))
print("set -eo pipefail")
print("\n".join(yaml.safe_load(open(sys.argv[1] + "/gitlab.yml"))["disk-image"]["script"]))
PY
	is 'the steps' "$(cat "$tmp"/steps/step* "$tmp/gitlab.sh")" "$(cat "$tmp/seen")"
else
	echo 'skipped: the steps as python3-yaml sees them, which is not installed'
	skipped=$((skipped + 1))
fi

for runner in github gitlab; do
	is "what $runner installs" "$(sed -n 's/.*apt-get install -y //p' "$examples/$runner.yml")" "$(sed -n 's/^DEV_PACKAGES = //p' "$makefile")"

	project "$runner-same"
	rm board.img
	$runner
	is "$runner, the golden image" $? 0
	has "$runner, the golden image" build.txt '^images.sums: board.img is the golden image$'
	is "$runner, the golden image" "$(sha256sum -c images.sums)" 'board.img: OK'
	[ ! -e board.img.new ] || bad "$runner: there is board.img.new"

	project "$runner-other"
	inode=$(stat -c %i board.img)
	echo goodbye >overlay/motd
	$runner
	is "$runner, another image" $? 1
	is "$runner, the golden image stays" "$(stat -c %i board.img)" "$inode"
	has "$runner, another image" build.txt '/etc/motd: content: 6 bytes -> 8 bytes'
	has "$runner, another image in the log" log '/etc/motd: content: 6 bytes -> 8 bytes'
	if [ -s board.img.new ]; then ok; else bad "$runner: there is no board.img.new"; fi
	case $runner in
	github)
		has 'its annotation' log '^::error file=images.sums,line=1,col=1,.*title=golden-mismatch::'
		has 'its summary' summary.md '^### rootc: board.yaml: another image than the golden one$'
		;;
	gitlab) has 'its report' gl-code-quality-report.json '"check_name": "golden-mismatch"' ;;
	esac

	project "$runner-wrong"
	sed -i 's/size: 1MiB/size: 1MB/' board.yaml
	$runner
	is "$runner, a wrong manifest" $? 3
	[ ! -e build.txt ] || bad "$runner: a wrong manifest is built"
	has "$runner, a wrong manifest in the log" log 'size-malformed'
	[ $runner = github ] || continue
	has 'its annotation' log '^::error file=board.yaml,line=4,col=14,.*title=size-malformed::'
done

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
