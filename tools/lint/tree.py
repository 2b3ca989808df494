"""The files of the project, and what a check says about them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

# Written by tools, or (seeds) kept word for word as others wrote them.
FOREIGN_FOLDERS = {"build", "__pycache__", "node_modules", "seeds"}
OWN_HIDDEN = {".ci", ".clang-format", ".clang-tidy", ".devcontainer", ".dockerignore", ".gitignore"}
TEST_SUFFIXES = ("_test.cpp", "_fuzz.cpp", "_bench.cpp")
TEST_HEADERS = ("testing.h", "_testing.h")


@dataclass(frozen=True, order=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class SourceFile:
    path: str  # from the root, with slashes
    root: Path = field(repr=False)

    @cached_property
    def text(self) -> str:
        """Empty for what is not text: pictures, fuzz corpora."""
        data = (self.root / self.path).read_bytes()
        return "" if b"\0" in data else data.decode("utf-8", errors="replace")

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]

    @property
    def is_cpp(self) -> bool:
        return self.name.endswith((".h", ".cpp"))

    @property
    def is_python(self) -> bool:
        return self.name.endswith(".py") or self._interpreter("python3")

    @property
    def is_shell(self) -> bool:
        return self.name.endswith(".sh") or self._interpreter("bash") or self._interpreter("sh")

    @property
    def is_test(self) -> bool:
        """Test code: under tests/, or beside what it tests."""
        return (
            self.path.startswith("tests/")
            or "/tests/" in self.path
            or self.name.endswith(TEST_SUFFIXES + TEST_HEADERS)
        )

    def _interpreter(self, program: str) -> bool:
        if "." in self.name or not self.text.startswith("#!"):
            return False
        return self.lines[0].replace("/", " ").split()[-1] == program

    def finding(self, line: int, message: str) -> Finding:
        return Finding(self.path, line, message)

    def finding_at(self, offset: int, message: str) -> Finding:
        return Finding(self.path, self.text.count("\n", 0, offset) + 1, message)


def files(root: Path, under: str = "") -> Iterator[SourceFile]:
    """Every file that belongs to the tree (or to its folder `under`), sorted. Links and binary files included."""
    for folder, subfolders, names in os.walk(root / under):
        subfolders[:] = sorted(s for s in subfolders if s not in FOREIGN_FOLDERS and _visible(s))
        for name in sorted(filter(_visible, names)):
            path = Path(folder, name)
            if path.is_file():
                yield SourceFile(path.relative_to(root).as_posix(), root)


def _visible(name: str) -> bool:
    return not name.startswith(".") or name in OWN_HIDDEN
