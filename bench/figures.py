"""What a benchmark measured: printed as a small table, and kept as build/bench/NAME.json for bench/report.

A figure has a target or is only reported. A target that is missed is a figure as well: only what could not be measured
makes a benchmark fail.
"""
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build/bench"
MET, MISSED, REPORTED, NOT_MEASURED = "met", "missed", "reported", "not measured"
BUSY_PERCENT_MAX = 5  # of all cores; above it the machine does something else, and figures are preliminary


class TimeIsUp(Exception):
    """A benchmark took longer than it may."""


@contextlib.contextmanager
def time_limit(seconds):
    def ring(*_):
        raise TimeIsUp(f"not finished after {seconds} s")
    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def new_folder(bench):
    """For the files and logs of a run; they stay until the next one."""
    folder = FOLDER / f"{bench}-files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Figures:
    """Made before the benchmark starts anything, since it looks at what the machine does without it."""

    def __init__(self, bench):
        self._path = FOLDER / f"{bench}.json"
        self._path.unlink(missing_ok=True)
        self._summary = {"bench": bench, "taken": datetime.date.today().isoformat(), "commit": _commit(),
                         "machine": _machine(), "busy_percent": round(_busy_percent(), 1), "figures": [],
                         "tables": [], "raw": {}}

    def judge(self, what, target, measured, *, is_met):
        self._add(what, target, measured, MET if is_met else MISSED)

    def report(self, what, measured):
        self._add(what, "", measured, REPORTED)

    def not_measured(self, what, why):
        self._add(what, "", str(why).splitlines()[0], NOT_MEASURED)

    def table(self, title, columns, rows):
        self._summary["tables"].append({"title": title, "columns": columns, "rows": rows})

    def keep(self, name, values):
        """Every single measurement, for whoever wants to look again."""
        self._summary["raw"][name] = values

    def finish(self):
        """Writes the summary, prints it, returns the exit status."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._summary, indent=1) + "\n")
        print(f"\n{render(self._summary)}\n{self._path.relative_to(ROOT)}", flush=True)
        return 1 if any(figure["verdict"] == NOT_MEASURED for figure in self._summary["figures"]) else 0

    def _add(self, what, target, measured, verdict):
        self._summary["figures"].append({"what": what, "target": target, "measured": measured, "verdict": verdict})


def summaries(folder=FOLDER):
    """Of every benchmark that has run, by name."""
    return [json.loads(path.read_text()) for path in sorted(pathlib.Path(folder).glob("*.json"))]


def render(summary):
    """A summary as Markdown."""
    lines = [f"### {summary['bench']}", "", _occasion(summary), ""]
    lines += _markdown_table(["What", "Target", "Measured", ""],
                             [[figure[key] for key in ("what", "target", "measured", "verdict")]
                              for figure in summary["figures"]])
    for table in summary["tables"]:
        lines += ["", f"{table['title']}:", "", *_markdown_table(table["columns"], table["rows"])]
    return "\n".join(lines) + "\n"


def _occasion(summary):
    machine = summary["machine"]
    quiet = summary["busy_percent"] <= BUSY_PERCENT_MAX
    return (f"{summary['taken']}, commit {summary['commit']}, {machine['cores']} cores of {machine['processor']}, "
            f"{machine['memory_gib']} GiB, {machine['system']}, Linux {machine['kernel']}; before the start the machine "
            f"was busy to {summary['busy_percent']:g} %." +
            ("" if quiet else " **Preliminary: the figures need a quiet machine.**"))


def _markdown_table(columns, rows):
    lines = [columns, ["---"] * len(columns), *rows]
    return ["| " + " | ".join(map(str, line)) + " |" for line in lines]


def _commit():
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def _machine():
    memory_bytes = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {"processor": _first_value("/proc/cpuinfo", "model name", ":") or platform.machine(),
            "cores": os.cpu_count(), "memory_gib": round(memory_bytes / 2**30), "kernel": platform.release(),
            "system": _first_value("/etc/os-release", "PRETTY_NAME", "=").strip('"')}


def _first_value(path, key, separator):
    for line in pathlib.Path(path).read_text().splitlines():
        name, _, value = line.partition(separator)
        if name.strip() == key:
            return value.strip()
    return ""


def _busy_percent(seconds=3):
    """How much of all cores others use."""
    idle_before, total_before = _cpu_times()
    time.sleep(seconds)
    idle, total = _cpu_times()
    return 100 * (1 - (idle - idle_before) / (total - total_before))


def _cpu_times():
    fields = list(map(int, pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return fields[3] + fields[4], sum(fields)  # idle and waiting for a disk
