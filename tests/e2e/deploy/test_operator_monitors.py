"""deploy/operator and deploy/federation: Services and monitors select the pods that the operator makes, their ports are
there, and the operator's Prometheus scrapes the electors."""
import pytest
import yaml

from lib import helm, peers, selectors
from lib.operated import DEPLOY, documents, monitors_of_values, of_values, patched, service_of_values
from lib.polling import poll

FEDERATION = peers.ROOT / "deploy/federation"
ELECTORS = [("/_elector/metrics", 9095)]


def objects_of(path, namespace):
    return documents(path.read_text(), namespace)


def nine_steps(namespace):
    return objects_of(DEPLOY / "nine-steps.yaml", namespace)


def short_way(namespace):
    return [objects_of(DEPLOY / "short-way.yaml", namespace)[0], *objects_of(DEPLOY / "pod-monitor.yaml", namespace)]


def nine_steps_with_a_pod_monitor(namespace):
    return [nine_steps(namespace)[0], *objects_of(DEPLOY / "pod-monitor.yaml", namespace)]


def nine_steps_values(namespace):
    name = "nine-steps-values.yaml"
    return [of_values(name, namespace), service_of_values(name, namespace), *monitors_of_values(name, namespace)]


def short_way_values(namespace):
    name = "short-way-values.yaml"
    return [of_values(name, namespace), *monitors_of_values(name, namespace)]


@pytest.mark.parametrize("read", [nine_steps, nine_steps_with_a_pod_monitor, nine_steps_values, short_way,
                                  short_way_values])
def test_electors_are_scraped_by_the_prometheus_beside_them(operator, namespace, read):
    value, *rest = objects = read(namespace)
    operator.apply(*objects)
    template = operator.stateful_set(value)["spec"]["template"]
    monitor = rest[-1]
    if monitor["kind"] == "PodMonitor":
        assert selectors.scraped_ports_of_pods(monitor, template) == ELECTORS
    else:
        assert selectors.scraped_ports(monitor, rest[:-1], template, selectors.BEFORE_1_33) == ELECTORS

    name = f"{monitor['kind'][0].lower()}{monitor['kind'][1:]}/{namespace.name}/{monitor['metadata']['name']}/0"
    poll(lambda: name in operator.configuration(value), 20, "the operator has made a job of it")
    job = next(each for each in yaml.safe_load(operator.configuration(value))["scrape_configs"]
               if each["job_name"] == name)
    assert job["metrics_path"] == "/_elector/metrics"


def test_service_of_the_nine_steps_leads_to_prometheus_and_elector(operator, namespace):
    value, service, _ = nine_steps(namespace)
    operator.apply(value)
    template = operator.stateful_set(value)["spec"]["template"]
    assert selectors.reached_ports(service, template, selectors.BEFORE_1_33) == {"web": 9090, "http-elector": 9095}


def test_services_of_the_leaf_lead_to_prometheus_and_to_the_elector(operator, namespace):
    leaf, = objects_of(FEDERATION / "prometheus.yaml", namespace)
    leaf = patched(leaf, "-proxy")[0]
    operator.apply(leaf)
    template = operator.stateful_set(leaf)["spec"]["template"]
    ports = {name: selectors.reached_ports(objects_of(FEDERATION / name, namespace)[0], template, selectors.BEFORE_1_33)
             for name in ("service.yaml", "leader-service.yaml")}
    assert ports == {"service.yaml": {"web": 9090}, "leader-service.yaml": {"http-elector": 9095}}


def test_sample_application_is_found_and_scraped(namespace):
    objects = list(yaml.safe_load_all((FEDERATION / "sample-app.yaml").read_text()))
    deployment, service, monitor = (helm.only(objects, kind) for kind in ("Deployment", "Service", "ServiceMonitor"))
    template = deployment["spec"]["template"]
    assert selectors.selects(deployment["spec"]["selector"], template["metadata"]["labels"])
    assert selectors.scraped_ports(monitor, [service], template, selectors.BEFORE_1_33) == [("/metrics", 8080)]
