"""What a failover has cost, by the account of the fencing sink (tests/fencing_sink/README.md) and by what the next
leader's Prometheus has. What is covered, says docs/format/fencing.md.
"""
import dataclasses
import itertools
import struct

CLOCK_GRACE_MS = 2_000
COUNTER_GRACE_MS = 15_000
COUNTER_ENDINGS = ("_total", "_count", "_sum", "_bucket")
STALE_MARKER = "7ff0000000000002"  # one NaN of many


@dataclasses.dataclass(frozen=True)
class Sample:
    timestamp_ms: int
    value: float
    token: int | None = None  # of the term that stored it
    is_stale_marker: bool = False


@dataclasses.dataclass(frozen=True)
class Account:
    totals: dict
    series: dict  # of each series (series_key) the samples in the order of storing

    @property
    def terms(self):
        return terms_of(self.totals)


def terms_of(totals):
    """Of a group that wrote, the oldest first."""
    return sorted((term for term in totals["terms"] if term["token"] is not None),
                  key=lambda term: (term["generation"], term["token"]))


def series_key(labels):
    return tuple(sorted(labels.items()))


def parse_account(answer):
    """Of GET /account."""
    return Account(answer["totals"], {series_key(series["labels"]): [
        Sample(time_ms, _value_of(bits), token, bits == STALE_MARKER) for time_ms, bits, token in series["samples"]]
        for series in answer["series"]})


def samples_lost(account, scraped, until_ms):
    """How many samples the last leader's Prometheus has that are not covered by what earlier leaders wrote, and yet not
    stored. `scraped`: {series_key: [Sample, ...]}; up to `until_ms` all of it has been sent."""
    term = account.terms[-1]
    return sum(_lost_of_series(name_of(key), account.series.get(key, []), samples, term, until_ms)
               for key, samples in scraped.items())


def samples_doubled(account):
    """How many samples are not behind the one that was stored before them in their series, or were stored by a leader
    whose successor had begun."""
    order = {term["token"]: position for position, term in enumerate(account.terms)}
    return sum(_is_doubled(name_of(key), before, sample, order) for key, samples in account.series.items()
               for before, sample in itertools.pairwise(samples))


def name_of(key):
    return dict(key)["__name__"]


def _lost_of_series(name, stored, scraped, term, until_ms):
    last = next((sample for sample in reversed(stored) if sample.token != term["token"]), None)
    has_timestamp = {sample.timestamp_ms for sample in stored}
    # Of a series that no earlier leader has written, what is from their time may have been dropped.
    from_ms = 0 if last else term["fenced_unix_ms"]
    due = itertools.dropwhile(lambda sample: last and is_covered(name, sample, last), scraped)
    return sum(from_ms < sample.timestamp_ms <= until_ms and sample.timestamp_ms not in has_timestamp for sample in due)


def _is_doubled(name, before, sample, order):
    if sample.token == before.token:
        return sample.timestamp_ms <= before.timestamp_ms
    return order[sample.token] < order[before.token] or is_covered(name, sample, before)


def is_covered(name, sample, last):
    """Whether another term's `last` stands for it too."""
    if sample.is_stale_marker:
        return sample.timestamp_ms <= last.timestamp_ms
    is_lower_counter = name.endswith(COUNTER_ENDINGS) and sample.value < last.value
    grace_ms = COUNTER_GRACE_MS if is_lower_counter else CLOCK_GRACE_MS
    return sample.timestamp_ms <= last.timestamp_ms + grace_ms


def _value_of(bits):
    """Of 16 hexadecimal digits."""
    return struct.unpack(">d", bytes.fromhex(bits))[0]
