"""Whatever of the chart selects pods selects its own, and its ports lead where somebody listens, in every Kubernetes."""
import pytest

from lib import helm, selectors
from lib.chart_values import CASES, EVERYTHING, GATE
from lib.helm import container, of_kind, only

FIELDS = {"StatefulSet": "selector", "PodDisruptionBudget": "selector", "NetworkPolicy": "podSelector"}
ALL = {"enableLeaderProxy": True, "gate": GATE, "networkPolicy": {"enabled": True}, "serviceMonitor": {"enabled": True}}


def template(objects):
    return only(objects, "StatefulSet")["spec"]["template"]


def names_known(kube_version):
    return selectors.SINCE_1_33 if int(kube_version.split(".")[1]) >= 33 else selectors.BEFORE_1_33


def services(objects):
    """The headless one, and that of the leader."""
    found = of_kind(objects, "Service")
    return sorted(found, key=lambda each: each["spec"].get("clusterIP") != "None")


@pytest.mark.parametrize("kube_version", ["1.28.15", "1.29.0", "1.32.13", "1.33.0", "1.33.4-gke.1134000", "1.36.3"])
@pytest.mark.parametrize("sidecar", ["auto", "never"])
@pytest.mark.parametrize(("args", "port"), [([], 9095), (["-api-listen-address=0.0.0.0:9195"], 9195)])
def test_services_and_monitor_lead_to_the_electors_port(kube_version, sidecar, args, port):
    objects = helm.render({**ALL, "elector": {"nativeSidecar": sidecar, "args": args}}, kube_version=kube_version)
    replicas, leader = services(objects)
    pods, named_in = template(objects), names_known(kube_version)
    assert selectors.reached_ports(replicas, pods, named_in) == {"http": 9090, "http-elector": port}
    assert selectors.reached_ports(leader, pods, named_in) == {"http-elector": port}
    scraped = selectors.scraped_ports(only(objects, "ServiceMonitor"), [replicas, leader], pods, named_in)
    assert sorted(scraped) == [("/_elector/metrics", port), ("/metrics", 9090)], "each replica once"
    for rule in only(objects, "NetworkPolicy")["spec"]["ingress"]:
        assert {each["port"] for each in rule["ports"]} == {9090, port}


@pytest.mark.parametrize(("kube_version", "target"), [("1.28.15", "http-elector"), ("1.29.0", 9095), ("1.32.13", 9095),
                                                      ("1.33.0", "http-elector")])
def test_leader_service_names_the_port_as_that_of_the_seed_where_the_name_is_known(kube_version, target):
    leader = services(helm.render({"enableLeaderProxy": True}, kube_version=kube_version))[1]
    assert [each["targetPort"] for each in leader["spec"]["ports"]] == [target]


@pytest.mark.parametrize("name", CASES)
def test_everything_that_selects_selects_the_pods_of_this_release_alone(name):
    values, options = CASES[name]
    objects = helm.render(values, **options)
    labels = template(objects)["metadata"]["labels"]
    of_others = [{**labels, "app.kubernetes.io/instance": "another"}, {**labels, "app.kubernetes.io/name": "another"}]
    wanted = {each["kind"]: each["spec"][FIELDS[each["kind"]]] for each in objects if each["kind"] in FIELDS}
    wanted |= {f"Service {each['metadata']['name']}": each["spec"]["selector"] for each in of_kind(objects, "Service")}
    for what, selector in wanted.items():
        assert selectors.selects(selector, labels), what
        assert not any(selectors.selects(selector, each) for each in of_others), what
    for service in of_kind(objects, "Service"):
        selectors.reached_ports(service, template(objects))


def test_constraint_without_a_selector_spreads_the_pods_of_this_release():
    objects = helm.render()
    spec, labels = template(objects)["spec"], template(objects)["metadata"]["labels"]
    assert [selectors.selects(each["labelSelector"], labels) for each in spec["topologySpreadConstraints"]] == [True]
    own = EVERYTHING["topologySpreadConstraints"]
    assert template(helm.render(EVERYTHING))["spec"]["topologySpreadConstraints"] == own


def test_replicas_reach_each_other_whoever_else_may():
    objects = helm.render(EVERYTHING)
    rules = only(objects, "NetworkPolicy")["spec"]["ingress"]
    from_pods = [peer["podSelector"] for rule in rules for peer in rule["from"] if "podSelector" in peer]
    assert [selectors.selects(each, template(objects)["metadata"]["labels"]) for each in from_pods] == [True]


def test_stateful_sets_service_is_the_headless_one():
    objects = helm.render(EVERYTHING)
    replicas = services(objects)[0]
    assert replicas["spec"]["clusterIP"] == "None" and replicas["spec"]["publishNotReadyAddresses"]
    assert only(objects, "StatefulSet")["spec"]["serviceName"] == replicas["metadata"]["name"]


def test_probes_ask_a_port_of_their_container():
    objects = helm.render(EVERYTHING)
    for name in ("prometheus", "prometheus-elector"):
        found = container(objects, name)
        ports = {each["name"] for each in found["ports"]}
        probes = [probe.get("httpGet") or probe["tcpSocket"] for key, probe in found.items() if key.endswith("Probe")]
        assert len(probes) >= 2 and {each["port"] for each in probes} <= ports
