"""System calls and page faults of a command and all that it starts."""
import re
import resource
import subprocess
import tempfile


def calls(*words, **options):
    with tempfile.NamedTemporaryFile("r", encoding="utf-8", errors="replace") as log:
        subprocess.run(["strace", "-f", "-o", log.name, *words], check=True, stdin=subprocess.DEVNULL, **options)
        return sum(1 for line in log if re.match(r"\d+ +\w+\(", line))


def faults(*words, **options):
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt
    # by vfork(2): the pages of a fork would be this program's
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL, close_fds=False, **options)
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_minflt - before
