#!/usr/bin/env python3
"""Makes OCI image layouts (OCI Image Format Specification 1.1), sound ones and ones with a trap. usage: layout.py DIRECTORY [TRAP]

Each trap is a function below that changes one thing of the sound layout, whose name it has with '-' for '_'.
"""
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile

OCI = "application/vnd.oci.image."
LAYER = OCI + "layer.v1.tar"


def entry(name, data=None, link=None, hard=None, kind=None, mode=None):
    """One member of a layer: a file, unless it says otherwise."""
    info = tarfile.TarInfo(name)
    info.mode = mode or 0o644
    if name.endswith("/"):
        info.type, info.mode = tarfile.DIRTYPE, mode or 0o755
    elif link is not None:
        info.type, info.linkname = tarfile.SYMTYPE, link
    elif hard is not None:
        info.type, info.linkname = tarfile.LNKTYPE, hard
    elif kind is not None:
        info.type, info.devmajor, info.devminor = kind, 1, 3
    else:
        info.size = len(data or b"")
    return info, data or b""


def tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Layout:
    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory + "/blobs/sha256")
        self.version = {"imageLayoutVersion": "1.0.0"}
        self.manifests = []

    def blob(self, data, media, size=None):
        """Writes a blob and gives its descriptor."""
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        digest = hashlib.sha256(data).hexdigest()
        self.last = f"{self.directory}/blobs/sha256/{digest}"
        with open(self.last, "wb") as out:
            out.write(data)
        return {"mediaType": media, "digest": "sha256:" + digest, "size": len(data) if size is None else size}

    def layer(self, entries, packed="gzip"):
        data = entries if isinstance(entries, bytes) else tar(entries)
        if packed == "gzip":
            return self.blob(gzip.compress(data, mtime=0), LAYER + "+gzip")
        if packed == "zstd":
            return self.blob(subprocess.run(["zstd", "-qc"], input=data, stdout=subprocess.PIPE, check=True).stdout, LAYER + "+zstd")
        return self.blob(data, LAYER)

    def image(self, layers, tag=None, architecture="amd64", variant=None, platform=True, config=None, **more):
        settings = {"architecture": architecture, "os": "linux", "rootfs": {"type": "layers", "diff_ids": []},
                    "history": [{"created_by": "sh -c 'a > b' \u00e9\U0001f600"}], "config": {"Env": ["A=b"]}}
        if variant:
            settings["variant"] = variant
        config = config or self.blob(settings, OCI + "config.v1+json")
        found = self.blob({"schemaVersion": 2, "mediaType": OCI + "manifest.v1+json", "config": config, "layers": layers, **more},
                          OCI + "manifest.v1+json")
        if tag:
            found["annotations"] = {"org.opencontainers.image.ref.name": tag}
        if platform:
            found["platform"] = {"architecture": architecture, "os": "linux", **({"variant": variant} if variant else {})}
        self.manifests.append(found)
        return found

    def index(self, manifests, media=OCI + "index.v1+json"):
        return self.blob({"schemaVersion": 2, "manifests": manifests}, media)

    def close(self, index=None):
        with open(self.directory + "/oci-layout", "w") as out:
            json.dump(self.version, out)
        with open(self.directory + "/index.json", "wb") as out:
            out.write(index or json.dumps({"schemaVersion": 2, "manifests": self.manifests}).encode())


