"""The dashboard on a terminal of our own."""


def measure(hostel, top):
    print(hostel, top)
