"""How many requests a member sends to the API server while nothing happens. Every side at the same time."""
import time

NAME = "requests"
WHAT = "API requests of a member while nothing happens"
SECONDS = 60


def measure(sides, outcomes):
    """Counts at each member's own line. A watch is one request."""
    print(f"counting API requests for {SECONDS} s", flush=True)
    lines = {name: side.lines() for name, side in sides.items()}
    before = {name: _counts(lines[name]) for name in sides}
    time.sleep(SECONDS)
    for name, side in sides.items():
        after = _counts(lines[name])
        assert side.lines() == lines[name], f"{name} changed its leader meanwhile"
        outcomes.requests[name] = [(now - then) * 60 / SECONDS for now, then in zip(after, before[name], strict=True)]
        print(f"{name:10} requests a minute, the leader first: {outcomes.requests[name]}", flush=True)


def _counts(lines):
    return [len(line.request_lines) for line in lines]
