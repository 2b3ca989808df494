"""The command line: prometheus-elector's flags by name, syntax and default, and what a mistake costs."""
import json
import os
import re
import subprocess

import pytest
import yaml

from lib import peers

# prometheus-elector's flags with the defaults that its users know; None: a flag without a default worth showing.
SEED_FLAGS = {
    "api-listen-address": '":9095"', "api-proxy-enabled": None, "api-proxy-prometheus-local-port": "9090",
    "api-proxy-prometheus-remote-port": "9090", "api-proxy-prometheus-service-name": None,
    "api-shutdown-grace-delay": "15s", "config": None, "healthcheck-failure-threshold": "3",
    "healthcheck-http-url": None, "healthcheck-period": "5s", "healthcheck-success-threshold": "3",
    "healthcheck-timeout": "2s", "init": None, "kubeconfig": None, "leader-config": None, "lease-duration": "15s",
    "lease-name": None, "lease-namespace": None, "lease-renew-deadline": "10s", "lease-retry-period": "2s",
    "notify-http-method": '"POST"', "notify-http-url": None, "notify-retry-delay": "10s",
    "notify-retry-max-attempts": "5", "notify-timeout": "2s", "output": None, "readiness-http-url": None,
    "readiness-poll-period": "5s", "readiness-timeout": "2s", "runtime-metrics": None}

OWN_FLAGS = {
    "lease-backend": '"kubernetes"', "etcd-endpoints": None, "etcd-cacert": None, "etcd-cert": None, "etcd-key": None,
    "etcd-user": None, "etcd-password-file": None, "lease-file": None, "config-envsubst": None, "watch-dir": None,
    "web.config.file": None, "prometheus.http-config": None, "api-proxy-allow-admin": None,
    "api-proxy-failover-wait": "5s", "gate-config": None, "gate-listen-address": '"127.0.0.1:9096"',
    "log.format": '"logfmt"', "log.level": '"info"'}

REQUIRED = {"config": "{config}", "output": "{output}", "notify-http-url": "http://127.0.0.1:1/-/reload",
            "lease-name": "n", "lease-namespace": "ns"}

# Words that are added to a complete command line, and what the message must name.
MISTAKES = {
    "unknown flag": (["-lease-nam=x"], "lease-nam"),
    "missing value": (["-lease-name"], "lease-name"),
    "bad duration": (["-lease-duration=15"], "15"),
    "bad unit": (["-lease-duration=15d"], "15d"),
    "bad boolean": (["-init=maybe"], "maybe"),
    "bad number": (["-notify-retry-max-attempts=many"], "many"),
    "bad port": (["-api-proxy-prometheus-local-port=70000"], "70000"),
    "negative port": (["-api-proxy-prometheus-local-port=-1"], "-1"),
    "lease duration that is no whole second": (["-lease-duration=2500ms"], "lease-duration"),
    "renew deadline as long as the lease": (["-lease-renew-deadline=15s"], "lease-renew-deadline"),
    "retry period as long as the deadline": (["-lease-retry-period=10s"], "lease-retry-period"),
    "negative retry period": (["-lease-retry-period=-1s"], "lease-retry-period"),
    "zero attempts": (["-notify-retry-max-attempts=0"], "notify-retry-max-attempts"),
    "zero health period": (["-healthcheck-period=0s"], "healthcheck-period"),
    "reload URL without a scheme": (["-notify-http-url=127.0.0.1:9090/-/reload"], "notify-http-url"),
    "proxy without a service": (["-api-proxy-enabled"], "api-proxy-prometheus-service-name"),
    "unknown backend": (["-lease-backend=zookeeper"], "zookeeper"),
    "etcd without endpoints": (["-lease-backend=etcd"], "etcd-endpoints"),
    "etcd certificate without its key": (["-lease-backend=etcd", "-etcd-endpoints=https://e", "-etcd-cert=c"],
                                         "etcd-key"),
    "file backend without a file": (["-lease-backend=file"], "lease-file"),
    "unknown log level": (["-log.level=loud"], "loud"),
    "unknown log format": (["-log.format=xml"], "xml"),
    "output over the input": (["-output={config}"], "output"),
    "listen address without a port": (["-api-listen-address=localhost"], "api-listen-address"),
    "stray word": (["stray"], "stray"),
    "web configuration that is missing": (["-web.config.file=/nowhere/web.yml"], "/nowhere/web.yml"),
    "gate configuration that is missing": (["-gate-config=/nowhere/gate.yml"], "/nowhere/gate.yml"),
    "gate address without a gate": (["-gate-listen-address=:9097"], "gate-config"),
    "gate address without a port": (["-gate-config=/nowhere/gate.yml", "-gate-listen-address=localhost"],
                                    "gate-listen-address"),
    "HTTP configuration that is missing": (["-prometheus.http-config=/nowhere/http.yml"], "/nowhere/http.yml"),
    "kubeconfig that is missing": (["-kubeconfig=/nowhere/kubeconfig"], "/nowhere/kubeconfig"),
}


