#!/usr/bin/python3
"""Holds the reports in a directory, X.sarif and X.gitlab, to their formats and to X.short, what is told to people.
usage: formats.py DIRECTORY"""
import json
import pathlib
import re
import sys

import jsonschema

schema = json.load(open(pathlib.Path(__file__).parent / "sarif.schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
passed = failed = 0


def check(name, good, what):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"FAIL {name}: {what}")


def told(path):
    """(file, line, column, level, name) of each message but notes, as far as it has them."""
    found = []
    for line in path.read_text().splitlines():
        m = re.match(r"(.*?)(?::(\d+):(\d+))?: (error|warning): .* \[([a-z0-9-]+)(?:, allowed)?\]$", line)
        if m:
            found.append((m[1], int(m[2] or 0), int(m[3] or 0), m[4], m[5]))
    return found


def results(report):
    run = report["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for r in run["results"]:
        region = r["locations"][0]["physicalLocation"].get("region", {}) if r["locations"] else {}
        assert rules[r["ruleIndex"]]["id"] == r["ruleId"]
        yield (region.get("startLine", 0), region.get("startColumn", 0), r["level"], r["ruleId"])


for short in sorted(pathlib.Path(sys.argv[1]).glob("*.short")):
    want = told(short)
    sarif = json.loads(short.with_suffix(".sarif").read_text())
    problems = [e.message for e in validator.iter_errors(sarif)]
    check(short.stem, not problems, f"is no SARIF: {problems[:1]}")
    check(short.stem, list(results(sarif)) == [w[1:] for w in want], "SARIF tells something else than people are told")
    gitlab = json.loads(short.with_suffix(".gitlab").read_text())
    check(short.stem, [(i["location"]["path"], i["location"]["lines"]["begin"], i["check_name"]) for i in gitlab] ==
          [(re.sub(r"^(\./)+", "", w[0]), w[1] or 1, w[4]) for w in want], "GitLab is told something else than people are")
    check(short.stem, all(i["severity"] == {"error": "major", "warning": "minor"}[w[3]] for i, w in zip(gitlab, want)), "another severity")
    prints = [i["fingerprint"] for i in gitlab]
    check(short.stem, len(set(prints)) == len(prints) and all(re.fullmatch("[0-9a-f]{64}", p) for p in prints), "fingerprints are not unique")
print(f"{passed} passed, {failed} failed, 0 skipped")
sys.exit(failed > 0 or passed == 0)
