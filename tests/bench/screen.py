"""The dashboard on a terminal of our own: bytes, times, CPU and memory, with simulated workloads."""
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import termios
import time

ROWS, COLUMNS = 40, 120
SECONDS = 10
KEYS = b"jjjjkkkk"  # down and up: each changes the screen, also in a short list


class Terminal:
    """A program on a new pseudo terminal of ROWS and COLUMNS."""

    def __init__(self, words, environment):
        self.begin = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
            os.execve(words[0], words, environment)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def read(self, seconds):
        """What arrives within this many seconds, as soon as something does; b"" if nothing does."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return b""
        try:
            return os.read(self.fd, 1 << 16)
        except OSError:
            return b""

    def until_quiet(self, seconds):
        """All that arrives until there is no output for this many seconds."""
        out = b""
        while part := self.read(seconds):
            out += part
        return out

    def collect(self, seconds):
        out, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            out += self.read(left)
        return out

    def end(self):
        os.write(self.fd, b"q")
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                break
            self.read(0.05)
        else:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return [int(word) for word in file.read().split()]


def cpu_ns(pid):
    """Of all its threads."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="utf-8") as file:
            total += int(file.read().split()[0])
    return total


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def quantile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def start_time(words, environment, mark):
    """Milliseconds until a workload is visible; None if none ever is."""
    terminal, seen = Terminal(words, environment), b""
    try:
        while mark not in seen:
            part = terminal.read(5)
            if not part:
                return None
            seen += part
        return (time.monotonic() - terminal.begin) * 1000
    finally:
        terminal.end()


def keys(terminal, count=100):
    """Milliseconds to the first byte that answers a cursor key, and bytes of the answers. At typing speed: there are ten frames a second,
    and a key may take two, one for the list and one for the pane that follows it."""
    times, sizes = [], []
    while len(times) < count:
        terminal.until_quiet(0.25)
        begin = time.monotonic()
        os.write(terminal.fd, KEYS[len(times) % len(KEYS):][:1])
        first = terminal.read(1)
        times.append((time.monotonic() - begin) * 1000)
        sizes.append(len(first + terminal.until_quiet(0.02)))
    return times, sizes


def one(hostel, count, environment, mark):
    words = [hostel, "--engine", f"fake:{count}"]
    starts = [t for t in (start_time(words, environment, mark) for _ in range(7)) if t is not None]
    terminal = Terminal(words, environment)
    try:
        terminal.collect(3)
        processes = [terminal.pid, *children(terminal.pid)]
        before = [cpu_ns(pid) for pid in processes]
        size = len(terminal.collect(SECONDS))
        used = [(cpu_ns(pid) - b) / 1e7 / SECONDS for pid, b in zip(processes, before)]
        memory = [rss_mib(pid) for pid in processes]
        times, sizes = keys(terminal)
        print(f"  {count:<10}{statistics.median(starts) if starts else float('nan'):9.0f} ms{size / SECONDS:9.0f}{statistics.median(sizes):9.0f}"
              f"{statistics.median(times):9.2f}{quantile(times, 0.99):8.2f} ms   {' + '.join(f'{u:.1f}' for u in used):>12} %"
              f"   {' + '.join(f'{m:.0f}' for m in memory):>9} MiB")
    finally:
        terminal.end()


def measure(hostel, top):
    environment = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", HOME=top, XDG_CONFIG_HOME=top, XDG_STATE_HOME=top, HOSTEL_STORE=top + "/store")
    print(f"\nthe dashboard, {COLUMNS}x{ROWS}, a refresh a second; of dashboard + agent\n"
          f"  {'workloads':10}{'start':>12}{'B/s':>9}{'B/key':>9}{'key: p50':>9}{'p99':>8}      {'CPU':>12}     {'RSS':>9}")
    for count in (10, 100, 1000):
        one(hostel, count, environment, b"sim")