def run(*words, program=None, env=None):
    return subprocess.run([program or peers.promfleet(), *map(str, words)], capture_output=True, text=True, timeout=20,
                          env={**os.environ, **(env or {})})


@pytest.fixture
def files(folder):
    config = folder / "config.yaml"
    config.write_text("follower: {global: {scrape_interval: 7s}}\n")
    return {"config": config, "output": folder / "prometheus.yml"}


def flags_in_help(command="elector"):
    """{name: its default as shown, or None}."""
    text = run(command, "--help").stdout
    entries = re.findall(r"^  -(\S+)[^\n]*\n((?:[ \t]{4,}[^\n]*\n?)+)", text, re.MULTILINE)
    return {name: next(iter(re.findall(r"\(default (.+?)\)\s*$", body)), None) for name, body in entries}


def test_help_lists_every_flag_with_its_default():
    assert flags_in_help() == {**SEED_FLAGS, **OWN_FLAGS}


def documented_flags():
    """{name: its default, or None} of docs/elector.md, whose words for what Go calls no default are several."""
    rows = re.findall(r"^\| `-([a-z.-]+)` \| \w+ \| ?([^|]*?) ?\|", (peers.ROOT / "docs/elector.md").read_text(),
                      re.MULTILINE)
    return {name: None if default in ("", "false", "the system's roots") or default.startswith("required") else default
            for name, default in rows}


def test_documentation_lists_the_flags_and_defaults_that_help_lists():
    in_help = {name: default and default.strip('"') for name, default in flags_in_help().items()}
    assert documented_flags() == in_help


def test_documentation_of_operator_patch_lists_its_flags():
    section = (peers.ROOT / "docs/operator.md").read_text().partition("### Flags")[2].partition("###")[0]
    assert set(re.findall(r"^\| `-([a-z-]+)` \|", section, re.MULTILINE)) == set(flags_in_help("operator-patch"))


def test_operator_patch_says_which_object_it_cannot_patch(folder):
    (folder / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\n")
    result = run("operator-patch", "-f", folder / "pod.yaml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"promfleet operator-patch: {folder / 'pod.yaml'}: this is Pod of v1")
    missing = run("operator-patch", "-f", "/nowhere/p.yaml")
    assert missing.returncode == 2 and "/nowhere/p.yaml" in missing.stderr


def test_too_few_descriptors_are_told_in_one_line(files):
    words = [f"-{name}={value.format(**files)}" for name, value in REQUIRED.items()]
    result = run("--nofile=12:12", peers.promfleet(), "elector", *words, program="prlimit")
    assert result.returncode == 1
    assert result.stderr == ("promfleet elector: at least 32 file descriptors are needed, and 12 are allowed "
                             "(ulimit -n)\n")


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["elector", "--help"], ["elector", "-h"], ["elector", "-help"],
                                   ["lease", "--help"], ["operator-patch", "--help"]])
