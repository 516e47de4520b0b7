#!/usr/bin/python3 -B
"""Random trees (tests/trees/tree.py) through `rootc build`, `rootc decompile` and `rootc build` again: the second image has the bytes of
the first. usage: trees.py ROOTC DIRECTORY
Environment: TREES (500) from SEED (1) on. A failing tree stays in DIRECTORY; TREES=1 SEED=n repeats it.
"""
import collections
import filecmp
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "trees"))
import tree  # noqa: E402

SECTOR = 512


def run(*words):
    ran = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    return "" if ran.returncode == 0 else f"{' '.join(words[:2])}: exit status {ran.returncode}: {ran.stderr}", ran.stdout


def judge(program, t, directory):
    """What is wrong, or "", and what could not be said."""
    shutil.rmtree(directory, ignore_errors=True)
    t.write(directory)
    sizes = {name: -(-t.bytes_for(name) // SECTOR) * SECTOR for name, _ in t.partitions}
    with open(f"{directory}/tree.yaml", "w", encoding="utf-8") as out:
        out.write(t.manifest(sizes))
    said = ""
    for words in (["build", f"{directory}/tree.yaml", "-o", f"{directory}/a.img"],
                  ["decompile", f"{directory}/a.img", "-o", f"{directory}/again"],
                  ["build", f"{directory}/again/again.yaml", "-o", f"{directory}/b.img"]):
        fault, out = run(program, *words)
        if fault:
            return fault, said
        said = out if words[0] == "decompile" else said
    unsaid = [line for line in said.splitlines() if line.startswith("not said")]
    if filecmp.cmp(f"{directory}/a.img", f"{directory}/b.img", shallow=False):
        return "", unsaid
    return "other bytes: " + run(program, "diff", f"{directory}/a.img", f"{directory}/b.img")[1][:2000], unsaid


def main():
    program, directory = os.path.abspath(sys.argv[1]), sys.argv[2]
    first, count = int(os.environ.get("SEED", 1)), int(os.environ.get("TREES", 500))
    os.makedirs(directory, exist_ok=True)
    failed, unsaid, totals = 0, collections.Counter(), collections.Counter()
    for seed in range(first, first + count):
        t = tree.Tree(seed)
        fault, lines = judge(program, t, f"{directory}/{seed}")
        unsaid.update(line.split(": ", 1)[1] for line in lines)
        totals.update(t.counts())
        totals["partitions"] += len(t.partitions)
        if fault:
            failed += 1
            print(f"FAILED seed {seed}: {fault}")
        else:
            shutil.rmtree(f"{directory}/{seed}")
    print(", ".join(f"{n} {what}" for what, n in totals.items()))
    for line, n in unsaid.most_common():
        print(f"not said, {n} times: {line}")
    print(f"{count - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
