"""The stages of `make test`, in order. Each builds what it needs and returns its cases."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lint.tree import files
from suite.commands import Shell
from suite.reports import Case, merge_programs, read_junit

# Tests whose code runs on several threads, or beside threads.
THREADED_ROOMS = "^(core_async|core_os|net_|elector$|elector_reconcile$)"
SIMULATIONS = "^sim"
FUZZERS = "_fuzz$"
FUZZ_SECONDS = "5"
CASE_SECONDS_MAX = "300"
E2E_PROCESSES = "4"  # more than cores: these tests mostly wait for leases
PYTHON = "/usr/bin/python3"  # Debian's: the one that sees Debian's python3-* packages


class BuildFailed(Exception):
    pass


@dataclass
class Context:
    shell: Shell
    peers: subprocess.Popen[bytes] | None = None  # builds them in the background, for the end-to-end tests

    @property
    def root(self) -> Path:
        return self.shell.root


@dataclass(frozen=True)
class Stage:
    name: str
    about: str
    run: Callable[[Context], list[Case]]


def lint(context: Context) -> list[Case]:
    tree = list(files(context.root))
    cpp = [file.path for file in tree if file.is_cpp]
    shell = [file.path for file in tree if file.is_shell]
    checks: dict[str, Sequence[str]] = {
        "check-layers": ["tools/check-layers"],
        "tidy": ["tools/tidy"],
        "clang-format": ["clang-format-19", "--dry-run", "--Werror", "--ferror-limit=1", *cpp],
        "shellcheck": ["shellcheck", *shell],
    }
    cases = [_case(name, context.shell.run("lint", argv)) for name, argv in checks.items()]
    return cases + _pytest(context, "tools/tests")


def clang_tidy(context: Context) -> list[Case]:
    _build(context, "asan", "build.ninja")  # knows every source that there is now
    return [_case("clang-tidy", context.shell.run("clang-tidy", ["tools/run-clang-tidy"]))]


def unit(context: Context) -> list[Case]:
    _build(context, "asan", "unit_tests")
    return _ctest(context, "asan", "unit", ["--exclude-regex", SIMULATIONS])


def threads(context: Context) -> list[Case]:
    _configure(context, "tsan")
    rooms = _test_names(context, "tsan", THREADED_ROOMS)
    _build(context, "tsan", *(f"{room}_test" for room in rooms))
    return _ctest(context, "tsan", "threads", ["--tests-regex", THREADED_ROOMS])


def simulations(context: Context) -> list[Case]:
    _build(context, "asan", "unit_tests")
    return _ctest(context, "asan", "simulations", ["--tests-regex", SIMULATIONS])


def fuzz(context: Context) -> list[Case]:
    _build(context, "fuzz", "fuzzers")
    seconds = os.environ.get("FUZZ_SECONDS", FUZZ_SECONDS)
    return _ctest(context, "fuzz", "fuzz", ["--tests-regex", FUZZERS], FUZZ_SECONDS=seconds)


def e2e(context: Context) -> list[Case]:
    _build(context, "release", "all")
    _build(context, "asan", "e2e_programs")
    return wait_for_peers(context) + _pytest(context, "tests/e2e", "--numprocesses", E2E_PROCESSES, "-rfEsx")


STAGES = [
    Stage("lint", "layers, house rules, formatting, and the tests of the tools themselves", lint),
    Stage("unit", "every room's tests under the address and undefined behaviour sanitizers", unit),
    Stage("threads", "the rooms with threads under the thread sanitizer", threads),
    Stage("simulations", "seeded simulations of what is distributed", simulations),
    Stage("clang-tidy", "static analysis of what is not known to be clean", clang_tidy),
    Stage("fuzz", "each fuzzer for a few seconds (FUZZ_SECONDS)", fuzz),
    Stage("e2e", "the binary among real Prometheus, Kubernetes API server and etcd", e2e),
]


def start_peers(context: Context) -> None:
    context.peers = context.shell.start("peers", ["nice", "-n", "19", "tests/peers/build"])


def wait_for_peers(context: Context) -> list[Case]:
    """Waits for them. No case where they are there: they are tested with."""
    if context.peers is None:
        return []
    if context.peers.poll() is None:
        print("waiting for the peers (tests/peers/build, build/test-logs/peers.log)", flush=True)
    if context.peers.wait() == 0:
        return []
    context.shell.show_end("peers")
    return [Case("peers", "failed")]


def _case(name: str, succeeded: bool) -> Case:
    return Case(name, "passed" if succeeded else "failed")


def _configure(context: Context, preset: str) -> None:
    presets = context.root / "CMakePresets.json"
    configured = context.root / f"build/{preset}/build.ninja"
    if not configured.exists() or configured.stat().st_mtime < presets.stat().st_mtime:
        if not context.shell.run("build", ["cmake", "--preset", preset]):
            raise BuildFailed(f"configuring build/{preset}")


def _build(context: Context, preset: str, *targets: str) -> None:
    _configure(context, preset)
    if not context.shell.run("build", ["cmake", "--build", "--preset", preset, "--target", *targets]):
        raise BuildFailed(f"building {' '.join(targets)} in build/{preset}")


def _test_names(context: Context, preset: str, regex: str) -> list[str]:
    argv = ["ctest", "--test-dir", f"build/{preset}", "--tests-regex", regex, "--show-only=json-v1"]
    listing = subprocess.run(argv, cwd=context.root, capture_output=True, text=True, check=True)
    return [test["name"] for test in json.loads(listing.stdout)["tests"]]


def _ctest(context: Context, preset: str, log: str, selection: Sequence[str], **environment: str) -> list[Case]:
    """One case for each GoogleTest case, or for each program that is none."""
    reports = context.shell.logs / f"{log}-reports"
    shutil.rmtree(reports, ignore_errors=True)
    programs_report = reports / "ctest.xml"
    argv = ["ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "--timeout", CASE_SECONDS_MAX]
    argv += ["--parallel", str(os.cpu_count() or 1), "--output-junit", str(programs_report), *selection]
    succeeded = context.shell.run(log, argv, GTEST_OUTPUT=f"xml:{reports}/", **environment)
    programs = read_junit(programs_report)
    cases = merge_programs(programs, {p.name: read_junit(reports / f"{p.name}_test.xml") for p in programs})
    return _with_verdict(cases, log, succeeded)


def _pytest(context: Context, folder: str, *options: str) -> list[Case]:
    """None where there is no test yet."""
    if not any(file.name.startswith("test_") for file in files(context.root, folder)):
        return []
    log = folder.replace("/", "-")
    report = context.shell.logs / f"{log}.xml"
    report.unlink(missing_ok=True)
    argv = [PYTHON, "-m", "pytest", "-p", "no:cacheprovider", f"--junitxml={report}", *options, folder]
    succeeded = context.shell.run(log, argv)
    return _with_verdict(read_junit(report), log, succeeded)


def _with_verdict(cases: list[Case], runner: str, succeeded: bool) -> list[Case]:
    """A runner that failed although no case did (it found nothing, it crashed) is a failure of its own."""
    explained = any(case.outcome == "failed" for case in cases)
    return cases if succeeded or explained else [*cases, Case(runner, "failed")]
