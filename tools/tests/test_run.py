"""What `make test` says and how it ends, whatever its stages do."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from suite.commands import Shell
from suite.reports import Case
from suite.run import run_stages, verdict
from suite.stages import BuildFailed, Context, Stage, wait_for_peers

FINE = Stage("fine", "", lambda context: [Case("a", "passed"), Case("b", "skipped")])


def run(root: Path, *stages: Callable[[Context], list[Case]]) -> list[Case]:
    named = [Stage(f"stage{number}", "", stage) for number, stage in enumerate(stages)]
    return run_stages([*named, FINE], Context(Shell(root, root)))


def fails_to_build(context: Context) -> list[Case]:
    raise BuildFailed("building x in build/asan")


def lacks_a_program(context: Context) -> list[Case]:
    context.shell.run("log", ["/nowhere/clang-format"])
    return []


def meets_a_broken_tool(context: Context) -> list[Case]:
    subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=True)
    return []


def test_a_stage_that_breaks_off_is_a_failure_with_its_reason_and_the_next_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = run(tmp_path, fails_to_build, lacks_a_program, meets_a_broken_tool)
    assert [case.outcome for case in cases] == ["failed", "failed", "failed", "passed", "skipped"]
    output = capsys.readouterr().out
    for reason in ("building x in build/asan", "/nowhere/clang-format", "exit status 3"):
        assert reason in output


def test_the_last_line_counts_and_the_lines_before_it_name_the_failures(capsys: pytest.CaptureFixture[str]) -> None:
    assert verdict([Case("a", "passed"), Case("b", "failed"), Case("c", "skipped")]) == 1
    assert capsys.readouterr().out == "FAILED b\n1 passed, 1 failed, 1 skipped\n"


def test_nothing_but_passes_and_skips_succeeds() -> None:
    assert verdict([Case("a", "passed"), Case("b", "skipped")]) == 0


def test_a_run_in_which_nothing_passed_does_not_succeed() -> None:
    assert verdict([]) == 1
    assert verdict([Case("b", "skipped")]) == 1


def test_peers_that_do_not_build_are_a_failure_that_shows_why(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(tmp_path, tmp_path)
    peers = shell.start("peers", ["bash", "-c", "echo no go; exit 1"])
    assert wait_for_peers(Context(shell, peers)) == [Case("peers", "failed")]
    assert "no go" in capfd.readouterr().out
