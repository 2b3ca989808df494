"""What the chart puts into the user's configuration for the gate is what `promfleet elector gate-values` prints."""
import subprocess

import pytest
import yaml

from lib import helm, peers

ONE = [{"url": "https://storage.example/api/v1/write"}]
ENTRIES = {
    "one": ONE,
    "named": [{"url": "http://storage.example/write", "name": "it's \"the\" hub: 0", "hold": "1m30s", "lateness": "2m",
               "drop_labels": ["replica"], "authorization": {"credentials": "x"}, "path": "/write/x"}],
    "version 2": [{**ONE[0], "protobuf_message": "io.prometheus.write.v2.Request", "hold": "27s500ms"}],
    "version 1": [{**ONE[0], "protobuf_message": "prometheus.WriteRequest", "hold": "5s"}],
    "streams of two destinations": [
        {"url": "http://hub.example/write", "name": "hub-0", "path": "/write/0"},
        {"url": "http://archive.example/write", "name": "archive", "path": "/write/archive"},
        {"url": "http://hub.example/write", "name": "hub-1", "path": "/write/1", "remote_timeout": "10s"},
        {"url": "http://hub.example/write", "name": "hub-2", "path": "/write/2"},
        {"url": "http://hub.example/write", "name": "other", "path": "/write/other", "group": "another/group"}]}

# Texts of users, and how `follower` looks in each once the gate's section is in it.
LAYOUTS = {
    "indented by two": "follower:\n  global: {external_labels: {a: 0123, b: 1e3}}\nleader: {}\n",
    "indented by six": "leader: {}\nfollower:\n\n      # first\n      global:\n            scrape_interval: 1m\n",
    "with a remark": "follower:   # all of them\n  global: {scrape_interval: 1m}\n",
    "with an anchor": "follower: &base\n  global: {scrape_interval: 1m}\nleader: {}\n",
    "nothing in it": "leader: {}\nfollower: {}\n",
    "nothing in it, with a blank": "follower: { }   # yet\n",
    "nothing but a remark": "follower:\n  # to be done\nleader: {}\n",
    "nothing at all": "",
    "lines that end as in Windows": "follower:\r\n  global: {scrape_interval: 1m}\r\nleader: {}\r\n",
    "the word elsewhere": "leader:\n  global:\n    external_labels:\n      text: |\n        follower:\n          x\n"
                          "follower:\n  global: {scrape_interval: 1m}\n"}


class AsText(yaml.SafeLoader):
    """Every scalar as it is written."""


AsText.yaml_implicit_resolvers = {}


def gate(entries):
    return {"enabled": True, "remoteWrite": entries}


def render(text, entries=ONE, args=()):
    return helm.render({"configFiles": {"prometheus-elector.yaml": text}, "gate": gate(entries),
                        "elector": {"args": args}})


def remote_write(objects):
    return yaml.load(helm.configuration(objects), AsText)["follower"]["remote_write"]


