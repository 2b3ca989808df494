"""deploy/federation: a leaf pair by the real operator, and a master that pulls from it; with electors it sees one replica,
and no gap when that one is taken away."""
import re
import subprocess
import time

import pytest
import yaml

from lib import containers, helm, manifests, peers, web
from lib.operated import documents, patched, scrape_config
from lib.pod import Pod
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process
from lib.prometheus import Prometheus

FEDERATION = peers.ROOT / "deploy/federation"


def objects(name, namespace):
    return documents((FEDERATION / name).read_text().replace("namespace: default", "namespace: monitoring"), namespace)


@pytest.mark.parametrize("name", sorted(path.name for path in FEDERATION.glob("*.yaml")))
def test_the_api_server_knows_every_field(operator, namespace, name):
    values = objects(name, namespace)
    for value in values:  # a node port is the cluster's, not the namespace's
        for port in value["spec"]["ports"] if value["kind"] == "Service" else []:
            port.pop("nodePort", None)
    operator.apply(*values)


@pytest.mark.parametrize("change", [lambda value: value, lambda value: patched(value, "-proxy")[0]],
                         ids=["as it is", "with electors"])
def test_leaf_is_admitted_where_the_restricted_standard_is_enforced(operator, namespace, change):
    namespace.enforce_restricted()
    leaf, = objects("prometheus.yaml", namespace)
    leaf = change(leaf)
    operator.apply(leaf)
    manifests.create_all(namespace, [manifests.pod_from(operator.stateful_set(leaf)["spec"]["template"])])


def test_leafs_account_sees_targets_and_no_secret(namespace):
    account, role, binding = objects("rbac.yaml", namespace)
    binding["metadata"]["name"] = namespace.name  # another test's binding is the cluster's, too
    for value in (account, role, binding):
        assert manifests.create(namespace, value).status in (201, 409)
    token = namespace.token(account="prometheus")

    def status(path):
        return namespace.request("GET", path, token=token).status
    targets = ["/api/v1/nodes", "/api/v1/services", "/api/v1/endpoints", "/api/v1/pods",
               "/apis/discovery.k8s.io/v1/endpointslices", "/apis/networking.k8s.io/v1/ingresses"]
    poll(lambda: {path: status(path) for path in targets} == dict.fromkeys(targets, 200), 20, "it sees targets")
    assert [status(f"/api/v1/{kind}") for kind in ("secrets", "configmaps")] == [403, 403]
    assert status(f"/api/v1/namespaces/{namespace.name}/configmaps/kube-root-ca.crt") in (200, 404)


def test_sample_application_is_admitted_where_the_restricted_standard_is_enforced(namespace):
    namespace.enforce_restricted()
    deployment = helm.only(list(yaml.safe_load_all((FEDERATION / "sample-app.yaml").read_text())), "Deployment")
    manifests.create_all(namespace, [manifests.pod_from(deployment["spec"]["template"])])


