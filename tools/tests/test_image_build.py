"""deploy/image/build with programs in place of docker, podman and buildah that say how they were called."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tiny_tree import write_tree

BUILD = Path(__file__).resolve().parents[2] / "deploy/image/build"
SAYS_HOW = '#!/bin/sh\n[ "$1" = info ] || echo "${0##*/} $*"\n'
FAILS = '#!/bin/sh\necho "not here" >&2\nexit 1\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    programs = {
        "deploy/image/tree": SAYS_HOW,
        "build/release/promfleet": "#!/bin/sh\necho promfleet 1.2.3\n",
        "bin/git": "#!/bin/sh\necho 0123abc\n",
    }
    write_tree(tmp_path, programs)
    shutil.copy(BUILD, tmp_path / "deploy/image")
    for program in [*programs, "deploy/image/build"]:
        (tmp_path / program).chmod(0o755)
    for program in ("bash", "sh", "dirname"):
        (tmp_path / "bin" / program).symlink_to(shutil.which(program) or program)
    return tmp_path


def add(tree: Path, program: str, text: str = SAYS_HOW) -> None:
    (tree / "bin" / program).write_text(text)
    (tree / "bin" / program).chmod(0o755)


def build(tree: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    argv = [tree / "deploy/image/build"]
    return subprocess.run(argv, env={"PATH": f"{tree}/bin"} | environment, capture_output=True, text=True, check=False)


def test_image_is_named_after_the_version_of_the_binary(tree: Path) -> None:
    add(tree, "docker")
    done = build(tree)
    assert done.stdout.splitlines() == [
        "tree build/release build/image",
        "docker build --file deploy/image/Dockerfile --target from-binary --tag promfleet/promfleet:1.2.3"
        " --build-arg VERSION=1.2.3 --build-arg REVISION=0123abc .",
        "image: docker has made promfleet/promfleet:1.2.3",
    ]
    assert done.returncode == 0


def test_image_has_the_name_that_is_asked_for(tree: Path) -> None:
    add(tree, "buildah")
    assert "--tag own/name:tag --build-arg" in build(tree, IMAGE="own/name:tag").stdout


def test_sources_without_history_have_no_revision(tree: Path) -> None:
    add(tree, "git", FAILS)
    add(tree, "buildah")
    assert "REVISION=unknown ." in build(tree).stdout


@pytest.mark.parametrize("works", ["podman", "buildah"])
def test_builder_that_does_not_work_here_is_passed_over(tree: Path, works: str) -> None:
    add(tree, "docker", FAILS)
    add(tree, works)
    done = build(tree)
    assert f"image: {works} has made promfleet/promfleet:1.2.3" in done.stdout
    assert done.stderr == ""


def test_without_any_builder_one_line_says_what_is_missing(tree: Path) -> None:
    done = build(tree)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "image: needs docker (with its daemon), podman or buildah: apt-get install buildah"
    ]