def test_help_is_no_mistake(words):
    result = run(*words)
    assert result.returncode == 0 and "Usage" in result.stdout + result.stderr


def test_version_names_itself():
    result = run("version")
    assert result.returncode == 0 and re.search(r"promfleet .*\d+\.\d+", result.stdout)


@pytest.mark.parametrize("name", ["prometheus-elector", "elector-cmd"])
def test_called_by_the_seeds_names_it_is_the_elector_at_once(files, folder, name):
    program = folder / name
    program.symlink_to(peers.promfleet())
    result = run("-init", f"-config={files['config']}", f"-output={files['output']}", program=program)
    assert result.returncode == 0, result.stderr
    assert yaml.safe_load(files["output"].read_text()) == {"global": {"scrape_interval": "7s"}}


@pytest.mark.parametrize("form", [["-config={config}"], ["--config={config}"], ["-config", "{config}"],
                                  ["--config", "{config}"]])
@pytest.mark.parametrize("init", ["-init", "--init", "-init=true", "-init=1", "-init=t", "-init=T", "-init=TRUE",
                                  "--init=True"])
def test_flags_are_read_in_every_form_of_gos_syntax(files, form, init):
    words = [word.format(**files) for word in form]
    result = run("elector", *words, init, f"-output={files['output']}")
    assert result.returncode == 0 and files["output"].exists(), result.stderr


@pytest.mark.parametrize("duration", ["90s", "1m30s", "1.5m", "90000ms", "0.025h", "90000000us", "90000000µs",
                                      "1m30s0ns"])
def test_durations_are_read_as_go_reads_them(files, duration):
    words = [f"-{name}={value}".format(**files) for name, value in REQUIRED.items()]
    result = run("elector", *words, f"-lease-duration={duration}", "-lease-renew-deadline=91s")
    assert result.returncode == 2 and "1m30s" in result.stderr, result.stderr


def test_last_of_several_values_wins(files):
    result = run("elector", "-init", "-config=/nowhere", f"-config={files['config']}", f"-output={files['output']}")
    assert result.returncode == 0


def test_flags_end_at_two_dashes(files):
    result = run("elector", f"-config={files['config']}", f"-output={files['output']}", "--", "-init")
    assert result.returncode == 2 and not files["output"].exists()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_and_status_2_and_touches_nothing(files, mistake):
    words, named = MISTAKES[mistake]
    complete = [f"-{name}={value}" for name, value in REQUIRED.items()]
    result = run("elector", *(word.format(**files) for word in complete + words))
    assert result.returncode == 2
    assert named in result.stderr and len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert not files["output"].exists() and result.stdout == ""


@pytest.mark.parametrize("missing", REQUIRED)
def test_missing_required_flag_is_named(files, missing):
    words = [f"-{name}={value}".format(**files) for name, value in REQUIRED.items() if name != missing]
    result = run("elector", *words)
    assert result.returncode == 2 and f"-{missing}" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["electr"], ["lease"], ["lease", "stepdown"], ["lease", "switchover"],
                                   ["elector"]])
def test_incomplete_or_unknown_command_is_status_2_with_a_hint(words):
    result = run(*words)
    assert result.returncode == 2 and result.stderr


@pytest.mark.parametrize("log_format", ["logfmt", "json"])
def test_log_is_in_the_format_asked_for(files, log_format):

    files["config"].write_text("follower: [\n")
    result = run("elector", "-init", f"-config={files['config']}", f"-output={files['output']}",
                 f"-log.format={log_format}")
    line = result.stderr.strip().splitlines()[-1]
    if log_format == "json":
        assert "config.yaml" in json.dumps(json.loads(line))
    else:
        assert re.search(r"\blevel=error\b", line) and "config.yaml" in line