LOWER = [
    entry("etc/"), entry("etc/gone", b"gone"), entry("etc/kept", b"kept"), entry("etc/changed", b"old"),
    entry("opaque/"), entry("opaque/below", b"x"), entry("opaque/deep/"), entry("opaque/deep/x", b"x"),
    entry("tree/"), entry("tree/a/"), entry("tree/a/b", b"x"),
    entry("usr/"), entry("usr/bin/"), entry("usr/bin/x", b"x", mode=0o4755), entry("usr/bin/y", hard="usr/bin/x"),
    entry("bin", link="usr/bin"), entry("usr/bin/old", b"old"), entry("dir-to-file/"), entry("dir-to-file/x", b"x"),
    entry("file-to-dir", b"x"), entry("link-to-dir", link="usr"), entry("dir-to-link/"), entry("dir-to-link/x", b"x"),
]
UPPER = [
    entry("etc/", mode=0o700), entry("etc/.wh.gone"), entry("etc/changed", b"new"),
    # An opaque whiteout counts for the layers below alone, wherever it stands.
    entry("opaque/"), entry("opaque/above", b"above"), entry("opaque/.wh..wh..opq"),
    entry(".wh.tree"), entry("bin/.wh.old"), entry("bin/new", b"new"), entry(".wh.never-there"),
    # A whiteout does not hide what its own layer has.
    entry(".wh.both"), entry("both", b"both"),
    entry("dir-to-file", b"now a file"), entry("file-to-dir/"), entry("file-to-dir/x", b"x"), entry("link-to-dir/"),
    entry("link-to-dir/x", b"x"), entry("dir-to-link", link="usr"),
    entry("/absolute", b"x"),
]


def sound(layout, packed=("gzip", "zstd", None)):
    layout.image([layout.layer(LOWER, packed[0]), layout.layer(UPPER, packed[1]), layout.layer([entry("top/", mode=0o1777)], packed[2])])


def one(layout, entries, **more):
    """An image of a sound layer and one of ENTRIES."""
    layout.image([layout.layer(LOWER), layout.layer(entries)], **more)


def several(layout):
    """Two tags, the second for two architectures in an index of its own, as docker buildx makes them; and what is no image."""
    layout.image([layout.layer([entry("etc/name", b"first")])], tag="first", platform=False)
    inner = [layout.image([layout.layer([entry("etc/name", name.encode())])], architecture=name, variant=variant)
             for name, variant in (("amd64", None), ("arm", "v6"), ("arm", "v7"), ("arm64", "v8"))]
    layout.manifests = layout.manifests[:1]
    attestation = {**layout.blob({"layers": []}, OCI + "manifest.v1+json"), "platform": {"architecture": "unknown", "os": "unknown"}}
    nested = layout.index(inner + [attestation, inner[0]])
    nested["annotations"] = {"org.opencontainers.image.ref.name": "second"}
    layout.manifests += [nested, layout.blob({}, "application/vnd.example+json")]


def untagged(layout):
    one(layout, [])
    one(layout, [entry("x", b"x")])


def no_version(layout):
    sound(layout)
    layout.version = {}


def later_version(layout):
    sound(layout)
    layout.version = {"imageLayoutVersion": "2.0.0"}


def not_json(layout):
    sound(layout)
    return b'{"manifests": ['


def key_twice(layout):
    sound(layout)
    return b'{"manifests": [], "manifests": %s}' % json.dumps(layout.manifests).encode()


def behind(layout):
    sound(layout)
    return b'{"manifests": %s} {}' % json.dumps(layout.manifests).encode()


def both_kinds(layout):
    one(layout, [], manifests=[])


def large_index(layout):
    sound(layout)
    return json.dumps({"manifests": layout.manifests, "x": "x" * (4 << 20)}).encode()


def deep_json(layout):
    sound(layout)
    return b'{"x": ' + b"[" * 100000


def nested(layout):
    sound(layout)
    for _ in range(6):
        layout.manifests = [layout.index(layout.manifests)]


def wide(layout):
    """An index that names one small index over and over."""
    sound(layout)
    inner = layout.index(layout.manifests)
    for _ in range(2):
        inner = layout.index([inner] * 500)
    layout.manifests = [inner]


def no_digest(layout):
    sound(layout)
    del layout.manifests[0]["digest"]


def sha512(layout):
    sound(layout)
    layout.manifests[0]["digest"] = "sha512:" + 128 * "0"


