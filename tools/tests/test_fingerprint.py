from pathlib import Path

from lint.fingerprint import Fingerprints
from tiny_tree import write_tree

TREE = {
    "src/a/x.cpp": '#include "a/x.h"\n',
    "src/a/x.h": '#include <vector>\n#include "b/y.h"\n',
    "src/b/y.h": '#include "a/x.h"\n',
    "src/b/z.h": "",
}


def fingerprint(root: Path, changes: dict[str, str], rules: bytes = b"") -> str:
    return Fingerprints(write_tree(root, TREE | changes), rules).of(root / "src/a/x.cpp")


def test_the_same_text_has_the_same_fingerprint(tmp_path: Path) -> None:
    assert fingerprint(tmp_path, {}) == fingerprint(tmp_path, {"src/b/z.h": "changed"})


def test_a_header_behind_a_header_counts(tmp_path: Path) -> None:
    assert fingerprint(tmp_path, {}) != fingerprint(tmp_path, {"src/b/y.h": "changed"})


def test_the_rules_count(tmp_path: Path) -> None:
    assert fingerprint(tmp_path, {}) != fingerprint(tmp_path, {}, rules=b"other")
