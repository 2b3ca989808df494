""".devcontainer: what contributors get is the system that the image is built in, with what tools/packages.txt names."""

import json
import re
from pathlib import Path

from lint.packages import named_by_group

ROOT = Path(__file__).resolve().parents[2]
CONTAINER = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())


def test_it_starts_from_the_system_that_the_image_is_built_in() -> None:
    system = re.search(r"^FROM (\S+) AS build$", (ROOT / "deploy/image/Dockerfile").read_text(), re.MULTILINE)
    assert system
    assert CONTAINER["image"] == system[1]


def test_it_installs_every_group_of_packages_and_nothing_else() -> None:
    program, *groups = CONTAINER["onCreateCommand"].split()
    assert (ROOT / program).samefile(ROOT / "tools/setup")
    assert groups == list(named_by_group((ROOT / "tools/packages.txt").read_text()))
    assert not {"build", "dockerFile", "features", "postCreateCommand", "updateContentCommand"} & CONTAINER.keys()


def test_make_setup_installs_the_same() -> None:
    recipe = re.search(r"^setup:.*\n\t@(.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe[1] == CONTAINER["onCreateCommand"]
