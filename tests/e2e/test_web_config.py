"""TLS and passwords: towards clients (-web.config.file) and towards Prometheus (-prometheus.http-config)."""
import ssl

import pytest
import yaml

from lib import web
from lib.certificates import Authority, server_tls
from lib.elector import LONG_LEASE, proxy_flags
from lib.passwords import basic, bcrypt
from lib.polling import poll
from lib.upstream import Upstream


@pytest.fixture
def authority(folder):
    return Authority(folder / "authority")


@pytest.fixture
def web_config(folder):
    return folder / "web.yml"


@pytest.fixture
def guarded(new_fleet, web_config):
    """A function that starts a leader with this web configuration; returns its elector."""
    def start(config):
        web_config.write_text(yaml.safe_dump(config))
        fleet = new_fleet(prometheus="fake", flags=LONG_LEASE)
        replica = fleet.add("prometheus-0", flags={"web.config.file": web_config})
        replica.init()
        if "tls_server_config" in config:
            replica.elector.url = replica.elector.url.replace("http:", "https:")
        return replica.elector.start()
    return start


def server_config(authority, name="elector", **more):
    certificate, key = authority.issue(name)
    return {"tls_server_config": {"cert_file": str(certificate), "key_file": str(key), **more}}


def test_api_speaks_tls_only_and_a_new_certificate_is_shown_without_a_restart(guarded, authority, web_config):
    elector = guarded(server_config(authority))
    tls = authority.client_tls()
    poll(lambda: elector.get("/_elector/leader", tls=tls).status == 200, 30, "the API answers over TLS")
    with pytest.raises(OSError):
        web.get(elector.url.replace("https:", "http:") + "/_elector/leader").json()
    before = ssl.get_server_certificate(("127.0.0.1", elector.port))
    web_config.write_text(yaml.safe_dump(server_config(authority, name="renewed")))
    poll(lambda: ssl.get_server_certificate(("127.0.0.1", elector.port)) != before, 30, "the new certificate is shown")
    assert elector.get("/_elector/leader", tls=tls).status == 200


def test_renewed_certificate_file_is_shown_without_a_restart(guarded, authority):
    elector = guarded(server_config(authority))
    tls = authority.client_tls()
    poll(lambda: elector.get("/_elector/leader", tls=tls).status == 200, 30, "the API answers over TLS")
    before = ssl.get_server_certificate(("127.0.0.1", elector.port))
    authority.issue("elector")
    poll(lambda: ssl.get_server_certificate(("127.0.0.1", elector.port)) != before, 30, "the new certificate is shown")


def test_broken_web_configuration_is_reported_and_the_old_one_stays(guarded, authority, web_config):
    elector = guarded(server_config(authority))
    tls = authority.client_tls()
    poll(lambda: elector.get("/_elector/leader", tls=tls).status == 200, 30, "the API answers over TLS")
    web_config.write_text("tls_server_config: {cert_file: nowhere.pem}\n")
    elector.wait_for_log("web.yml")
    poll(lambda: "nowhere.pem" in elector.get("/_elector/healthz", tls=tls).text(), 20, "healthz says what is missing")
    health = elector.get("/_elector/healthz", tls=tls)
    assert health.status == 200 and "web.yml" in health.text()
    web_config.write_text(yaml.safe_dump(server_config(authority)))
    poll(lambda: "web.yml" not in elector.get("/_elector/healthz", tls=tls).text(), 30, "healthz is content again")


def test_client_certificate_is_required_and_its_names_are_checked(guarded, authority):
    elector = guarded(server_config(authority, client_auth_type="RequireAndVerifyClientCert",
                                    client_ca_file=str(authority.ca_path), client_allowed_sans=["grafana"]))

    def ask(client):
        tls = authority.client_tls()
        if client:
            tls.load_cert_chain(*authority.issue(client, hosts=[client]))
        return elector.get("/_elector/leader", tls=tls).status
    poll(lambda: ask("grafana") == 200, 30, "the allowed client is answered")
    for client in (None, "stranger"):
        with pytest.raises(OSError):
            ask(client)


def test_password_is_required_and_read_again_when_it_changes(guarded, web_config):
    elector = guarded({"basic_auth_users": {"alice": bcrypt("wonderland")}})
    poll(lambda: elector.get("/_elector/leader", headers=basic("alice", "wonderland")).status == 200, 30,
         "the password is accepted")
    assert elector.get("/_elector/leader", headers=basic("alice", "wrong")).status == 401
    assert elector.get("/_elector/leader", headers=basic("bob", "wonderland")).status == 401
    refused = elector.get("/_elector/leader")
    assert refused.status == 401 and refused.headers["www-authenticate"].startswith("Basic")
    web_config.write_text(yaml.safe_dump({"basic_auth_users": {"alice": bcrypt("through the looking-glass")}}))
    poll(lambda: elector.get("/_elector/leader", headers=basic("alice", "through the looking-glass")).status == 200,
         30, "the new password is accepted")
    assert elector.get("/_elector/leader", headers=basic("alice", "wonderland")).status == 401


def test_response_headers_are_added(guarded):
    elector = guarded({"http_server_config": {"headers": {"X-Frame-Options": "deny"}}})
    poll(lambda: elector.get("/_elector/leader").headers["x-frame-options"] == "deny", 30, "the field is there")


def test_reload_probes_and_proxy_speak_tls_with_a_password_to_prometheus(new_fleet, folder, authority):
    certificate, key = authority.issue("prometheus")
    server_side, client_side = folder / "prometheus-web.yml", folder / "http-config.yml"
    server_side.write_text(yaml.safe_dump({
        "tls_server_config": {"cert_file": str(certificate), "key_file": str(key)},
        "basic_auth_users": {"elector": bcrypt("secret")}}))
    client_side.write_text(yaml.safe_dump({
        "tls_config": {"ca_file": str(authority.ca_path)},
        "basic_auth": {"username": "elector", "password": "secret"}}))
    replica = new_fleet().add("prometheus-0", flags={
        "prometheus.http-config": client_side})
    replica.prometheus.command.append(f"--web.config.file={server_side}")
    replica.elector.flags |= proxy_flags(replica.prometheus.port)
    for flag in ("notify-http-url", "readiness-http-url", "healthcheck-http-url"):
        replica.elector.flags[flag] = replica.elector.flags[flag].replace("http:", "https:")
    replica.init()
    replica.prometheus.start()
    replica.elector.start().wait_until_serving()
    replica.elector.wait_until_leader()
    poll(lambda: replica.write_url in replica.elector.get("/api/v1/status/config").text(), 20,
         "the proxy shows the leader's configuration")


def test_proxy_refuses_an_upstream_with_a_certificate_of_another_authority(new_fleet, folder, authority):
    stranger = Authority(folder / "stranger")
    http_config = folder / "http-config.yml"
    http_config.write_text(yaml.safe_dump({"tls_config": {"ca_file": str(authority.ca_path)}}))
    with Upstream(tls=server_tls(*stranger.issue("upstream"))) as upstream:
        replica = new_fleet().add("prometheus-0", flags={
            "prometheus.http-config": http_config, "notify-http-url": f"https://127.0.0.1:{upstream.port}/-/reload",
            "readiness-http-url": f"https://127.0.0.1:{upstream.port}/-/ready"})
        replica.init()
        replica.elector.start().wait_until_serving()
        replica.elector.wait_for_log("certificate")
        assert not replica.elector.is_leader() and not upstream.received
