"""Free loopback ports for programs that must be told theirs before they start.

A port handed out is never handed out again while this process lives, to no other test process either: an abstract Unix
socket named after the port is the reservation, and it vanishes with its process. No outgoing connection takes one by
chance, unless somebody has let the kernel give all of them to outgoing connections (net.ipv4.ip_local_port_range).
"""
import itertools
import os
import pathlib
import socket

RANGE = range(12_000, 32_000)


def outside(ports, first, last):
    """Those of the ports that do not lie from `first` to `last`; all of them if none does not."""
    return [port for port in ports if not first <= port <= last] or list(ports)


_reservations = []
_ports = outside(RANGE, *map(int, pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()))
_candidates = itertools.cycle(_ports)
next(itertools.islice(_candidates, os.getpid() * 37 % len(_ports), None))


def free_port():
    for port in itertools.islice(_candidates, len(_ports)):
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
