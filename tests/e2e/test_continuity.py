"""How the cost of a failover is counted, in seconds with a scrape each."""
from lib.continuity import cost


def scrapes(first, last, phase=0.0):
    return [second + phase for second in range(first, last + 1)]


def test_clean_handover_costs_nothing_whatever_the_phases():
    for phase in (0.1, 0.5, 0.9):
        assert cost([scrapes(0, 10), scrapes(10, 20, phase)], 1) == (0, 0)


def test_gap_between_two_replicas_is_lost():
    assert cost([scrapes(0, 10), scrapes(14, 20, 0.2)], 1) == (3, 0)


def test_overlap_is_doubled_from_the_moment_at_which_the_second_joins():
    assert cost([scrapes(0, 10), scrapes(6, 20, 0.5)], 1) == (0, 4)
    assert cost([scrapes(6, 20, 0.5), scrapes(0, 10)], 1) == (0, 4)


def test_writer_that_stops_within_the_others_run_is_doubled_and_leaves_no_gap():
    assert cost([scrapes(0, 20), scrapes(5, 8, 0.5)], 1) == (0, 4)


def test_replica_that_leads_again_is_not_compared_with_itself():
    assert cost([scrapes(0, 5) + scrapes(11, 15), scrapes(5, 10, 0.5)], 1) == (0, 0)


def test_gap_within_one_replicas_writes_is_lost():
    assert cost([scrapes(0, 5) + scrapes(9, 12)], 1) == (3, 0)


def test_three_writers_at_once_are_doubled_twice():
    assert cost([scrapes(0, 10), scrapes(0, 10, 0.3), scrapes(0, 10, 0.6)], 1) == (0, 20)


def test_no_sample_costs_nothing():
    assert cost([[], []], 1) == (0, 0)
