"""The same failovers in front of receivers that know no fence: nothing lost, and no more doubled than rule 12 of
ARCHITECTURE.md, "Gate", allows: the lateness, one renewal, and the backlog of the moment."""
import time

import pytest

from lib.foreign_judge import Handover, doubles, lost
from lib.foreign_receivers import RECEIVERS
from lib.gate_fleet import LATENESS_MS
from lib.polling import poll

RENEWAL_MS = 500
# A follower holds whole batches: of as much as the lateness, a scrape, and what a busy machine adds.
BACKLOG_MS = LATENESS_MS + 3_000

STRIKES = {"killed": lambda replica: replica.elector.kill(), "terminated": lambda replica: replica.elector.terminate()}


def wait_until_stored(receiver, until_ms):
    def reaches():
        times = [sample.timestamp_ms for key, samples in receiver.stored().items() if ("__name__", "up") in key
                 for sample in samples]
        return max(times, default=0) > until_ms
    poll(reaches, 40, f"samples of after {until_ms} are stored")


@pytest.mark.parametrize("strike", STRIKES)
@pytest.mark.parametrize("name", RECEIVERS)
def test_nothing_is_lost_and_little_is_doubled(new_gate_fleet, folder, processes, name, strike):
    receiver = RECEIVERS[name](folder / "receiver")
    processes.append(receiver)
    fleet = new_gate_fleet(receiver=receiver.start()).start(["3.15", "3.15"])
    old = fleet.leader()
    wait_until_stored(receiver, int(time.time() * 1000) + 5_000)
    STRIKES[strike](old)
    new = fleet.leader(besides=[old])
    until_ms = int(time.time() * 1000) + 3_000
    wait_until_stored(receiver, until_ms + 1_000)
    handover = Handover(receiver.stored(), fleet.scraped(old), fleet.scraped(new), until_ms)
    assert lost(handover) == []
    count, reach_ms = doubles(handover)
    assert reach_ms <= LATENESS_MS + RENEWAL_MS + BACKLOG_MS, f"{count} samples are doubled"