def printed(folder, objects, args=()):
    """What gate-values prints for the file that the elector gets."""
    path = folder / "gate.yaml"
    path.write_text(next(each for each in helm.of_kind(objects, "Secret"))["stringData"]["gate.yaml"])
    done = subprocess.run([peers.promfleet(), "elector", "gate-values", f"-gate-config={path}", *args],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return yaml.load(done.stdout, AsText)["remote_write"]


@pytest.mark.parametrize("name", ENTRIES)
def test_section_is_what_gate_values_prints(folder, name):
    objects = render("follower:\n  global: {}\n", ENTRIES[name])
    assert remote_write(objects) == printed(folder, objects)


def test_section_leads_to_where_the_gate_listens(folder):
    args = ["-gate-listen-address=127.0.0.1:9196"]
    objects = render("follower: {}\n", args=args)
    assert remote_write(objects) == printed(folder, objects, args)
    assert remote_write(objects)[0]["url"] == "http://127.0.0.1:9196/api/v1/write"


@pytest.mark.parametrize("name", LAYOUTS)
def test_rest_of_the_text_stays_as_it_was_written(folder, name):
    objects = render(LAYOUTS[name])
    before = yaml.load(LAYOUTS[name] or "follower: {}", AsText)
    after = yaml.load(helm.configuration(objects), AsText)
    assert after["follower"].pop("remote_write") == printed(folder, objects)
    assert after == {**before, "follower": before["follower"] or {}}


@pytest.mark.parametrize("version", ["3.15", "2.42"])
def test_prometheus_takes_the_file_that_the_elector_makes_of_it(folder, version):
    config, output = folder / "elector.yaml", folder / "prometheus.yml"
    defaults = helm.configuration(helm.render())
    config.write_text(helm.configuration(render(defaults, ENTRIES["streams of two destinations"])))
    subprocess.run([peers.promfleet(), "elector", "-init", f"-config={config}", f"-output={output}"], check=True,
                   timeout=20)
    promtool = peers.debian("promtool") if version == "2.42" else peers.peer("prometheus-3.15.0", "promtool")
    done = subprocess.run([promtool, "check", "config", output], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("text", "what"), [
    ("follower:\n  remote_write: [{url: 'http://a'}]\n", "remove the one that is there"),
    ("follower: {global: {scrape_interval: 1m}}\n", "a line of its own"), ("leader: {}\n", "a line of its own")])
def test_text_that_leaves_no_place_for_the_section_is_refused(text, what):
    with pytest.raises(helm.Refused, match=what):
        render(text)


def test_protected_gate_is_written_to_as_its_client_says():
    client = {"tls_config": {"insecure_skip_verify": True}, "basic_auth": {"username": "u", "password_file": "/p"}}
    values = {"gate": gate(ONE), "elector": {"webConfig": {"secretName": "web"}},
              "configFiles": {"prometheus-elector.yaml": "follower: {}"}}
    with pytest.raises(helm.Refused, match="gate.client"):
        helm.render(values)
    values["gate"]["client"] = client
    section = yaml.safe_load(helm.configuration(helm.render(values)))["follower"]["remote_write"][0]
    assert section["url"] == "https://127.0.0.1:9096/api/v1/write"
    assert {key: section[key] for key in client} == client


@pytest.mark.parametrize(("client", "named"), [
    ({"basic_auth": {"username": "u", "password": "x"}}, r"gate\.client\.basic_auth\.password_file"),
    ({"authorization": {"credentials": "x"}}, r"gate\.client\.authorization\.credentials_file"),
    ({"bearer_token": "x"}, r"gate\.client\.bearer_token_file"),
    ({"tls_config": {"cert": "x", "key": "x"}}, r"gate\.client\.tls_config\.key_file"),
    ({"http_headers": {"X-Key": {"secrets": ["x"]}}}, r"gate\.client\.http_headers\.X-Key\.files"),
    ({"oauth2": {"client_id": "u", "client_secret": "x"}}, r"gate\.client\.oauth2\.client_secret_file")])
def test_secret_that_would_lie_in_a_config_map_is_refused_and_the_key_for_a_file_named(client, named):
    with pytest.raises(helm.Refused, match=named):
        helm.render({"gate": {**gate(ONE), "client": client}})


def test_without_a_gate_the_text_is_the_users():
    text = "follower: {global: {external_labels: {a: 0123}}}   # as it is\n\n"
    objects = helm.render({"configFiles": {"prometheus-elector.yaml": text}})
    assert helm.configuration(objects).strip() == text.strip()


def test_pods_restart_for_another_destination():
    def pods(entry):
        return helm.only(render("follower: {}\n", [entry]), "StatefulSet")["spec"]
    same = pods({**ONE[0], "basic_auth": {"username": "u", "password": "p"}})
    assert same == pods(ONE[0])
    assert same["template"] != pods({"url": "https://other.example/write"})["template"]


@pytest.mark.parametrize(("elector", "seconds"), [
    ({}, 0), ({"readinessProbe": {"httpGet": {"path": "/_elector/healthz"}}}, 120), ({"readinessProbe": None}, 120),
    ({"webConfig": {"secretName": "web"}}, 0), ({"webConfig": {"secretName": "web", "authenticated": True}}, 120)])
def test_update_waits_for_what_a_gate_holds_by_the_probe_or_else_by_the_time(elector, seconds):
    values = {"elector": elector, "configFiles": {"prometheus-elector.yaml": "follower: {}"},
              "gate": {**gate(ONE), "client": {"tls_config": {"insecure_skip_verify": True}}}}
    assert helm.only(helm.render(values), "StatefulSet")["spec"]["minReadySeconds"] == seconds
    without = {**values, "gate": {"enabled": False}}
    assert helm.only(helm.render(without), "StatefulSet")["spec"]["minReadySeconds"] == 0


def test_readiness_of_the_elector_is_that_it_could_take_over():
    probe = helm.container(helm.render(), "prometheus-elector")["readinessProbe"]
    assert probe["httpGet"] == {"path": "/_elector/ready", "port": "http-elector"}
