"""What was found clean, by the fingerprint of its content: an empty file each, in a folder that outlives the clone."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

KEPT_SECONDS = 60 * 24 * 3600  # since a run last met it


class Remembered:
    """Several runs may share the folder, at the same time too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, fingerprint: str) -> bool:
        """Meeting it keeps it young."""
        file = self._folder / fingerprint
        if not file.exists():
            return False
        file.touch()
        return True

    def add(self, fingerprint: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / fingerprint).touch()

    def forget_old(self) -> None:
        oldest = time.time() - KEPT_SECONDS
        with contextlib.suppress(FileNotFoundError):  # another run was faster
            for file in self._folder.glob("*"):
                if file.stat().st_mtime < oldest:
                    file.unlink()
