"""A virtual machine in which Linux judges many images at once; tests/tools/guest.c is all that runs in it."""
import gzip
import glob
import os
import subprocess

RESULTS = 1 << 20           # as in guest.c
RESULTS_SIZE = 64 << 20
TIMEOUT = 900


def fetch_kernel(directory):
    """The path of Debian's kernel, which has ext4 and NVMe built in; None where apt reaches no archive."""
    if not glob.glob(f"{directory}/boot/vmlinuz-*"):
        os.makedirs(directory, exist_ok=True)
        script = ("package=$(apt-cache depends --important linux-image-cloud-amd64 | sed -n 's/.*Depends: \\(linux-image-.*\\)/\\1/p') && "
                  "apt-get -q download \"$package\" && dpkg-deb -x linux-image-*.deb .")
        subprocess.run(["sh", "-c", script], cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    found = sorted(glob.glob(f"{directory}/boot/vmlinuz-*"))
    return found[-1] if found else None


def initramfs(guest, path):
    """A cpio archive (newc) of GUEST as /init."""
    def member(name, mode, data):
        header = "070701" + "".join(f"{n:08x}" for n in (0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0))
        head = header.encode() + name.encode() + b"\0"
        return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)
    with open(guest, "rb") as f, gzip.open(path, "wb", 1) as out:
        out.write(member("init", 0o100755, f.read()) + member("TRAILER!!!", 0, b""))


def judge(kernel, guest, images, jobs, directory):
    """Boots. JOBS are (index in IMAGES, partition from 1, type). Gives {(index, partition): (lines, complaints, made, removed)}."""
    disk = f"{directory}/results"
    initramfs(guest, f"{directory}/initramfs")
    with open(disk, "wb") as f:
        f.truncate(RESULTS_SIZE)
        f.write("".join(f"{i + 1} {p} {kind}\n" for i, p, kind in jobs).encode())
    command = ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-m", "512", "-nodefaults", "-no-reboot", "-display", "none",
               "-serial", f"file:{directory}/console", "-kernel", kernel, "-initrd", f"{directory}/initramfs",
               "-append", f"console=ttyS0 quiet panic=-1 mitigations=off -- {len(images) + 1}", "-device", "nvme,id=nvme,serial=trees"]
    for i, image in enumerate(images + [disk]):
        command += ["-drive", f"file={image},format=raw,if=none,id=d{i},cache=unsafe,file.locking=off",
                    "-device", f"nvme-ns,drive=d{i},bus=nvme,nsid={i + 1}"]
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, timeout=TIMEOUT, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as e:
        print(f"the machine: {e.__class__.__name__}")
    return parse(disk)


def was_starved(directory):
    """Whether the emulator, on a machine too busy for it, lost a command to its disk: that is not an image's fault."""
    with open(f"{directory}/console", "rb") as f:
        return b"I/O error, dev nvme" in f.read()


def parse(disk):
    with open(disk, "rb") as f:
        f.seek(RESULTS)
        text = f.read().rstrip(b"\0").decode("utf-8", "replace")
    found, current = {}, None
    for row in text.splitlines():
        words = row.split(" ")
        if row.startswith("# ") and words[-1] == "read":
            current = [[], [], None, None]
        elif row.startswith("# ") and current and words[3:4] == ["wrote"]:
            current[2:] = map(int, words[4:])
            found[int(words[1]) - 1, int(words[2])] = current
        elif row.startswith("! ") and current:
            current[1].append(row)
        elif current and row != "# end":
            current[0].append(row)
    return found
