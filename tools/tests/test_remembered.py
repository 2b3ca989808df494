import os
import time
from pathlib import Path

from lint.remembered import KEPT_SECONDS, Remembered


def test_only_what_was_added_is_held(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path / "cache")
    assert not remembered.holds("a")
    remembered.add("a")
    assert remembered.holds("a")
    assert not remembered.holds("b")


def test_another_clone_with_the_same_cache_holds_it_too(tmp_path: Path) -> None:
    Remembered(tmp_path).add("a")
    assert Remembered(tmp_path).holds("a")


def test_what_no_run_has_met_for_long_is_forgotten(tmp_path: Path) -> None:
    remembered = Remembered(tmp_path)
    for fingerprint in ("met", "unmet"):
        remembered.add(fingerprint)
        old = time.time() - KEPT_SECONDS - 10
        os.utime(tmp_path / fingerprint, (old, old))
    assert remembered.holds("met")
    remembered.forget_old()
    assert remembered.holds("met")
    assert not remembered.holds("unmet")
