"""Whether an account is what gates promise: nothing lost, nothing doubled, nothing from a member without authority, no
step back in time (ARCHITECTURE.md, "Gate"; docs/format/fencing.md).

The judge knows what each member's Prometheus scraped and which member had which token. From these it works out sample
by sample what a receiver must have of each series: the old leader's up to its last, then the new leader's behind last +
2 s (of a counter that is lower: behind last + 15 s), and nothing else. A Prometheus that leads again goes on behind its
own last sample at once, if both fences named it.
"""
import bisect
import dataclasses
import itertools

from lib.fencing_sink import Account
from lib.series import describe, name_of

NEAR_MS = 3_000  # of two members' scrapes of the same series
CLOCK_GRACE_MS = 2_000
COUNTER_GRACE_MS = 15_000
COUNTER_ENDINGS = ("_total", "_count", "_sum", "_bucket")


@dataclasses.dataclass(frozen=True)
class Evidence:
    account: Account
    owners: dict   # token: the member that had it
    scraped: dict  # member: {series_key as the receiver sees it: every Sample that its Prometheus has}
    # Up to here the last leader has written all that it has: the test has waited for it.
    until_ms: int = 0
    # member: the moments at which its Prometheus was killed, with what it had not sent yet.
    deaths_ms: dict = dataclasses.field(default_factory=dict)
    # A follower lets go of what is so much older than what others have stored (rule 3).
    lateness_ms: int = 0
    # The most that may lie between two leaders' samples of a series that is no counter. None: anything.
    gap_ms_max: int | None = None


def judge(evidence):
    """Sentences about what is wrong; none if all is well."""
    terms = evidence.account.terms()
    problems = [*_of_totals(evidence.account), *_of_terms(evidence, terms)]
    if problems:
        return problems
    let_go_ms = _let_go(evidence, terms)
    keys = set(evidence.account.series) | set(evidence.scraped[evidence.owners[terms[-1]["token"]]])
    return [f"{describe(key)}: {problem}" for key in sorted(keys) for problem in _of_series(evidence, terms, let_go_ms, key)]


def _of_totals(account):
    if account.totals["unfenced"]:
        yield f"{account.totals['unfenced']} writes were not fenced"
    if invalid := account.totals["refused"].get("invalid"):
        yield f"{invalid} writes were refused as invalid"


def _of_terms(evidence, terms):
    if not any(term["stored"] for term in terms):
        yield "nothing is stored"
    for term in terms:
        if term["token"] not in evidence.owners:
            yield f"no member had the token {term['token']}"
    for term, following in zip(terms, terms[1:], strict=False):
        last, fenced = term["last_accepted_unix_ms"], following["fenced_unix_ms"]
        if last is not None and fenced is not None and last > fenced:
            yield f"a write of term {term['token']} was accepted after term {following['token']} had fenced"


def _let_go(evidence, terms):
    """{token: up to when its member may have let go of samples, while others led before}"""
    latest = {}
    for sample in itertools.chain.from_iterable(evidence.account.series.values()):
        latest[sample.token] = max(latest.get(sample.token, 0), sample.timestamp_ms)
    let_go_ms = {}
    for number, term in enumerate(terms):
        owner = evidence.owners[term["token"]]
        others = [latest.get(before["token"], 0) for before in terms[:number] if evidence.owners[before["token"]] != owner]
        let_go_ms[term["token"]] = max(others, default=0) - evidence.lateness_ms
    return let_go_ms


def _of_series(evidence, terms, let_go_ms, key):
    stored = evidence.account.series.get(key, [])
    out_of_order = list(_of_order(stored, [term["token"] for term in terms]))
    if out_of_order:  # the rest would only follow from it
        yield from out_of_order
        return
    remaining = _remaining(evidence, key)
    sources = {term["token"]: term.get("source") for term in terms}
    last = None
    for term in terms:
        run = [sample for sample in stored if sample.token == term["token"]]
        scraped = remaining[evidence.owners[term["token"]]]
        is_own = last is not None and term.get("source") is not None and sources[last.token] == term["source"]
        expected = _behind_own(last, scraped) if is_own else _behind(last, scraped, _is_counter(key))
        until_ms = max([evidence.until_ms if term is terms[-1] else 0, *(sample.timestamp_ms for sample in run[-1:])])
        # Of a series that only this member has it may have let go while others led.
        is_alone = last is None or evidence.owners[last.token] == evidence.owners[term["token"]]
        from_ms = let_go_ms[term["token"]] if is_alone else 0
        due = [sample for sample in expected if from_ms < sample.timestamp_ms <= until_ms]
        yield from _of_run(evidence, term, run, {"scraped": scraped, "expected": expected, "due": due})
        yield from _of_gap(evidence, key, term, last, run)
        last = run[-1] if run else last


