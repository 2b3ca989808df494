"""Fixtures of what deploy/ ships: pods that run, what their agents write to, and the real Prometheus Operator."""
import pytest
import yaml

from lib import helm, manifests, peers
from lib.contained_pods import Cluster
from lib.operated import DEPLOY, Group, documents, leader_config, scrape_config, secret, service_account
from lib.operator import Operator


@pytest.fixture
def operator(folder, namespace, processes):
    processes.append(Operator(folder, namespace))
    return processes[-1].start()


@pytest.fixture
def new_group(folder, operator):
    """A function that makes the pods of an object; they end with the test."""
    groups = []

    def create(value, **options):
        groups.append(Group(folder, operator, value, **options))
        return groups[-1]

    yield create
    for group in groups:
        group.stop()


@pytest.fixture
def with_leader_config(operator, sink):
    """The operator, with the Secret that every patched object names, a service account and a job."""
    operator.apply(service_account("prometheus"), secret("leader", leader_yaml=leader_config(sink)),
                   scrape_config("app", "127.0.0.1:1"))
    return operator


@pytest.fixture
def with_files(operator, namespace, sink):
    """The operator, with everything that the objects of deploy/operator need beside them. The leader writes as `leader`,
    since nothing is filled in with the nine steps."""
    short_way_rbac = documents((DEPLOY / "short-way.yaml").read_text(), namespace)[1:]
    operator.apply(service_account("prometheus"), service_account("stack-prometheus"),
                   *documents((DEPLOY / "rbac.yaml").read_text(), namespace), *short_way_rbac,
                   secret("prometheus-leader", leader_yaml=leader_config(sink, "leader")),
                   scrape_config("app", "127.0.0.1:1"))
    return operator


@pytest.fixture
def cluster(folder, namespace):
    cluster = Cluster(folder, namespace)
    yield cluster
    cluster.stop()


@pytest.fixture
def storage(cluster):
    """The pod of deploy/examples/storage.yaml, which receives at storage.storage.svc.cluster.local:9090."""
    objects = list(yaml.safe_load_all((peers.ROOT / "deploy/examples/storage.yaml").read_text()))
    manifests.create_all(cluster.namespace, [each for each in objects if each["kind"] != "Namespace"])
    return cluster.pod(helm.only(objects, "StatefulSet"), 0).start().wait_until_ready()
