"""deploy/monitoring: every query of the dashboard and of the alerts is asked of a Prometheus that scrapes electors."""
import json
import re

import pytest
import yaml

from lib.elector import proxy_flags
from lib.polling import poll
from lib.prometheus import Prometheus
from test_monitoring import DASHBOARD, RULES

# What has no answer here, and why.
OCCASIONAL = ["promfleet_gate_refused_samples_total",   # the destination refuses nothing
              "promfleet_elector_preflight_finding"]    # nothing is found
# An alert's expression has no answer while all is well, so its comparisons are left out; but not those that say whose
# values do not count. What is gone is compared with what is there.
COMPARISON = re.compile(r"(unless \w+ == 1)| (?:==|<|>) [0-9.]+| unless group by .*")


def dashboard_queries():
    """{title: (expression, labels that are shown or grouped by)}"""
    dashboard = json.loads(DASHBOARD.read_text())
    shown = [(panel["title"], target["expr"], target.get("legendFormat", ""))
             for panel in dashboard["panels"] for target in panel["targets"]]
    shown += [(each["name"], each["expr"], each["titleFormat"]) for each in dashboard["annotations"]["list"]]
    for each in dashboard["templating"]["list"]:
        if each["type"] == "query":
            expression, label = re.fullmatch(r"label_values\((.*), (\w+)\)", each["query"]["query"]).groups()
            shown.append((each["label"], expression, f"{{{{{label}}}}}"))
    return [(title, expression, labels_of(expression) | set(re.findall(r"\{\{ *(\w+)", legend)))
            for title, expression, legend in shown]


def alert_queries():
    rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    return [(rule["alert"], COMPARISON.sub(lambda found: found[1] or "", rule["expr"]),
             labels_of(rule["expr"]) | set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))) for rule in rules]


def labels_of(expression):
    """Those by which its result is grouped."""
    return {label for labels in re.findall(r"\bby \((.*?)\)", expression) for label in labels.split(", ")} - {"le"}


def filled_in(expression):
    for variable, value in (("$namespace", ".*"), ("$job", ".*"), ("$__rate_interval", "30s"), ("$__interval", "1m")):
        expression = expression.replace(variable, value)
    return expression


def is_occasional(expression):
    return any(name in expression for name in OCCASIONAL) and " or " not in expression


def unanswered(prometheus, queries):
    """The queries without data of an elector, or without the labels that are shown."""
    def is_answered(expression, labels):
        results = prometheus.query(filled_in(expression))
        assert not any(each["metric"].get("job") == "self" for each in results), f"of something else: {expression}"
        return results and all(labels <= each["metric"].keys() for each in results)
    return {title: expression for title, expression, labels in queries
            if not is_occasional(expression) and not is_answered(expression, labels)}


@pytest.fixture
def watched(new_gate_fleet, upstream, folder, processes):
    """A Prometheus that has watched two electors, with gate and proxy, through a failover; and itself, since others'
    metrics have names of ours, too."""
    fleet = new_gate_fleet(flags=proxy_flags(upstream.port)).start(["3.15", "3.15"])
    config = folder / "watching.yml"
    prometheus = Prometheus(folder / "watching", config)
    jobs = {"electors": ("/_elector/metrics", [replica.elector.port for replica in fleet.replicas]),
            "self": ("/metrics", [prometheus.port])}
    config.write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [
        {"job_name": name, "metrics_path": path, "static_configs": [
            {"targets": [f"127.0.0.1:{port}" for port in ports], "labels": {"namespace": "monitoring"}}]}
        for name, (path, ports) in jobs.items()]}))
    (folder / "watching").mkdir()
    processes.append(prometheus.start())
    prometheus.wait_until_ready()
    leader = fleet.writing_leader()
    leader.elector.get("/anything")
    poll(lambda: len(prometheus.query("prometheus_elector_election_is_leader")) == 2, 40, "both electors are scraped")
    leader.elector.kill()
    fleet.writing_leader(besides=[leader]).elector.get("/anything")
    leader.elector.start().wait_until_serving()
    return prometheus


def test_every_query_of_dashboard_and_alerts_has_an_answer(watched):
    queries = dashboard_queries() + alert_queries()
    assert len(queries) > 50

    def are_answered():  # some are for a while only, such as what has changed of late
        left = unanswered(watched, queries)
        queries[:] = [query for query in queries if query[0] in left]
        assert left == {}
        return True
    poll(are_answered, 60, "every query has had an answer")


def test_what_is_occasional_is_asked_for():
    text = RULES.read_text() + DASHBOARD.read_text()
    assert all(name in text for name in OCCASIONAL)
