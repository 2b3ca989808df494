"""Replicas as users run them: a Prometheus, its elector beside it, and the connection of that elector to the store."""
import dataclasses
import json
import pathlib
import ssl
import subprocess

import yaml

from lib import kube, peers
from lib.certificates import Authority, server_tls
from lib.elector import LEASE, Elector, arguments
from lib.fake_prometheus import FakePrometheus
from lib.fault_proxy import FaultProxy
from lib.polling import poll
from lib.ports import free_port
from lib.processes import end_all
from lib.prometheus import Prometheus

LEASE_NAME = "prometheus"

# Quick versions of the periods whose defaults are made for a cluster.
QUICK = {"healthcheck-period": "500ms", "healthcheck-failure-threshold": "2", "healthcheck-success-threshold": "1",
         "readiness-poll-period": "200ms", "notify-retry-delay": "500ms"}
# Flags of a fleet that runs with the product's own.
DEFAULT_PERIODS = {**dict.fromkeys(QUICK), **LEASE}


def follower_section(name, prometheus_port):
    """Scrapes itself each second and keeps three series of it."""
    return {"global": {"scrape_interval": "1s", "external_labels": {"replica": name}},
            "scrape_configs": [{
                "job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{prometheus_port}"]}],
                "metric_relabel_configs": [{"source_labels": ["__name__"], "action": "keep",
                                            "regex": "up|process_start_time_seconds|prometheus_build_info"}]}]}


def leader_section(write_url):
    return {"remote_write": [{"url": write_url, "metadata_config": {"send": False},
                              "queue_config": {"min_shards": 1, "max_shards": 1, "batch_send_deadline": "100ms"}}]}


@dataclasses.dataclass
class Replica:
    name: str
    folder: pathlib.Path
    config: pathlib.Path                    # what the elector reads
    output: pathlib.Path                    # what it writes and Prometheus reads
    prometheus: Prometheus | FakePrometheus
    elector: Elector
    store: FaultProxy | None                # between the elector and the API server; None for a file lease
    write_url: str                          # where Prometheus writes while the replica leads

    @property
    def token_path(self):
        """What the elector shows to the API server."""
        return self.folder / "token"

    def init(self):
        """Writes the follower's output as the init container does."""
        names = ("config", "leader-config", "output", "config-envsubst")
        flags = {"init": True, **{name: self.elector.flags.get(name) for name in names}}
        subprocess.run([peers.promfleet(), "elector", *arguments(flags)], check=True, timeout=20)

    def write_config(self, follower, leader):
        """Into the file that is there (an editor's way); the other ways are the tests' own."""
        self.config.write_text(yaml.safe_dump({"follower": follower, "leader": leader}, sort_keys=False))

    def is_writing_config(self):
        """Whether the output file is the leader's."""
        return "remote_write" in (yaml.safe_load(self.output.read_text()) or {})

    def has_queue(self):
        """Whether Prometheus sends, by its own account."""
        return self.write_url in self.prometheus.remote_write_queues()


# The lease as a leader of old has left it: whoever comes first leads at once, and need not wait out one of its own.
RELEASED_AT = "2026-01-01T00:00:00.000000Z"
RELEASED = {"metadata": {"annotations": {"promfleet.io/released-term": RELEASED_AT}},
            "spec": {"leaseDurationSeconds": 1, "acquireTime": RELEASED_AT, "renewTime": RELEASED_AT}}


