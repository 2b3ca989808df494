"""Free loopback ports for programs that must be told theirs before they start.

A port handed out is never handed out again while this process lives, to no other test process either: an abstract Unix
socket named after the port is the reservation, and it vanishes with its process. The range lies below the kernel's
ephemeral ports, so no outgoing connection takes one by chance.
"""
import itertools
import os
import socket

FIRST, LAST = 12_000, 32_000

_reservations = []
_candidates = itertools.cycle(range(FIRST, LAST))
next(itertools.islice(_candidates, os.getpid() * 37 % (LAST - FIRST), None))


def free_port():
    for port in itertools.islice(_candidates, LAST - FIRST):
        reservation = _reserve(port)
        if reservation:
            _reservations.append(reservation)
            return port
    raise RuntimeError("no free port is left")


def _reserve(port):
    reservation = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        reservation.bind(f"\0promfleet-test-port-{port}")
        for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.bind((address, port))
        return reservation
    except OSError:
        reservation.close()
        return None
