"""What the tree calls, a Debian with git and make has after tools/setup of the groups that go with the caller."""

import re
from pathlib import Path

from lint.packages import named_by_group, packages_by_program, present
from lint.programs import programs_of
from lint.tree import files

ROOT = Path(__file__).resolve().parents[2]
TESTS = ["build", "demo", "test", "peers"]
GROUPS = {"tools/setup": [], "demo/": ["build", "demo"], "bench/": [*TESTS, "bench"], "": TESTS}
FROM_THE_START = {"git", "make"}
# What only says that it needs them: their user's own choice, and of no test.
BROUGHT_BY_USERS = {"deploy/examples/cluster": {"k3d", "docker", "kubectl", "helm"}}


def folder_of(path: str) -> str:
    return next(folder for folder in GROUPS if path.startswith(folder))


def test_groups_are_read() -> None:
    text = "# all\n\n[build]\ncmake   why\nmake\n\n[demo]\nprometheus   two\n"
    assert named_by_group(text) == {"build": {"cmake", "make"}, "demo": {"prometheus"}}


def test_essential_packages_and_what_the_named_depend_on_are_present() -> None:
    packages = present({"python3"})
    assert {"coreutils", "mount", "python3", "python3-minimal"} <= packages
    assert "clang-19" not in packages


def test_targets_that_run_end_to_end_tests_install_the_prometheus_in_them() -> None:
    recipes = re.findall(r"^(\w+):.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    running = {target: recipe for target, recipe in recipes if re.search(r"pytest|run-tests$", recipe, re.MULTILINE)}
    assert set(running) == {"test", "soak"}
    for target, recipe in running.items():
        setup, = re.findall(r"tools/setup (.*)", recipe)
        assert {"demo", "test"} <= set(setup.split()), target


def test_packages_txt_names_the_package_of_every_program_that_is_called() -> None:
    groups = named_by_group((ROOT / "tools/packages.txt").read_text())
    package_of = packages_by_program()
    missing = []
    for folder, names in GROUPS.items():
        packages = present(FROM_THE_START.union(*(groups[name] for name in names)))
        for file in (file for file in files(ROOT) if folder_of(file.path) == folder):
            called = sorted((programs_of(file) & package_of.keys()) - BROUGHT_BY_USERS.get(file.path, set()))
            missing += [f"{file.path}: {p} of {package_of[p]}" for p in called if package_of[p] not in packages]
    assert missing == []
