"""Our codec of remote write beside Prometheus' and VictoriaMetrics' (tests/peers/remote-write-codec).

Requests are random. A request travels as a line of JSON: the block, compressed with snappy; the body, which is not; the
account of what it says.
"""
import functools
import json
import subprocess

import pytest

from lib import peers

REQUESTS = 300
SEED = 4711
VERSION = {"prometheus-1": 1, "victoriametrics": 1, "prometheus-2": 2, "prometheus-2.54": 2}
ENCODERS = pytest.mark.parametrize("encoder", VERSION)
NO_METADATA = {"type": 0, "help": "", "unit": ""}


def go(*arguments, lines=()):
    return run(peers.peer("remote-write-codec-1", "remote-write-codec"), arguments, lines)


def ours(version, lines, as_version=None):
    return run(peers.remote_write_codec(), [version, as_version or version], lines)


def run(program, arguments, lines):
    given = "".join(json.dumps({"block": line["block"]}) + "\n" for line in lines)
    answer = subprocess.run([program, *map(str, arguments)], input=given, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    return [json.loads(line) for line in answer.stdout.splitlines()]


@functools.cache
def generated(encoder):
    lines = go("generate", "-encoder", encoder, "-seed", SEED, "-count", REQUESTS)
    assert sum(len(series["samples"]) for line in lines for series in line["account"]["series"]) > REQUESTS
    return lines


def accounts(lines):
    return [line["account"] for line in lines]


def bodies(lines):
    return [line["body"] for line in lines]


def reduced(account, **fields):
    """An account in which each series has these fields instead of its own."""
    return {**account, "series": [{**series, **fields} for series in account["series"]]}


def without_starts(account):
    series = [{**each, **{kind: [{**one, "start": 0} for one in each[kind]] for kind in ("samples", "histograms")}}
              for each in account["series"]]
    return {**account, "series": series}


@ENCODERS
def test_we_read_what_the_encoder_was_given(encoder):
    lines = generated(encoder)
    assert accounts(ours(VERSION[encoder], lines)) == accounts(lines)


# 2.54 has the start timestamp in another place than we write it.
@pytest.mark.parametrize("encoder", ["prometheus-1", "victoriametrics", "prometheus-2"])
def test_what_we_read_we_write_byte_for_byte(encoder):
    lines = generated(encoder)
    assert bodies(ours(VERSION[encoder], lines)) == bodies(lines)


@ENCODERS
def test_prometheus_reads_what_we_write(encoder):
    lines = generated(encoder)
    written = ours(VERSION[encoder], lines)
    assert accounts(go("decode", "-decoder", f"prometheus-{VERSION[encoder]}", lines=written)) == accounts(lines)


@pytest.mark.parametrize("encoder", ["prometheus-1", "victoriametrics"])
def test_victoriametrics_reads_what_we_write(encoder):
    lines = generated(encoder)
    read = go("decode", "-decoder", "victoriametrics", lines=ours(1, lines))
    # It has neither exemplars nor native histograms.
    assert accounts(read) == [reduced(account, exemplars=[], histograms=[]) for account in accounts(lines)]


def test_request_of_version_1_is_the_same_in_version_2_but_for_metadata_of_families():
    lines = generated("prometheus-1")
    read = go("decode", "-decoder", "prometheus-2", lines=ours(1, lines, as_version=2))
    assert accounts(read) == [{**account, "families": []} for account in accounts(lines)]


@pytest.mark.parametrize("encoder", ["prometheus-2", "prometheus-2.54"])
def test_request_of_version_2_is_the_same_in_version_1_but_for_starts_and_metadata(encoder):
    lines = generated(encoder)
    read = go("decode", "-decoder", "prometheus-1", lines=ours(2, lines, as_version=1))
    assert accounts(read) == [without_starts(reduced(account, metadata=NO_METADATA)) for account in accounts(lines)]
