"""Moments within the renewals of a lease of 15/10/2 s, so that both sides fail at the same ones."""
import datetime
import time

from lib.fleet import LEASE_NAME
from lib.polling import poll

LEASE_SECONDS, RETRY_SECONDS = 15, 2  # lib.elector.LEASE


def wait_for(namespace, phase):
    """Returns `phase` (0 to 1) of a renewal period after the leader has renewed."""
    before = renewed_at(namespace)
    poll(lambda: renewed_at(namespace) != before, 10, "the leader renews the Lease")
    time.sleep(phase * RETRY_SECONDS)


def renewed_at(namespace):
    return seconds(namespace.lease(LEASE_NAME)["spec"]["renewTime"])


def expires_at(namespace):
    """When the record ends for a follower that saw it at once."""
    return renewed_at(namespace) + LEASE_SECONDS


def seconds(time_text):
    """An RFC 3339 time as time.time() has it."""
    return datetime.datetime.fromisoformat(time_text).timestamp()
