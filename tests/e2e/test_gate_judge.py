"""The judge of the gate's tests, on accounts made by hand: two members that scrape each second, half a second apart."""
import dataclasses

import pytest

from lib.fencing_sink import Account
from lib.gate_judge import Evidence, judge
from lib.series import STALE_MARKER, Sample, bits_of, series_key

START = 1_795_180_800_000
UP = series_key({"__name__": "up", "job": "self"})
TOTAL = series_key({"__name__": "requests_total", "job": "self"})
A, B = 5, 9  # their tokens


def scrapes(first, last, phase=0.0, value=1.0):
    """One a second, both ends included; `first` and `last` in seconds since START."""
    return [sample(second + phase, value) for second in range(first, last + 1)]


def sample(second, value=1.0):
    return Sample(START + round(second * 1000), bits_of(value))


def stored(samples, token):
    return [dataclasses.replace(each, token=token) for each in samples]


def term(token, fenced, last_accepted, stored_count=1, source=None):
    return {"group": "ns/a", "generation": 0, "token": token, "stored": stored_count, "source": source,
            "fenced_unix_ms": START + fenced * 1000, "last_accepted_unix_ms": START + last_accepted * 1000}


def totals(terms, **changes):
    return {"stored": 1, "duplicates": 0, "covered": 0, "unfenced": 0, "refused": {}, "terms": terms} | changes


# a led for 10 s, then b: its first sample behind 10 s + the grace is that of 12.5 s.
HANDOVER = stored(scrapes(0, 10), A) + stored(scrapes(12, 20, 0.5), B)
TERMS = [term(A, 0, 11), term(B, 11, 20)]
SCRAPED = {"a": {UP: scrapes(0, 25)}, "b": {UP: scrapes(0, 20, 0.5)}}


def evidence(series=None, *, scraped=None, terms=TERMS, totals_changes=None, **options):
    account = Account(totals(terms, **(totals_changes or {})), {UP: HANDOVER} if series is None else series, {})
    given = {"until_ms": START + 20_600, "owners": {A: "a", B: "b"}, "scraped": scraped or SCRAPED, **options}
    return Evidence(account=account, **given)


def only(problems):
    assert len(problems) == 1, problems
    return problems[0]


def test_handover_behind_the_grace_is_well():
    assert judge(evidence()) == []


def test_new_leader_with_nothing_new_yet_is_well():
    assert judge(evidence({UP: stored(scrapes(0, 10), A)}, until_ms=START + 12_000)) == []


@pytest.mark.parametrize("source, first", [("a/1", 11), ("a/2", 13), (None, 13)])
def test_member_that_leads_again_goes_on_at_once_if_its_fences_named_the_same_process(source, first):
    terms = [term(A, 0, 11, source="a/1"), term(B, 11, 20, source=source)]
    for begins in (11, 12, 13):
        series = {UP: stored(scrapes(0, 10), A) + stored(scrapes(begins, 20), B)}
        is_well = judge(evidence(series, terms=terms, owners={A: "a", B: "a"})) == []
        assert is_well == (begins == first), begins


def test_sample_missing_in_the_middle_is_lost():
    for missing in (4, 15):
        assert "lost 1 of" in only(judge(evidence({UP: HANDOVER[:missing] + HANDOVER[missing + 1:]})))


def test_missing_first_sample_of_the_first_leader_is_lost():
    assert "lost 1 of a's samples" in only(judge(evidence({UP: HANDOVER[1:]})))


def test_new_leader_that_begins_late_has_lost_what_it_left_out():
    late = HANDOVER[:11] + stored(scrapes(15, 20, 0.5), B)
    assert "lost 3 of b's samples between 1795180812500 and 1795180814500 (term 9)" in only(judge(evidence({UP: late})))


def test_missing_end_of_the_last_leader_is_lost_and_of_the_one_before_is_not():
    assert "lost 2 of b's" in only(judge(evidence({UP: HANDOVER[:-2]})))
    shorter = stored(scrapes(0, 9), A) + stored(scrapes(11, 20, 0.5), B)
    assert judge(evidence({UP: shorter})) == []


