"""hostel beside podman: the same work by each in turn, both warm, with the CPU of everything that is started for it."""
import ctypes
import gzip
import hashlib
import io
import json
import os
import random
import re
import resource
import shutil
import socket
import statistics
import subprocess
import tarfile
import time

import network

PR_SET_CHILD_SUBREAPER = 36
LAYERS = ("/usr/bin", "/usr/lib")  # an image of 500 MB: files of this machine
LAYER = 250 << 20
# none of the machine's own settings; no limit that needs CAP_SYS_RESOURCE
SETTINGS = """[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
netns = "none"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
"""


def children():
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:
        return set(file.read().split())


class Bench:
    """Both programs with stores of their own below TOP, and images of TRUE and IDLE in each."""

    def __init__(self, build, top, programs):
        self.top = top + "/podman"
        self.hostel = [os.path.join(build, "hostel"), "--engine", "bunk"]
        self.podman = ["podman", "--root", self.top + "/root", "--runroot", self.top + "/run", "--tmpdir", self.top + "/tmp", "--storage-driver", "overlay"]
        os.makedirs(self.top + "/image/etc")
        for name, path in programs.items():
            shutil.copy(path, f"{self.top}/image/{name}")
        self.write("image/etc/passwd", "root:x:0:0::/:/bin/sh\n")
        runtime = "" if os.path.exists("/sys/fs/cgroup/cgroup.controllers") else 'runtime = "runc"\n'  # crun wants v2 only
        self.write("containers.conf", SETTINGS + runtime)
        self.environment = dict(os.environ, HOME=self.top, HOSTEL_STORE=self.top + "/store", CONTAINERS_CONF=self.top + "/containers.conf",
                                PODMAN_IGNORE_CGROUPSV1_WARNING="1")
        self.run("tar", "-C", self.top + "/image", "-cf", self.top + "/image.tar", ".")
        self.run(*self.podman, "import", self.top + "/image.tar", "bench")
        self.run(*self.hostel, "import", self.top + "/image.tar", "bench")
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def write(self, name, text):
        os.makedirs(os.path.dirname(f"{self.top}/{name}"), exist_ok=True)
        with open(f"{self.top}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, *words):
        """The output of WORDS."""
        with open(self.top + "/errors", "w+", encoding="utf-8") as errors:
            result = subprocess.run(words, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, env=self.environment)
            errors.seek(0)
            if result.returncode:
                raise RuntimeError(f"{' '.join(words[-3:])}: {errors.read().strip()[-300:]}")
        return result.stdout

    def spent(self, work):
        """Milliseconds until WORK() returns, and of the CPU of all its processes, once each has ended."""
        others = children()
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        work()
        wall = time.monotonic() - begin
        while children() - others:
            os.wait()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return wall * 1000, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000

    def remove_all(self):
        for words in ([*self.podman, "rm", "-af", "-t", "0"], ["umount", self.top + "/root/overlay"]):
            subprocess.run(words, check=False, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name in self.run(*self.hostel, "ls", "--format", "{name}").split():
            self.run(*self.hostel, "rm", "--force", name)


def compare(title, bench, works, bar, rounds):
    """WORKS: (name, function); the last one is the reference."""
    samples = {name: [] for name, _ in works}
    for name, work in works:
        work()
    for _ in range(rounds):
        for name, work in random.sample(works, len(works)):
            samples[name].append(bench.spent(work))
    base = works[-1][0]
    print(f"\n{title} (ms; {bar})\n  {'':24}{'median':>9}{'least':>9}{'CPU':>9}{'ratio':>8}{'of least':>9}{'of CPU':>8}")
    for name, s in samples.items():
        wall, cpu = ([x[i] for x in s] for i in (0, 1))
        of = [statistics.median(a[i] / b[i] for a, b in zip(s, samples[base])) for i in (0, 1)]
        least = min(wall) / min(x[0] for x in samples[base])
        print(f"  {name:24}{statistics.median(wall):9.1f}{min(wall):9.1f}{statistics.median(cpu):9.1f}{of[0]:8.3f}{least:9.3f}{of[1]:8.3f}", flush=True)


def run_true(bench, rounds):
    compare("run --rm of `true` from an image, without a network", bench, [
        ("hostel", lambda: bench.run(*bench.hostel, "run", "--rm", "--network", "none", "bench", "/true")),
        ("podman", lambda: bench.run(*bench.podman, "run", "--rm", "--network", "none", "bench", "/true"))], "wall at most 0.15", rounds)


def up_and_down(bench, words, count):
    names = [f"fleet-{i}" for i in range(count)]
    for name in names:
        bench.run(*words, "run", "-d", "--network", "none", "--name", name, "bench", "/idle")
    bench.run(*words, "rm", "-f", *(["-t", "0"] if words == bench.podman else []), *names)


def fleet(bench, rounds):
    compare("50 containers up and down, one after the other", bench, [
        ("hostel", lambda: up_and_down(bench, bench.hostel, 50)), ("podman", lambda: up_and_down(bench, bench.podman, 50))], "at most 0.2", rounds)


def proportional(programs, marker):
    """KiB (PSS) of the processes of these PROGRAMS whose command line or environment has MARKER, and how many there are."""
    total = count = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as line, open(f"/proc/{pid}/environ", "rb") as environment:
                words = line.read()
                if os.path.basename(words.split(b"\0")[0]).decode() not in programs or marker.encode() not in words + environment.read():
                    continue
            with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as figures:
                total += int(re.search(r"^Pss: +(\d+)", figures.read(), re.MULTILINE)[1])
                count += 1
        except OSError:
            pass
    return total, count


def idle(bench, count=100):
    kept = {}
    for words, program in ((bench.hostel, "hostel-monitor"), (bench.podman, "conmon")):
        for i in range(count):
            bench.run(*words, "run", "-d", "--network", "none", "--name", f"idle-{i}", "bench", "/idle")
        kept[program] = proportional([program], bench.top)
    print(f"\nmemory of all processes beside those of {count} idle containers (KiB, PSS; at most 0.3)")
    for program, (total, processes) in kept.items():
        print(f"  {program:24}{total:9}{processes:6} processes{total / kept['conmon'][0]:8.3f}", flush=True)
    bench.remove_all()


# --- images


def regular_files(directory):
    for where, directories, names in os.walk(directory):
        directories.sort()
        for path in (os.path.join(where, name) for name in sorted(names)):
            if os.path.isfile(path) and not os.path.islink(path):
                yield path


def add_layer(layout, directory):
    """A layer of the regular files of DIRECTORY, up to LAYER bytes, in the image layout. Returns its descriptor and diff_id."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for path in regular_files(directory):
            if out.tell() < LAYER:
                archive.add(path, recursive=False)
    diff_id = "sha256:" + hashlib.sha256(out.getbuffer()).hexdigest()
    return add_blob(layout, gzip.compress(out.getbuffer(), 6, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip"), diff_id


def add_blob(layout, data, kind):
    digest = hashlib.sha256(data).hexdigest()
    with open(f"{layout}/blobs/sha256/{digest}", "wb") as file:
        file.write(data)
    return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(data)}


def make_layout(layout):
    os.makedirs(layout + "/blobs/sha256")
    layers = [add_layer(layout, directory) for directory in LAYERS]
    config = {"architecture": {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine], "os": "linux", "config": {"Cmd": ["/true"]},
              "rootfs": {"type": "layers", "diff_ids": [diff_id for _, diff_id in layers]}}
    kind = "application/vnd.oci.image."
    manifest = {"schemaVersion": 2, "mediaType": kind + "manifest.v1+json", "layers": [layer for layer, _ in layers],
                "config": add_blob(layout, json.dumps(config).encode(), kind + "config.v1+json")}
    first = dict(add_blob(layout, json.dumps(manifest).encode(), kind + "manifest.v1+json"), annotations={"org.opencontainers.image.ref.name": "big"})
    for name, value in (("index.json", {"schemaVersion": 2, "manifests": [first]}), ("oci-layout", {"imageLayoutVersion": "1.0.0"})):
        with open(f"{layout}/{name}", "w", encoding="utf-8") as file:
            json.dump(value, file)
    return [layer["digest"].split(":")[1] for layer, _ in layers]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(bench):
    """A registry on loopback; returns its process and the image's name."""
    port = free_port()
    bench.write("registry.yml", f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {bench.top}/registry}}}}\n"
                                f"http: {{addr: 127.0.0.1:{port}}}\n")
    bench.write(".config/containers/registries.conf", f'[[registry]]\nlocation = "127.0.0.1:{port}"\ninsecure = true\n')
    server = subprocess.Popen(["docker-registry", "serve", bench.top + "/registry.yml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    bench.run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{bench.top}/layout:big", f"docker://127.0.0.1:{port}/bench/big:1")
    return server, f"127.0.0.1:{port}/bench/big:1"


def pulled(bench, image, on_disk):
    """Pulls IMAGE into an empty store and unpacks it. ON_DISK adds the size of what is there."""
    shutil.rmtree(bench.top + "/pulled", ignore_errors=True)
    environment = dict(bench.environment, HOSTEL_STORE=bench.top + "/pulled")
    subprocess.run([*bench.hostel, "create", "--pull", "always", "--network", "none", "--name", "big", image, "/true"], check=True, env=environment,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    on_disk.append(int(bench.run("du", "-sm", bench.top + "/pulled/layers").split()[0]))


def podman_pulled(bench, image):
    subprocess.run([*bench.podman, "rmi", "-f", image], check=False, env=bench.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    bench.run(*bench.podman, "pull", "-q", "--tls-verify=false", image)


def pull(bench, rounds):
    server, image = serve(bench)
    on_disk = []
    try:
        compare("pull an image of 500 MB from a registry on loopback, and unpack it", bench, [
            ("hostel", lambda: pulled(bench, image, on_disk)), ("podman", lambda: podman_pulled(bench, image))], "CPU at most 0.35", rounds)
        print(f"  unpacked: {min(on_disk)} MiB")
    finally:
        server.kill()
        server.wait()


def unpacked(bench):
    shutil.rmtree(bench.top + "/unpacked", ignore_errors=True)
    environment = dict(bench.environment, HOSTEL_STORE=bench.top + "/unpacked")
    subprocess.run([*bench.hostel, "create", "--network", "none", "--name", "big", f"oci:{bench.top}/layout:big", "/true"], check=True, env=environment,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def untarred(bench, layers):
    shutil.rmtree(bench.top + "/untarred", ignore_errors=True)
    os.mkdir(bench.top + "/untarred")
    for layer in layers:
        bench.run("bsdtar", "-xpf", f"{bench.top}/layout/blobs/sha256/{layer}", "-C", bench.top + "/untarred")


def unpack(bench, layers, rounds):
    compare("unpack its layers", bench, [("hostel", lambda: unpacked(bench)), ("bsdtar", lambda: untarred(bench, layers))],
            "wall at most 1.1, CPU at most 1.8", rounds)


def images(bench, rounds):
    layers = make_layout(bench.top + "/layout")
    unpack(bench, layers, rounds)
    pull(bench, 3)


def measure(build, top, programs, rounds, parts):
    """PARTS: of run, fleet, idle, images, network."""
    missing = [name for name in ("podman", "conmon", "skopeo", "docker-registry", "bsdtar") if not shutil.which(name)]
    if missing:
        print(f"\npodman: not installed: {' '.join(missing)}")
        return
    bench = Bench(build, top, programs)
    try:
        for name, work in (("run", lambda: run_true(bench, rounds)), ("fleet", lambda: fleet(bench, max(3, rounds // 10))), ("idle", lambda: idle(bench)),
                           ("images", lambda: images(bench, max(3, rounds // 6))), ("network", lambda: network.measure(bench, compare, rounds))):
            if name in parts:
                work()
    finally:
        bench.remove_all()
