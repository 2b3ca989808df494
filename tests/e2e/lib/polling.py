"""Waits for conditions. Nothing else in the suite sleeps."""
import http.client
import time

PAUSE_SECONDS = 0.05

# What a condition may trip over while it is not met yet. Anything else is a mistake in the test and ends it at once.
NOT_YET = (AssertionError, LookupError, OSError, ValueError, http.client.HTTPException)


class Unmet(AssertionError):
    """A condition that did not come true before its deadline."""


def poll(condition, deadline_seconds, what):
    """Calls `condition` until it returns something true, and returns that.

    An exception of NOT_YET counts as false; the last one is part of the failure's message.
    """
    deadline = time.monotonic() + deadline_seconds
    while True:
        value, problem = _evaluate(condition)
        if value:
            return value
        if time.monotonic() >= deadline:
            raise Unmet(f"not within {deadline_seconds} s: {what} (last: {problem or repr(value)})")
        time.sleep(PAUSE_SECONDS)


def stays(condition, duration_seconds, what):
    """Fails as soon as `condition` returns something false or raises; otherwise returns after the duration."""
    end = time.monotonic() + duration_seconds
    while time.monotonic() < end:
        value = condition()
        assert value, f"did not stay true: {what} (value: {value!r})"
        time.sleep(PAUSE_SECONDS)


def _evaluate(condition):
    try:
        return condition(), None
    except NOT_YET as error:
        return None, f"{type(error).__name__}: {error}"
