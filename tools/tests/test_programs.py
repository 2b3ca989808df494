from pathlib import Path

import pytest

from lint.programs import programs_of
from tiny_tree import write_file

PYTHON = """
NGINX = "nginx"
run(["mount", "--bind", a, b])
launcher += ["prlimit", *limits]
Popen([NGINX, "-g"], env=environment)
run(["/usr/bin/python3", "-m", "pytest"])
run(["tools/tidy"])
run([sys.executable])
shutil.which("wrk"), peers.debian("chromium"), other("tail")
script = 'ip link set lo up && exec "$@"'
run(["sh", "-c", script])
@pytest.mark.parametrize("backend", ["file", "etcd"])
def test_x(backend): pass
"""
SHELL = """#!/bin/bash
set -e  # comm is not called here
listing=$(dpkg-query --show | sed -n 's/awk//p')
if [ -x "$listing" ] && ! grep -q x y; then exec env A=b strace -f; fi
sudo tee file
"""
MAKEFILE = """
all: curl
\t@git ls-files | xargs clang-format-19 -i
"""


@pytest.mark.parametrize(
    ("path", "text", "programs"),
    [
        ("a.py", PYTHON, {"mount", "prlimit", "nginx", "python3", "wrk", "chromium", "ip", "sh"}),
        ("a.sh", SHELL, {"set", "dpkg-query", "sed", "grep", "strace", "tee", "fi"}),
        ("Makefile", MAKEFILE, {"git", "clang-format-19"}),
        ("a.txt", "curl", set()),
    ],
    ids=["python", "shell", "make", "other"],
)
def test_programs_are_found_where_they_are_called(tmp_path: Path, path: str, text: str, programs: set[str]) -> None:
    assert programs_of(write_file(tmp_path, path, text)) == programs
