#!/usr/bin/env python3
"""Random bytes of an ext4 file system by mke2fs: whose they are, as debugfs sees it, and whether verify sees a flipped bit; then the same
of FATs by mkfs.fat and of swap space by mkswap. Images that end too early are never whole, and nothing crashes.
usage: random.py ROOTC DIRECTORY [SEED]; DIRECTORY is for scratch files."""
import os
import random
import re
import subprocess
import sys

ROUNDS = 1000
SOME = 200  # flips of a file system that is not ext4
CUTS = 50
BLOCK = 1024
LOST_AND_FOUND = 11  # which is in every file system, and in no tree
SWAP = 1 << 20  # where it begins in its disk
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


def paths_of(image, inodes):
    """The names of each, as ncheck has them."""
    paths = {}
    for line in run("/sbin/debugfs", "-R", "ncheck " + " ".join(map(str, inodes)), image).stdout.splitlines()[1:]:
        inode, path = line.split("\t")
        paths.setdefault(int(inode), []).append(path.replace("//", "/"))
    return paths


def check_offsets(rootc, image, rng):
    """What --offset says of a block's inode is what icheck says, and of its path what ncheck says."""
    offsets = [rng.randrange(os.path.getsize(image)) for _ in range(ROUNDS)]
    blocks = sorted({o // BLOCK for o in offsets})
    seen = {}
    for line in run("/sbin/debugfs", "-R", "icheck " + " ".join(map(str, blocks)), image).stdout.splitlines()[1:]:
        block, inode = line.split("\t")
        seen[int(block)] = None if "not found" in inode else int(inode)
    paths = paths_of(image, sorted({inode for inode in seen.values() if inode}))
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
        elif inode in paths and inode != LOST_AND_FOUND and not any(f" {path}" in said for path in paths[inode]):
            wrong += 1
            print(f"byte {offset}: rootc says '{said}', debugfs {paths[inode]}")
    return wrong


def ext4_bytes(rootc, image):
    # no checksum covers the map of the inode that keeps room for descriptors
    bytes_ = [(f, l) for f, l, what in read_owners(rootc, image) if what.split(" ")[0] in COVERED and what != "map partition 1 inode 7"]
    return bytes_ + [(BLOCK, 2 * BLOCK - 1)]  # the superblock


def check_flips(rootc, image, rng, bytes_, rounds):
    """Any bit of metadata that is in use, turned over, is found."""
    wrong = 0
    with open(image, "r+b") as f:
        for _ in range(rounds):
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


def check_cuts(rootc, image, rng):
    """Any image that ends too early is damaged, and inspect still shows what there is."""
    cut = image + ".cut"
    with open(image, "rb") as f:
        whole = f.read()
    wrong = 0
    for _ in range(CUTS):
        size = rng.randrange(len(whole) if rng.random() < 0.5 else 64 * BLOCK)
        with open(cut, "wb") as f:
            f.write(whole[:size])
        verified = run(rootc, "verify", cut).returncode
        inspected = run(rootc, "inspect", "--tree", "--map", "--owners", cut).returncode
        if verified != 4 or inspected != 0:
            wrong += 1
            print(f"cut at {size}: verify gives {verified}, inspect {inspected}")
    return wrong


def make_fat(path, bits, tree):
    """The two FATs are its only metadata with a second copy: elsewhere, any bit may be what its maker meant."""
    kibibytes = {12: 720, 16: 3000, 32: 34000}[bits]
    made = run("/sbin/mkfs.fat", "-C", "-F", str(bits), "-s", "1", "-n", "LABEL", path, str(kibibytes))
    if made.returncode == 0:
        made = run("mcopy", "-s", "-i", path, tree + "/many", tree + "/file20", tree + "/file39", "::")
    if made.returncode:
        sys.exit(f"FAT{bits}: " + made.stderr)


def make_swap(path):
    """Swap space in a partition of a disk, since only its type says what was there when the signature is gone."""
    with open(path + ".swap", "wb") as f:
        f.truncate(1 << 20)
    made = run("/sbin/mkswap", path + ".swap")
    with open(path, "wb") as f, open(path + ".swap", "rb") as swap:
        f.truncate(2 << 20)
        f.seek(1 << 20)
        f.write(swap.read())
    if made.returncode == 0:
        made = subprocess.run(["/sbin/sfdisk", "-q", path], input="label: dos\nstart=2048, size=2048, type=82\n", text=True, check=False,
                              capture_output=True)
    if made.returncode:
        sys.exit("swap: " + made.stderr)


def whole(rootc, image):
    before = run(rootc, "verify", image)
    if before.returncode or before.stdout:
        sys.exit("verify: " + before.stdout)


def main():
    rootc, scratch = sys.argv[1:3]
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    image = scratch + "/random.img"
    make_image(image, scratch + "/tree")
    whole(rootc, image)
    wrong = check_offsets(rootc, image, rng) + check_flips(rootc, image, rng, ext4_bytes(rootc, image), ROUNDS) + check_cuts(rootc, image, rng)
    done = 2 * ROUNDS + CUTS
    for bits in (12, 16, 32):
        image = f"{scratch}/fat{bits}.img"
        make_fat(image, bits, scratch + "/tree")
        whole(rootc, image)
        fats = [(f, l) for f, l, what in read_owners(rootc, image) if what.startswith("FAT ")]
        wrong += check_flips(rootc, image, rng, fats, SOME) + check_cuts(rootc, image, rng)
        done += SOME + CUTS
    image = scratch + "/swap.img"
    make_swap(image)
    whole(rootc, image)
    # the version, what must be zero, and the signature; UUID and label can be anything
    header = [(SWAP + 1024, SWAP + 1027), (SWAP + 1068, SWAP + 4095)]
    wrong += check_flips(rootc, image, rng, header, SOME) + check_cuts(rootc, image, rng)
    done += SOME + CUTS
    print(f"seed {seed}")
    print(f"{done - wrong} passed, {wrong} failed, 0 skipped")
    sys.exit(wrong != 0)


main()
