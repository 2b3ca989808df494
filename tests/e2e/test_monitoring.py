"""deploy/monitoring: alert rules and dashboard are valid, and read metrics that electors export."""
import json
import re
import subprocess

import pytest
import yaml

from lib import peers
from lib.elector import LONG_LEASE, proxy_flags
from lib.polling import poll

MONITORING = peers.ROOT / "deploy/monitoring"
RULES, DASHBOARD = MONITORING / "elector.rules.yml", MONITORING / "elector.json"

METRIC = re.compile(r"\b(?:prometheus_elector|promfleet|process)_[a-z_]+")

# There once something has been found or refused, or a file was named.
OCCASIONAL = {"promfleet_elector_preflight_finding", "promfleet_config_file_valid",
              "promfleet_gate_refused_samples_total"}


def promtool(*words):
    program = peers.peer("prometheus-3.15.0", "promtool")
    result = subprocess.run([program, *words], capture_output=True, text=True, timeout=60, cwd=MONITORING)
    assert result.returncode == 0, result.stdout + result.stderr


def alert_expressions():
    return [rule["expr"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def dashboard_expressions():
    dashboard = json.loads(DASHBOARD.read_text())
    panels = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    return panels + [annotation["expr"] for annotation in dashboard["annotations"]["list"]]


def used_metrics():
    names = {name for text in alert_expressions() + dashboard_expressions() for name in METRIC.findall(text)}
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def metrics_in_the_source():
    files = [path for path in (peers.ROOT / "src").rglob("*.cpp") if not path.name.endswith("_test.cpp")]
    return {name for path in files for name in re.findall(rf'"({METRIC.pattern})"', path.read_text())}


def test_alert_rules_are_what_promtool_accepts():
    promtool("check", "rules", RULES.name)


def test_alerts_fire_when_they_should_and_only_then():
    promtool("test", "rules", "elector.rules.test.yml")


def test_every_alert_is_tested_and_documented():
    tests, readme = ((MONITORING / name).read_text() for name in ("elector.rules.test.yml", "README.md"))
    for alert in re.findall(r"alert: (\w+)", RULES.read_text()):
        assert f'alertname="{alert}"' in tests and f"`{alert}`" in readme, alert


def test_expressions_of_the_dashboard_are_what_promtool_accepts(folder):
    def filled_in(expression):
        return re.sub(r"\$(__rate_interval|__interval)", "5m", expression)
    rules = [{"record": f"panel_{number}", "expr": filled_in(expression)}
             for number, expression in enumerate(dashboard_expressions())]
    (folder / "dashboard.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", folder / "dashboard.yml")


def test_rules_and_dashboard_read_metrics_of_the_source():
    assert used_metrics() <= metrics_in_the_source()


def test_documentation_lists_every_metric():
    rows = re.findall(r"^\| `([a-z_]+)", (peers.ROOT / "docs/elector.md").read_text(), re.MULTILINE)
    metrics = {name for name in metrics_in_the_source() if not name.startswith("process_")}
    assert metrics <= set(rows)


@pytest.mark.parametrize("part", ["leader", "follower"])
def test_rules_and_dashboard_read_metrics_of_a_running_elector(new_fleet, upstream, folder, part):
    gate_config = folder / "gate.yml"
    gate_config.write_text("- url: http://127.0.0.1:1/api/v1/write\n")
    gate = {"gate-config": gate_config, "gate-listen-address": "127.0.0.1:0"}
    fleet = new_fleet(prometheus="fake", flags={**LONG_LEASE, **proxy_flags(upstream.port), **gate}).start(2)
    replica = fleet.leader() if part == "leader" else fleet.followers()[0]
    replica.elector.get("/anything")

    def exported():
        return {re.sub(r"_(bucket|sum|count)$", "", key.partition("{")[0]) for key in replica.elector.metrics()}
    poll(lambda: used_metrics() - OCCASIONAL <= exported(), 20,
         f"all are exported; missing: {used_metrics() - OCCASIONAL - exported()}")
