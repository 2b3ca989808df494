"""`-init`: writes the follower's file once, before Prometheus starts, and needs nothing else."""
import gzip
import os
import subprocess

import pytest
import yaml

from lib import peers

TWO_SECTIONS = "follower:\n  global: {scrape_interval: 7s}\nleader:\n  remote_write: [{url: 'http://hub/'}]\n"


@pytest.fixture
def init(folder):
    """Runs -init over config.yaml with more flags; returns the exit status, stderr and the output's bytes or None."""
    def run(content, *flags, env=None):
        config, output = folder / "config.yaml", folder / "prometheus.yml"
        config.write_bytes(content)
        command = [peers.promfleet(), "elector", "-init", f"-config={config}", f"-output={output}", *flags]
        result = subprocess.run(command, env={**os.environ, **(env or {})}, capture_output=True, timeout=20)
        return result.returncode, result.stderr.decode(), output.read_bytes() if output.exists() else None
    return run


def test_writes_the_follower_file_and_exits_0(init):
    status, _, output = init(TWO_SECTIONS.encode())
    assert status == 0 and yaml.safe_load(output) == {"global": {"scrape_interval": "7s"}}


def test_writes_a_file_that_only_its_owner_can_read(init, folder):
    init(TWO_SECTIONS.encode())
    assert (folder / "prometheus.yml").stat().st_mode & 0o777 == 0o600


def test_reads_the_operators_compressed_file(init, folder):
    (folder / "leader.yaml").write_text("remote_write: [{url: 'http://hub/'}]\n")
    status, _, output = init(gzip.compress(b"global: {scrape_interval: 7s}\n"), f"-leader-config={folder}/leader.yaml")
    assert status == 0 and yaml.safe_load(output) == {"global": {"scrape_interval": "7s"}}


def test_does_not_need_the_leader_file_to_be_readable(init, folder):
    status, _, output = init(b"global: {}\n", f"-leader-config={folder}/missing.yaml")
    assert status == 0 and yaml.safe_load(output) == {"global": {}}


def test_substitutes_environment_variables_on_request_and_in_one_pass(init):
    content = b"follower: {global: {external_labels: {pod: $(POD), other: $(OTHER)}}}\n"
    status, _, output = init(content, "-config-envsubst", env={"POD": "p-0", "OTHER": "'$(POD)'"})
    assert status == 0
    assert yaml.safe_load(output)["global"]["external_labels"] == {"pod": "p-0", "other": "$(POD)"}


def test_leaves_variables_alone_without_the_request(init):
    _, _, output = init(b"follower: {global: {external_labels: {pod: $(POD)}}}\n", env={"POD": "p-0"})
    assert b"$(POD)" in output


def test_unset_variable_is_an_error_and_nothing_is_written(init):
    status, message, output = init(b"follower: {global: {external_labels: {pod: $(NOT_SET)}}}\n", "-config-envsubst")
    assert status != 0 and "NOT_SET" in message and output is None


@pytest.mark.parametrize("name", ["./config.yaml", "link.yaml"])
def test_output_that_is_the_input_by_another_name_is_a_mistake_and_left_alone(init, folder, name):
    (folder / "link.yaml").symlink_to("config.yaml")
    status, message, output = init(TWO_SECTIONS.encode(), f"-output={folder}/{name}")
    assert status == 2 and len(message.splitlines()) == 1 and "-output" in message and output is None
    assert (folder / "config.yaml").read_bytes() == TWO_SECTIONS.encode()


def test_broken_file_is_an_error_with_its_place_and_nothing_is_written(init):
    status, message, output = init(b"follower:\n  a: 1\n  a: 2\n")
    assert status != 0 and "config.yaml: line 3" in message and output is None
