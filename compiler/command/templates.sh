#!/bin/sh
# Turns manifests into rows of C: the template's name, its text before the line with the manifest's name, its text after it.
# usage: templates.sh MANIFEST...
set -eu
for manifest; do
	grep -q '^name: ' "$manifest" || { echo "$manifest has no line 'name: ...'" >&2; exit 1; }
	printf '{"%s",\n' "$(basename "$manifest" .yaml)"
	# A question mark is escaped for trigraphs, which C11 still has.
	# shellcheck disable=SC2016  # the $ is the manifest's
	sed -e 's|\$schema=\.\./schema/|$schema=|' -e '/^name: /{s/.*/,/;b' -e '}' -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' "$manifest"
	echo '},'
done
