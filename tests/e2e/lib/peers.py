"""Where the real parts are. A part that is missing skips its tests; under CI=true it fails them."""
import os
import pathlib
import shutil

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "promfleet" / "peers"


def promfleet():
    return _present(os.environ.get("PROMFLEET_BINARY", ROOT / "build/release/promfleet"), "make build")


def release_build():
    """The folder with the binary for users, and the linker's map of it."""
    return _present(ROOT / "build/release/promfleet.map", "make build").parent


def store_conformance():
    return _present(os.environ.get("PROMFLEET_STORE_CONFORMANCE",
                                   ROOT / "build/asan/tests/store_conformance/store_conformance"), "make unit")


def remote_write_codec():
    return _present(ROOT / "build/asan/tests/remote_write_codec/remote_write_codec", "make unit")


def remote_write_client():
    return _present(ROOT / "build/asan/tests/remote_write_client/remote_write_client", "make unit")


def fencing_sink():
    return _present(os.environ.get("PROMFLEET_FENCING_SINK", ROOT / "build/asan/tests/fencing_sink/fencing_sink"),
                    "make unit")


def sample_app():
    return _present(ROOT / "build/release/sample-app", "make build")


def peer(folder, program):
    """A program that tests/peers builds into the user's cache; `folder` is its name with its version."""
    return _present(CACHE / folder / program, "make peers")


def debian(program):
    path = shutil.which(program, path="/usr/bin:/usr/sbin:/bin:/sbin")
    return pathlib.Path(path) if path else missing(f"{program} is missing: tools/setup demo test")


def _present(path, remedy):
    path = pathlib.Path(path)
    return path if path.exists() else missing(f"{path} is missing: {remedy}")


def missing(message):
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
