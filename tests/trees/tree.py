"""A random tree from a seed: what a manifest says of it, the files it is made from, and the list of what must then be in the image.

The list is this file's own arithmetic, not rootc's: a line for each path of a file system, in the words of `line`.
"""
import os
import random
import zlib

KIB = 1024
IDS = [0, 0, 0, 1, 1000, 65534, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 2]
EPOCHS = [0, 1, 86400, 1_000_000_000, 2**31 - 1]
LATE_EPOCHS = [2**31, 4_000_000_000]
CAPABILITIES = {"cap_chown": 0, "cap_kill": 5, "cap_net_bind_service": 10, "cap_net_raw": 13, "cap_sys_admin": 21,
                "cap_setfcap": 31, "cap_mac_override": 32, "cap_checkpoint_restore": 40}
XATTR_BYTES = 600           # of one file at most: there is room for about a block of 1 KiB, and what lies in the inode
UNUSUAL = ["\x01", "\t", "\n", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\U0001f980", "\U0010fffd", "é", "e\u0301", " ", "#", "'", '"',
           "\\", ":", "*", "?", "$(x)", "-", "~", "%", "東", "ß", "\ue000"]


def escaped(raw):
    """Any bytes as one word of ASCII, as the guest writes them."""
    return "".join(chr(b) if 0x21 <= b <= 0x7e and b != 0x25 else "%%%02X" % b for b in raw)


def line(kind, mode, owner, group, links, time, path, detail, xattrs=()):
    """d, f, l, c or b; octal mode; numbers; the escaped path; size and CRC-32 of a file, target of a link, numbers of a device; the
    extended attributes, (name, value) each."""
    attributes = "".join(f" @{escaped(name)}={value.hex()}" for name, value in sorted(xattrs))
    return f"{kind} {mode:04o} {owner} {group} {links} {time} {escaped(path) or '/'}{' ' + detail if detail else ''}{attributes}"


def file_detail(size, crc):
    return f"{size} {crc:08x}"


def quoted(text):
    """As a scalar of YAML in double quotes, all that is not plain ASCII by escapes."""
    def one(c):
        n = ord(c)
        if c in '"\\':
            return "\\" + c
        if 0x20 <= n <= 0x7e:
            return c
        return f"\\x{n:02x}" if n < 0x100 else f"\\u{n:04x}" if n < 0x10000 else f"\\U{n:08x}"
    return '"' + "".join(map(one, text)) + '"'


class Content:
    """A file's bytes as runs [(offset, bytes)] in a size; between them are zeroes."""

    def __init__(self, size, runs):
        self.size, self.runs = size, runs

    def crc(self):
        crc, at, zeroes = 0, 0, bytes(64 * KIB)
        for offset, data in self.runs + [(self.size, b"")]:
            while at < offset:
                step = min(offset - at, len(zeroes))
                crc = zlib.crc32(zeroes[:step], crc)
                at += step
            crc = zlib.crc32(data, crc)
            at += len(data)
        return crc

    def write(self, path):
        with open(path, "wb") as out:
            out.truncate(self.size)
            for offset, data in self.runs:
                out.seek(offset)
                out.write(data)

    def blocks(self, block):
        """At most so many blocks, those of the map included."""
        return self.size // block * 65 // 64 + 8


