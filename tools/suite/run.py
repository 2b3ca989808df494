"""Runs stages one after another. Whatever happens to one, the next still runs, and every failure has its reason."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterable

from suite.reports import Case, summary
from suite.stages import BuildFailed, Context, Stage


def run_stages(stages: Iterable[Stage], context: Context) -> list[Case]:
    return [case for stage in stages for case in _run(stage, context)]


def verdict(cases: list[Case]) -> int:
    """The exit status, after the last lines: what failed, and the count. 0 if something ran and nothing failed."""
    for case in cases:
        if case.outcome == "failed":
            print(f"FAILED {case.name}")
    print(summary(cases), flush=True)
    outcomes = {case.outcome for case in cases}
    return 0 if "passed" in outcomes and "failed" not in outcomes else 1


def _run(stage: Stage, context: Context) -> list[Case]:
    print(f"\n== {stage.name}: {stage.about}", flush=True)
    began = time.monotonic()
    try:
        cases = stage.run(context)
    except (BuildFailed, OSError, subprocess.SubprocessError) as failure:  # a program that is missing among them
        print(f"== {stage.name} broke off: {failure}", flush=True)
        cases = [Case(str(failure), "failed")]
    print(f"== {stage.name}: {summary(cases)} in {time.monotonic() - began:.0f} s", flush=True)
    return [Case(f"{stage.name}: {case.name}", case.outcome) for case in cases]
