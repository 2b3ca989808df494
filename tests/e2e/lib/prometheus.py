"""A real Prometheus with its own folder, port and configuration file."""
import re
import urllib.parse

import yaml

from lib import peers, web
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process


def program(version):
    """`version`: "3.15" (built by tests/peers) or "2.42" (Debian's)."""
    return peers.debian("prometheus") if version == "2.42" else peers.peer("prometheus-3.15.0", "prometheus")


def start_writer(folder, processes, remote_write, external_labels=None):
    """A Prometheus that scrapes itself each second, and writes as this section of its configuration says."""
    port, config = free_port(), folder / "prometheus.yml"
    config.write_text(yaml.safe_dump({
        "global": {"scrape_interval": "1s", "external_labels": external_labels or {}},
        "scrape_configs": [{"job_name": "self", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
        "remote_write": [remote_write]}))
    prometheus = Prometheus(folder, config, port=port)
    processes.append(prometheus.start())
    return prometheus.wait_until_ready()


class Prometheus(Process):
    def __init__(self, folder, config_path, *, version="3.15", port=None, host="127.0.0.1", flags=()):
        self.host, self.port, self.config_path = host, port or free_port(), config_path
        self.url = f"http://{self.host}:{self.port}"
        super().__init__([program(version), f"--config.file={config_path}",
                          f"--web.listen-address={self.host}:{self.port}", f"--storage.tsdb.path={folder / 'data'}",
                          "--web.enable-lifecycle", "--storage.remote.flush-deadline=500ms",
                          "--scrape.discovery-reload-interval=100ms", *flags], folder / "prometheus.log")

    def wait_until_ready(self):
        poll(lambda: web.get(self.url + "/-/ready").status == 200, 60, f"Prometheus at {self.url} is ready")
        return self

    def reload(self):
        return web.post(self.url + "/-/reload", timeout_seconds=60)

    def loaded_config(self):
        """As Prometheus shows it: re-marshalled, secrets hidden."""
        return web.get(self.url + "/api/v1/status/config").json()["data"]["yaml"]

    def remote_write_queues(self):
        """The URLs of the queues that run now."""
        metrics = web.get(self.url + "/metrics").text()
        return set(re.findall(r'^prometheus_remote_storage_shards\{.*?url="([^"]*)"', metrics, re.MULTILINE))

    def metric(self, sample):
        """The present value of a sample, which is named with its labels as it is exposed; LookupError without it."""
        for line in web.get(self.url + "/metrics").text().splitlines():
            name, _, value = line.rpartition(" ")
            if name == sample:
                return float(value)
        raise LookupError(sample)

    def query(self, expression):
        """The result of an instant query: [{"metric": labels, "value": [time, text]}, ...]."""
        answer = web.get(f"{self.url}/api/v1/query?query={urllib.parse.quote(expression)}").json()
        assert answer["status"] == "success", answer
        return answer["data"]["result"]

    def rules(self):
        """The names of the rules that it evaluates."""
        groups = web.get(self.url + "/api/v1/rules").json()["data"]["groups"]
        return [rule["name"] for group in groups for rule in group["rules"]]

    def reloads(self):
        """How many reloads were asked for and answered 200 since the start."""
        try:
            return self.metric('prometheus_http_requests_total{code="200",handler="/-/reload"}')
        except LookupError:
            return 0.0
