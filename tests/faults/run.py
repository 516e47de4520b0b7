#!/usr/bin/python3 -B
"""`rootc build` on a host that goes wrong in every way that can be arranged. usage: run.py ROOTC FAULTS.SO MKELF DIRECTORY [SECTION]...

After each fault: exit status 0, the right image and nothing said, or one error with the exit status of its class; then the old image is
what it was. No temporary is left, except by SIGKILL, and then the next build is not disturbed. No crash, no other image, no hang.
"""
import concurrent.futures
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
OLD = b"the old image\n" * 100
TIMEOUT = 60
# Said with the new image in its place: it is there, but not all went well.
AFTERWARDS = re.compile(rb"it is complete, but|cannot write to standard output|out of memory$", re.M)

# A file that has just changed is looked at again until its change is older than a tick, by a clock that is read by making a file: these
# calls may be fewer than when they were counted.
BY_THE_CLOCK = re.compile(r"\b(newfstatat|memfd_create|close|clock_nanosleep)\b")

# What can come out of a system call; of those not named, EIO and ENOSYS. getdents64's ENOENT would be the end of a directory, and brk
# gives no error but where the end is: there, limits do.
ERRORS = {
    "openat": "EMFILE ENFILE EACCES EIO EINTR ELOOP ENOMEM", "openat2": "ENOSYS EPERM EAGAIN EMFILE EACCES EIO",
    "read": "EIO EINTR ESTALE ENOMEM", "pread64": "EIO EINTR ESTALE", "pwrite64": "EIO ENOSPC EDQUOT EINTR EFBIG",
    "write": "EIO ENOSPC EPIPE EINTR", "ftruncate": "EFBIG EIO ENOSPC EINTR", "fsync": "EIO ENOSPC EDQUOT EINTR EINVAL",
    "close": "EIO EINTR ENOSPC", "renameat": "EACCES EPERM ENOSPC EXDEV EROFS", "fchmod": "EPERM EROFS EIO",
    "newfstatat": "EIO ESTALE EACCES ENOMEM", "getdents64": "EIO ENOMEM", "readlinkat": "EIO EACCES ENOENT",
    "lseek": "EINVAL EIO", "mmap": "ENOMEM", "brk": "", "munmap": "ENOMEM", "madvise": "EINVAL ENOSYS", "fcntl": "EMFILE EINVAL",
    "fadvise64": "EINVAL ENOSYS", "sched_getaffinity": "EPERM ENOSYS", "rt_sigaction": "EINVAL", "rt_sigprocmask": "EINVAL", "ioctl": "ENOTTY",
    "clone3": "EAGAIN ENOMEM", "futex": "", "exit": "", "exit_group": "", "execve": "", "getpid": "", "set_robust_list": "", "rseq": "",
    "mprotect": "ENOMEM", "memfd_create": "EMFILE ENOSYS", "sched_yield": "",
}


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def classes():
    """The exit status of each diagnostic's class."""
    with open(f"{HERE}/../../include/rootc/diagnostics.def", encoding="utf-8") as f:
        found = re.findall(r'DIAG\(\w+, error, (\w+), "([\w-]+)"', f.read())
    return {name.encode(): {"answer": 1, "manifest": 3, "input": 4, "output": 5}[kind] for kind, name in found}



def left_in(place):
    """What a build has left beside the image; its stamp is meant to be there."""
    return [f for f in os.listdir(place) if f not in ("image", ".image.stamp")]


class Build:
    """A manifest and the image that it must give."""

    def __init__(self, program, manifest, directory, options=()):
        self.command = [program, "build", manifest, *options]
        self.manifest = manifest
        good = f"{directory}/good"
        ran = subprocess.run(self.command + ["-o", good], capture_output=True, check=True)
        self.sha256 = sha256(good)
        assert f"sha256 {self.sha256}".encode() in ran.stdout and not ran.stderr
        os.unlink(good)


