"""How headers are written and included."""

from __future__ import annotations

from collections.abc import Iterator

from lint.cpp import code_only, without_comments
from lint.layers import INCLUDE
from lint.tree import Finding, SourceFile


def check_pragma_once(file: SourceFile) -> Iterator[Finding]:
    if file.name.endswith(".h") and not code_only(file.text).lstrip().startswith("#pragma once"):
        yield file.finding(1, "`#pragma once` comes before any code")


def check_own_header_first(file: SourceFile) -> Iterator[Finding]:
    """A header that its own source includes first is known to compile alone."""
    header = file.path.removesuffix(".cpp") + ".h"
    if not file.name.endswith(".cpp") or not (file.root / header).exists():
        return
    first = INCLUDE.search(without_comments(file.text))
    own = header.removeprefix("src/")
    if first is None or first["header"] != own:
        yield file.finding(1, f'"{own}" is to be the first include')
