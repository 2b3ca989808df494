"""The judge of receivers that know no fence, on samples made by hand."""
import pytest

from lib.foreign_judge import Handover, doubles, lost
from lib.series import Sample, bits_of, series_key

UP = series_key({"__name__": "up"})


def scrapes(first, last, phase_ms=0):
    return [Sample(second * 1000 + phase_ms, bits_of(1)) for second in range(first, last + 1)]


OLD, NEW = scrapes(0, 20), scrapes(0, 30, 500)


def handover(stored):
    return Handover({UP: sorted(stored, key=lambda sample: sample.timestamp_ms)}, {UP: OLD}, {UP: NEW}, until_ms=30_000)


def test_clean_handover_costs_nothing():
    clean = handover(scrapes(0, 10) + scrapes(10, 29, 500))
    assert lost(clean) == [] and doubles(clean) == (0, 0)


def test_overlap_is_doubled_and_not_lost():
    overlapping = handover(scrapes(0, 10) + scrapes(6, 29, 500))
    assert lost(overlapping) == [] and doubles(overlapping) == (4, 3_500)


@pytest.mark.parametrize("stored, sentence", [
    (scrapes(0, 3) + scrapes(5, 10) + scrapes(10, 29, 500), "up{}: lost 1 of the old leader's samples from 4000 on"),
    (scrapes(0, 10) + scrapes(13, 29, 500), "up{}: lost 3 of the new leader's samples from 10500 on"),
    (scrapes(0, 10) + scrapes(10, 27, 500), "up{}: lost 2 of the new leader's samples from 28500 on"),
    (scrapes(10, 29, 500), "up{}: nothing of the old leader is stored"),
    (scrapes(0, 10) + scrapes(10, 29, 500) + scrapes(12, 12, 7),
     "up{}: stored 1 samples that nobody scraped, from 12007 on"),
])
def test_what_is_missing_or_nobodys_is_found(stored, sentence):
    assert lost(handover(stored)) == [sentence]
