"""What `promfleet elector gate-values` prints is what Prometheus takes."""
import subprocess

import pytest
import yaml

from lib import passwords, peers
from lib.certificates import Authority
from lib.polling import poll
from lib.ports import free_port
from lib.prometheus import Prometheus

ONE = "- url: https://hub.example/api/v1/write\n  name: hub\n"
# Two streams of one destination, and another one.
SPLIT = ("- {url: 'http://hub.example/api/v1/write', name: 'hub: 0', path: /write/0}\n"
         "- {url: 'http://hub.example/api/v1/write', name: hub-1, path: /write/1}\n"
         "- {url: 'http://archive.example/api/v1/write', name: archive, path: /write/archive, hold: 90s}\n")


def gate_values(*words):
    return subprocess.run([peers.promfleet(), "elector", "gate-values", *words], capture_output=True, text=True,
                          timeout=20)


def section(folder, entries, address="127.0.0.1:9096", *words):
    (folder / "gate.yml").write_text(entries)
    result = gate_values(f"-gate-config={folder / 'gate.yml'}", f"-gate-listen-address={address}", *words)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(params=["3.15", "2.42"])
def promtool(request):
    return peers.debian("promtool") if request.param == "2.42" else peers.peer("prometheus-3.15.0", "promtool")


@pytest.mark.parametrize("entries", [ONE, SPLIT])
def test_section_is_what_promtool_accepts(folder, promtool, entries):
    config = folder / "prometheus.yml"
    config.write_text("global: {scrape_interval: 15s}\n" + section(folder, entries))
    result = subprocess.run([promtool, "check", "config", config], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stdout + result.stderr


def test_section_for_a_gate_with_tls_and_passwords_is_what_promtool_accepts(folder, promtool):
    certificate, key = Authority(folder / "authority").issue("gate")
    web_config = folder / "web.yml"
    web_config.write_text(yaml.safe_dump({
        "tls_server_config": {"cert_file": str(certificate), "key_file": str(key)},
        "basic_auth_users": {"prometheus": passwords.bcrypt("secret")}}))
    config = folder / "prometheus.yml"
    config.write_text(section(folder, ONE, "127.0.0.1:9096", f"-web.config.file={web_config}"))
    assert "url: https://127.0.0.1:9096/api/v1/write" in config.read_text() and "basic_auth" in config.read_text()
    result = subprocess.run([promtool, "check", "config", config], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stdout + result.stderr


def test_entry_for_version_2_is_what_a_promtool_that_knows_it_accepts(folder):
    config = folder / "prometheus.yml"
    config.write_text(section(folder, ONE + "  protobuf_message: io.prometheus.write.v2.Request\n"))
    promtool = peers.peer("prometheus-3.15.0", "promtool")
    result = subprocess.run([promtool, "check", "config", config], capture_output=True, text=True, timeout=20)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_entries_of_one_destination_get_each_series_once(folder, processes, sink, version):
    port, config = free_port(), folder / "prometheus.yml"
    written = yaml.safe_load(section(folder, SPLIT, f"127.0.0.1:{sink.port}"))
    for queue in written["remote_write"]:
        queue["queue_config"]["batch_send_deadline"] = "200ms"
    config.write_text(yaml.safe_dump({
        "global": {"scrape_interval": "1s"}, **written,
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}))
    processes.append(Prometheus(folder, config, version=version, port=port).start())

    def series(stream):
        return {sample.labels for write in sink.writes(stream) for sample in write.samples}
    poll(lambda: len(series("archive")) > 300 and series("0") | series("1") == series("archive"), 40,
         "both streams together have all series")
    assert not series("0") & series("1")
    assert min(len(series("0")), len(series("1"))) > 100
    assert not any(name == "__tmp_gate" for labels in series("0") for name, _ in labels)


def test_help_is_no_mistake():
    result = gate_values("--help")
    assert result.returncode == 0 and "-gate-config" in result.stdout


@pytest.mark.parametrize(("words", "named"), [
    ([], "-gate-config"), (["-gate-config=/nowhere/gate.yml"], "/nowhere/gate.yml"),
    (["-gate-config=g", "-gate-listen-address=localhost"], "-gate-listen-address"), (["-gate-conf=g"], "gate-config"),
    (["-gate-config=g", "stray"], "stray")])
def test_mistake_is_one_line_and_status_2(words, named):
    result = gate_values(*words)
    assert result.returncode == 2 and named in result.stderr and result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1


def test_wrong_configuration_is_named_with_its_position(folder):
    (folder / "gate.yml").write_text("- url: http://hub.example/\n  queue_config: {}\n")
    result = gate_values(f"-gate-config={folder / 'gate.yml'}")
    assert result.returncode == 2 and "gate.yml: line 2" in result.stderr
