#!/usr/bin/env python3
"""Random bytes of an ext4 file system by mke2fs: whose they are, as debugfs sees it, and whether verify sees a flipped bit.
usage: random.py ROOTC DIRECTORY [SEED]; DIRECTORY is for scratch files."""
import os
import random
import re
import subprocess
import sys

ROUNDS = 1000
BLOCK = 1024
# Owners whose bytes a checksum covers. Copies of superblock and descriptors are not compared with the first ones.
COVERED = ("inode", "directory", "map", "attributes")


def run(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False)


def make_image(path, tree):
    os.makedirs(tree + "/many")
    for i in range(300):
        open(f"{tree}/many/a name that is long enough to fill blocks {i}", "w").close()
    for i in range(40):
        with open(f"{tree}/file{i}", "w") as f:
            f.write("x" * (i * 1500))
    with open(tree + "/holes", "wb") as f:  # so many extents that they need blocks of their own
        for i in range(60):
            f.seek(i * 4 * BLOCK)
            f.write(b"y" * BLOCK)
    made = run("/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-b", str(BLOCK), "-d", tree, path, "16M")
    if made.returncode:
        sys.exit("mke2fs: " + made.stderr)


def read_owners(rootc, image):
    for line in run(rootc, "inspect", "--owners", image).stdout.splitlines():
        first, last, rest = re.match(r"(\d+)\.\.(\d+) (.*)", line).groups()
        yield int(first), int(last), rest


def check_offsets(rootc, image, rng):
    """What --offset says of a block's inode is what icheck says."""
    offsets = [rng.randrange(os.path.getsize(image)) for _ in range(ROUNDS)]
    blocks = sorted({o // BLOCK for o in offsets})
    seen = {}
    for line in run("/sbin/debugfs", "-R", "icheck " + " ".join(map(str, blocks)), image).stdout.splitlines()[1:]:
        block, inode = line.split("\t")
        seen[int(block)] = None if "not found" in inode else int(inode)
    wrong = 0
    for offset in offsets:
        said = run(rootc, "inspect", f"--offset={offset}", image).stdout.strip()
        found = re.search(r" (?:directory|map|attributes|link|data|slack|journal) .*inode (\d+)", said)
        inode = int(found.group(1)) if found else None
        expected = seen[offset // BLOCK]
        if "reserved group descriptors" in said and expected == 7:
            continue  # debugfs counts them as the resize inode's
        if inode != expected:
            wrong += 1
            print(f"byte {offset}: rootc says '{said}', debugfs inode {expected}")
    return wrong


def check_flips(rootc, image, rng):
    """Any bit of metadata that is in use, turned over, is found."""
    # no checksum covers the map of the inode that keeps room for descriptors
    bytes_ = [(f, l) for f, l, what in read_owners(rootc, image) if what.split(" ")[0] in COVERED and what != "map partition 1 inode 7"]
    bytes_.append((BLOCK, 2 * BLOCK - 1))  # the superblock
    wrong = 0
    with open(image, "r+b") as f:
        for _ in range(ROUNDS):
            first, last = rng.choice(bytes_)
            at, bit = rng.randint(first, last), 1 << rng.randrange(8)
            f.seek(at)
            old = f.read(1)[0]
            f.seek(at)
            f.write(bytes([old ^ bit]))
            f.flush()
            status = run(rootc, "verify", image).returncode
            f.seek(at)
            f.write(bytes([old]))
            f.flush()
            if status != 4:
                wrong += 1
                print(f"byte {at}, bit {bit}: verify gives {status}: " + run(rootc, "inspect", f"--offset={at}", image).stdout.strip())
    return wrong


def main():
    rootc, scratch = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    image = scratch + "/random.img"
    make_image(image, scratch + "/tree")
    before = run(rootc, "verify", image)
    if before.returncode or before.stdout:
        sys.exit("verify: " + before.stdout)
    wrong = check_offsets(rootc, image, random.Random(seed)) + check_flips(rootc, image, random.Random(seed))
    print(f"{2 * ROUNDS - wrong} passed, {wrong} failed, 0 skipped (seed {seed})")
    sys.exit(wrong != 0)


main()
