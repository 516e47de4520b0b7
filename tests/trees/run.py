#!/usr/bin/python3 -B
"""Random trees (tree.py) through `rootc build`, each image judged by e2fsck, by debugfs and by Linux in a virtual machine, equal to the
generator's own list; then changed by Linux and judged by e2fsck once more. usage: run.py ROOTC GUEST DIRECTORY
Environment: TREES (500) from SEED (1) on. A failing tree stays in DIRECTORY; TREES=1 SEED=n repeats it.
"""
import collections
import concurrent.futures
import difflib
import os
import re
import shutil
import subprocess
import sys
import time

import debugfs
import machine
import tree

BATCH = 63
JUDGES = ["built", "e2fsck", "debugfs", "Linux", "written by Linux"]
SECTOR = 512


class Case:
    """A tree and what was found wrong with it: judge -> words."""

    def __init__(self, seed, directory):
        self.tree, self.directory = tree.Tree(seed), f"{directory}/{seed}"
        self.image, self.faults, self.judged = f"{self.directory}/image", {}, set()
        self.starts, self.nodes = [], self.tree.counts()
        self.changes = [0, 0]

    def fault(self, judge, words):
        self.faults.setdefault(judge, words)

    def equal(self, judge, name, got):
        want = self.tree.expected(name)
        if got != want:
            difference = list(difflib.unified_diff(want, got, "expected", judge, lineterm="", n=0))
            self.fault(judge, [f"partition {name}:"] + difference[:20])


def rootc(program, case, sizes):
    with open(f"{case.directory}/tree.yaml", "w", encoding="utf-8") as out:
        out.write(case.tree.manifest(sizes))
    return subprocess.run([program, "build", f"{case.directory}/tree.yaml", "-o", case.image], capture_output=True, text=True, errors="replace", check=False)


def build(program, case):
    """With room to spare; every fourth tree in the size that rootc itself asks for."""
    t = case.tree
    shutil.rmtree(case.directory, ignore_errors=True)
    t.write(case.directory)
    sizes = {name: -(-t.bytes_for(name) // SECTOR) * SECTOR for name, _ in t.partitions}
    if t.seed % 4 == 0 and len(sizes) == 1:
        refused = rootc(program, case, {"root": 32 << 10})
        asked = re.search(r"help: set size: (\d+)([KMG])iB", refused.stderr)
        if refused.returncode == 3 and asked:
            sizes["root"] = int(asked[1]) << {"K": 10, "M": 20, "G": 30}[asked[2]]
        else:
            case.fault("built", [f"32 KiB: exit status {refused.returncode}", refused.stderr])
    ran = rootc(program, case, sizes)
    case.judged.add("built")
    if ran.returncode or ran.stderr:
        case.fault("built", [f"exit status {ran.returncode}", ran.stderr])
        return False
    with open(case.image, "rb") as f:
        table = f.read(SECTOR)
    case.starts = [int.from_bytes(table[at + 8:at + 12], "little") * SECTOR for at in range(446, 446 + 16 * len(t.partitions), 16)]
    return True


def judge_on_host(case):
    for (name, _), start in zip(case.tree.partitions, case.starts):
        if said := debugfs.e2fsck(case.image, start):
            case.fault("e2fsck", [f"partition {name}:"] + said[:20])
        case.equal("debugfs", name, debugfs.listing(case.image, start, case.directory))
    case.judged |= {"e2fsck", "debugfs"}


def ask_machine(program, kernel, guest, cases, directory):
    """What the machine says, up to three times where it was starved; it writes to the images, so they are built again before that."""
    os.makedirs(directory, exist_ok=True)
    jobs = [(i, p + 1, c.tree.type) for i, c in enumerate(cases) for p in range(len(c.starts))]
    for tries in range(3):
        if tries:
            print(f"{directory}: the emulator was starved; again")
            for case in cases:
                build(program, case)
        found = machine.judge(kernel, guest, [c.image for c in cases], jobs, directory)
        if not machine.was_starved(directory):
            break
    return found


def judge_in_machine(program, kernel, guest, cases, directory):
    """Nothing that the machine did not finish counts as judged."""
    found = ask_machine(program, kernel, guest, cases, directory)
    for i, case in enumerate(cases):
        parts = [(name, start, found.get((i, p + 1))) for p, ((name, _), start) in enumerate(zip(case.tree.partitions, case.starts))]
        case.judged |= {"Linux", "written by Linux"}
        for name, start, part in parts:
            if not part:
                case.fault("Linux", [f"partition {name}: no answer; see {directory}/console"])
                continue
            lines, complaints, made, removed = part
            if complaints:
                case.fault("Linux", complaints[:20])
            case.equal("Linux", name, sorted(lines))
            case.changes[0] += made
            case.changes[1] += removed
            if said := debugfs.e2fsck(case.image, start):
                case.fault("written by Linux", [f"partition {name}:"] + said[:20])


def run_batch(program, kernel, guest, directory, seeds):
    cases = [Case(seed, directory) for seed in seeds]
    good = [c for c in cases if build(program, c)]
    for case in good:
        judge_on_host(case)
    if kernel and good:
        judge_in_machine(program, kernel, guest, good, f"{directory}/batch-{seeds[0]}")
    for case in cases:
        if not case.faults:
            shutil.rmtree(case.directory)
    return [(c.tree.seed, c.nodes, len(c.starts), c.changes, c.judged, c.faults) for c in cases]


def report(seed, faults):
    for judge, words in faults.items():
        print(f"FAILED seed {seed}, {judge}:")
        print("\n".join("    " + w for w in words))
    print(f"    again: make check-trees TREES=1 SEED={seed}")


def main():
    program, guest, directory = map(os.path.abspath, sys.argv[1:4])
    first, count = int(os.environ.get("SEED") or 1), int(os.environ.get("TREES") or 500)
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    os.environ["LC_ALL"] = "C"
    start = time.time()
    kernel = machine.fetch_kernel(f"{directory}/kernel")
    seeds = list(range(first, first + count))
    size = min(BATCH, -(-count // os.cpu_count()))
    batches = [seeds[i:i + size] for i in range(0, count, size)]
    passed, failed, skipped, nodes, systems, made, removed = collections.Counter(), 0, 0, collections.Counter(), 0, 0, 0
    print(f"seeds {seeds[0]} to {seeds[-1]}")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for results in pool.map(run_batch, *zip(*[(program, kernel, guest, directory, b) for b in batches])):
            for seed, node_count, partitions, changes, judged, faults in results:
                nodes, systems, made, removed = nodes + collections.Counter(node_count), systems + partitions, made + changes[0], removed + changes[1]
                passed.update(j for j in judged if j not in faults)
                failed += len(faults)
                skipped += len([j for j in JUDGES if j not in judged and "built" not in faults])
                if faults:
                    report(seed, faults)
    if not kernel:
        print("skipped: Linux as a judge, since apt reaches no archive here to get a kernel from")
    print(f"{count} trees with " + ", ".join(f"{n} {what}" for what, n in nodes.items()) + f" in {systems} file systems; Linux made {made} files in them and removed {removed}")
    print(", ".join(f"{judge}: {passed[judge]}" for judge in JUDGES) + f"  ({time.time() - start:.0f} s)")
    print(f"{sum(passed.values())} passed, {failed} failed, {skipped} skipped")
    return failed > 0 or not passed


if __name__ == "__main__":
    sys.exit(main())
