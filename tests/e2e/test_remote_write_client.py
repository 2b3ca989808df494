"""Our client of remote write before a real Prometheus, which receives."""
import json
import subprocess

import pytest

from lib import peers
from lib.prometheus import Prometheus

RECEIVERS = pytest.mark.parametrize("version", ["3.15", "2.42"])
RECEIVING = "--web.enable-remote-write-receiver"
DAY = 24 * 3600


def start(folder, processes, version, *flags):
    config = folder / "prometheus.yml"
    config.write_text("{}")
    prometheus = Prometheus(folder, config, version=version, flags=flags)
    processes.append(prometheus.start())
    return prometheus.wait_until_ready()


def send(prometheus, *order):
    command = [peers.remote_write_client(), f"{prometheus.url}/api/v1/write", *map(str, order)]
    answer = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def stored_versions(prometheus):
    found = prometheus.query("promfleet_test")
    assert all(series["value"][1] == "42" for series in found)
    return {series["metric"]["version"] for series in found}


@RECEIVERS
def test_write_of_version_1_is_stored(folder, processes, version):
    prometheus = start(folder, processes, version, RECEIVING)
    assert send(prometheus, "write", 1, 0) == {"kind": "stored", "status": 204, "message": ""}
    assert stored_versions(prometheus) == {"1"}


def test_write_of_version_2_is_stored_and_counted(folder, processes):
    prometheus = start(folder, processes, "3.15", RECEIVING)
    assert send(prometheus, "write", 2, 0) == {"kind": "stored", "status": 204, "samples": 1, "message": ""}
    assert stored_versions(prometheus) == {"2"}


def test_receiver_that_does_not_know_version_2_says_success_and_is_not_believed(folder, processes):
    prometheus = start(folder, processes, "2.42", RECEIVING)
    answer = send(prometheus, "write", 2, 0)
    assert (answer["kind"], answer["status"]) == ("unknown_version", 204)
    assert stored_versions(prometheus) == set()


def test_receiver_that_takes_version_1_alone_says_so(folder, processes):
    prometheus = start(folder, processes, "3.15", RECEIVING,
                       "--web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest")
    answer = send(prometheus, "write", 2, 0)
    assert (answer["kind"], answer["status"]) == ("unknown_version", 415)
    assert stored_versions(prometheus) == set()


@RECEIVERS
def test_old_sample_is_refused_with_the_receivers_words(folder, processes, version):
    prometheus = start(folder, processes, version, RECEIVING)
    assert send(prometheus, "write", 1, 0)["kind"] == "stored"
    assert send(prometheus, "write", 1, DAY) == {"kind": "refused", "status": 400, "message": "out of bounds"}


@RECEIVERS
def test_receiver_that_is_off_may_be_put_right(folder, processes, version):
    answer = send(start(folder, processes, version), "write", 1, 0)
    assert (answer["kind"], answer["status"]) == ("again", 404)


@RECEIVERS
def test_receiver_that_is_gone_may_come_back(folder, processes, version):
    prometheus = start(folder, processes, version, RECEIVING)
    prometheus.kill()
    answer = send(prometheus, "write", 1, 0)
    assert (answer["kind"], answer["status"]) == ("again", 0)
    assert f"127.0.0.1:{prometheus.port}" in answer["message"]


@RECEIVERS
def test_fence_tells_a_foreign_receiver(folder, processes, version):
    assert send(start(folder, processes, version, RECEIVING), "fence")["kind"] == "foreign"
