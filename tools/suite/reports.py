"""What test runners report, as cases. GoogleTest, pytest and ctest write nearly the same XML."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Outcome = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True)
class Case:
    name: str
    outcome: Outcome


def read_junit(path: Path) -> list[Case]:
    """The cases of one report; none where it is missing or broken off, as a crash leaves it."""
    try:
        report = ElementTree.parse(path)
    except (OSError, ElementTree.ParseError):
        return []
    return [Case(_name(element), _outcome(element)) for element in report.iter("testcase")]


def _name(element: ElementTree.Element) -> str:
    parts = [element.get("classname", ""), element.get("name", "")]
    return ".".join(dict.fromkeys(filter(None, parts)))


def _outcome(element: ElementTree.Element) -> Outcome:
    if element.find("failure") is not None or element.find("error") is not None:
        return "failed"
    # GoogleTest marks a disabled case `notrun` and has no <skipped> for it.
    if element.find("skipped") is not None or element.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def merge_programs(programs: list[Case], cases_of: dict[str, list[Case]]) -> list[Case]:
    """Replaces each test program by its cases. A program that failed although none of them did (it crashed, leaked or
    hung) is a failure of its own."""
    merged: list[Case] = []
    for program in programs:
        cases = cases_of.get(program.name, [])
        merged += cases
        explained = any(case.outcome == program.outcome for case in cases)
        if not cases or (program.outcome == "failed" and not explained):
            merged.append(program)
    return merged


def summary(cases: Iterable[Case]) -> str:
    count = Counter(case.outcome for case in cases)
    return f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped"
