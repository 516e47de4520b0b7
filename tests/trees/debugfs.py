"""What e2fsck and debugfs say of a file system in an image; both read one at an offset."""
import os
import re
import subprocess
import zlib

import tree

ENTRY = re.compile(rb"/(\d+)/(\d{6})/(-?\d+)/(-?\d+)/([^/]*)/(\d*)/\n")
XATTR = re.compile(rb"^  ([\w.-]+) \(\d+\)(?= = |$)", re.M)
KINDS = {b"directory": "d", b"regular": "f", b"symlink": "l", b"character special": "c", b"block special": "b"}
EXPECTED_OF_E2FSCK = re.compile(r"^(e2fsck \d.*|Pass [1-5].*|.*: \d+/\d+ files \([\d.]+% non-contiguous\), \d+/\d+ blocks|)$")


def e2fsck(image, offset):
    """What it has to say, or nothing."""
    # an image's times may lie in the future
    ran = subprocess.run(["e2fsck", "-fn", f"{image}?offset={offset}"], env={**os.environ, "E2FSCK_TIME": "4294967295"},
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    said = [text for text in ran.stdout.splitlines() if not EXPECTED_OF_E2FSCK.match(text)]
    return said + ([f"exit status {ran.returncode}"] if ran.returncode else [])


def batch(image, offset, commands, directory):
    """The answer to each command."""
    with open(f"{directory}/commands", "w", encoding="ascii") as out:
        out.write("".join(c + "\n" for c in commands))
    ran = subprocess.run(["debugfs", "-f", f"{directory}/commands", f"{image}?offset={offset}"], env={**os.environ, "DEBUGFS_PAGER": "__none__"},
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    answers, at = [], 0
    for command in commands:
        echo = f"debugfs: {command}\n".encode()
        at = ran.stdout.index(echo, at) + len(echo)
        answers.append(at)
    ends = [a - len(f"debugfs: {c}\n") for a, c in zip(answers[1:], commands[1:])] + [len(ran.stdout)]
    return [ran.stdout[a:e] for a, e in zip(answers, ends)]


def names(image, offset, directory):
    """(path, inode number) of all that there is, from the root down, a level at a time: debugfs starts slowly."""
    found, level = [(b"", 2)], [(b"", 2)]
    while level:
        answers, below = batch(image, offset, [f"ls -p <{number}>" for _, number in level], directory), []
        for (path, _), answer in zip(level, answers):
            for number, mode, _, _, name, _ in ENTRY.findall(answer):
                if name not in (b".", b"..") and int(number):      # 0: a record that is not in use
                    found.append((path + b"/" + name, int(number)))
                    if mode.startswith(b"04"):
                        below.append(found[-1])
        level = below
    return found


def number(pattern, answer, base=10):
    return int(re.search(pattern, answer).group(1), base)


def time(answer):
    low, high = re.search(rb"\bmtime:\s*0x([0-9a-f]{8})(?::([0-9a-f]{8}))?", answer).groups()
    seconds = int(low, 16)
    return seconds - (seconds >> 31 << 32) + ((int(high or b"0", 16) & 3) << 32)


def read_file(path):
    with open(path, "rb") as f:
        return f.read()


def detail(kind, answer, dumped):
    size = number(rb"\bSize: (\d+)", answer)
    if kind == "f":
        data = read_file(dumped)
        return tree.file_detail(size, zlib.crc32(data)) + ("" if len(data) == size else f" but {len(data)} bytes")
    if kind == "l":
        fast = answer.find(b'Fast link dest: "')
        target = answer[fast + 17:fast + 17 + size] if fast >= 0 else read_file(dumped)
        return tree.escaped(target) + ("" if len(target) == size else f" but {len(target)} of {size} bytes")
    if kind in "cb":
        return "%d %d" % tuple(map(int, re.search(rb"Device major/minor number: (\d+):(\d+)", answer).groups()))
    return ""


def all_xattrs(image, offset, stats, directory):
    """Inode number -> [(name, value)]. What stat prints of a value depends on what is in it; ea_get has it all in hexadecimal."""
    wanted = [(n, name) for n, s in stats.items() for name in XATTR.findall(s)]
    answers = batch(image, offset, [f'ea_get -x <{n}> "{name.decode()}"' for n, name in wanted], directory)
    found = {n: [] for n in stats}
    for (n, name), answer in zip(wanted, answers):
        found[n].append((name, bytes.fromhex(answer.partition(b" = ")[2].decode())))
    return found


def listing(image, offset, directory):
    """The lines of tree.line for all that there is, sorted."""
    found = names(image, offset, directory)
    inodes = sorted({n for _, n in found})
    stats = dict(zip(inodes, batch(image, offset, [f"stat <{n}>" for n in inodes], directory)))
    kinds = {n: KINDS.get(re.search(rb"Type: (.*?)  ", s).group(1).strip(), "?") for n, s in stats.items()}
    dumped = [n for n in inodes if kinds[n] == "f" or (kinds[n] == "l" and b"Fast link dest" not in stats[n])]
    batch(image, offset, [f"dump <{n}> {directory}/{n}" for n in dumped], directory)
    details = {n: detail(kinds[n], s, f"{directory}/{n}") for n, s in stats.items()}
    for n in dumped:
        os.unlink(f"{directory}/{n}")
    xattrs = all_xattrs(image, offset, stats, directory)
    lines = []
    for path, n in found:
        s = stats[n]
        lines.append(tree.line(kinds[n], number(rb"Mode:\s+(\d+)", s, 8), number(rb"User:\s+(-?\d+)", s) & 0xffffffff,
                               number(rb"Group:\s+(-?\d+)", s) & 0xffffffff, number(rb"Links: (\d+)", s), time(s), path, details[n], xattrs[n]))
    return sorted(lines)