def test_series_of_which_nothing_arrived_is_lost():
    scraped = {**SCRAPED, "b": {**SCRAPED["b"], TOTAL: scrapes(12, 20, 0.5)}}
    problem = only(judge(evidence(scraped=scraped)))
    assert problem.startswith('requests_total{job="self"}: lost 9 of b')


def test_overlap_that_the_grace_covers_is_doubled():
    overlapping = HANDOVER[:11] + stored(scrapes(11, 20, 0.5), B)
    problem = only(judge(evidence({UP: overlapping})))
    assert "stored, although covered, 1 of b's samples between 1795180811500" in problem


def test_same_sample_twice_is_found():
    assert "two samples at 1795180804000" in only(judge(evidence({UP: HANDOVER[:5] + HANDOVER[4:]})))


def test_step_back_in_time_is_found():
    stepping = [*HANDOVER[:4], HANDOVER[5], HANDOVER[4], *HANDOVER[6:]]
    assert "a step back in time from 1795180805000 to 1795180804000" in only(judge(evidence({UP: stepping})))


def test_old_leader_that_writes_after_the_new_one_began_is_found():
    late = [*HANDOVER, *stored([sample(22)], A)]
    assert "term 5 stored 1795180822000 after term 9 had begun" in only(judge(evidence({UP: late})))


def test_sample_that_the_member_never_scraped_is_found():
    for changed in (dataclasses.replace(HANDOVER[4], bits=bits_of(2)), dataclasses.replace(HANDOVER[4], token=A,
                    timestamp_ms=HANDOVER[4].timestamp_ms + 1)):
        problems = judge(evidence({UP: [*HANDOVER[:4], changed, *HANDOVER[5:]]}))
        assert any("never scraped, 1 of a's" in problem for problem in problems)
        assert any("lost 1 of a's" in problem for problem in problems)


def test_samples_of_the_other_member_under_a_leaders_token_are_found():
    mixed = {UP: stored(scrapes(0, 10), A) + stored(scrapes(13, 25), B)}
    assert any("never scraped, 13 of b's" in problem for problem in judge(evidence(mixed)))


def test_term_that_no_member_had_is_found():
    assert only(judge(evidence(owners={A: "a"}))) == "no member had the token 9"


def test_write_that_was_accepted_after_the_next_fence_is_found():
    problem = only(judge(evidence(terms=[term(A, 0, 12), term(B, 11, 20)])))
    assert problem == "a write of term 5 was accepted after term 9 had fenced"


def test_unfenced_and_invalid_writes_are_found():
    assert only(judge(evidence(totals_changes={"unfenced": 2}))) == "2 writes were not fenced"
    problem = only(judge(evidence(totals_changes={"refused": {"invalid": 1, "fenced": 4}})))
    assert problem == "1 writes were refused as invalid"


def test_account_in_which_nothing_is_stored_is_not_well():
    assert only(judge(evidence({}, terms=[]))) == "nothing is stored"
    assert "nothing is stored" in judge(evidence({}, terms=[term(A, 0, 1, stored_count=0)]))


@pytest.mark.parametrize("value, first", [(4.0, 25), (6.0, 12), (5.0, 12)])
def test_lower_counter_of_the_new_leader_is_covered_for_a_scrape_time_out(value, first):
    series = {TOTAL: stored(scrapes(0, 10, value=5.0), A) + stored(scrapes(first, 30, 0.5, value), B)}
    scraped = {"a": {TOTAL: scrapes(0, 10, value=5.0)}, "b": {TOTAL: scrapes(0, 30, 0.5, value)}}
    assert judge(evidence(series, scraped=scraped)) == []
    early = {TOTAL: series[TOTAL][:11] + stored(scrapes(first - 1, 30, 0.5, value), B)}
    assert "stored, although covered, 1 of b's" in only(judge(evidence(early, scraped=scraped)))


def test_stale_marker_is_covered_only_up_to_the_last_sample():
    marker = dataclasses.replace(sample(11.5), bits=STALE_MARKER)
    scraped = {**SCRAPED, "b": {UP: [*scrapes(0, 10, 0.5), marker, *scrapes(12, 20, 0.5)]}}
    with_marker = HANDOVER[:11] + stored([marker, *scrapes(12, 20, 0.5)], B)
    assert judge(evidence({UP: with_marker}, scraped=scraped)) == []
    assert "lost 1 of b's" in only(judge(evidence(scraped=scraped)))


