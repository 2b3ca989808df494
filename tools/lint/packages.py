"""Which Debian package a program comes from, and which packages a machine has that installed what packages.txt names."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

LISTS = Path("/var/lib/dpkg/info")  # the files of each installed package
PROGRAM_PATH = re.compile(r"(?:/usr)?/s?bin/([^/]+)$")
FIELDS = ("Package", "Essential", "Priority", "Pre-Depends", "Depends")


def named_by_group(packages_txt: str) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    current: set[str] = set()
    for line in packages_txt.splitlines():
        if line.startswith("["):
            current = groups.setdefault(line.strip("[]"), set())
        elif line and not line.startswith("#"):
            current.add(line.split()[0])
    return groups


def packages_by_program() -> dict[str, str]:
    """Of every program that is installed as a package."""
    found = {}
    for listing in LISTS.glob("*.list"):
        for path in listing.read_text().splitlines():
            if match := PROGRAM_PATH.match(path):
                found[match[1]] = listing.stem.partition(":")[0]
    return found


def present(named: set[str]) -> set[str]:
    """Those named, those that every Debian has, and what all of them depend on."""
    pattern = "\t".join(f"${{{field}}}" for field in FIELDS) + "\n"
    listing = subprocess.run(["dpkg-query", "--show", f"--showformat={pattern}"], capture_output=True, check=True)
    depends: dict[str, set[str]] = {}
    ahead = set(named)
    for line in listing.stdout.decode().splitlines():
        package, essential, priority, *needs = line.split("\t")
        depends[package] = _first_choices(", ".join(needs))
        if essential == "yes" or priority == "required":
            ahead.add(package)
    reached: set[str] = set()
    while ahead:
        package = ahead.pop()
        if package not in reached:
            reached.add(package)
            ahead |= depends.get(package, set())
    return reached


def _first_choices(field: str) -> set[str]:
    """`a (>= 1) | b, c:any` -> {a, c}."""
    choices = (re.match(r"\s*([a-z0-9.+-]+)", choice) for choice in field.split(","))
    return {match[1] for match in choices if match}
