# Writes bundles on request: starting Python for each would take most of the time of a test on a slow machine.
# usage: bundles.py BUNK. A request on standard input is a list of null-terminated fields: the number of fields that follow, the bundle's directory, Python
# code that changes the configuration c, and the program. The answer to each is a line, ok or failed.
# A bundle whose rootfs has files keeps it (PATH is /bin); any other uses the host's own userland.
import json
import os
import subprocess
import sys
import tempfile
import traceback

# what the code can use, besides c and directory
WORDS = compile("""
top, group = os.path.dirname(directory), os.path.basename(os.path.dirname(directory))
p, l, m = c["process"], c["linux"], c["mounts"]
def mount(to, kind="tmpfs", source="x", *options, **more): m.append(dict(destination=to, type=kind, source=source, options=list(options), **more))
def bind(source, to, *options, **more): mount(to, "bind", source, *(options or ("bind",)), **more)
def caps(*names):
    for s in "bounding", "effective", "permitted": p["capabilities"][s] += names
def resources(**more): l.setdefault("resources", {}).update(more)
def namespace(kind, path=None): l["namespaces"] = [n for n in l["namespaces"] if n["type"] != kind] + [dict(type=kind, **({"path": path} if path else {}))]
def without(kind): l["namespaces"] = [n for n in l["namespaces"] if n["type"] != kind]
def users(inside=0, outside=100000, size=65536):
    os.chown(directory + "/rootfs", outside, outside); namespace("user"); l["uidMappings"] = l["gidMappings"] = [{"containerID": inside, "hostID": outside, "size": size}]
""", "words", "exec")


def plain_configuration(bunk):
    """What `bunk spec` writes."""
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([bunk, "spec", "--bundle", directory, *(["--rootless"] if os.geteuid() else [])], check=True)
        with open(directory + "/config.json", encoding="utf-8") as file:
            return file.read()


def make(plain, directory, code, args):
    own_root = os.path.isdir(f"{directory}/rootfs") and os.listdir(f"{directory}/rootfs")
    for name in () if own_root else ("rootfs", "up", "work"):
        os.makedirs(f"{directory}/{name}", exist_ok=True)
    c = json.loads(plain)
    c["process"].update(terminal=False, args=args)
    del c["process"]["rlimits"]
    c["root"]["readonly"] = False
    c["linux"].setdefault("cgroupsPath", "/".join(directory.split("/")[-2:]))
    if own_root:
        c["process"]["env"] = ["PATH=/bin"]
    else:
        c["mounts"].insert(0, {"destination": "/", "type": "overlay", "source": "overlay",
                               "options": ["lowerdir=/", f"upperdir={directory}/up", f"workdir={directory}/work"]})
    names = {"json": json, "os": os, "sys": sys, "c": c, "directory": directory}
    exec(WORDS, names)
    exec(code, names)
    if os.path.lexists(f"{directory}/config.json"):
        os.unlink(f"{directory}/config.json")
    with open(f"{directory}/config.json", "w", encoding="utf-8") as file:
        json.dump(c, file)


def fields(stream):
    """The null-terminated words of a stream."""
    rest = b""
    while block := os.read(stream.fileno(), 65536):
        *whole, rest = (rest + block).split(b"\0")
        yield from (os.fsdecode(word) for word in whole)


def main():
    plain = plain_configuration(sys.argv[1])
    words = fields(sys.stdin)
    for count in words:
        directory, code, *args = [next(words) for _ in range(int(count))]
        try:
            make(plain, directory, code, args)
            print("ok", flush=True)
        except Exception:
            traceback.print_exc()
            print("failed", flush=True)


main()
