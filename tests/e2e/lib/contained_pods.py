"""Pods of rendered manifests, run for real: containers by podman, in a network of the test's own, beside the real API
server. It stands in for the kubelet and the StatefulSet's controller, as far as such a pod notices.

    cluster = Cluster(folder, namespace)
    pod = cluster.pod(stateful_set, ordinal=0).start()
    pod.fetch("http://127.0.0.1:9095/_elector/leader")
    pod.delete()                                      # the containers, then the sidecars get SIGTERM
    pod.kill()                                        # its node is gone

Volumes are what the API server has stored. Names of pods and Services lead to their addresses by /etc/hosts, where a
cluster has its DNS. Needs root.
"""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

from lib import containers, isolation
from lib.containers import Container, Mount
from lib.fault_proxy import FaultProxy
from lib.network import Network
from lib.polling import poll
from lib.web import Answer

ADDRESS = "10.77.0."
BRIDGE = "pods"
API_SERVER_PORT = 443
ACCOUNT_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
SETUP_SECONDS_MAX = 60
# By an image's name: what makes the one that is run in its place, of a tag.
IMAGES = {"promfleet/promfleet": lambda _: containers.promfleet_image(),
          "prom/prometheus": lambda tag: containers.prometheus_image("2.42" if re.match(r"v[02]\.", tag) else "3.15")}

# As a kubelet asks: whatever the certificate.
ASK = """
import json, ssl, sys
from lib import web
url, headers = sys.argv[1:]
answer = web.request("GET", url, headers=json.loads(headers), tls=ssl._create_unverified_context())
print(answer.status)
print(answer.text())
"""
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)"


class Cluster:
    """Ends with stop()."""

    def __init__(self, folder, namespace):
        containers.require()
        self.folder, self.namespace = folder / "cluster", namespace
        self.folder.mkdir()
        self.pods = []
        self.node = _Node(self.folder).start()

    def pod(self, stateful_set, ordinal):
        """A pod of it, not yet started; its claims' folders stay from one pod of a name to the next."""
        pod = Pod(self, stateful_set, ordinal, f"{ADDRESS}{10 + len(self.pods)}")
        self.pods.append(pod)
        return pod

    def read(self, kind, name):
        answer = self.namespace.request("GET", f"/api/v1/namespaces/{self.namespace.name}/{kind}/{name}")
        assert answer.status == 200, answer.text()
        return answer.json()

    def write_hosts(self):
        """In the file that is mounted already: everybody sees it."""
        lines = ["127.0.0.1 localhost"]
        for pod in self.pods:
            service = f"{pod.service}.{pod.namespace}.svc.cluster.local"
            lines.append(f"{pod.address} {pod.name}.{pod.service} {pod.name}.{service} {service} {pod.service}")
        (self.folder / "hosts").write_text("\n".join(lines) + "\n")

    def stop(self):
        for pod in self.pods:
            pod.kill()
        self.node.kill()


def leader_of(pods, deadline_seconds=40):
    """The one that leads, all of them agreed."""
    def agreed():
        views = [pod.ask_elector("/_elector/leader").json() for pod in pods]
        leaders = [pod for pod, view in zip(pods, views) if view["is_leader"]]
        assert {view["current_leader"] for view in views} == {leader.name for leader in leaders}
        return leaders[0] if len(leaders) == 1 else None
    return poll(agreed, deadline_seconds, "one pod leads, and all agree")


def wait_until_all_is_well(pods):
    """Until no elector reports a problem, such as that of the moment before there is a leader."""
    def is_well(pod):
        problems = pod.status()["problems"]
        assert not problems, f"{pod.name}: {problems}"
        return True
    poll(lambda: all(is_well(pod) for pod in pods), 30, "nothing is amiss")


class _Node(Network):
    """What the pods' cables lead to."""

    def __init__(self, folder):
        super().__init__(folder, "127.0.0.1")
        script = f"ip link add {BRIDGE} type bridge && ip link set {BRIDGE} up && exec sleep infinity"
        self.command = [*isolation.with_empty_network(), "sh", "-c", script]


