"""A part or a privilege that this machine lacks skips a test with a reason; under CI=true it fails it."""
import os
import subprocess

import pytest

from lib import peers

PYTHON = "/usr/bin/python3"
DROPPING = ["setpriv", "--bounding-set=-sys_admin,-sys_resource", "--inh-caps=-all", "--"]

TESTS = """
import resource
from lib import isolation, peers
from test_proxy_abuse import allow_open_files

def test_program():
    peers.debian("no-such-program")

def test_network():
    isolation.with_network("192.0.2.1")

def test_mounts():
    isolation.unshare()

def test_open_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    with allow_open_files(200):
        pass
"""
REASONS = ["no-such-program is missing: tools/setup demo test", "no net namespace for a test: unshare: unshare failed:",
           "no mount namespace for a test: unshare: unshare failed:", "200 open files: this process may have 100"]


@pytest.mark.parametrize(("ci", "outcome"), [("true", "failed"), ("", "skipped")])
def test_what_is_missing_is_told_and_fails_only_under_ci(folder, ci, outcome):
    (folder / "test_inner.py").write_text(TESTS)
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(peers.ROOT / "tests/e2e")}
    without_privilege = DROPPING if os.geteuid() == 0 else []
    result = subprocess.run([*without_privilege, PYTHON, "-m", "pytest", "-rfs", "-p", "no:cacheprovider", folder],
                            env=environment, cwd=folder, capture_output=True, text=True, timeout=60)
    assert result.stdout.count(f"\n{outcome.upper()} ") == 4, result.stdout + result.stderr
    for reason in REASONS:
        assert reason in result.stdout, result.stdout