@pytest.mark.parametrize("name", ["master.yml", "master-leader.yml"])
def test_the_masters_job_is_one(folder, name):
    (folder / "prometheus.yml").write_text(yaml.safe_dump({"scrape_config_files": [str(FEDERATION / name)]}))
    check = subprocess.run([peers.peer("prometheus-3.15.0", "promtool"), "check", "config", folder / "prometheus.yml"],
                           capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.parametrize("name", ["master.yml", "master-leader.yml"])
def test_an_older_masters_job_stands_among_its_own(folder, name):
    def check(config):
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        return subprocess.run([peers.debian("promtool"), "check", "config", folder / "prometheus.yml"],
                              capture_output=True, text=True)
    refused = check({"scrape_config_files": [str(FEDERATION / name)]})
    assert refused.returncode == 1 and "field scrape_config_files not found" in refused.stderr
    taken = check({"scrape_configs": yaml.safe_load((FEDERATION / name).read_text())["scrape_configs"]})
    assert taken.returncode == 0, taken.stderr


def test_the_sample_applications_image_does_what_the_deployment_asks_of_it(folder, processes):
    app = f"127.0.0.1:{free_port()}"
    processes.append(containers.run_container(containers.sample_app_image(), [f"-listen-address={app}"],
                                              name="sample-app", folder=folder))
    poll(lambda: "http_request_total 0" in web.get(f"http://{app}/metrics").text(), 20, "it counts requests")


def start_master(folder, processes, name, target):
    """A Prometheus with this job, three times as often."""
    folder = folder / name
    folder.mkdir()
    job = re.sub(r"node\.example:\d+", target, (FEDERATION / name).read_text())
    (folder / "job.yml").write_text(job.replace("scrape_interval: 15s", "scrape_interval: 5s").replace(
        "scrape_timeout: 14s", "scrape_timeout: 5s"))
    (folder / "prometheus.yml").write_text(yaml.safe_dump({"scrape_config_files": [str(folder / "job.yml")]}))
    master = Prometheus(folder, folder / "prometheus.yml")
    processes.append(master.start())
    return master.wait_until_ready()


@pytest.fixture
def leaf(operator, namespace, new_group, folder, processes):
    """The pair with electors, each of which scrapes the sample application and itself."""
    app = f"127.0.0.1:{free_port()}"
    processes.append(Process([peers.sample_app(), f"-listen-address={app}"], folder / "sample-app.log").start())
    plain, = objects("prometheus.yaml", namespace)
    value, *rest = patched(plain, "-proxy", "-leader-config-secret=leaf-leader")
    operator.apply(*objects("rbac.yaml", namespace), *objects("leader-secret.yaml", namespace), value, *rest,
                   scrape_config("app", app), scrape_config("self", "localhost:9090"))
    return new_group(value).start()


def test_a_master_sees_either_replica_by_the_plain_job(leaf, folder, processes):
    pod = leaf.pods[1]
    master = start_master(folder, processes, "master.yml", f"{pod.address}:9090")
    poll(lambda: replicas_seen(master) == [start_time(pod)], 40, "the master has this replica's samples")
    poll(lambda: master.query("http_request_total"), 40, "and the application's")


@pytest.mark.parametrize(("end", "scrapes_missed_max"), [(Pod.delete, 0), (Pod.kill, 3)],
                         ids=["in order", "with its node"])
def test_a_master_sees_the_leader_alone_and_series_go_on_when_it_goes(leaf, folder, processes, end, scrapes_missed_max):
    leader, (follower,) = leaf.leader(), leaf.followers()
    master = start_master(folder, processes, "master-leader.yml", f"{follower.address}:9095")
    poll(lambda: replicas_seen(master), 40, "the master has the leaf's samples")
    poll(lambda: master.query("http_request_total"), 40, "the master has the application's samples")
    since = time.time()

    starts = [start_time(pod) for pod in (leader, follower)]
    end(leader)
    assert leaf.leader(besides=[leader]) is follower
    poll(lambda: len(replicas_seen(master)) == 2, 40, "the master has samples of the new leader")
    assert replicas_seen(master) == starts
    assert len(master.query("count_over_time(http_request_total[5m])")) == 1, "the application's series go on"
    assert not gaps(master, "http_request_total", since), "it has not gone stale"
    up = master.query('up{job="federate"}[5m]')[0]["values"]
    assert [value for _, value in up].count("0") <= scrapes_missed_max, up


def gaps(master, selector, since):
    """The seconds since then in which a query has no answer."""
    seconds = int(time.time() - since)
    answered, = master.query(f"count_over_time({selector}[{seconds}s:1s])")
    return seconds - int(answered["value"][1])


def start_time(pod):
    """Of its Prometheus, by its own account."""
    return pod.prometheus.metric("process_start_time_seconds")


def replicas_seen(master):
    """When each leaf whose samples the master has was started, in the order of the samples, each once a turn."""
    results = master.query('process_start_time_seconds{instance="localhost:9090"}[5m]')
    assert len(results) <= 1, results
    values = [float(value) for result in results for _, value in result["values"]]
    return [value for value, before in zip(values, [None, *values], strict=False) if value != before]
