"""demo/account.py: what the demo counts as lost and as doubled."""
import importlib
import itertools

import pytest

from lib import gate_judge, peers, series
from lib.series import STALE_MARKER, bits_of

GAUGE, COUNTER = "up", "http_request_total"
OLD, NEW = 4, 7  # tokens
FENCED_MS = 10_500


@pytest.fixture
def account(monkeypatch):
    monkeypatch.syspath_prepend(peers.ROOT / "demo")
    return importlib.import_module("account")


def stored(account, *samples, name=GAUGE):
    """An account of one series; `samples`: (time in ms, token[, bits])."""
    terms = [{"generation": 0, "token": token, "fenced_unix_ms": FENCED_MS} for token in (NEW, OLD)]
    bits = bits_of(1.0)
    rows = [[time_ms, rest[0] if rest else bits, token] for time_ms, token, *rest in samples]
    return account.parse_account({"totals": {"terms": [{"token": None}, *terms]},
                                  "series": [{"labels": {"__name__": name}, "samples": rows}]})


def lost(account, ledger, *times_ms, name=GAUGE, value=1.0, until_ms=20_000):
    key = account.series_key({"__name__": name})
    return account.samples_lost(ledger, {key: [account.Sample(time_ms, value) for time_ms in times_ms]}, until_ms)


def test_samples_within_the_grace_are_covered_and_not_lost(account):
    ledger = stored(account, (9_000, OLD), (12_000, NEW))
    assert lost(account, ledger, 8_000, 9_000, 11_000, 12_000) == 0


def test_sample_behind_the_grace_that_is_not_stored_is_lost(account):
    ledger = stored(account, (9_000, OLD), (13_000, NEW))
    assert lost(account, ledger, 11_001, 12_000, 13_000, 14_000) == 3


def test_sample_that_may_be_on_its_way_is_not_lost(account):
    ledger = stored(account, (9_000, OLD), (12_000, NEW))
    assert lost(account, ledger, 12_000, 13_000, until_ms=12_500) == 0


def test_lower_counter_is_covered_for_longer(account):
    ledger = stored(account, (9_000, OLD), (25_000, NEW), name=COUNTER)
    assert lost(account, ledger, 12_000, 24_000, 25_000, name=COUNTER, value=0.5, until_ms=30_000) == 0
    assert lost(account, ledger, 12_000, 24_001, 25_000, name=COUNTER, value=0.5, until_ms=30_000) == 1


def test_series_that_only_the_next_leader_has_counts_from_its_fence_on(account):
    ledger = stored(account, (9_000, OLD), name="another")
    assert lost(account, ledger, FENCED_MS - 1, FENCED_MS, FENCED_MS + 1) == 1


def test_series_that_ascends_over_both_terms_has_nothing_doubled(account):
    assert account.samples_doubled(stored(account, (8_000, OLD), (9_000, OLD, STALE_MARKER), (11_001, NEW))) == 0


@pytest.mark.parametrize("second", [(9_000, OLD), (8_999, OLD), (11_000, NEW)])
def test_sample_that_is_not_behind_the_one_before_it_is_doubled(account, second):
    assert account.samples_doubled(stored(account, (9_000, OLD), second)) == 1


def test_sample_of_a_term_that_was_over_is_doubled(account):
    assert account.samples_doubled(stored(account, (9_000, NEW), (20_000, OLD))) == 1


def test_stale_marker_of_the_next_leader_is_covered_up_to_the_last_sample_only(account):
    assert account.samples_doubled(stored(account, (9_000, OLD), (9_000, NEW, STALE_MARKER))) == 1
    assert account.samples_doubled(stored(account, (9_000, OLD), (9_001, NEW, STALE_MARKER))) == 0


def test_demo_and_judge_agree_on_what_is_covered(account):
    last_ms, edges_ms = 100_000, (0, 2_000, 15_000)
    times_ms = [last_ms + edge_ms + step_ms for edge_ms in edges_ms for step_ms in (-1, 0, 1)]
    last = bits_of(1.0)
    for name, time_ms, bits in itertools.product((GAUGE, COUNTER), times_ms, (bits_of(0.5), last, STALE_MARKER)):
        before, sample = stored(account, (last_ms, OLD), (time_ms, NEW, bits), name=name).series.popitem()[1]
        by_the_judge = gate_judge.is_covered(series.Sample(time_ms, bits), series.Sample(last_ms, last), name == COUNTER)
        assert account.is_covered(name, sample, before) == by_the_judge, (name, time_ms, bits)
