#!/usr/bin/env python3
"""What rootc shows while it works: on terminals of its own (ptys), whose screen is what is compared, and in pipes. What takes long here
waits for a store that the test has locked, or for an apt that is a shell script. usage: run.py ROOTC"""
import fcntl
import hashlib
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

ROOTC = os.path.realpath(sys.argv[1])
PASSED, FAILED = [], []
WAITING = "waiting for another process to leave the store .rootc"


def check(name, good, shown=""):
    (PASSED if good else FAILED).append(name)
    if not good:
        print(f"FAILED {name}\n    {shown!r}", flush=True)


def put(path, text, mode=0o644):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    os.chmod(path, mode)


def environment(more):
    new = {k: v for k, v in os.environ.items() if k not in ("TERM", "NO_COLOR", "CI")}
    new.update({"TERM": "xterm"})
    new.update(more)
    return {k: v for k, v in new.items() if v is not None}


class Screen:
    """As much of a terminal as rootc asks for; what else comes is strange."""

    def __init__(self):
        self.lines, self.at, self.strange = [""], 0, ""

    def take(self, text):
        for part in re.findall(r"\x1b\[K|\r|\n|[^\x1b\r\n]+|\x1b", text):
            if part == "\x1b[K":
                self.lines[-1] = self.lines[-1][:self.at]
            elif part == "\r":
                self.at = 0
            elif part == "\n":
                self.lines.append("")
                self.at = 0
            elif part == "\x1b":
                self.strange += text
            else:
                line = self.lines[-1]
                self.lines[-1] = line[:self.at] + part + line[self.at + len(part):]
                self.at += len(part)

    def text(self):
        return "\n".join(self.lines).rstrip("\n")


class Held:
    """The lock of a store; what is in that is forgotten. HOW long: seconds, or until somebody has seen that text."""

    def __init__(self, how, path):
        for below in ("blob", "archive"):
            shutil.rmtree(f"{path}/{below}", ignore_errors=True)
        os.makedirs(path, exist_ok=True)
        self.how, self.start, self.seen = how, time.monotonic(), None
        self.file = open(f"{path}/lock", "w", encoding="utf-8")  # pylint: disable=consider-using-with # look() closes it
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def look(self, text):
        """TEXT has come so far. Shortly after what is waited for, or when it does not come, the lock is free."""
        now = time.monotonic()
        if isinstance(self.how, str) and self.how in text:
            self.seen = self.seen or now
        limit = 30 if isinstance(self.how, str) else self.how
        if now - self.start > limit or (self.seen and now - self.seen > 0.3):
            self.file.close()


