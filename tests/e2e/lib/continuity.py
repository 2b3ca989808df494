"""What a failover costs at the receiver: the scrapes of one series that are missing, and those that came twice.

Replicas scrape at moments of their own, so two samples of one scrape interval are no double by themselves. The run of a
replica is a series of samples without a gap. What lies between two runs is lost; what a run has before the end of
another that began earlier is doubled.
"""


def cost(series, interval):
    """(lost, doubled) scrapes. `series`: the timestamps of one series for each replica; `interval`: from one scrape to
    the next, in the same unit."""
    runs = sorted(run for timestamps in series for run in _runs(sorted(timestamps), interval))
    lost = doubled = 0
    covered_until = None
    for run in runs:
        if covered_until is not None and run[0] > covered_until:
            lost += max(0, round((run[0] - covered_until) / interval) - 1)
        elif covered_until is not None:
            doubled += sum(timestamp <= covered_until for timestamp in run)
        covered_until = max(run[-1], covered_until or run[-1])
    return lost, doubled


def _runs(timestamps, interval):
    run = []
    for timestamp in timestamps:
        if run and timestamp - run[-1] > 1.5 * interval:
            yield run
            run = []
        run.append(timestamp)
    if run:
        yield run