class Fleet:
    """`namespace`: a kube.Namespace with the Lease, or None for a file lease in the fleet's folder.

    A lease is created by the first member, unless `flags` have another duration than the short one: then it is there,
    and released."""

    def __init__(self, folder, *, sink, namespace=None, prometheus="3.15", flags=None):
        self.folder, self.namespace, self.sink = folder, namespace, sink
        self.replicas = []
        self._prometheus, self._flags = prometheus, flags or {}
        if self._flags.get("lease-duration") and self._flags.get("lease-backend", "file") == "file":
            self.put_released_lease()
        # Signs what the proxies in front of the API server show.
        self.proxy_authority = Authority(folder / "proxy-authority") if namespace else None

    def add(self, name, *, config=None, output=None, flags=None, wrapper=(), env=None, limits=None, prometheus=None):
        """A replica with nothing started. Its configuration is written, unless the test says where it will be.

        `prometheus`: a version other than the fleet's."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        is_config_ours = config is None
        config, output, port = config or folder / "config.yaml", output or folder / "prometheus.yml", free_port()
        version = prometheus or self._prometheus
        if version == "fake":
            prometheus = FakePrometheus(output)
        else:
            prometheus = Prometheus(folder, output, version=version, port=port)
        store, store_flags = self.connect_to_store(folder)
        elector = Elector(folder, name, {
            "config": config, "output": output, "notify-http-url": prometheus.url + "/-/reload",
            "readiness-http-url": prometheus.url + "/-/ready", "healthcheck-http-url": prometheus.url + "/-/healthy",
            **QUICK, "lease-name": LEASE_NAME, **store_flags, **self._flags, **(flags or {})},
            wrapper=wrapper, env=env, limits=limits)
        replica = Replica(name, folder, config, output, prometheus, elector, store, self.write_url(name))
        if is_config_ours:
            replica.write_config(*self.sections(replica))
        self.replicas.append(replica)
        return replica

    def write_url(self, name):
        """Where that replica's Prometheus writes to."""
        return self.sink.write_url(name)

    def sections(self, replica):
        """The follower's and the leader's part of a replica's configuration."""
        return follower_section(replica.name, replica.prometheus.port), leader_section(replica.write_url)

    def start(self, size=3, deadline_seconds=30):
        """Adds so many replicas and launches them."""
        for number in range(size):
            self.add(f"prometheus-{number}")
        return self.launch(deadline_seconds)

    def launch(self, deadline_seconds=30):
        """Starts every part of every replica, and returns when one of them leads and every Prometheus runs what its
        member wants it to."""
        self.start_prometheus()
        for replica in self.replicas:
            replica.elector.start()
        for replica in self.replicas:
            replica.elector.wait_until_serving()
        self.leader(deadline_seconds)
        poll(lambda: all(replica.elector.has_arrived() for replica in self.replicas), 30,
             "every Prometheus runs its configuration")
        return self

    def start_prometheus(self):
        for replica in self.replicas:
            replica.init()
            replica.prometheus.start()
        for replica in self.replicas:
            replica.prometheus.wait_until_ready()

    def leader(self, deadline_seconds=30, besides=()):
        """The replica that leads, all running members agreed."""
        def agreed():
            running = [replica for replica in self.replicas if replica.elector.is_running() and replica not in besides]
            leaders = [replica for replica in running if replica.elector.is_leader()]
            views = {replica.elector.current_leader() for replica in running}
            assert len(leaders) <= 1, f"two leaders: {[leader.name for leader in leaders]}"
            return leaders[0] if leaders and views == {leaders[0].name} else None
        return poll(agreed, deadline_seconds, "one member leads and all agree")

    def followers(self):
        leader = self.leader()
        return [replica for replica in self.replicas if replica is not leader]

    def put_released_lease(self):
        if self.namespace:
            self.namespace.create_lease(LEASE_NAME, **RELEASED)
        else:
            self.folder.mkdir(parents=True, exist_ok=True)
            value = {**RELEASED, "metadata": {**RELEASED["metadata"], "resourceVersion": "1"}}
            (self.folder / "lease").write_text(json.dumps(value))

    def lease(self):
        return self.namespace.lease(LEASE_NAME)

    def edit_lease(self, edit):
        self.namespace.edit_lease(LEASE_NAME, edit)

    def stop(self):
        end_all([replica.elector for replica in self.replicas])
        for replica in self.replicas:
            replica.prometheus.stop()
            if replica.store:
                replica.store.stop()

    def connect_to_store(self, folder):
        """A member's own line to the store (None for a file lease), and the flags that name it."""
        if not self.namespace:
            return None, {"lease-backend": "file", "lease-file": self.folder / "lease", "lease-namespace": "test"}
        token_path = folder / "token"
        token_path.write_text(self.namespace.token())
        store = self.proxy_to_api_server()
        kubeconfig = kube.write_kubeconfig(folder / "kubeconfig", port=store.port, ca_path=self.proxy_authority.ca_path,
                                           user={"tokenFile": str(token_path)})
        return store, {"kubeconfig": kubeconfig, "lease-namespace": self.namespace.name}

    def proxy_to_api_server(self):
        server = self.namespace.server
        client_tls = ssl.create_default_context(cafile=server.ca_path)
        certificate = self.proxy_authority.issue("proxy")
        return FaultProxy(server.port, server_tls=server_tls(*certificate), client_tls=client_tls)
