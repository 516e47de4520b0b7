#!/bin/sh
# The committed schema is what the table prints, it is a valid draft-07 schema, and it accepts the manifests that rootc accepts.
# usage: check-schema.sh ROOTC
set -eu
cd "$(dirname "$0")/.."
"$1" schema | diff -u schema/rootc.schema.json - || { echo "run 'make schema' and read the diff"; exit 1; }
/usr/bin/python3 - schema/rootc.schema.json <<'PY'
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
PY
