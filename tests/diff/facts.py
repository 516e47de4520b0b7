#!/usr/bin/env python3
"""One fact of an image is another one, and rootc tells just that. Rows of facts.txt, "IMAGE | CHANGE | EXPECTED [; EXPECTED]...":
IMAGE.yaml in facts/ is built before and after CHANGE, a sed script, or its image gets other bytes by CHANGE, "at TEXT+N HEX": the bytes
HEX, N behind the first TEXT (which is Python's, without quotation marks; none: the start of the image).
EXPECTED is all that `rootc diff` tells of facts, or, where no fact differs, of bytes. What it says of bytes must be all that differ, each with an owner that is understood.
Rows of broken.txt, "IMAGE | OWNER | N HEX | FINDING": N behind where OWNER begins, which is what `inspect --owners` calls it, bytes
become HEX, and `rootc verify` says FINDING and nothing new besides, of bytes of the same owner.
usage: facts.py [--update] ROOTC; --update rewrites what is expected"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def rows(name):
    with open(f"{HERE}/{name}", encoding="utf-8") as f:
        lines = f.read().splitlines()
    return [line if not line or line[0] == "#" else [part.strip() for part in line.split(" | ")] for line in lines]


def literal(text):
    return eval('b"' + text + '"', {}) if text else b""  # pylint: disable=eval-used # the table's own words


def read(path):
    with open(path, "rb") as f:
        return f.read()


def put(image, to, at, text):
    with open(image, "rb") as f:
        whole = bytearray(f.read())
    new = bytes.fromhex(text)
    if whole[at:at + len(new)] == new:
        raise ValueError(f"the bytes at {at} are {text} already")
    whole[at:at + len(new)] = new
    with open(to, "wb") as f:
        f.write(whole)


def change(rootc, name, how):
    """b.img, with a change."""
    if how.startswith("at "):
        text, n, new = re.fullmatch(r"at (.*)\+(-?\d+) ([0-9a-f]+)", how).groups()
        at = read(name + ".img").find(literal(text))
        if at < 0:
            raise ValueError(f"there is no {text}")
        put(name + ".img", "b.img", at + int(n), new)
        return
    with open("b.yaml", "w", encoding="utf-8") as f:
        f.write(run("sed", how, name + ".yaml").stdout)
    if read("b.yaml") == read(name + ".yaml"):
        raise ValueError("it changes nothing")
    built = run(rootc, "build", "b.yaml", "-o", "b.img")
    if built.returncode:
        raise ValueError(built.stderr)


def unowned(rootc, name):
    """What is wrong with what diff says of the bytes that differ."""
    said = json.loads(run(rootc, "diff", "--json", name + ".img", "b.img").stdout)
    a, b = read(name + ".img"), read("b.img")
    size = max(len(a), len(b))
    differ = sum(x != y for x, y in zip(a.ljust(size, b"\0"), b.ljust(size, b"\0")))
    told = sum(row["count"] for row in said["bytes"])
    if told != differ:
        return f"it tells of {told} bytes, but {differ} differ"
    for row in said["bytes"]:
        for side in ("before", "after"):
            if not row[side] and row["first"] < min(len(a), len(b)):
                return f"byte {row['first']} has no owner"
    return ""


def facts(rootc, name):
    """The lines about facts, without those of texts; where no fact differs, those about bytes."""
    lines = run(rootc, "diff", name + ".img", "b.img").stdout.splitlines()
    told = [line for line in lines if re.match(r"  (partition|disk)", line)] or [line for line in lines if re.match(r"  \d+ from", line)]
    return " ; ".join(line.strip() for line in told)


def check_fact(rootc, row, update):
    name, how = row[:2]
    try:
        change(rootc, name, how)
    except ValueError as wrong:
        return str(wrong)
    said = facts(rootc, name)
    if update:
        row[2:] = [said]
    return unowned(rootc, name) or ("" if said == row[2] else f"diff says '{said}', not '{row[2]}'")


def owner(rootc, image, called):
    for line in run(rootc, "inspect", "--owners", image).stdout.splitlines():
        first, last, rest = re.match(r"(\d+)\.\.(\d+) (.*)", line).groups()
        if rest == called:
            return int(first), int(last)
    raise ValueError(f"{image} has no '{called}'")


def check_broken(rootc, row, update):
    name, called, how = row[:3]
    at, new = how.split()
    try:
        first, last = owner(rootc, name + ".img", called)
        put(name + ".img", "b.img", first + int(at), new)
    except ValueError as wrong:
        return str(wrong)
    known = [line.replace(name + ".img", "b.img", 1) for line in run(rootc, "verify", name + ".img").stdout.splitlines()]
    lines = [line for line in run(rootc, "verify", "b.img").stdout.splitlines() if line not in known]
    said = " ; ".join(re.sub(r"^b.img: byte \d+: ", "", line) for line in lines)
    places = [int(re.match(r"b.img: byte (\d+):", line).group(1)) for line in lines]
    if update:
        row[3:] = [said]
    if said != row[3]:
        return f"verify says '{said}', not '{row[3]}'"
    return "" if all(first <= place <= last for place in places) else f"verify points at {places}, outside {first}..{last}"


def main():
    update = sys.argv[1] == "--update"
    rootc = os.path.realpath(sys.argv[-1])
    done, wrong = 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        for file in os.listdir(HERE + "/facts"):
            shutil.copy(f"{HERE}/facts/{file}", scratch)
        os.chdir(scratch)
        for name in ("mbr", "gpt", "fat"):
            built = run(rootc, "build", name + ".yaml")
            if built.returncode:
                sys.exit(built.stderr)
        for table, check in (("facts.txt", check_fact), ("broken.txt", check_broken)):
            all_rows = rows(table)
            for row in all_rows:
                if isinstance(row, str):
                    continue
                said = check(rootc, row, update)
                done += 1
                if said:
                    wrong += 1
                    print(f"FAIL {table}: {' | '.join(row[:3])}: {said}")
            if update:
                with open(f"{HERE}/{table}", "w", encoding="utf-8") as f:
                    f.writelines((row if isinstance(row, str) else " | ".join(row)) + "\n" for row in all_rows)
    print(f"{done - wrong} passed, {wrong} failed, 0 skipped")
    sys.exit(wrong != 0)


main()
