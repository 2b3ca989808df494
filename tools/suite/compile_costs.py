"""What each translation unit of a build costs the compiler, by the kernel's account of its process."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

SECONDS_MAX = 25
MEMORY_BYTES_MAX = 1 << 30


@dataclass(frozen=True)
class Cost:
    source: str
    cpu_seconds: float  # which other work on the machine does not lengthen, as it does the wall's clock
    memory_bytes: int

    @property
    def is_within_limits(self) -> bool:
        return self.cpu_seconds <= SECONDS_MAX and self.memory_bytes <= MEMORY_BYTES_MAX


class CompileFailed(Exception):
    pass


def compile_commands(build_folder: Path, target: str = "all") -> list[list[str]]:
    """Of every translation unit that the target needs, without ccache in front."""
    argv = ["ninja", "-C", build_folder, "-t", "commands", target]
    listing = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    return list(compilers_in(listing))


def compilers_in(listing: str) -> Iterator[list[str]]:
    for line in listing.splitlines():
        words = shlex.split(line)
        if "-c" in words:
            yield words[next(number for number, word in enumerate(words) if Path(word).name.startswith("clang")) :]


def measure_all(commands: Sequence[list[str]], build_folder: Path) -> Iterator[Cost]:
    """On all cores, in the order of the commands."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(lambda numbered: measure(numbered[1], build_folder, f"{folder}/{numbered[0]}.o"),
                            enumerate(commands))


def measure(command: Sequence[str], build_folder: Path, output: str) -> Cost:
    argv = list(command)
    argv[argv.index("-o") + 1] = output
    if "-MF" in argv:
        argv[argv.index("-MF") + 1] = f"{output}.d"
    process = subprocess.Popen(argv, cwd=build_folder)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    source = argv[argv.index("-c") + 1]
    if process.returncode != 0:
        raise CompileFailed(source)
    return Cost(source, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
