"""The real Prometheus Operator over the real API server, and what it makes of a Prometheus object."""
import base64
import gzip
import os
import ssl

from lib import kube, manifests, peers, web
from lib.api_server import ADMIN_TOKEN
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process

PEER = "prometheus-operator-0.93.0"
STEMS = {"Prometheus": "prometheus", "PrometheusAgent": "prom-agent"}


class Operator(Process):
    """Looks after one namespace."""

    def __init__(self, folder, namespace):
        self.namespace = namespace
        self._jobs = []  # by their names in Prometheus' configuration
        token = {"token": ADMIN_TOKEN}
        kubeconfig = kube.write_kubeconfig(folder / "operator-kubeconfig", port=namespace.server.port,
                                           ca_path=namespace.server.ca_path, user=token)
        super().__init__([peers.peer(PEER, "operator"), f"--namespaces={namespace.name}",
                          f"--web.listen-address=127.0.0.1:{free_port()}"],
                         folder / "operator.log", env={**os.environ, "KUBECONFIG": str(kubeconfig)})

    def start(self):
        install_kinds(self.namespace)
        return super().start()

    def apply(self, *objects):
        """Creates them, or replaces what has their names, again where the operator was faster. Each field has to be
        known."""
        poll(lambda: manifests.apply_all(self.namespace, objects) or True, 30, "the objects are as they were given")
        self._jobs += [f"scrapeConfig/{self.namespace.name}/{each['metadata']['name']}" for each in objects
                       if each["kind"] == "ScrapeConfig"]

    def stateful_set(self, value, shard=0):
        """What the operator has made of the object, once it has."""
        name = f"{stem(value)}-shard-{shard}" if shard else stem(value)
        return poll(lambda: self.get("apps/v1", "StatefulSet", name), 60, f"a StatefulSet {name}\n{self.log()[-2000:]}")

    def configuration(self, value):
        """What the operator wrote for this object's Prometheus, as text, once it has every job that was applied."""
        def complete():
            data = (self.get("v1", "Secret", stem(value)) or {})["data"]
            text = gzip.decompress(base64.b64decode(data["prometheus.yaml.gz"])).decode()
            return text if all(job in text for job in self._jobs) else None
        return poll(complete, 60, "the operator's configuration")

    def get(self, version, kind, name):
        """The object, or None."""
        path = manifests.collection(self.namespace, {"apiVersion": version, "kind": kind})
        answer = self.namespace.request("GET", f"{path}/{name}")
        return None if answer.status == 404 else answer.json()


def stem(value):
    """How the operator names what it makes of an object."""
    return f"{STEMS[value['kind']]}-{value['metadata']['name']}"


def install_kinds(namespace):
    """All of the operator's kinds. Another worker may have been here before."""
    paths = sorted(peers.peer(PEER, "crds").glob("*.yaml"))
    kinds = {path.stem.partition("_")[2] for path in paths}
    if kinds <= _served(namespace):
        return
    server = namespace.server
    tls = ssl.create_default_context(cafile=server.ca_path)
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": "application/yaml"}
    for path in paths:  # as they are: a megabyte and more takes Python's parser seconds
        answer = web.post(f"{server.url}/apis/apiextensions.k8s.io/v1/customresourcedefinitions", path.read_bytes(),
                          headers, tls=tls, timeout_seconds=60)
        assert answer.status in (201, 409), answer.text()
    poll(lambda: kinds <= _served(namespace), 60, "the API server knows the operator's kinds")


def _served(namespace):
    answers = [namespace.request("GET", f"/apis/monitoring.coreos.com/{version}") for version in ("v1", "v1alpha1")]
    known = [answer.json() for answer in answers if answer.status == 200]
    return {each["name"] for answer in known for each in answer["resources"]}