def digest_with_slash(layout):
    sound(layout)
    layout.manifests[0]["digest"] = "sha256:../../../../etc/passwd"


def wrong_size(layout):
    sound(layout)
    layout.manifests[0]["size"] += 1


def negative_size(layout):
    sound(layout)
    layout.manifests[0]["size"] = -1


def manifest_missing(layout):
    sound(layout)
    os.unlink(layout.last)


def manifest_changed(layout):
    sound(layout)
    with open(layout.last, "ab") as out:
        out.write(b" ")


def layer_missing(layout):
    found = layout.layer([entry("x", b"x")])
    os.unlink(layout.last)
    layout.image([found])


def layer_changed(layout):
    found = layout.layer([entry("x", b"x")], None)
    with open(layout.last, "r+b") as out:
        out.seek(512)
        out.write(b"y")
    layout.image([found])


def layer_by_link(layout):
    found = layout.layer([entry("x", b"x")], None)
    os.rename(layout.last, layout.directory + "/outside")
    os.symlink("../../outside", layout.last)
    layout.image([found])


def layer_size(layout):
    found = layout.layer([entry("x", b"x")])
    layout.image([{**found, "size": found["size"] + 1}])


def layer_type(layout):
    found = layout.layer([entry("x", b"x")])
    layout.image([{**found, "mediaType": LAYER + "+gzip+encrypted"}])


def layers_many(layout):
    layout.image([layout.layer([])] * 513)


def layer_no_tar(layout):
    layout.image([layout.layer(b"this is no tar, but long enough to look into " * 20, None)])


def layer_cut(layout):
    layout.image([layout.layer(tar([entry("x", b"x" * 4096)])[:2048], None)])


def climbs(layout):
    one(layout, [entry("usr/../../etc/passwd", b"x")])


def whiteout_climbs(layout):
    one(layout, [entry("usr/.wh..")])


def whiteout_up(layout):
    one(layout, [entry("usr/.wh...")])


def whiteout_empty(layout):
    one(layout, [entry("usr/.wh.")])


def whiteout_meta(layout):
    one(layout, [entry(".wh..wh.plnk")])


def whiteout_directory(layout):
    one(layout, [entry(".wh.usr/")])


def whiteout_parent(layout):
    one(layout, [entry(".wh.usr/x", b"x")])


def below_a_file(layout):
    one(layout, [entry("etc/kept/x", b"x")])


def hard_link_below(layout):
    one(layout, [entry("z", hard="usr/bin/x")])


def link_loop(layout):
    layout.image([layout.layer([entry("a", link="b"), entry("b", link="a")]), layout.layer([entry("a/x", b"x")])])


def devices(layout):
    one(layout, [entry("dev/null", kind=tarfile.CHRTYPE), entry("dev/fifo", kind=tarfile.FIFOTYPE)])


def links_out(layout):
    """Links that lead out of the root end at it, and whiteouts through them with them."""
    layout.image([layout.layer([entry("out", link="../../../../tmp"), entry("tmp/"), entry("tmp/x", b"x"), entry("abs", link="/tmp"),
                                entry("tmp/y", b"y")]),
                  layout.layer([entry("out/.wh.x"), entry("abs/.wh.y"), entry("out/z", b"z")])])


def bomb(layout):
    info = tarfile.TarInfo("x")
    info.size = (16 << 30) + 1
    layout.image([layout.layer(info.tobuf(tarfile.GNU_FORMAT))])


def twice_in_a_layer(layout):
    one(layout, [entry("both", b"first"), entry("both", b"second")])


def artifact(layout):
    layout.image([layout.blob(b"x", "application/vnd.example")], platform=False,
                 config=layout.blob({}, "application/vnd.oci.empty.v1+json"))


def main():
    layout = Layout(sys.argv[1])
    trap = globals()[sys.argv[2].replace("-", "_")] if len(sys.argv) > 2 else sound
    layout.close(trap(layout))


main()
