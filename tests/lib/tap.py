"""TAP for tests in Python: result() for each, done() last."""
import os
import sys

number = failures = 0


def skip_all(reason):
    print(f"ok 1 - {os.path.basename(sys.argv[0])} # SKIP {reason}")
    sys.exit(0)


def result(good, name, lines=()):
    """Prints one result, with LINES as its explanation."""
    global number, failures
    number += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {number} - {name}", flush=True)
    for line in lines:
        print(f"# {line}")


def done():
    print(f"1..{number}")
    sys.exit(failures > 0)
