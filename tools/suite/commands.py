"""Runs the commands of a stage: their output goes to a log and, as it comes, to the terminal."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

END_BYTES = 4096


@dataclass(frozen=True)
class Shell:
    root: Path
    logs: Path

    def run(self, log: str, argv: Sequence[str | Path], **environment: str) -> bool:
        """Whether it exited with 0. Appends to the log."""
        path = self.logs / f"{log}.log"
        with path.open("ab") as sink, path.open("rb") as written:
            written.seek(0, os.SEEK_END)
            process = self._start(argv, sink.fileno(), environment)
            # Not a pipe: a daemon that a test forgot would keep it open, and us waiting.
            while process.poll() is None:
                _copy(written.read())
                time.sleep(0.1)
            _copy(written.read())
        return process.returncode == 0

    def start(self, log: str, argv: Sequence[str | Path]) -> subprocess.Popen[bytes]:
        """Starts it in the background; its output goes to the log alone."""
        with (self.logs / f"{log}.log").open("wb") as sink:
            return self._start(argv, sink.fileno(), {})

    def show_end(self, log: str) -> None:
        """Of what went to the log alone."""
        _copy((self.logs / f"{log}.log").read_bytes()[-END_BYTES:])

    def _start(self, argv: Sequence[str | Path], sink: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv,
            cwd=self.root,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )


def _copy(output: bytes) -> None:
    sys.stdout.buffer.write(output)
    sys.stdout.flush()
