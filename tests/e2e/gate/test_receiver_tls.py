"""A receiver that shows a certificate, asks for one, and for a token."""
import ssl

import pytest

from lib.certificates import Authority, server_tls
from lib.polling import poll, stays


@pytest.fixture
def authority(folder):
    return Authority(folder / "receiver-authority")


@pytest.fixture
def token(folder):
    path = folder / "token"
    path.write_text("first-token\n")
    return path


@pytest.fixture
def fleet(new_gate_fleet, authority, token):
    """Two members behind a receiver that lets nobody in without a certificate of this authority."""
    certificate, key = authority.issue("gate")
    entry = {"tls_config": {"ca_file": str(authority.ca_path), "cert_file": str(certificate), "key_file": str(key)},
             "authorization": {"credentials_file": str(token)}}
    asking = server_tls(*authority.issue("receiver"))
    asking.verify_mode = ssl.CERT_REQUIRED
    asking.load_verify_locations(authority.ca_path)
    return new_gate_fleet(entry=entry, line_tls=asking).start(["3.15", "3.15"])


def problem(replica):
    return replica.elector.status()["gate"]["destinations"][0]["problem"] or ""


def test_failover_loses_nothing_over_tls_with_a_client_certificate(fleet):
    old = fleet.writing_leader()
    old.elector.kill()
    fleet.writing_leader(besides=[old])
    old.elector.start()
    old.elector.wait_until_serving()
    assert fleet.judgement() == ""
    assert fleet.line.tokens == {"first-token"}


def test_changed_token_is_read_again(fleet, token):
    fleet.writing_leader()
    token.write_text("second-token\n")
    poll(lambda: "second-token" in fleet.line.tokens, 30, "the new token is sent")
    assert fleet.judgement() == ""
    logs = "".join(replica.elector.log() for replica in fleet.replicas)
    assert "first-token" not in logs and "second-token" not in logs


def test_receiver_whose_certificate_is_not_to_be_trusted_gets_nothing_and_loses_nothing(fleet, authority, folder):
    leader = fleet.writing_leader()
    stranger = Authority(folder / "stranger")
    fleet.line.serve_certificate(server_tls(*stranger.issue("receiver")))
    poll(lambda: "certificate" in problem(leader), 30, "the page says why nothing passes")
    fleet.line.tokens.clear()
    stays(lambda: not fleet.line.tokens, 1.5, "no token reaches a stranger")
    fleet.line.serve_certificate(server_tls(*authority.issue("receiver-2")))
    poll(lambda: problem(leader) == "" and fleet.line.tokens, 30, "it goes on")
    assert fleet.judgement() == ""