class Pod(Network):
    """As a process it is the pod's network, which its containers are in."""

    def __init__(self, cluster, stateful_set, ordinal, address):
        self._cluster = cluster
        self.become(stateful_set)
        self.name = f"{stateful_set['metadata']['name']}-{ordinal}"
        self.namespace = stateful_set["metadata"]["namespace"]  # as names have it
        self.service = stateful_set["spec"]["serviceName"]
        self.folder = cluster.folder / self.name
        self.folder.mkdir()
        self.scheme, self.headers = "http", {}  # how its elector is asked
        self.containers = {}
        self._door = None
        super().__init__(self.folder, address)
        self.command = [*isolation.with_empty_network(), "sleep", "infinity"]

    def become(self, stateful_set):
        """What the next start() makes of it."""
        self._spec = stateful_set["spec"]["template"]["spec"]
        self._claims = [each["metadata"]["name"] for each in stateful_set["spec"]["volumeClaimTemplates"]]

    def start(self):
        """Returns when every container runs; whether it is ready, its probes say."""
        super().start()
        self._connect()
        self._cluster.write_hosts()
        shutil.rmtree(self.folder / "volumes", ignore_errors=True)
        self._volumes = {each["name"]: self._volume(each) for each in self._spec["volumes"]}
        self._volumes |= {name: self._folder(f"data/{name}") for name in self._claims}
        for spec in self._spec.get("initContainers", []):
            container = self._run(spec)
            if spec.get("restartPolicy") != "Always":
                assert container.wait(SETUP_SECONDS_MAX) == 0, container.log()
                del self.containers[spec["name"]]
        for spec in self._spec["containers"]:
            self._run(spec)
        return self

    def sync_volumes(self):
        """What the API server has by now arrives in the pod that runs."""
        for volume in self._spec["volumes"]:
            self._volume(volume)

    def is_ready(self):
        """By the readiness probes of all its containers."""
        return all(self._probe(each) for each in self._all_specs() if each["name"] in self.containers)

    def wait_until_ready(self, deadline_seconds=60):
        poll(self.is_ready, deadline_seconds, f"{self.name} is ready")
        return self

    def delete(self, deadline_seconds=40):
        """As the kubelet ends a pod: SIGTERM to the containers, and then to its sidecars. Returns exit statuses."""
        sidecars = {each["name"] for each in self._spec.get("initContainers", [])}
        statuses = {}
        for is_turn in (lambda name: name not in sidecars, lambda name: name in sidecars):
            turn = {name: container for name, container in self.containers.items() if is_turn(name)}
            for container in turn.values():
                container.signal(15)
            statuses |= {name: container.wait(deadline_seconds) for name, container in turn.items()}
        self.kill()
        return statuses

    def kill(self):
        for container in self.containers.values():
            container.kill()
        self.containers = {}
        if self._door:
            self._door.stop()
            self._door = None
        super().kill()

    def fetch(self, url, headers=None):
        """The answer to one request from within; OSError where there is none."""
        result = self.run(sys.executable, "-c", ASK, url, json.dumps(headers or {}))
        if result.returncode != 0:
            raise OSError(result.stderr)
        status, _, body = result.stdout.partition("\n")
        return Answer(int(status), {}, body.encode())

    def ask_elector(self, path):
        return self.fetch(f"{self.scheme}://127.0.0.1:9095{path}", self.headers)

    def status(self):
        return self.ask_elector("/_elector/status").json()

    def _all_specs(self):
        return self._spec.get("initContainers", []) + self._spec["containers"]

    def _probe(self, spec):
        probe = spec.get("readinessProbe", {})
        handler = probe.get("httpGet") or probe.get("tcpSocket")
        if not handler:
            return True
        port = next(each["containerPort"] for each in spec["ports"] if each["name"] == handler["port"])
        if "tcpSocket" in probe:
            return self.run(sys.executable, "-c", CONNECT, self.address, port).returncode == 0
        scheme = handler.get("scheme", "HTTP").lower()
        return self.fetch(f"{scheme}://{self.address}:{port}{handler['path']}").status == 200

    def _connect(self):
        """A cable to the node, and the API server on our own loopback, for which its certificate is."""
        cable = f"c{self.pid}"
        self._ip(self._cluster.node, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", self.pid)
        self._ip(self._cluster.node, "link", "set", cable, "master", BRIDGE, "up")
        self._ip(self, "address", "add", f"{self.address}/24", "dev", "eth0")
        self._ip(self, "link", "set", "eth0", "up")
        self._door = _Door(self.pid, API_SERVER_PORT, self._cluster.namespace.server.port)

    @staticmethod
    def _ip(network, *words):
        subprocess.run([*network.inside(), "ip", *map(str, words)], check=True, timeout=SETUP_SECONDS_MAX)

    def _run(self, spec):
        name, _, tag = spec["image"].rpartition(":")
        image = IMAGES[name](tag)
        context = {**self._spec.get("securityContext", {}), **spec.get("securityContext", {})}
        options = [f"--hostname={self.name}"]
        options += [f"--group-add={context['fsGroup']}"] if "fsGroup" in context else []
        words = containers.command(image, spec["args"], mounts=self._mounts(spec), env=self._environment(spec),
                                   user=f"{context['runAsUser']}:{context.get('runAsGroup', 0)}", options=options)
        container = Container([*self.inside(), *words], self.folder / f"{spec['name']}.log")
        self.containers[spec["name"]] = container.start()
        return container

    def _mounts(self, spec):
        mounts = [Mount(self._volumes[each["name"]], each["mountPath"], "ro" if each.get("readOnly") else "rw")
                  for each in spec["volumeMounts"]]
        return [*mounts, Mount(self._account(), ACCOUNT_FOLDER, "ro"),
                Mount(self._cluster.folder / "hosts", "/etc/hosts", "ro")]

    def _environment(self, spec):
        """A value, or a field of the pod's metadata."""
        fields = {"metadata.name": self.name, "metadata.namespace": self._cluster.namespace.name}
        environment = {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": API_SERVER_PORT}
        for each in spec.get("env", []):
            source = each.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
            environment[each["name"]] = fields[source] if source else each["value"]
        return environment

    def _account(self):
        folder = self._folder("account")
        server = self._cluster.namespace.server
        (folder / "token").write_text(self._cluster.namespace.token(account=self._spec["serviceAccountName"]))
        (folder / "ca.crt").write_bytes(pathlib.Path(server.ca_path).read_bytes())
        (folder / "namespace").write_text(self._cluster.namespace.name)
        return folder

    def _volume(self, volume):
        folder = self._folder(f"volumes/{volume['name']}")
        for source in volume.get("projected", {}).get("sources", [volume]):
            for name, content in self._files(source).items():
                unfinished = self.folder / "unfinished"  # those who read it see the old file or the new one
                unfinished.write_bytes(content)
                unfinished.rename(folder / name)
        return folder

    def _files(self, source):
        """{name: content} of one source of a volume."""
        if "configMap" in source:
            data = self._cluster.read("configmaps", source["configMap"]["name"])["data"]
            return {name: text.encode() for name, text in data.items()}
        if "secret" in source:
            name = source["secret"].get("name") or source["secret"]["secretName"]
            data = self._cluster.read("secrets", name)["data"]
            return {name: base64.b64decode(text) for name, text in data.items()}
        assert source.get("emptyDir") in ({}, {"medium": "Memory"}), source
        return {}

    def _folder(self, name):
        """For the group of the pod, as the kubelet makes it."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, 0, self._spec["securityContext"].get("fsGroup", 0))
        folder.chmod(0o2777)
        return folder


class _Door(FaultProxy):
    """Listens on the loopback address of another network, and connects in ours."""

    def __init__(self, pid, port, target_port):
        self._pid, self._inside_port = pid, port
        super().__init__(target_port)

    def _listen(self):
        """A thread changes its network, and its sockets stay there."""
        made = []
        thread = threading.Thread(target=lambda: made.append(self._listen_inside()))
        thread.start()
        thread.join()
        return made[0]

    def _listen_inside(self):
        isolation.enter_network(self._pid)
        self.port = self._inside_port
        return super()._listen()
