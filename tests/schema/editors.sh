#!/bin/sh
# The schema in other hands: ajv's verdicts of all golden manifests, and yaml-language-server, driven as by an editor. usage: editors.sh DIR
# They come by npm into DIR; where it reaches no registry they are skipped.
set -u
here=$(realpath "$(dirname "$0")")
mkdir -p "$1" && dir=$(realpath "$1") && cp "$here/package.json" "$dir" || exit 1
if ! (cd "$dir" && timeout 300 npm install --no-audit --no-fund --ignore-scripts) >"$dir/log" 2>&1; then
	grep -q -e ENOTFOUND -e ECONNREFUSED -e EAI_AGAIN -e ETIMEDOUT -e ENETUNREACH "$dir/log" || { cat "$dir/log"; exit 1; }
	echo 'skipped: ajv and yaml-language-server, since npm reaches no registry here'
	echo '0 passed, 0 failed, 2 skipped'
	exit
fi
"$here/run.sh" "$dir/node_modules" >"$dir/verdicts"
judged=$?
node "$here/lsp.js" "$dir/node_modules/yaml-language-server/bin/yaml-language-server" "$here/../../schema/rootc.schema.json" >"$dir/server"
served=$?
cat "$dir/verdicts" "$dir/server" | grep -v 'passed, '
awk '/ passed, / {passed += $1; failed += $3} END {print passed + 0 " passed, " failed + 0 " failed, 0 skipped"}' "$dir/verdicts" "$dir/server"
[ $judged -eq 0 ] && [ $served -eq 0 ]
