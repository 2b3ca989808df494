"""Stands in for Prometheus where a test needs a fault that the real one does not show on demand.

It reads its configuration file at each reload, as Prometheus does: a reload that nobody waits for any more is executed
all the same, one at a time. `running_queues` is what would be sending: the remote_write URLs of the last configuration
whose remote storage was applied.
"""
import dataclasses
import datetime
import json
import threading
import time

import yaml

from lib.http_server import FakeServer


@dataclasses.dataclass(frozen=True)
class Reload:
    asked_at: float  # time.monotonic()
    answered_at: float
    config: str      # the file's text at that time
    status: int


class FakePrometheus(FakeServer):
    def __init__(self, config_path):
        self.config_path = config_path
        self.reload_delay_seconds = 0
        self.reload_answers = []       # (status, text, applies remote storage), one a reload; then 200
        self.is_ready = True
        self.is_healthy = True
        self.reloads = []
        self.requests = []             # (method, path) of everything else
        self.running_queues = []
        self.started_at = time.time()
        self._reload_lock = threading.Lock()
        super().__init__()

    def start(self):
        """Nothing to do: it serves from its construction on."""
        return self

    def wait_until_ready(self):
        return self

    def remote_write_queues(self):
        return set(self.running_queues)

    def respond(self, method, path, headers, body):
        if path == "/-/reload":
            return self._reload()
        self.requests.append((method, path))
        pages = {"/-/ready": lambda: (200 if self.is_ready else 503, b""),
                 "/-/healthy": lambda: (200 if self.is_healthy else 503, b""),
                 "/metrics": lambda: (200, self._metrics().encode()),
                 "/api/v1/status/flags": lambda: (200, self._flags().encode()),
                 "/api/v1/status/runtimeinfo": lambda: (200, self._runtime().encode())}
        return pages.get(path.partition("?")[0], lambda: (404, b"not here\n"))()

    def loaded_config(self):
        return self.reloads[-1].config if self.reloads else ""

    def _reload(self):
        asked_at = time.monotonic()
        with self._reload_lock:
            if self.reload_delay_seconds:
                threading.Event().wait(self.reload_delay_seconds)
            config = self.config_path.read_text()
            status, text, is_applied = self.reload_answers.pop(0) if self.reload_answers else (200, "", True)
            self.reloads.append(Reload(asked_at, time.monotonic(), config, status))
            if is_applied:  # last: who sees the queues sees the reload, too
                self.running_queues = [entry["url"] for entry in (yaml.safe_load(config) or {}).get("remote_write", [])]
            return status, text.encode()

    def _metrics(self):
        shards = [f'prometheus_remote_storage_shards{{remote_name="fake",url="{url}"}} 1'
                  for url in self.running_queues]
        reloaded_at = time.time() if self.reloads else self.started_at
        return "\n".join([*shards, "prometheus_config_last_reload_successful 1",
                          f"prometheus_config_last_reload_success_timestamp_seconds {reloaded_at}",
                          f"process_start_time_seconds {self.started_at}", ""])

    def _flags(self):
        return json.dumps({"status": "success", "data": {
            "config.file": str(self.config_path), "web.enable-lifecycle": "true",
            "storage.remote.flush-deadline": "500ms"}})

    def _runtime(self):
        started_at = datetime.datetime.fromtimestamp(self.started_at, datetime.UTC)
        return json.dumps({"status": "success", "data": {"startTime": started_at.isoformat()}})
