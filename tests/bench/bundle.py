"""The bundles that the bench runs: what podman gives a container by default, around one static program."""
import json
import os
import shutil

CAPABILITIES = ["CAP_" + c for c in ("CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE "
                                      "SYS_CHROOT SETFCAP").split()]
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
          "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
PROFILE = "/usr/share/containers/seccomp.json"
SAFE = ["nosuid", "noexec", "nodev"]


def seccomp(path=PROFILE):
    """The engine's profile file as linux.seccomp, for this architecture and these capabilities; None without the file."""
    try:
        with open(path, encoding="utf-8") as file:
            profile = json.load(file)
    except FileNotFoundError:
        return None
    machine = {"x86_64": "SCMP_ARCH_X86_64", "aarch64": "SCMP_ARCH_AARCH64"}[os.uname().machine]
    word = {"x86_64": "amd64", "aarch64": "arm64"}[os.uname().machine]
    architectures = [machine] + next((m["subArchitectures"] for m in profile["archMap"] if m["architecture"] == machine), [])

    def applies(rule):
        wanted, unwanted = rule.get("includes") or {}, rule.get("excludes") or {}
        return (all(c in CAPABILITIES for c in wanted.get("caps", [])) and not any(c in CAPABILITIES for c in unwanted.get("caps", []))
                and (word in wanted["arches"] if wanted.get("arches") else True) and word not in unwanted.get("arches", []))

    rules = [{k: rule[k] for k in ("names", "action", "args", "errnoRet") if rule.get(k) is not None}
             for rule in profile["syscalls"] if applies(rule)]
    out = {"defaultAction": profile["defaultAction"], "architectures": architectures, "syscalls": rules}
    if profile.get("defaultErrnoRet") is not None:
        out["defaultErrnoRet"] = profile["defaultErrnoRet"]
    return out


def config(args, net=True, user=False, group=None, filtered=True):
    """config.json as a dictionary."""
    spaces = ["pid", "ipc", "uts", "mount", "cgroup"] + (["network"] if net else []) + (["user"] if user else [])
    sysfs = {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": SAFE + ["ro"]}
    if user and not net:
        sysfs = {"destination": "/sys", "type": "bind", "source": "/sys", "options": ["rbind"] + SAFE + ["ro"]}
    mounts = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": SAFE},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666",
                                                                                     "mode=0620"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": SAFE + ["mode=1777", "size=65536k"]},
        {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": SAFE},
        sysfs,
    ]
    if not user:
        mounts.append({"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": SAFE + ["ro"]})
    out = {
        "ociVersion": "1.0.2",
        "root": {"path": "rootfs"},
        "hostname": "bench",
        "process": {
            "terminal": False, "cwd": "/", "args": args, "env": ["PATH=/", "HOME=/"], "user": {"uid": 0, "gid": 0}, "noNewPrivileges": True,
            "capabilities": {kind: CAPABILITIES for kind in ("bounding", "effective", "permitted")},
            "rlimits": [{"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1024}],
        },
        "mounts": mounts,
        "linux": {"namespaces": [{"type": kind} for kind in spaces], "maskedPaths": MASKED, "readonlyPaths": READONLY},
    }
    if group:
        out["linux"]["cgroupsPath"] = group
    if user:
        out["linux"]["uidMappings"] = [{"containerID": 0, "hostID": os.geteuid(), "size": 1}]
        out["linux"]["gidMappings"] = [{"containerID": 0, "hostID": os.getegid(), "size": 1}]
    profile = seccomp() if filtered else None
    if profile:
        out["linux"]["seccomp"] = profile
    return out


def make(directory, programs, args=("/true",), **options):
    """A bundle in DIRECTORY whose root holds PROGRAMS (name: file)."""
    root = os.path.join(directory, "rootfs")
    os.makedirs(root)
    for name in ("proc", "dev", "sys"):
        os.mkdir(os.path.join(root, name))
    for name, program in programs.items():
        shutil.copy(program, os.path.join(root, name))
    spec = config(list(args), **options)
    if options.get("user") and os.geteuid() == 0:  # another user runs it
        for kind in ("uidMappings", "gidMappings"):
            spec["linux"][kind] = [{"containerID": 0, "hostID": 65534, "size": 1}]
    with open(os.path.join(directory, "config.json"), "w", encoding="utf-8") as file:
        json.dump(spec, file)
