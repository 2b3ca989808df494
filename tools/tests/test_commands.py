"""The commands as make calls them: what they print and how they exit."""

import subprocess
from pathlib import Path

from tiny_tree import write_tree

TOOLS = Path(__file__).resolve().parent.parent


def run(tool: str, root: Path) -> tuple[int, str]:
    done = subprocess.run([TOOLS / tool, root], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_tidy_prints_findings_of_several_rules_and_fails(tmp_path: Path) -> None:
    write_tree(tmp_path, {"src/a/b.h": "void f(bool fast);\n", "docs/a.md": "[x](y.md)\n"})
    status, output = run("tidy", tmp_path)
    assert status == 1
    assert [line.split(": ")[0] for line in output.splitlines()] == [
        "docs/a.md:1",
        "src/a/README.md:1",
        "src/a/b.h:1",
        "src/a/b.h:1",
    ]


def test_tidy_leaves_build_folders_and_seeds_alone(tmp_path: Path) -> None:
    write_tree(tmp_path, {"build/a.md": "[x](y.md)\n", "seeds/a.md": "[x](y.md)\n", ".git/a.md": "[x](y.md)\n"})
    assert run("tidy", tmp_path) == (0, "")


def test_check_layers_prints_findings_and_fails(tmp_path: Path) -> None:
    write_tree(tmp_path, {"src/CMakeLists.txt": "", "src/a/CMakeLists.txt": "room(a)\n"})
    assert run("check-layers", tmp_path) == (1, "src/a/CMakeLists.txt:1: a is not in src/CMakeLists.txt\n")


def test_check_layers_says_nothing_of_a_house_in_order(tmp_path: Path) -> None:
    write_tree(tmp_path, {"src/CMakeLists.txt": "add_subdirectory(a)", "src/a/CMakeLists.txt": "room(a)\n"})
    assert run("check-layers", tmp_path) == (0, "")