def resize(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Run:
    """
    A run of rootc on a terminal: what came, and what stands on the screen in the end. HELD: how its store, STORE, is. As soon as TEXT
    is seen, the terminal becomes NARROWER, or is INTERRUPTED.
    """

    def __init__(self, *words, columns=80, held=None, store=".rootc", narrower=None, interrupted=False, env=None, background=False):
        lock, seen, start = held and Held(held, store), False, time.monotonic()
        pid, fd = pty.fork()
        if pid == 0:
            time.sleep(0.05)  # the terminal gets its size
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # which a shell ignores for what it runs in the background
            if background:
                os.closerange(3, 256)  # the lock of the store is not ours
                child = os.fork()
                if child:
                    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
                os.setpgid(0, 0)
            os.execve(ROOTC, (ROOTC,) + words, environment(env or {}))
        resize(fd, columns)
        screen = Screen()
        self.raw, self.before, self.drawn_s = "", "", None
        while True:
            if lock:
                lock.look(self.raw)
            if not seen and isinstance(held, str) and held in self.raw:
                seen, self.before = True, self.raw
                if narrower:
                    resize(fd, narrower)
                if interrupted:
                    os.write(fd, b"\x03")
            if not select.select([fd], [], [], 0.05)[0]:
                continue
            try:
                text = os.read(fd, 65536).decode()
            except OSError:
                break
            self.raw += text
            if self.drawn_s is None and "\x1b" in text:
                self.drawn_s = time.monotonic() - start
            screen.take(text)
        self.status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.took_s = time.monotonic() - start
        os.close(fd)
        if lock:
            lock.file.close()
        self.screen, self.strange = screen.text(), screen.strange

    def lines(self, begin=0):
        """What was drawn on the line that is not to stay, from the byte BEGIN on."""
        return re.findall(r"\r([^\r\n]+)\x1b\[K", self.raw[begin:])


def piped(*words, held=None, store=".rootc"):
    lock = held and Held(held, store)
    with open("err", "w+", encoding="utf-8") as err, open("out", "w+", encoding="utf-8") as out:
        with subprocess.Popen((ROOTC,) + words, stdout=out, stderr=err, env=environment({})) as p:
            while lock and p.poll() is None:
                lock.look(read("err"))
                time.sleep(0.05)
            status = p.wait(60)
    if lock:
        lock.file.close()
    return status, read("out"), read("err")


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


MANIFEST = """rootc: 1
name: NAME
inputs: {tar: {archive: files.tar}}
disk: {size: 2MiB}
partitions: {root: {start: 1s, size: rest, mount: /, filesystem: {type: ext4, block_size: 1KiB}}}
files: {/packed: {source: /packed}}
"""


def make():
    put("packed", "packed\n")
    subprocess.run(["tar", "--owner=0", "--group=0", "--mtime=@0", "-cf", "files.tar", "packed"], check=True)
    put("x.yaml", MANIFEST.replace("NAME", "x"))
    put("bad.yaml", MANIFEST.replace("NAME", "bad").replace("/packed}", "/nothing}"))
    put("large.yaml", MANIFEST.replace("NAME", "large").replace("2MiB", "4GiB"))
    single = "single: {file: packed, path: /packed, sha256: " + hashlib.sha256(b"packed\n").hexdigest() + "}"
    put("single.yaml", MANIFEST.replace("NAME", "single").replace("tar: {archive: files.tar}", single))
    os.mkdir("boards")
    for n in range(3):
        put(f"boards/t{n}.yaml", MANIFEST.replace("NAME", f"t{n}").replace("files.tar", "../files.tar"))


def terminals():
    built = piped("build", "x.yaml")[1]
    unchanged = "unchanged: the file had these bytes already\n"
    wrong = piped("build", "bad.yaml")[2].rstrip("\n")

    r = Run("build", "--rebuild", "x.yaml", held=f"{WAITING}, 1 s")
    check("what takes long is shown, and lives", f"{WAITING}, 1 s" in r.raw, r.raw)
    check("after half a second", r.drawn_s and r.drawn_s >= 0.5, r.drawn_s)
    check("only when it changes", len(r.lines()) == len(set(r.lines())), r.lines())
    check("it is gone when there is something to say", r.screen == built + unchanged + "next: rootc inspect x.img", r.screen)
    check("a terminal must know nothing but to clear a line", not r.strange and r.status == 0, r.strange)

    r = Run("build", "--rebuild", "x.yaml")
    check("what is quick leaves no trace", r.took_s >= 0.5 or "\x1b" not in r.raw and "\r" not in r.raw.replace("\r\n", ""), r.raw)

    for columns in (20, 9, 2):
        r = Run("plan", "bad.yaml", columns=columns, held=WAITING[:columns - 1])
        check(f"{columns} columns: a line fits", r.lines() and max(map(len, r.lines())) < columns, r.raw)
    r = Run("build", "x.yaml", "--rebuild", held=WAITING, narrower=30)
    after = r.lines(len(r.before))
    check("a terminal becomes narrower", after and after[0] == WAITING[:29] and max(map(len, after)) < 30, r.raw)

    wide = "\u65e5\u672c\u8a9e" * 4
    r = Run("build", "x.yaml", "--rebuild", "--store", wide, columns=60, store=wide, held="waiting")
    check("characters of two columns", r.lines() and all(len(line) + len(re.findall(r"[^ -~]", line)) < 60 for line in r.lines()) and
        "\u672c" in r.raw, r.raw)

    r = Run("build", "bad.yaml", "--color", "never", held=WAITING)
    check("a mistake takes the line away", r.screen == wrong and WAITING in r.raw and r.status == 3, (r.status, r.screen))
    r = Run("build", "--rebuild", "x.yaml", held=WAITING, interrupted=True)
    check("interrupted: 130, and the line is gone", r.status == 130 and r.screen in ("", "^C") and WAITING in r.raw, (r.status, r.screen))
    check("interrupted: nothing else is left", not [name for name in os.listdir() if name.startswith(".x.img.rootc")])

    for terminal in ("dumb", "", None):
        r = Run("build", "--rebuild", "x.yaml", env={"TERM": terminal}, held=WAITING)
        check(f"TERM={terminal}: lines", r.screen.startswith(f"rootc: {WAITING}\nx.img") and "\x1b" not in r.raw, r.raw)
    r = Run("build", "--rebuild", "x.yaml", env={"NO_COLOR": "1"}, held=WAITING)
    check("NO_COLOR", WAITING in r.raw and not r.strange, r.raw)
    r = Run("build", "--rebuild", "x.yaml", held=1.2, background=True)
    check("in the background nothing is drawn", WAITING not in r.raw and "x.img" in r.raw, r.raw)

    for quiet in (("-q",), ("--quiet",), ("-v", "-q"), ("--verbose", "--quiet")):
        r = Run("build", "--rebuild", "x.yaml", *quiet, held=1.2)
        check(f"{quiet}: nothing", r.raw == "" and r.status == 0, r.raw)
    r = Run("plan", "-q", "x.yaml", held=1.2)
    check("-q: what was asked for", r.raw.replace("\r", "") == piped("plan", "x.yaml")[1], r.raw)
    r = Run("build", "-q", "bad.yaml", "--color", "never")
    check("-q: what is wrong", r.screen == wrong, r.screen)
    for form in ("short", "json", "sarif", "github", "gitlab"):
        r = Run("build", "-v", "--rebuild", "x.yaml", "--message-format", form, held=1.2)
        check(f"--message-format {form}: nothing of it", WAITING not in r.raw and " s  " not in r.raw, r.raw)

    r = Run("build", "-v", "--rebuild", "x.yaml", held=WAITING)
    told = re.findall(r"^rootc: +\d+\.\d{3} s  (\w+) ", r.screen, re.M)
    check("-v: phases with times, above the line", told == "read opened hashed opened waited unpacked found planned wrote hashed compared".split(), r.screen)
    r = Run("build", "-q", "-v", "x.yaml")
    check("-q -v: the last counts", "s  looked for what has changed since x.img" in r.screen and "next: rootc" in r.screen, r.screen)


def several():
    built = piped("build", "boards")[1]
    again = re.sub(r"^(sha256 .*)$", r"\1\nunchanged: the file had these bytes already", built, flags=re.M).rstrip("\n")

    r = Run("build", "--rebuild", "boards", "-j", "2", store="boards/.rootc", held="building ")
    check("several: how many are done", re.match(r"building 0 of 3 targets, boards/t[01]\.yaml", r.lines()[0]), r.raw)
    check("several: what stays", r.screen == again, r.screen)
    r = Run("build", "--rebuild", "boards", "-j", "2", store="boards/.rootc", held="building ", interrupted=True)
    check("several, interrupted", r.status == 130 and r.screen in ("", "^C"), (r.status, r.screen))
    status, out, err = piped("build", "--rebuild", "boards", store="boards/.rootc", held="building ")
    check("several, in a pipe: a line", status == 0 and err == "rootc: building 3 targets\n", err)
    status, out, err = piped("build", "--rebuild", "-v", "boards")
    check("several, -v: each by name", all(re.search(rf"^rootc: boards/t{n}\.yaml: +\d+\.\d+ s  wrote ", err, re.M) for n in range(3)), err)
    status, out, err = piped("build", "--rebuild", "-q", "boards")
    check("several, -q: nothing", (status, out, err) == (0, "", ""), (status, out, err))


def pipes():
    status, out, err = piped("build", "--rebuild", "x.yaml")
    check("in a pipe: nothing of what is quick", status == 0 and err == "" and "next:" not in out, (out, err))
    status, out, err = piped("build", "--rebuild", "x.yaml", held=WAITING)
    check("in a pipe: a line for a phase", status == 0 and err == f"rootc: {WAITING}\n", err)
    check("in a pipe, -q: none", piped("build", "--rebuild", "x.yaml", "-q", held=1.2) == (0, "", ""))
    status, out, err = piped("build", "--rebuild", "-v", "x.yaml")
    lines = err.splitlines()
    check("in a pipe, -v: phases", status == 0 and all(re.fullmatch(r"rootc: +\d+\.\d{3} s  [a-z].*", line) for line in lines) and
        lines[-1].endswith("compared with x.img"), err)
    status, out, err = piped("build", "large.yaml", "--digest", "always")
    check("in a pipe: a line for many bytes", status == 0 and err == "rootc: hashing 4 GiB, large.img\n", err)
    status, out, err = piped("build", "bad.yaml", held=WAITING)
    check("in a pipe: a line, then the mistake", err.startswith(f"rootc: {WAITING}\nbad.yaml:6:"), err)


def inputs():
    for words in (("build", "--rebuild", "-v", "single.yaml"), ("lock", "-v", "single.yaml"), ("plan", "-v", "--locked", "single.yaml")):
        status, _, err = piped(*words)
        check(f"{words[0]} -v: a single file is hashed", status == 0 and re.search(r" s  hashed packed", err), err)


def next_lines():
    for wanted, *words in (
            ("rootc run boot.img", "build", "boot.yaml"),
            ("rootc run boot.img", "build", "boot.yaml"),  # nothing to do
            (r"rootc inspect 'it'\''s an.img'", "build", "x.yaml", "-o", "it's an.img"),
            ("rootc inspect ./-x.img", "build", "x.yaml", "--output=-x.img"),
            ("rootc build x.yaml", "lock", "x.yaml"),
            ("rootc build --store 's t' --lock l x.yaml", "lock", "x.yaml", "--store", "s t", "--lock", "l"),
            ("rootc run new", "init", "new/")):
        r = Run(*words)
        check(f"next, of {words}", r.screen.splitlines()[-1] == "next: " + wanted, r.screen)
    check("next: not with -q", Run("lock", "-q", "x.yaml").raw == Run("build", "-q", "boot.yaml").raw == "")
    check("init -q", piped("init", "-q", "quiet") == (0, "", ""))


APT_GET = """#!/bin/sh
case " $* " in
*' update '*) sleep 1 ;;
*' install '*) echo "'http://x/y' p_1_amd64.deb 1 MD5Sum:0" ;;
*' download '*) for i in 1 2 3; do head -c 1000000 /dev/zero >>p_1_amd64.deb; sleep 0.4; done ;;
esac
"""
APT_CACHE = """#!/bin/sh
case " $* " in
*' pkgnames '*) echo p ;;
*' show '*) printf 'Package: p\\nVersion: 1\\nArchitecture: amd64\\nFilename: pool/p_1_amd64.deb\\nSize: 3000000\\nSHA256: %s\\n\\n' HASH ;;
esac
"""


def packages():
    os.mkdir("bin")
    put("bin/apt-get", APT_GET, 0o755)
    put("bin/apt-cache", APT_CACHE.replace("HASH", hashlib.sha256(b"another").hexdigest()), 0o755)
    os.environ["PATH"] = os.path.realpath("bin") + ":" + os.environ["PATH"]
    put("p.yaml", MANIFEST.replace("NAME", "p").replace("tar: {archive: files.tar}", "debian: {packages: [p], architecture: amd64}"))
    r = Run("lock", "p.yaml")
    check("lock: apt is asked", "asking apt about packages for amd64" in r.raw, r.raw)
    check("lock: what stays", r.screen == "p.lock: 1 package, 2.9 MiB\nnext: rootc fetch p.yaml", r.screen)
    r = Run("fetch", "p.yaml", "--color", "never")
    check("fetch: bytes", re.search(r"downloading [\d.]+ [KM]iB of 2\.9 MiB( in \d+ s)?, debian", r.raw), r.raw)
    check("fetch: the mistake is all that stays", r.screen.startswith("p.lock:") and "is not the file that was locked" in r.screen and
        "downloading" not in r.screen, r.screen)
    status, out, err = piped("fetch", "p.yaml")
    check("fetch, in a pipe: a line a phase", 
        re.match(r"(rootc: asking apt about packages for amd64\n)?rootc: downloading 2\.9 MiB, debian\np\.lock:", err), (status, out, err))
    os.unlink("p.lock")
    status, out, err = piped("lock", "p.yaml")
    check("lock, in a pipe: a line a phase", (status, err) == (0, "rootc: asking apt about packages for amd64\n"), (status, out, err))


QEMU = """#!/bin/sh
echo starting
sleep 1
echo login:
sleep 9
"""


def machines():
    piped("build", "boot.yaml")
    put("bin/qemu-system-x86_64", QEMU, 0o755)
    status, out, err = piped("run", "boot.img", "--expect", "login:", "--timeout", "30")
    check("run, in a pipe: a line", (status, out, err) == (0, "starting\nlogin:\n", "rootc: waiting for the console to show login:\n"), (status, out, err))
    check("run -q: none", piped("run", "-q", "boot.img", "--expect", "login:", "--timeout", "30") == (0, "starting\nlogin:\n", ""))
    r = Run("run", "boot.img", "--expect", "login:", "--timeout", "30")
    check("run, on a terminal: the console alone", (r.status, r.screen) == (0, "starting\nlogin:"), r.raw)


def main():
    signal.alarm(200)
    directory = tempfile.mkdtemp()
    try:
        os.chdir(directory)
        make()
        put("boot.yaml", MANIFEST.replace("NAME", "boot").replace("disk: {", "disk: {boot_code: boot, "))
        with open("boot", "wb") as f:
            f.write(b"\xeb\xfe" + bytes(438))
        for part in (terminals, several, pipes, inputs, next_lines, packages, machines):
            part()
    finally:
        shutil.rmtree(directory)
    print(f"{len(PASSED)} passed, {len(FAILED)} failed, 0 skipped")
    return 1 if FAILED or not PASSED else 0


sys.exit(main())
