"""What the front door starts, with programs in place of the real ones that say how they were called."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tiny_tree import write_tree

ROOT = Path(__file__).resolve().parents[2]
SAYS_HOW = '#!/bin/sh\necho "${0##*/} $* CCACHE_DISABLE=$CCACHE_DISABLE${IMAGE+ IMAGE=$IMAGE}"\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    programs = ["bin/cmake", "tools/setup", "tools/run-tests", "demo/run", "deploy/image/build"]
    write_tree(tmp_path, {"CMakePresets.json": "", "home/readme": ""} | dict.fromkeys(programs, SAYS_HOW))
    for program in programs:
        (tmp_path / program).chmod(0o755)
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def make(tree: Path, target: str, **environment: str) -> list[str]:
    inherited = {"PATH": f"{tree}/bin:{os.environ['PATH']}", "HOME": str(tree / "home")}
    argv = ["make", "--no-print-directory", target]
    done = subprocess.run(argv, cwd=tree, env=inherited | environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_demo_builds_without_ccache_where_the_user_has_no_cache(tree: Path) -> None:
    assert make(tree, "demo") == [
        "setup build CCACHE_DISABLE=1",
        "cmake --preset release CCACHE_DISABLE=1",
        "cmake --build --preset release CCACHE_DISABLE=1",
        "cmake --build --preset release --target fencing_sink CCACHE_DISABLE=1",
        "setup demo CCACHE_DISABLE=1",
        "run  CCACHE_DISABLE=1",
    ]


@pytest.mark.parametrize("cache", [".cache/ccache", ".ccache", ".config/ccache"])
def test_demo_builds_with_the_cache_that_the_user_has(tree: Path, cache: str) -> None:
    (tree / "home" / cache).mkdir(parents=True)
    assert "cmake --build --preset release CCACHE_DISABLE=" in make(tree, "demo")


def test_demo_builds_with_the_cache_that_the_environment_names(tree: Path) -> None:
    assert "cmake --build --preset release CCACHE_DISABLE=" in make(tree, "demo", CCACHE_DIR="/elsewhere")


def test_everything_else_fills_the_cache(tree: Path) -> None:
    assert "cmake --build --preset release CCACHE_DISABLE=" in make(tree, "build")
    assert make(tree, "test")[-1] == "run-tests  CCACHE_DISABLE="


@pytest.mark.parametrize("name", ["", "own/name:tag"])
def test_image_is_made_of_a_release_build_and_named_as_asked(tree: Path, name: str) -> None:
    done = make(tree, "image", **({"IMAGE": name} if name else {}))
    assert [line.partition(" CCACHE")[0] for line in done] == [
        "setup build", "cmake --preset release", "cmake --build --preset release", "setup image", "build "]
    assert done[-1].endswith(f" IMAGE={name}")