@pytest.mark.parametrize("first, is_well", [(0, True), (7, True), (8, True), (9, False)])
def test_of_a_series_that_others_do_not_have_a_member_may_let_go_while_they_lead(first, is_well):
    scraped = {**SCRAPED, "b": {**SCRAPED["b"], TOTAL: scrapes(0, 20, 0.5)}}
    series = {UP: HANDOVER, TOTAL: stored(scrapes(first, 20, 0.5), B)}
    assert (judge(evidence(series, scraped=scraped, lateness_ms=2_000)) == []) == is_well


# b's Prometheus ended at 16 s with two samples that it had not sent, and began again.
RESTARTED = scrapes(0, 15, 0.5) + scrapes(18, 20, 0.5)
DEATHS = {"b": [START + 16_000]}


def test_what_died_with_the_only_prometheus_that_had_it_is_not_missed():
    series = {UP: HANDOVER[:11] + stored(scrapes(12, 13, 0.5) + scrapes(18, 20, 0.5), B)}
    scraped = {"a": {UP: scrapes(0, 10)}, "b": {UP: RESTARTED}}
    assert "lost 2 of b's" in only(judge(evidence(series, scraped=scraped)))
    assert judge(evidence(series, scraped=scraped, deaths_ms=DEATHS)) == []


def test_what_another_prometheus_still_had_is_missed():
    series = {UP: HANDOVER[:11] + stored(scrapes(12, 13, 0.5) + scrapes(18, 20, 0.5), B)}
    scraped = {"a": {UP: scrapes(0, 20)}, "b": {UP: RESTARTED}}
    assert "lost 2 of b's" in only(judge(evidence(series, scraped=scraped, deaths_ms=DEATHS)))
    deaths_ms = {**DEATHS, "a": [START + 20_000]}
    assert judge(evidence(series, scraped=scraped, deaths_ms=deaths_ms)) == []


def test_what_was_left_out_before_the_end_of_a_prometheus_is_missed():
    series = {UP: HANDOVER[:11] + stored([sample(13.5)] + scrapes(18, 20, 0.5), B)}
    scraped = {"a": {UP: scrapes(0, 10)}, "b": {UP: RESTARTED}}
    assert "lost 1 of b's" in only(judge(evidence(series, scraped=scraped, deaths_ms=DEATHS)))


def test_counter_that_begins_anew_after_the_end_of_its_prometheus_is_covered():
    """What died had the higher value, so it does not end the time for which lower ones are covered."""
    before, after = scrapes(11, 13, 0.5, value=9.0), scrapes(14, 30, 0.5, value=1.0)
    series = {TOTAL: stored(scrapes(0, 10, value=5.0), A) + stored(after[11:], B)}
    scraped = {"a": {TOTAL: scrapes(0, 10, value=5.0)}, "b": {TOTAL: before + after}}
    deaths_ms = {"b": [START + 14_000]}
    assert judge(evidence(series, scraped=scraped, until_ms=START + 30_500, deaths_ms=deaths_ms)) == []


def test_gap_between_two_leaders_is_found_where_there_may_be_none():
    """b's Prometheus began at 15 s, so it has left nothing out."""
    series = {UP: HANDOVER[:11] + stored(scrapes(15, 20, 0.5), B)}
    scraped = {**SCRAPED, "b": {UP: scrapes(15, 20, 0.5)}}
    assert judge(evidence(series, scraped=scraped)) == []
    assert "nothing for 5500 ms from 1795180810000 on" in only(judge(evidence(series, scraped=scraped,
                                                                              gap_ms_max=4_000)))
    assert judge(evidence(gap_ms_max=4_000)) == []


def test_member_that_leads_again_continues_behind_its_own_last_sample():
    terms = [*TERMS, term(12, 21, 30)]
    series = {UP: HANDOVER + stored(scrapes(23, 25), 12)}
    assert judge(evidence(series, terms=terms, owners={A: "a", B: "b", 12: "a"}, until_ms=START + 25_000)) == []