class Judge:
    """Counts, from any thread."""

    def __init__(self, directory):
        self.directory, self.classes = directory, classes()
        self.passed = self.failed = self.skipped = 0
        self.outcomes = {}
        self.lock, self.local = threading.Lock(), threading.local()

    def place(self):
        """An output directory of this thread's own, with an old image in it."""
        if not hasattr(self.local, "place"):
            self.local.place = f"{self.directory}/out-{threading.get_ident()}"
            os.makedirs(self.local.place, exist_ok=True)
        with open(f"{self.local.place}/image", "wb") as f:
            f.write(OLD)
        return self.local.place

    def count(self, name, outcome, fault=None):
        with self.lock:
            if fault:
                self.failed += 1
                print(f"FAILED {name}: {fault}", flush=True)
            else:
                self.passed += 1
                self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1

    def fault_of(self, place, status, stdout, stderr, good, errors, may_be_absent):
        """
        What is wrong with how a build ended, or None. GOOD are the hashes that are right, ERRORS the most messages; where a source may
        not be there at all, that is the manifest's mistake.
        """
        with open(f"{place}/image", "rb") as f:
            image = f.read()
        now = hashlib.sha256(image).hexdigest()
        said = [text for text in stderr.splitlines() if re.match(rb"[^ |][^|]*error: |rootc: bug", text)]
        if status == 0:
            if now not in good:
                return "exit status 0 with another image"
            if f"sha256 {now}".encode() not in stdout:
                return f"says another hash than {now}: {stdout!r}"
            return f"exit status 0, but says {stderr!r}" if stderr else None
        if status not in (4, 5) and not (may_be_absent and b"[pool-path-missing]" in stderr):
            return f"exit status {status}: {stderr.decode(errors='replace')}"
        if not 1 <= len(said) <= errors:
            return f"{len(said)} errors: {stderr.decode(errors='replace')}"
        names = re.findall(rb"error: .* \[([a-z0-9-]+)\]$", stderr, re.M)
        if names and status != min(self.classes[n] for n in names):
            return f"exit status {status}: {said[0].decode(errors='replace')}"
        if image != OLD and not (now in good and AFTERWARDS.search(stderr)):
            return f"the old image is gone: {stderr.decode(errors='replace')}"
        return None

    def ended(self, name, place, status, stdout, stderr, good, errors=1, may_be_absent=False):
        fault = self.fault_of(place, status, stdout, stderr, good, errors, may_be_absent)
        left = left_in(place)
        if left:
            fault = f"{fault or ''} leaves {left}, exit status {status}"
        for f in left:
            os.unlink(f"{place}/{f}")
        self.count(name, "right image" if status == 0 else "one clear error", fault)


def run(command, **more):
    """Status, output, messages; a status below 0 for a signal, None for a hang."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    try:
        stdout, stderr = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        return None, stdout, stderr
    return process.returncode, stdout, stderr


class Faults:
    def __init__(self, program, shim, mkelf, directory):
        self.program, self.shim, self.directory = program, shim, directory
        self.judge = Judge(directory)
        inputs = f"{directory}/golden"
        os.makedirs(f"{inputs}/ok")
        subprocess.run([f"{HERE}/../golden/inputs/make.sh", f"{inputs}/inputs", mkelf], check=True)
        shutil.copy(f"{HERE}/../golden/ok/minimal.yaml", f"{inputs}/ok/")
        self.small = Build(program, f"{inputs}/ok/minimal.yaml", directory)
        with open(f"{HERE}/../golden/ok/minimal.sha256", encoding="ascii") as f:
            assert self.small.sha256 == f.read().strip()
        self.large_directory = f"{directory}/large"
        self.make_large(self.large_directory)
        self.large = Build(program, f"{self.large_directory}/large.yaml", directory, ["--jobs", "2"])
        self.calls = {}
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())

    def make_large(self, directory):
        """Enough for two threads, from a directory and from single files."""
        os.makedirs(f"{directory}/input/below")
        for name, size in (("input/first", 3 << 20), ("input/below/second", 100), ("single", 5 << 20), ("last", 70000)):
            with open(f"{directory}/{name}", "wb") as f:
                f.write(hashlib.shake_256(name.encode()).digest(size))
        with open(f"{directory}/large.yaml", "w", encoding="ascii") as f:
            f.write("""rootc: 1
