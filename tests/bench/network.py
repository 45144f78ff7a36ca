"""hostel's networks beside the bare steps of ip(8), podman's bridge, and a bare cable, in namespaces of their own."""
import ctypes
import os
import random
import statistics
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000
SECONDS = 2
# sends or counts bytes until the other side or the time ends: NAME receive PORT | NAME send ADDRESS PORT SECONDS
TRAFFIC = """
import socket, sys, time
if sys.argv[1] == "receive":
    server = socket.create_server(("0.0.0.0", int(sys.argv[2])))
    print("ready", flush=True)
    connection, _ = server.accept()
    buffer, total, begin = bytearray(1 << 20), 0, time.monotonic()
    while n := connection.recv_into(buffer):
        total += n
    print(total / (time.monotonic() - begin))
else:
    s = socket.create_connection((sys.argv[2], int(sys.argv[3])), timeout=20)
    data, until = bytes(1 << 18), time.monotonic() + float(sys.argv[4])
    while time.monotonic() < until:
        s.sendall(data)
"""


def enter_own_namespaces():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWNET) < 0:
        raise OSError(ctypes.get_errno(), "cannot create namespaces")
    for words in (["mount", "--make-rprivate", "/"], ["mount", "-t", "tmpfs", "tmpfs", "/run"], ["ip", "link", "set", "lo", "up"]):
        subprocess.run(words, check=True)
    if os.path.isdir("/var/lib/cni"):
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/var/lib/cni"], check=True)


def ms(work):
    begin = time.monotonic()
    work()
    return (time.monotonic() - begin) * 1000


def bare_join(i):
    """What joining a bridge is at least: a cable with one end in a namespace, which gets an address."""
    link = f"bare{i}"
    subprocess.run(["ip", "link", "add", link, "master", "bare", "type", "veth", "peer", "name", "eth0", "netns", "bare"], check=True)
    subprocess.run(["ip", "-n", "bare", "address", "add", "10.99.0.2/24", "dev", "eth0"], check=True)
    subprocess.run(["ip", "link", "set", link, "up"], check=True)
    return link


def joining(bench, rounds):
    """The time of a run on a network less that of one without, against the three steps of ip(8)."""
    run = [*bench.hostel, "run", "--rm"]
    bench.run(*bench.hostel, "run", "-d", "--name", "keeps", "--network", "default", "bench", "/idle")
    subprocess.run("ip netns add bare && ip link add bare type bridge && ip link set bare up", shell=True, check=True)
    added, steps = [], []
    for i in range(rounds):
        times = {}
        for network in random.sample(["none", "default"], 2):
            times[network] = ms(lambda: bench.run(*run, "--network", network, "bench", "/true"))
        added.append(times["default"] - times["none"])
        steps.append(ms(lambda: bare_join(i)))
        subprocess.run(["ip", "link", "delete", f"bare{i}"], check=True)
    print(f"\njoining and leaving a network that is up, with what it adds to a run (ms; at most 2.5 of the steps)\n"
          f"  hostel {statistics.median(added):.1f}   ip link, address, link {statistics.median(steps):.1f}   "
          f"ratio {statistics.median(a / b for a, b in zip(added, steps)):.2f}", flush=True)
    bench.run(*bench.hostel, "rm", "--force", "keeps")


def with_port(bench, compare, rounds):
    compare("run --rm of `true` on a bridge, with a published port", bench, [
        ("hostel", lambda: bench.run(*bench.hostel, "run", "--rm", "--network", "default", "-p", "18080:80", "bench", "/true")),
        ("podman", lambda: bench.run(*bench.podman, "--network-config-dir", bench.top + "/networks", "run", "--rm", "--network", "podman", "-p", "18081:80",
                                     "bench", "/true"))], "wall at most 0.25", rounds)


def rate(receiver, sender, address, port):
    """Bytes a second from SENDER to RECEIVER, both beginnings of command lines."""
    with subprocess.Popen([*receiver, sys.executable, "-c", TRAFFIC, "receive", str(port)], stdout=subprocess.PIPE, text=True) as server:
        server.stdout.readline()
        subprocess.run([*sender, sys.executable, "-c", TRAFFIC, "send", address, str(port), str(SECONDS)], check=True)
        return float(server.stdout.read())


def inside(bench, name):
    pid = bench.run(*bench.hostel, "ls", "--format", "{pid}", f"name:{name}").strip()
    address = bench.run("nsenter", "-n", "-t", pid, "hostname", "-I").split()[0]
    return ["nsenter", "-n", "-t", pid], address


def throughput(bench, rounds):
    for name in ("one", "two"):
        bench.run(*bench.hostel, "run", "-d", "--name", name, "--network", "default", "bench", "/idle")
    (one, address), (two, _) = inside(bench, "one"), inside(bench, "two")
    subprocess.run("ip netns add left && ip netns add right && ip link add eth0 netns left type veth peer name eth0 netns right", shell=True, check=True)
    for end, number in (("left", 1), ("right", 2)):
        subprocess.run(f"ip -n {end} address add 10.98.0.{number}/24 dev eth0 && ip -n {end} link set eth0 up", shell=True, check=True)
    ways = {"bare cable": (["ip", "netns", "exec", "left"], ["ip", "netns", "exec", "right"], "10.98.0.1"), "two containers": (one, two, address),
            "host to container": (one, [], address)}
    rates = {name: [] for name in ways}
    for i in range(rounds):
        for k, name in enumerate(random.sample(list(ways), len(ways))):
            rates[name].append(rate(*ways[name], 20000 + 10 * i + k))
    print("\nthroughput (MB/s; at least 0.95 of a bare cable)")
    for name, r in rates.items():
        print(f"  {name:24}{statistics.median(r) / 1e6:9.0f}{statistics.median(a / b for a, b in zip(r, rates['bare cable'])):8.2f}", flush=True)
    bench.run(*bench.hostel, "rm", "--force", "one", "two")


def measure(bench, compare, rounds):
    """In a process of its own, since it leaves this machine's namespaces."""
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
        return
    try:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)  # to count the CPU of processes that outlive a command; children do not inherit it
        enter_own_namespaces()
        joining(bench, rounds)
        with_port(bench, compare, max(3, rounds // 2))
        throughput(bench, 5)
        bench.remove_all()
    except (RuntimeError, OSError, subprocess.CalledProcessError) as problem:
        print(f"  network: {problem}")
    finally:
        sys.stdout.flush()
        os._exit(0)
