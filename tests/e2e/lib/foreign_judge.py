"""What a receiver that knows no fence has after one member took over from another: nothing lost, and doubles bounded
(rule 12 of ARCHITECTURE.md, "Gate").

Such a receiver does not say who wrote what; but two members never scrape at the same millisecond, so a sample's time
tells whose it is. Values are not compared: not every receiver keeps all their digits.
"""
import dataclasses
import math

from lib.series import STALE_MARKER, describe


@dataclasses.dataclass(frozen=True)
class Handover:
    stored: dict  # {series_key: [Sample, ...]} as the receiver has them
    old: dict     # the same of all that the first leader's Prometheus has
    new: dict     # and of the second one's
    until_ms: int  # up to here the second leader has written all that it has


def lost(handover):
    """Sentences about samples that should be there: the old leader's up to its last, the new one's behind that."""
    return [sentence for key in sorted(set(handover.old) & set(handover.new)) for sentence in _lost_of(handover, key)]


def doubles(handover):
    """How many of the new leader's samples lie at or before the old one's last, and how far they reach back (ms)."""
    reaches = []
    for key in set(handover.old) & set(handover.new):
        stored, old, new = _times(handover, key)
        last = max(stored & old, default=0)
        reaches += [last - time for time in stored & new if time <= last]
    return len(reaches), max(reaches, default=0)


def _lost_of(handover, key):
    stored, old, new = _times(handover, key)
    if not stored & old:
        yield f"{describe(key)}: nothing of the old leader is stored"
        return
    last = max(stored & old)
    missing_old = {time for time in old if time <= last} - stored
    missing_new = {time for time in new if last < time <= handover.until_ms} - stored
    if missing_old:
        yield f"{describe(key)}: lost {len(missing_old)} of the old leader's samples from {min(missing_old)} on"
    if missing_new:
        yield f"{describe(key)}: lost {len(missing_new)} of the new leader's samples from {min(missing_new)} on"
    foreign = stored - old - new
    if foreign:
        yield f"{describe(key)}: stored {len(foreign)} samples that nobody scraped, from {min(foreign)} on"


def _times(handover, key):
    """Of what is stored, of the old and of the new leader."""
    return tuple({sample.timestamp_ms for sample in series.get(key, []) if _is_number(sample)}
                 for series in (handover.stored, handover.old, handover.new))


def _is_number(sample):
    return sample.bits != STALE_MARKER and not math.isnan(sample.value)
