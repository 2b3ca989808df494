"""tools/setup with a made-up machine: which packages it has, who the user is, and programs that say how they are called."""

import shutil
import subprocess
from pathlib import Path

import pytest
from tiny_tree import write_tree

SETUP = Path(__file__).resolve().parents[1] / "setup"
PACKAGES = "# all\n[build]\ncmake    builds\nmake     starts\n\n[demo]\nprometheus    two\n"
NEEDED = ["bash", "dirname", "grep", "awk", "sed", "comm", "sort"]
SAYS_HOW = '#!/bin/sh\necho "${0##*/} $*" >> "$CALLS"\n'


class Machine:
    def __init__(self, root: Path) -> None:
        self._root, self._bin = root, root / "bin"
        write_tree(root, {"tools/packages.txt": PACKAGES, "bin/readme": ""})
        shutil.copy(SETUP, root / "tools/setup")
        for program in NEEDED:
            (self._bin / program).symlink_to(shutil.which(program) or program)
        self.add("id", "#!/bin/sh\necho 1000\n")
        self.has("make")

    def add(self, program: str, text: str = SAYS_HOW) -> None:
        (self._bin / program).write_text(text)
        (self._bin / program).chmod(0o755)

    def has(self, *packages: str) -> None:
        listing = "".join(f"installed {package}\\n" for package in packages)
        self.add("dpkg-query", f"#!/bin/sh\nprintf '{listing}config-files cmake\\n'\n")

    def setup(self, *groups: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self._bin), "CALLS": str(self._root / "calls")}
        argv = [self._root / "tools/setup", *groups]
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)

    def calls(self) -> list[str]:
        calls = self._root / "calls"
        return calls.read_text().splitlines() if calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_nothing_happens_where_nothing_is_missing(machine: Machine) -> None:
    machine.has("make", "cmake")
    done = machine.setup("build")
    assert (done.returncode, done.stdout + done.stderr, machine.calls()) == (0, "", [])


def test_without_root_and_sudo_the_command_to_run_is_shown(machine: Machine) -> None:
    done = machine.setup("build", "demo")
    assert done.returncode == 1
    command = "apt-get update && apt-get install --yes --no-install-recommends cmake prometheus"
    assert command in done.stderr.replace("\n  ", " ")
    assert machine.calls() == []


def test_without_root_sudo_installs_what_is_missing(machine: Machine) -> None:
    machine.add("sudo")
    done = machine.setup("build")
    assert done.returncode == 0, done.stderr
    apt = [call for call in machine.calls() if "apt-get" in call]
    assert apt == [
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get update",
        "sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends cmake",
    ]


def test_a_group_that_does_not_exist_is_refused(machine: Machine) -> None:
    done = machine.setup("build", "dem")
    assert done.returncode == 2
    assert "no group [dem]" in done.stderr


def test_a_failed_installation_fails(machine: Machine) -> None:
    machine.add("sudo", '#!/bin/sh\ncase "$*" in *install*) exit 100;; esac\n')
    assert machine.setup("build").returncode == 100
