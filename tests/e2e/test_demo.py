"""demo/run as a newcomer meets it: what it shows, how it ends, and that it leaves nothing."""
import importlib.machinery
import importlib.util
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

import pytest

from lib import isolation, peers, web
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process

SCRIPT = peers.ROOT / "demo/run"

# Stands in front of promfleet in replica-b: a member that never joins, and an elector that ends as soon as it starts.
NEVER_JOINS = 'set -- "$@" -readiness-http-url=http://127.0.0.1:9/-/ready'
ENDS_AT_ONCE = 'echo "out of order"; exit 7'


class Demo:
    """demo/run in a folder of its own, with a home and a folder for temporary files that nothing else uses; and in a
    network of its own where it may have one, since it takes ports that others may be about to use."""

    def __init__(self, folder):
        self.folder, self.elsewhere = folder / "demo", folder / "elsewhere"
        self.elsewhere.mkdir()
        self._promfleet = peers.promfleet()
        self.env = {**os.environ, "DEMO_FOLDER": str(self.folder), "PROMFLEET_BINARY": str(self._promfleet),
                    "PROMFLEET_FENCING_SINK": str(peers.fencing_sink()), "HOME": str(self.elsewhere),
                    "TMPDIR": str(self.elsewhere), "DEMO_SECONDS": "1",
                    # As behind a company's proxy: one that nothing on loopback may go through.
                    "http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
        peers.debian("prometheus")
        self._wrapper = [] if isolation.refusal("net") else isolation.with_empty_network()

    def replace_elector_of_replica_b(self, script):
        """The shell `script` runs before it, when it is started beside its Prometheus."""
        programs = self.folder.parent / "programs"
        programs.mkdir()
        promfleet = programs / "promfleet"
        promfleet.write_text(f'#!/bin/sh\nif [ "$POD_NAME" = replica-b ]; then\n{script}\nfi\n'
                             f'exec {self._promfleet} "$@"\n')
        promfleet.chmod(0o755)
        (programs / "sample-app").symlink_to(self._promfleet.parent / "sample-app")
        self.env["PROMFLEET_BINARY"] = str(promfleet)

    def forget_writes(self):
        """The receiver of the second act loses samples."""
        sink = self.folder.parent / "forgetful-sink"
        sink.write_text(f'#!/bin/sh\nPYTHONPATH={peers.ROOT / "tests/e2e"} exec /usr/bin/python3 -B '
                        f'-m lib.forgetful_sink {peers.fencing_sink()} "$@"\n')
        sink.chmod(0o755)
        self.env["PROMFLEET_FENCING_SINK"] = str(sink)

    def start(self):
        return subprocess.Popen([*self._wrapper, SCRIPT], env=self.env, cwd=self.elsewhere, stdin=subprocess.DEVNULL,
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self):
        """Its exit status and what it printed."""
        process = self.start()
        output, _ = process.communicate(timeout=140)
        return process.returncode, output

    def processes_left(self):
        """What still runs of everything that it started, by the environment that all of it inherits."""
        mark, left = f"DEMO_FOLDER={self.folder}".encode(), []
        for environment in pathlib.Path("/proc").glob("[0-9]*/environ"):
            try:
                if mark in environment.read_bytes().split(b"\0"):
                    left.append((environment.parent / "cmdline").read_text().replace("\0", " "))
            except OSError:
                pass  # it has just ended
        return left

    def leaves_nothing(self):
        """Nor a process: those that it did not wait for are killed as it ends, which takes a moment."""
        poll(lambda: not self.processes_left(), 10, "every process has ended")
        return not list(self.elsewhere.rglob("*"))


@pytest.fixture
def demo(folder):
    return Demo(folder)


def test_demo_shows_a_takeover_and_one_that_loses_nothing_and_leaves_nothing(demo):
    status, output = demo.run()
    assert status == 0, output
    leader = re.search(r"(replica-[ab]) leads: its Prometheus writes to the storage", output)[1]
    before = re.search(rf"the storage receives: http_request_total = (\d+), from {leader}\n", output)
    takeover = re.search(r"(replica-[ab]) leads\. The takeover took (\d+\.\d) s\n", output)
    after = re.search(rf"the storage goes on receiving: http_request_total = (\d+), from {takeover[1]}\n", output)
    assert takeover[1] != leader
    assert int(after[1]) > int(before[1])
    gated = re.search(r"(replica-[cd]) leads: its gate passes on, (replica-[cd])'s holds\n", output)
    assert re.search(rf"the first write of {gated[2]} was stored \d+\.\d s after the kill\n", output)
    count = re.search(r"samples lost 0, doubled 0 \(of (\d+) stored; counted by the receiver\)\n", output)
    assert int(count[1]) > 0 and "Both takeovers were seen." in output
    assert demo.leaves_nothing()


def test_demo_in_which_nobody_takes_over_fails_and_leaves_nothing(demo):
    demo.replace_elector_of_replica_b(NEVER_JOINS)
    status, output = demo.run()
    assert status == 1
    assert "replica-b takes over: not within" in output and "No takeover was seen." in output
    assert demo.leaves_nothing()


def test_demo_whose_receiver_has_lost_samples_says_how_many_and_fails(demo):
    demo.forget_writes()
    status, output = demo.run()
    assert status == 1
    count = re.search(r"samples lost (\d+), doubled 0 ", output)
    assert int(count[1]) > 0 and f"the failover lost {count[1]} samples" in output
    assert demo.leaves_nothing()


def test_demo_whose_part_ends_by_itself_names_it_and_fails(demo):
    demo.replace_elector_of_replica_b(ENDS_AT_ONCE)
    status, output = demo.run()
    assert status == 1
    log = demo.folder / "replica-b-elector.log"
    assert f"replica-b-elector has ended by itself; why, says {log}\n" in output
    assert log.read_text() == "out of order\n"
    assert demo.leaves_nothing()


def test_demo_that_is_interrupted_before_a_takeover_fails_and_leaves_nothing(demo):
    process = demo.start()
    poll(lambda: (demo.folder / "replica-a-elector.log").exists() and len(demo.processes_left()) > 3, 30, "parts run")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in output, output
    assert demo.leaves_nothing()


def test_demo_in_a_folder_that_is_in_use_touches_nothing(demo):
    demo.folder.mkdir()
    (demo.folder / "letter.txt").write_text("dear")
    status, output = demo.run()
    assert status == 1 and f"{demo.folder} is not empty" in output
    assert [file.name for file in demo.folder.iterdir()] == ["letter.txt"]


def test_storage_that_does_not_answer_is_told_instead_of_ending_the_demo(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPT.parent)  # as for a script
    monkeypatch.setattr(sys, "dont_write_bytecode", sys.dont_write_bytecode)  # the script sets it
    loader = importlib.machinery.SourceFileLoader("demo_run", str(SCRIPT))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("demo_run", loader))
    loader.exec_module(module)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and says nothing
        storage = module.Storage(silent.getsockname()[1])
        assert module.newest_samples(storage) == "no answer (timed out)"


def test_sample_application_counts_requests_successes_and_failures(folder, processes):
    address = f"127.0.0.1:{free_port()}"
    url = f"http://{address}"
    processes.append(Process([peers.sample_app(), f"-listen-address={address}"], folder / "sample-app.log").start())
    poll(lambda: web.get(url + "/metrics").status == 200, 20, "it serves")
    assert [web.get(url + "/hello").status, web.get(url + "/hello").status, web.post(url + "/hello").status] == [
        200, 200, 405]
    counters = re.findall(r"^(http_request_\w+) (\d+)$", web.get(url + "/metrics").text(), re.MULTILINE)
    assert dict(counters) == {"http_request_total": "3", "http_request_success_total": "2",
                              "http_request_fail_total": "1"}
