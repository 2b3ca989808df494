#!/usr/bin/python3
"""What a gate writes to and what a Prometheus scrapes, each in a process of its own.

    stand_ins.py receiver PORT           takes every write, and looks at none
    stand_ins.py target PORT SERIES      serves a page with so many series
"""
import pathlib
import sys
import threading

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2] / "tests/e2e"))

from lib.http_server import FakeServer


class Receiver(FakeServer):
    def respond(self, method, path, headers, body):
        return (204, b"") if path == "/api/v1/write" else (404, b"not here\n")


class Target(FakeServer):
    def __init__(self, port, series):
        self._page = page(series)
        super().__init__(port)

    def respond(self, method, path, headers, body):
        return 200, self._page


def page(series):
    """In Prometheus' text format; a thousand series a metric."""
    lines = []
    for number in range(series):
        metric, shard = divmod(number, 1000)
        if shard == 0:
            lines.append(f"# TYPE bench_requests_{metric}_total counter")
        lines.append(f'bench_requests_{metric}_total{{code="200",handler="/api/v1/{shard % 40}",method="GET",'
                     f'shard="{shard}"}} {number * 37}')
    return "\n".join([*lines, ""]).encode()


def main():
    what, port, *rest = sys.argv[1:]
    {"receiver": Receiver, "target": Target}[what](int(port), *map(int, rest))
    threading.Event().wait()


if __name__ == "__main__":
    main()
