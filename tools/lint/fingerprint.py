"""Tells whether a source may have changed its meaning: it, what it includes of ours, or the rules it is judged by."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from lint.cpp import without_comments
from lint.layers import INCLUDE


class Fingerprints:
    """Of the sources below root/src, as they are while this object lives."""

    def __init__(self, root: Path, rules: bytes) -> None:
        self._src = root / "src"
        self._rules = rules
        self._own_includes = cache(self._read_own_includes)

    def of(self, source: Path) -> str:
        digest = hashlib.sha256(self._rules)
        for file in sorted(self._closure(source)):
            digest.update(file.as_posix().encode() + b"\0" + (self._src / file).read_bytes())
        return digest.hexdigest()

    def _closure(self, source: Path) -> set[Path]:
        """`source` and everything of ours that it includes, directly or not; from src/."""
        reached: set[Path] = set()
        ahead = [source.relative_to(self._src)]
        while ahead:
            file = ahead.pop()
            if file not in reached:
                reached.add(file)
                ahead += self._own_includes(file)
        return reached

    def _read_own_includes(self, file: Path) -> list[Path]:
        text = without_comments((self._src / file).read_text())
        headers = (Path(include["header"]) for include in INCLUDE.finditer(text))
        return [header for header in headers if (self._src / header).is_file()]