def _of_order(stored, tokens):
    for before, sample in zip(stored, stored[1:], strict=False):
        if sample.timestamp_ms == before.timestamp_ms:
            yield f"two samples at {sample.timestamp_ms}"
        elif sample.timestamp_ms < before.timestamp_ms:
            yield f"a step back in time from {before.timestamp_ms} to {sample.timestamp_ms}"
        if tokens.index(sample.token) < tokens.index(before.token):
            yield f"term {sample.token} stored {sample.timestamp_ms} after term {before.token} had begun"


def _of_run(evidence, term, run, its):
    """What one term stored of a series, against what its member's Prometheus scraped."""
    foreign = _without(run, its["scraped"])
    doubled = _without(_without(run, foreign), its["expected"])
    for what, samples in (("lost", _without(its["due"], run)), ("stored, although covered,", doubled),
                          ("stored, although never scraped,", foreign)):
        if samples:
            yield (f"{what} {len(samples)} of {evidence.owners[term['token']]}'s samples between "
                   f"{samples[0].timestamp_ms} and {samples[-1].timestamp_ms} (term {term['token']})")


def _of_gap(evidence, key, term, last, run):
    gap_ms = run[0].timestamp_ms - last.timestamp_ms if last and run else 0
    if evidence.gap_ms_max is not None and gap_ms > evidence.gap_ms_max and not _is_counter(key):
        yield f"nothing for {gap_ms} ms from {last.timestamp_ms} on, when term {term['token']} took over"


def _behind(last, scraped, is_counter):
    """What is stored of a member's samples in a term behind `last`, which another term stored (None: nobody did)."""
    position = 0
    while position < len(scraped) and last and is_covered(scraped[position], last, is_counter):
        position += 1
    return scraped[position:]


def _behind_own(last, scraped):
    """The same of a Prometheus whose own sample the last one is."""
    return [sample for sample in scraped if sample.timestamp_ms > last.timestamp_ms]


def is_covered(sample, last, is_counter):
    """Whether another term's `last` stands for it too."""
    if sample.timestamp_ms <= last.timestamp_ms or sample.is_stale_marker:
        return sample.timestamp_ms <= last.timestamp_ms
    if sample.timestamp_ms <= last.timestamp_ms + CLOCK_GRACE_MS:
        return True
    return is_counter and sample.value < last.value and sample.timestamp_ms <= last.timestamp_ms + COUNTER_GRACE_MS


def _is_counter(key):
    return name_of(key).endswith(COUNTER_ENDINGS)


def _without(samples, others):
    taken = {(sample.timestamp_ms, sample.bits) for sample in others}
    return [sample for sample in samples if (sample.timestamp_ms, sample.bits) not in taken]


def _remaining(evidence, key):
    """What each member scraped of a series, but for what died unsent with its Prometheus. That counts all the same
    where another member still had a sample that could have stood for it; its counters may be lower, and be covered."""
    scraped = {member: series.get(key, []) for member, series in evidence.scraped.items()}
    if not evidence.deaths_ms:
        return scraped
    unsent = {member: _unsent(evidence, key, member, samples) for member, samples in scraped.items()}
    living = {member: [sample.timestamp_ms for sample in samples if sample.timestamp_ms not in unsent[member]]
              for member, samples in scraped.items()}

    def is_gone(member, sample):
        if sample.timestamp_ms not in unsent[member]:
            return False
        has_stand_in = any(_is_near(sample.timestamp_ms, living[other]) for other in living if other != member)
        return _is_counter(key) or not has_stand_in

    return {member: [sample for sample in samples if not is_gone(member, sample)]
            for member, samples in scraped.items()}


def _is_near(time_ms, times):
    at = bisect.bisect_left(times, time_ms - NEAR_MS)
    return at < len(times) and times[at] <= time_ms + NEAR_MS


def _unsent(evidence, key, member, scraped):
    """The times of the samples that a Prometheus had not sent when it was killed."""
    sent = [sample.timestamp_ms for sample in evidence.account.series.get(key, [])
            if evidence.owners[sample.token] == member]
    unsent = set()
    for death_ms in evidence.deaths_ms.get(member, []):
        at = bisect.bisect_right(sent, death_ms)
        behind_ms = sent[at - 1] if at else 0
        unsent.update(sample.timestamp_ms for sample in scraped if behind_ms < sample.timestamp_ms <= death_ms)
    return unsent
