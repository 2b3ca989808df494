"""How Prometheus was started, compared with what the elector needs of it."""
import shutil

import pytest

from lib.elector import LEASE
from lib.polling import poll, stays


def found(replica):
    return {finding["id"] for finding in replica.elector.status()["preflight"]}


@pytest.fixture
def replica(new_fleet, request):
    """With the product's own lease times: what they leave for a demotion is part of what has to fit."""
    return new_fleet(prometheus=request.param, flags=LEASE).add("prometheus-0")


@pytest.mark.parametrize("replica", ["3.15", "2.42"], indirect=True)
def test_flags_of_prometheus_that_do_not_fit_are_found_and_told_everywhere(replica):
    replica.init()
    elsewhere = shutil.copy(replica.output, replica.folder / "elsewhere.yml")
    command = replica.prometheus.command
    command.remove("--web.enable-lifecycle")
    command[command.index("--storage.remote.flush-deadline=500ms")] = "--storage.remote.flush-deadline=1m"
    command[command.index(f"--config.file={replica.output}")] = f"--config.file={elsewhere}"
    replica.prometheus.start().wait_until_ready()
    replica.elector.start().wait_until_serving()
    advices = {"lifecycle_disabled": "--web.enable-lifecycle", "other_config_file": str(elsewhere),
               "flush_deadline_too_long": "--storage.remote.flush-deadline=3999ms or less"}
    poll(lambda: found(replica) == set(advices), 30, "all are found")
    page, metrics = replica.elector.get("/_elector/").text(), replica.elector.metrics()
    for finding, advice in advices.items():
        assert metrics[f'promfleet_elector_preflight_finding{{finding="{finding}"}}'] == 1
        replica.elector.wait_for_log(f"finding={finding}")
        assert advice in page


@pytest.mark.parametrize("replica", ["3.15", "2.42"], indirect=True)
def test_nothing_is_found_where_everything_fits(replica):
    replica.init()
    replica.prometheus.start().wait_until_ready()
    replica.elector.start().wait_until_serving()
    asked = 'prometheus_http_requests_total{code="200",handler="/api/v1/status/flags"}'
    poll(lambda: replica.prometheus.metric(asked), 30, "Prometheus has told its flags")
    stays(lambda: not found(replica), 1, "nothing is found")