name: large
inputs: {input: {directory: input}}
disk: {size: 16MiB}
partitions: {root: {size: rest, mount: /, filesystem: {type: ext4, block_size: 1KiB, features: [dir_index]}}}
files:
  /first: {source: /first}
  /below/second: {source: /below/second}
  /single: {source: single}
  /last: {source: last}
""")

    def each(self, function, rows):
        for done in [self.pool.submit(function, *row) for row in rows]:
            done.result()

    # -- system calls

    def trace(self, build, inject, name, errors=1, judge=True):
        """Builds under strace with INJECT. Gives the trace, the status and the rest for those who judge themselves."""
        place = self.judge.place()
        log = f"{place}.trace"
        # with --seccomp-bpf, which is faster, strace 6.1 sends no signals
        fast = [] if any("signal=" in word for word in inject) else ["--seccomp-bpf"]
        status, stdout, stderr = run(["strace", "-f", "-qq", *fast, "-o", log] + inject + build.command + ["-o", f"{place}/image"])
        with open(log, "r", encoding="utf-8", errors="replace") as f:
            trace = f.read()
        if inject and status != -signal.SIGKILL and not re.search(r"\(INJECTED\)|^\d+ +--- SIG", trace, re.M):
            # how many calls a thread makes is decided by chance
            if build is self.small and not BY_THE_CLOCK.search(name):
                self.judge.count(name, "", "nothing was injected")
        elif judge:
            self.judge.ended(name, place, status, stdout, stderr, {build.sha256}, errors)
        return trace, place, status, stdout, stderr

    def calls_of(self, build):
        """{call: (its first number in main, its last)}: what comes before is the dynamic linker."""
        if build.manifest not in self.calls:
            trace, _, status, _, _ = self.trace(build, [], "", judge=False)
            assert status == 0
            counts, before = {}, None
            main = trace.split(None, 1)[0]
            for row in trace.splitlines():
                found = re.match(r"(\d+) +(\w+)\(", row)
                if not found or found[1] != main:
                    continue
                if before is None and '"/dev/null"' in row:
                    before = dict(counts)
                counts[found[2]] = counts.get(found[2], 0) + 1
            self.calls[build.manifest] = {call: (before.get(call, 0) + 1, n) for call, n in counts.items() if n > before.get(call, 0)}
        return self.calls[build.manifest]

    def fail(self, build, call, error, when):
        # A directory that cannot be read is one mistake, each of several files in it another: at most one of one fault.
        self.trace(build, ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}"], f"{call} number {when}: {error}")

    def section_calls(self):
        """Every system call of a build fails in turn, with each of its errors."""
        rows = []
        for call, (first, last) in self.calls_of(self.small).items():
            for error in ERRORS.get(call, "EIO ENOSYS").split():
                rows += [(self.small, call, error, when) for when in range(first, last + 1)]
        self.each(self.fail, rows)

    def section_from_then_on(self):
        """The same for good, from some call on."""
        def fail(call, error, when):
            self.trace(self.small, ["-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}+"], f"{call} from {when} on: {error}", errors=100)
        rows = []
        for call, (first, last) in self.calls_of(self.small).items():
            if call in ("openat", "openat2", "read", "pread64", "pwrite64", "fsync", "ftruncate", "mmap", "getdents64", "newfstatat", "close"):
                error = {"pwrite64": "ENOSPC", "openat": "EMFILE", "openat2": "ENOSYS", "mmap": "ENOMEM"}.get(call, "EIO")
                step = max(1, (last - first) // 20)
                rows += [(call, error, when) for when in range(first, last + 1, step)]
        self.each(fail, rows)

    def section_threads(self):
        """Calls of threads that write at once, and threads that cannot be had."""
        # the first is the one that would show progress
        rows = [(self.large, "clone3", error, when) for error in ("EAGAIN", "ENOMEM") for when in (1, 2)]
        for call, errors in (("read", "EIO EINTR"), ("pwrite64", "EIO ENOSPC EINTR"), ("pread64", "EIO"), ("openat2", "EMFILE ENOSYS")):
            first, last = self.calls_of(self.large).get(call, (1, 0))
            rows += [(self.large, call, error, when) for error in errors.split() for when in range(first, last + 1)]
        self.each(self.fail, rows)

    # -- signals

    def strike(self, build, call, name, when):
        number = int(getattr(signal, name))
        _, place, status, stdout, stderr = self.trace(build, ["-e", f"trace={call}", "-e", f"inject={call}:signal={name}:when={when}"], f"{name} at {call} {when}", judge=False)
        where = f"{name} at {call} number {when}"
        now, left = sha256(f"{place}/image"), left_in(place)
        fault = None
        if status not in (0, -number if name == "SIGKILL" else 128 + number):
            fault = f"exit status {status}: {stderr!r}"
        elif now not in (build.sha256, hashlib.sha256(OLD).hexdigest()) or (status == 0 and now != build.sha256):
            fault = f"exit status {status} with another image"
        elif len(left) > (name == "SIGKILL"):
            fault = f"leaves {left}"
        elif left:
            again, stdout, stderr = run(build.command + ["-o", f"{place}/image"])
            if again != 0 or sha256(f"{place}/image") != build.sha256 or stderr:
                fault = f"the next build is disturbed: exit status {again}, {stderr!r}"
            elif not set(left_in(place)) <= {*left}:
                fault = f"the next build leaves {os.listdir(place)}"
        for f in left:
            if os.path.exists(f"{place}/{f}"):
                os.unlink(f"{place}/{f}")
        self.judge.count(where, "old or new image after a signal", fault)

    def section_signals(self):
        """SIGKILL, SIGINT and SIGTERM at every system call."""
        rows = []
        for call, (first, last) in self.calls_of(self.small).items():
            if call not in ("rt_sigaction", "rt_sigprocmask"):     # until these and three descriptors are done, a signal just ends it
                rows += [(self.small, call, name, when) for name in ("SIGKILL", "SIGINT", "SIGTERM") for when in range(first, last + 1)
                         if name == "SIGKILL" or call not in ("openat", "close", "exit_group") or when > first + 3]
        self.each(self.strike, rows)

    # -- memory

    def shimmed(self, build, fault, name):
        place = self.judge.place()
        status, stdout, stderr = run(build.command + ["-o", f"{place}/image"], env={"LD_PRELOAD": self.shim, "FAULT": fault, "FAULT_COUNTS": f"{place}.counts"})
        self.judge.ended(name, place, status, stdout, stderr, {build.sha256})
        if status == 0:
            with open(f"{place}.counts", encoding="ascii") as f:
                return tuple(map(int, f.read().split()))
        return None

    def section_memory(self):
        """Every allocation fails in turn, and all from each on."""
        for build in (self.small, self.large):
            count, _ = self.shimmed(build, "", "no fault")
            assert count > 100, "the program has no malloc of its own, or the shim does not reach it"
            self.each(lambda n, last, build=build: self.shimmed(build, f"malloc {n} {last}", f"allocation {n} to {last or 'the end'}"),
                      [(n, last) for n in range(1, count + 1) for last in (n, 0)])

    @staticmethod
    def begins(command, log):
        """Whether the program of COMMAND lives to make a system call: the kernel ends in execve what its limits leave no room for."""
        run(["strace", "-o", log] + command)
        with open(log, encoding="utf-8", errors="replace") as f:
            calls = f.read().splitlines()
        last = max(n for n, call in enumerate(calls) if call.startswith("execve("))
        return not all(call.startswith(("---", "+++")) for call in calls[last + 1:])

    def limited(self, limit, value):
        place = self.judge.place()
        command = ["prlimit", f"--{limit}={value}"] + self.small.command + ["-o", f"{place}/image"]
        status, stdout, stderr = run(command)
        never_began = status == -signal.SIGSEGV and not self.begins(command, f"{place}.calls")
        if status != 127 and not never_began:       # 127 is the dynamic linker's
            self.judge.ended(f"--{limit}={value}", place, status, stdout, stderr, {self.small.sha256}, errors=100)

    def section_limits(self):
        """Little memory, small files, few descriptors."""
        size = 4 << 20
        rows = [("fsize", n) for n in (0, 1, 4096, size // 2, size - 1, size, size + 1)] + [("nofile", n) for n in range(3, 16)]
        rows += [("data", n) for n in range(100_000, 4_000_000, 100_000)] + [("as", n) for n in range(6_000_000, 40_000_000, 1_000_000)]
        self.each(self.limited, rows)

    def section_short(self):
        """Reads and writes that move half of what they were asked for, or are interrupted."""
        for build in (self.small, self.large):
            for fault in ("short", "interrupt"):
                self.shimmed(build, fault, f"{fault} reads and writes of {build.manifest}")

    # -- the disk

    def section_full(self):
        """A file system with room for less and less."""
        for kib in list(range(4, 64, 4)) + list(range(64, 4608, 32)):
            self.full(kib)

    def full(self, kib):
        place = self.judge.place()
        mounted = f"{place}.tmpfs"
        os.makedirs(mounted, exist_ok=True)
        script = """set -u
            mount -t tmpfs -o "size=${1}k" tmpfs "$2" && cp "$3/image" "$2/image" || exit 99
            place=$2 out=$3
            free() { stat -f -c %a "$place"; }
            before=$(free)
            shift 3
            "$@" -o "$place/image"
            status=$?
            [ $status -eq 0 ] || [ "$(free)" = "$before" ] || echo "lost: $before blocks were free, now $(free)" >&2
            rm -rf "$out"
            cp -r "$place" "$out"
            exit $status"""
        status, stdout, stderr = run(["unshare", "-rm", "sh", "-c", script, "full", str(kib), mounted, place] + self.small.command)
        if status == 99 or b"unshare:" in stderr:
            with self.judge.lock:
                self.judge.skipped += 1
            return
        self.judge.ended(f"{kib} KiB of disk", place, status, stdout, stderr, {self.small.sha256})

    # -- other processes

    def section_together(self):
        """Two builds to one output at once, of one manifest and of two."""
        for other in (self.small, self.large):
            for delay in [0] * 15 + [5, 10, 20, 40, 80] * 2:
                place = self.judge.place()
                first = subprocess.Popen(self.small.command + ["-o", f"{place}/image"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                time.sleep(delay / 1000)
                second = subprocess.Popen(other.command + ["-o", f"{place}/image"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                for build, process in ((self.small, first), (other, second)):
                    stdout, stderr = process.communicate(timeout=TIMEOUT)
                    says = f"sha256 {build.sha256}".encode() in stdout
                    self.judge.count("two builds at once", "right image", None if process.returncode == 0 and says and not stderr else
                                     f"exit status {process.returncode}, {stdout!r} {stderr!r}")
                right = sha256(f"{place}/image") in (self.small.sha256, other.sha256) and not left_in(place)
                self.judge.count("two builds at once", "right image", None if right else f"another image, or {os.listdir(place)}")

    def changed_while_read(self, name, change, sources, number):
        """Stops before a read, changes a source, goes on: the old bytes or the new ones, whole, or an error."""
        place = self.judge.place()
        directory = f"{place}.sources"
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.large_directory, directory)
        process = subprocess.Popen([self.program, "build", f"{directory}/large.yaml", "--jobs", "1", "-o", f"{place}/image"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env={"LD_PRELOAD": self.shim, "FAULT": f"stop {number}"})
        _, state = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(state):
            self.judge.count(f"{name} at read {number}", "", "it did not stop")
            return
        change(f"{directory}/{name.split()[-1]}")
        process.send_signal(signal.SIGCONT)
        stdout, stderr = process.communicate(timeout=TIMEOUT)
        self.judge.ended(f"{name} before read {number}", place, process.returncode, stdout, stderr, {self.large.sha256, *sources},
                         may_be_absent=True)

    def section_changes(self):
        """A source that shrinks, grows, is written anew or becomes a link, before each read of the build."""
        def shrink(path):
            os.truncate(path, os.path.getsize(path) // 2)

        def grow(path):
            with open(path, "ab") as f:
                f.write(b"more")

        def rewrite(path):
            info = os.stat(path)
            with open(path, "r+b") as f:
                f.write(b"#" * info.st_size)
            os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))

        def replace(path):
            shutil.copyfile(path, path + "~")
            rewrite(path + "~")
            os.rename(path + "~", path)

        def link(path):
            with open(path + "~", "wb") as f:
                f.write(b"not of this file")
            os.unlink(path)
            os.symlink(os.path.basename(path) + "~", path)

        def vanish(path):
            os.unlink(path)

        _, reads = self.shimmed(Build(self.program, self.large.manifest, self.directory, ["--jobs", "1"]), "", "no fault")
        rows = []
        for change in (shrink, grow, rewrite, replace, link, vanish):
            for source in ("input/first", "single", "last"):
                right = self.reference(change, source)
                rows += [(f"{change.__name__} {source}", change, right, n) for n in range(1, reads + 1)]
        self.each(self.changed_while_read, rows)

    def reference(self, change, source):
        """The image's hash when the change came before the build, where there is one then."""
        directory = f"{self.directory}/reference"
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.large_directory, directory)
        change(f"{directory}/{source}")
        status, _, _ = run([self.program, "build", f"{directory}/large.yaml", "-o", f"{directory}/image"])
        return {sha256(f"{directory}/image")} if status == 0 else set()

    # -- order

    def section_order(self):
        """All is written, then brought to the disk, then put in its place, then the directory is brought to the disk; nothing is written after."""
        for build in (self.small, self.large):
            trace, _, _, _, _ = self.trace(build, [], "", judge=False)
            temporary = re.search(r'openat\((\d+), "(\.image\.rootc-[^"]*)", .* = (\d+)', trace)
            directory, name, fd = temporary.groups()
            events = []
            for row in trace[temporary.end():].splitlines():
                if f" close({fd})" in row and "renamed" not in events:
                    events.append("closed")
                elif re.search(rf" (pwrite64|write|ftruncate|fallocate)\({fd},", row) and "closed" not in events:
                    events.append("written")
                elif f" fsync({fd})" in row and "closed" not in events:
                    events.append("synced")
                elif " renameat(" in row and name in row:
                    events.append("renamed")
                elif f" fsync({directory})" in row:
                    events.append("directory synced")
            steps = [e for i, e in enumerate(events) if i == 0 or e != events[i - 1]]
            self.judge.count(f"order of {build.manifest}", "right order", None if steps == ["written", "synced", "closed", "renamed", "directory synced"] else
                             f"{steps}")


SECTIONS = ["order", "calls", "from_then_on", "threads", "signals", "memory", "limits", "short", "full", "together", "changes"]


def main():
    program, shim, mkelf, directory = map(os.path.abspath, sys.argv[1:5])
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    faults = Faults(program, shim, mkelf, directory)
    judge = faults.judge
    for section in sys.argv[5:] or SECTIONS:
        start, passed, failed = time.time(), judge.passed, judge.failed
        function = getattr(faults, f"section_{section}")
        function()
        print(f"{section:13} {judge.passed - passed:5} passed, {judge.failed - failed} failed  ({time.time() - start:.0f} s)  {function.__doc__}", flush=True)
    print(", ".join(f"{outcome}: {count}" for outcome, count in sorted(judge.outcomes.items())))
    print(f"{judge.passed} passed, {judge.failed} failed, {judge.skipped} skipped")
    return judge.failed > 0 or judge.passed == 0


if __name__ == "__main__":
    sys.exit(main())
