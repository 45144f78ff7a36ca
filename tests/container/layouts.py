# OCI image layouts for tests, written by hand where a tool would tidy up.
import gzip, hashlib, io, json, os, platform, subprocess, tarfile

arch = {"x86_64": "amd64", "aarch64": "arm64", "riscv64": "riscv64", "ppc64le": "ppc64le", "s390x": "s390x"}.get(platform.machine(), "unknown")
foreign = "arm64" if arch != "arm64" else "amd64"
REF = "org.opencontainers.image.ref.name"

def tar(entries):
    """An archive of (name, kind, content, attributes of the entry …)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as t:
        for name, kind, rest, *attributes in entries:
            i = tarfile.TarInfo(name)
            i.mode, i.mtime = 0o644, 1000000000
            data = None
            if kind == "dir":
                i.type, i.mode = tarfile.DIRTYPE, rest
            elif kind == "link":
                i.type, i.linkname = tarfile.SYMTYPE, rest
            elif kind == "hard":
                i.type, i.linkname = tarfile.LNKTYPE, rest
            elif kind == "exe":
                data, i.mode = rest, 0o755
            elif kind == "node":
                i.type, i.devmajor, i.devminor = tarfile.CHRTYPE, 1, 3
            else:
                data = rest.encode()
            for key, value in (attributes[0] if attributes else {}).items():
                setattr(i, key, value)
            if data is not None:
                i.size = len(data)
            t.addfile(i, io.BytesIO(data) if data is not None else None)
    return out.getvalue()

class Layout:
    def __init__(self, path):
        self.path = path
        os.makedirs(f"{path}/blobs/sha256")
        open(f"{path}/oci-layout", "w").write('{"imageLayoutVersion":"1.0.0"}')
    def blob(self, data, kind, **more):
        """Its descriptor; KIND is a media type, or the end of one of OCI's."""
        if not isinstance(data, bytes):
            data = json.dumps(data).encode()
        digest = hashlib.sha256(data).hexdigest()
        open(f"{self.path}/blobs/sha256/{digest}", "wb").write(data)
        return {"mediaType": kind if "/" in kind else f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(data), **more}
    def layer(self, entries):
        return self.blob(tar(entries), "layer.v1.tar")
    def image(self, layers, config, diffs=(), full=None, **more):
        whole = full if full is not None else {"architecture": arch, "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": list(diffs)}}
        c = self.blob(whole, "config.v1+json")
        return self.blob({"schemaVersion": 2, "config": c, "layers": layers}, "manifest.v1+json", **more)
    def index(self, manifests):
        json.dump({"schemaVersion": 2, "manifests": manifests}, open(f"{self.path}/index.json", "w"))

def named(descriptor, name, key=REF):
    return {**descriptor, "annotations": {**descriptor.get("annotations", {}), key: name}}

def packed(kind, data):
    if kind == "gzip":
        return gzip.compress(data)
    return subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout if kind == "zstd" else data

def base(busybox):
    return [("./", "dir", 0o755), ("bin", "dir", 0o755), ("bin/busybox", "exe", open(busybox, "rb").read()), ("bin/sh", "link", "busybox"),
            ("bin/cat", "hard", "bin/busybox"), ("etc", "dir", 0o755), ("etc/passwd", "file", "root:x:0:0::/root:/bin/sh\napp:x:0:0::/srv/home:/bin/sh\nother:x:77:88::/other:/bin/sh\n"),
            ("etc/group", "file", "root:x:0:\nother:x:88:\nmore:x:99:other\n")]