class Tree:
    def __init__(self, seed):
        self.seed = seed
        self.rng = random.Random(seed)
        self.type = self.rng.choice(["ext2", "ext3", "ext4", "ext4"])
        self.block = self.rng.choice([1, 1, 2, 4]) * KIB
        self.inode = self.rng.choice([128, 256])
        self.epoch = self.rng.choice(EPOCHS + (LATE_EPOCHS if self.inode == 256 else []))
        self.features = self.choose_features()
        self.shape = self.rng.choices(["small", "bushy", "wide", "deep", "large"], [60, 20, 6, 8, 6])[0]
        self.nodes = {"": {"kind": "d", "mode": 0o755, "owner": 0, "group": 0, "given": False}}
        self.names = {"": set()}
        self.sources = []       # (path below the tree's directory, Content, executable)
        self.partitions = []    # (name, mount as a path of nodes)
        self.grow()
        self.choose_partitions()
        self.rng = random.Random(seed + 2)      # the trees themselves stay as they were before there were these
        self.choose_sparse()
        self.link_hard()
        self.choose_xattrs()

    def choose_features(self):
        rng, features = self.rng, []
        if rng.random() < 0.6:
            features.append("dir_index")
        if self.type == "ext4":
            features += [f for f in ("^has_journal", "^metadata_csum") if rng.random() < 0.35]
            features.append(rng.choice(["64bit", "^extent", "extent", "extent"]))
        rng.shuffle(features)
        return features

    # -- names

    def text(self, size):
        """SIZE bytes of UTF-8."""
        rng, out = self.rng, ""
        plain = rng.random() < 0.5
        while (left := size - len(out.encode())) > 0:
            c = rng.choice("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")
            if not plain and rng.random() < 0.6:
                c = rng.choice(UNUSUAL + [chr(rng.choice([rng.randrange(1, 0x800), rng.randrange(0x800, 0xd800), rng.randrange(0x10000, 0x10ff00)]))])
            if len(c.encode()) <= left and "/" not in c:
                out += c
        return out

    def name_in(self, parent):
        """A name that PARENT has not yet."""
        size = self.rng.choice([1, 2, 3, 8, 8, 12, 12, 20, 40, 100, 254, 255])
        if len((parent + "/").encode()) + size > 3600:      # 4095 is the most
            size = 3
        while True:
            name = self.text(size)
            if name not in self.names[parent] and name not in (".", "..", "lost+found", "**"): # the last is how a subtree is written
                self.names[parent].add(name)
                return parent + "/" + name
            size = min(size + 1, 255)

    # -- nodes

    def add(self, path, kind, **more):
        rng = self.rng
        node = {"kind": kind, "owner": 0, "group": 0, "given": rng.random() < 0.7}
        node["mode"] = {"d": 0o755, "f": 0o644, "l": 0o777}.get(kind, 0o600)
        if node["given"]:
            node["owner"], node["group"] = (rng.choice(IDS + [rng.randrange(2**32 - 1)]) for _ in range(2))
            if kind != "l":
                node["mode"] = rng.choice([rng.randrange(0o10000), 0o755, 0o644, 0, 0o7777])
        node.update(more)
        self.nodes[path] = node
        if kind == "d":
            self.names[path] = set()
        return path

    def directory(self, parent):
        return self.add(self.name_in(parent), "d")

    def link(self, parent):
        size = self.rng.choice([1, 5, 20, 58, 59, 60, 61, 62, 255, 1000, self.block - 1])
        self.add(self.name_in(parent), "l", target=self.text(min(size, self.block - 1)))

    def device(self, parent):
        path = self.name_in(parent)
        if set("[]") & set(path):       # it would be a range
            return
        rng = self.rng
        self.add(path, rng.choice("cb"), major=rng.choice([0, 1, 4, 255, 256, 4095, rng.randrange(4096)]),
                 minor=rng.choice([0, 1, 64, 255, 256, 65536, 1048575, rng.randrange(1048576)]))

    def device_range(self, parent):
        """Many nodes by one line of the manifest."""
        count, minor = self.rng.choice([2, 300, 4000]), self.rng.randrange(1000)
        for i in range(count):
            self.names[parent].add(f"n{i}")
            self.add(f"{parent}/n{i}", "c", major=5, minor=minor + i, range=(count if i == 0 else None), mode=0o600, owner=0, group=0, given=False)

    def size(self):
        rng, block = self.rng, self.block
        per = block // 4
        edges = [0, 1, block, 2 * block, 12 * block, 13 * block, (12 + per) * block, (13 + per) * block]
        if self.shape == "large":
            edges += [(12 + 2 * per) * block, 1 << 20, 5 << 20]
            if block == KIB:
                edges += [(12 + per + per * per) * block] * 2   # where the triple indirect blocks begin
        near = rng.choice(edges) + rng.choice([-1, 0, 1, rng.randrange(block)])
        return max(0, rng.choice([near, rng.randrange(4 * block), rng.randrange(200)]))

    def content(self, size):
        rng, block = self.rng, self.block
        kind = rng.choice(["full", "full", "zeroes", "ends", "comb"])
        if size > 2 << 20 and kind == "full":
            kind = "ends"
        if kind == "full" or size == 0:
            return Content(size, [(0, rng.randbytes(size))] if size else [])
        if kind == "zeroes":
            return Content(size, [])
        if kind == "ends":
            middle = rng.randrange(size)
            runs = {0: b"first"[:size], size - 1: b"\xff"}
            if 8 < middle < size - 8:
                runs[middle] = b"mid"
            return Content(size, sorted(runs.items()) if size > 6 else [(0, b"first"[:size])])
        step = block * rng.choice([2, 2, 3, 8])
        return Content(size, [(at, rng.randbytes(min(block, size - at))) for at in range(0, size, step)][:1500])

    def file(self, parent):
        rng, path = self.rng, self.name_in(parent)
        if rng.random() < 0.3:
            text = self.text(rng.choice([0, 1, 10, 60, 200]))
            raw = text.encode()
            self.add(path, "f", text=text, content=Content(len(raw), [(0, raw)] if raw else []))
            return
        if self.sources and rng.random() < 0.15:    # the same bytes once more
            name, content, executable = rng.choice(self.sources)
        else:
            content, executable = self.content(self.size()), rng.random() < 0.3
            name = f"{rng.choice(['pool', 'files'])}/{len(self.sources)}"
            self.sources.append((name, content, executable))
        self.add(path, "f", source=name, content=content)
        if rng.random() < 0.2:
            self.nodes[path].update(mode=0o755 if executable else 0o644, owner=0, group=0, given=False)
        elif not self.nodes[path]["given"]:
            self.nodes[path]["mode"] = 0o755 if executable else 0o644

    def leaf(self, parent):
        self.rng.choices([self.file, self.link, self.device], [70, 20, 10])[0](parent)

    def grow(self):
        rng = self.rng
        directories = [""]
        if self.rng.random() < 0.3:
            self.nodes[""].update(given=True, mode=rng.choice([0o700, 0o555, 0o1777]), owner=rng.choice(IDS), group=rng.choice(IDS))
        if self.shape == "deep":
            for _ in range(rng.choice([20, 30, 60])):
                directories.append(self.directory(directories[-1]))
        count = {"small": rng.randrange(40), "bushy": rng.randrange(100, 300), "wide": 60, "deep": 80, "large": 12}[self.shape]
        for _ in range(count):
            parent = rng.choice(directories)
            if rng.random() < 0.2 and len(parent.encode()) < 3000:
                directories.append(self.directory(parent))
            else:
                self.leaf(parent)
        if self.shape == "wide":
            self.widen(rng.choice(directories))
        elif rng.random() < 0.05:
            self.device_range(self.add(self.name_in("").replace("[", "(").replace("]", ")"), "d"))

    def widen(self, parent):
        rng, count = self.rng, self.rng.choice([1000, 2000, 3500])
        count = min(count, 700_000 // (len(quoted(parent)) + 100))      # a manifest has at most 1 MiB
        form = rng.choice(["%d", "file-%05d", "%x", "a-rather-long-name-%d-so-that-blocks-fill", "é%d"])
        for i in range(count):
            name = form % i
            if name not in self.names[parent]:
                self.names[parent].add(name)
                self.add(f"{parent}/{name}", rng.choice("fd" if i % 50 == 0 else "f"), given=False, mode=None, owner=0, group=0,
                         text="", content=Content(0, []))
        for i in range(count):
            node = self.nodes.get(f"{parent}/{form % i}")
            if node and node["mode"] is None:
                node["mode"] = 0o755 if node["kind"] == "d" else 0o644

    # -- partitions

    def choose_partitions(self):
        self.partitions.append(("root", ""))
        tops = [p for p, n in self.nodes.items() if n["kind"] == "d" and p.count("/") == 1]
        if tops and self.rng.random() < 0.15:
            self.partitions.append(("data", self.rng.choice(tops)))

    def holder(self, path):
        """The partition whose file system PATH lies in."""
        for name, mount in self.partitions[1:]:
            if path.startswith(mount + "/"):
                return name
        return "root"

    def bytes_for(self, name):
        """More than enough for a partition, however little there is in it."""
        nodes = [(p, n) for p, n in self.nodes.items() if self.holder(p) == name]
        blocks = 64 + len(nodes) // 2 + sum(len(p.rsplit("/", 1)[-1].encode()) + 12 for p, n in nodes) * 2 // self.block
        blocks += sum(2 for _, n in nodes if n["kind"] in "dl")
        blocks += sum(n["content"].blocks(self.block) for _, n in nodes if n["kind"] == "f")
        inodes = (len(nodes) + 64) * self.inode // self.block
        journal = 0 if self.type == "ext2" else 1100
        return (blocks + inodes) * 5 // 4 * self.block + journal * self.block * 2 + (1 << 20)

    # -- what has nothing to do with the shape

    def choose_sparse(self):
        for node in self.nodes.values():
            if node.get("source") and self.rng.random() < 0.4:
                node["sparse"] = True

    def link_hard(self):
        """More names for files and devices, in any directory of the same partition."""
        rng = self.rng
        for path in [p for p, n in self.nodes.items() if n["kind"] in "fcb" and "range" not in n]:
            if rng.random() > (0.01 if self.shape == "wide" else 0.12):
                continue
            homes = [p for p, n in self.nodes.items() if n["kind"] == "d" and self.holder(p + "/") == self.holder(path) and len(p.encode()) < 3000]
            for _ in range(rng.choice([1, 1, 2, 5])):
                self.nodes[self.name_in(rng.choice(homes))] = {"kind": "h", "to": path, "given": False}
                self.nodes[path]["links"] = self.nodes[path].get("links", 1) + 1

    def xattr_name(self, kind):
        space = self.rng.choice(["trusted", "security"] + ["user"] * (3 if kind in "fd" else 0))     # Linux keeps user.* from all others
        size = self.rng.choice([1, 2, 3, 4, 5, 12, 40, 100])
        return space + ".x" + "".join(self.rng.choice("abcxyzABC019._-") for _ in range(size - 1))

    def choose_xattrs(self):
        rng = self.rng
        for path, node in self.nodes.items():
            if node["kind"] == "h" or "range" in node or not (path or node["given"]) or rng.random() > (0.01 if self.shape == "wide" else 0.25):
                continue
            if node["kind"] == "f" and rng.random() < 0.3:
                node["capabilities"] = rng.sample(sorted(CAPABILITIES), rng.randrange(1, 4)), rng.choice(["p", "ep", "eip", "i"])
            xattrs, room = {}, XATTR_BYTES
            for _ in range(rng.choice([1, 1, 2, 3, 8])):
                name = self.xattr_name(node["kind"])
                value = rng.randbytes(rng.choice([0, 1, 3, 4, 20, 64, 200]))
                room -= 24 + len(name) + len(value)
                if room > 0 and name not in xattrs:
                    xattrs[name] = value
            if xattrs:
                node["xattrs"] = xattrs

    def xattrs_of(self, node):
        xattrs = [(name.encode(), value) for name, value in node.get("xattrs", {}).items()]
        if "capabilities" in node:      # struct vfs_cap_data, revision 2, of linux/capability.h
            names, flags = node["capabilities"]
            bits = sum(1 << CAPABILITIES[name] for name in names)
            words = [0x02000000 | ("e" in flags)]
            for half in (bits & 0xffffffff, bits >> 32):
                words += [half if "p" in flags else 0, half if "i" in flags else 0]
            xattrs.append((b"security.capability", b"".join(w.to_bytes(4, "little") for w in words)))
        return xattrs

    def counts(self):
        """What is in it, in words."""
        nodes = self.nodes.values()
        return {"paths": len(nodes), "hard links": sum(n["kind"] == "h" for n in nodes), "sparse files": sum("sparse" in n for n in nodes),
                "extended attributes": sum(len(n.get("xattrs", {})) for n in nodes), "sets of capabilities": sum("capabilities" in n for n in nodes)}

    # -- what is written

    def manifest(self, sizes):
        """The text; SIZES is what to say of each partition's size."""
        rng, out = random.Random(self.seed + 1), []
        out += ["rootc: 1", f"name: tree-{self.seed}", f"epoch: {self.epoch}", "inputs: {pool: {directory: pool}}"]
        out += [f"disk: {{size: {sum(sizes.values()) + (1 + len(sizes)) * (1 << 20)}B}}", "partitions:"]
        for name, mount in self.partitions:
            options = [f"type: {self.type}", f"block_size: {self.block // KIB}KiB", f"inode_size: {self.inode}"]
            if self.features:
                options.append(f"features: [{', '.join(self.features)}]")
            if rng.random() < 0.3:
                options.append(f"reserved_percent: {rng.choice([0, 1, 5])}")
            if rng.random() < 0.3:
                options.append(f"label: {quoted(name)}")
            out.append(f"  {name}: {{size: {sizes[name]}B, mount: {quoted(mount or '/')}, filesystem: {{{', '.join(options)}}}}}")
        files = [self.entry(p, n) for p, n in self.nodes.items() if n["kind"] in "dflh" and (p or n["given"])]
        devices = [self.entry(p, n) for p, n in self.nodes.items() if n["kind"] in "cb" and n.get("range", 1) is not None]
        out += (["files:"] + files if files else []) + (["devices:"] + devices if devices else [])
        return "\n".join(out) + "\n"

    def entry(self, path, node):
        kind, options = node["kind"], []
        if kind == "h":
            options.append(f"hardlink: {quoted(node['to'])}")
        elif kind == "d":
            options.append("directory: true")
        elif kind == "l":
            options.append(f"link: {quoted(node['target'])}")
        elif kind == "f":
            source = node.get("source")
            if source:
                options.append("source: " + (source[4:] if source.startswith("pool/") else source))
            else:
                options.append(f"content: {quoted(node['text'])}")
        else:
            options += [f"type: {'char' if kind == 'c' else 'block'}", f"major: {node['major']}", f"minor: {node['minor']}"]
            if node.get("range"):
                path = f"{path[:-1]}[0-{node['range'] - 1}]"
        if node["given"]:
            options += [f"owner: {node['owner']}", f"group: {node['group']}"]
            if kind != "l":
                options.append(f"mode: {node['mode']:04o}")
        if "sparse" in node:
            options.append("sparse: true")
        if "capabilities" in node:
            options.append(f"capabilities: {quoted(','.join(node['capabilities'][0]) + '+' + node['capabilities'][1])}")
        if "xattrs" in node:
            options.append("xattrs: {" + ", ".join(f"{name}: {'0x' + value.hex() if value else quoted('')}" for name, value in node["xattrs"].items()) + "}")
        return f"  ? {quoted(path or '/')}\n  : {{{', '.join(options)}}}"

    def write(self, directory):
        for sub in ("pool", "files"):
            os.makedirs(f"{directory}/{sub}")
        for name, content, executable in self.sources:
            content.write(f"{directory}/{name}")
            os.chmod(f"{directory}/{name}", 0o755 if executable else 0o644)

    def expected(self, name):
        """The lines for the file system of partition NAME, sorted."""
        mount = dict(self.partitions)[name]
        inside = {p: n for p, n in self.nodes.items() if self.holder(p) == name or p == mount}
        mounts = [m for _, m in self.partitions[1:]]
        subdirectories = {}
        for p, n in inside.items():
            if n["kind"] == "d" and p != mount:
                parent = p.rsplit("/", 1)[0]
                subdirectories[parent] = subdirectories.get(parent, 0) + 1
        subdirectories[mount] = subdirectories.get(mount, 0) + 1    # lost+found
        out = [line("d", 0o700, 0, 0, 2, self.epoch, b"/lost+found", "")]
        for p, n in inside.items():
            if n["kind"] == "h":
                n = self.nodes[n["to"]]
            kind, detail, links = n["kind"], "", n.get("links", 1)
            if kind == "d":
                links = 2 + (0 if p in mounts and p != mount else subdirectories.get(p, 0))
            elif kind == "f":
                detail = file_detail(n["content"].size, n["content"].crc())
            elif kind == "l":
                detail = escaped(n["target"].encode())
            else:
                detail = f"{n['major']} {n['minor']}"
            out.append(line(kind, n["mode"], n["owner"], n["group"], links, self.epoch, p[len(mount):].encode(), detail, self.xattrs_of(n)))
        return sorted(out)
