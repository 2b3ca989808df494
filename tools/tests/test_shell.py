import os
import signal
from pathlib import Path

from suite.commands import Shell


def shell(root: Path) -> Shell:
    return Shell(root=root, logs=root)


def test_output_goes_to_the_log_and_the_terminal(tmp_path: Path, capfdbinary) -> None:  # type: ignore[no-untyped-def]
    assert shell(tmp_path).run("stage", ["bash", "-c", "echo $WORD; echo oops >&2"], WORD="hello")
    assert (tmp_path / "stage.log").read_text() == "hello\noops\n"
    assert capfdbinary.readouterr().out == b"hello\noops\n"


def test_a_second_command_appends(tmp_path: Path, capfdbinary) -> None:  # type: ignore[no-untyped-def]
    shell(tmp_path).run("stage", ["echo", "one"])
    capfdbinary.readouterr()
    shell(tmp_path).run("stage", ["echo", "two"])
    assert (tmp_path / "stage.log").read_text() == "one\ntwo\n"
    assert capfdbinary.readouterr().out == b"two\n"


def test_a_failure_is_told(tmp_path: Path) -> None:
    assert not shell(tmp_path).run("stage", ["false"])


def test_a_daemon_left_behind_does_not_hold_up_the_run(tmp_path: Path) -> None:
    assert shell(tmp_path).run("stage", ["bash", "-c", "sleep 600 & echo $!"])
    os.kill(int((tmp_path / "stage.log").read_text()), signal.SIGTERM)  # fails if it has ended
