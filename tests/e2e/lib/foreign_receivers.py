"""Receivers of remote write that know no fence: each as a process, its remote write URL, and what it has stored."""
import json
import re
import shutil
import subprocess

from lib import peers, web
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process
from lib.prometheus import Prometheus
from lib.remote_read import raw_samples
from lib.series import Sample, bits_of, series_key

LABEL = re.compile(r'([^\s={,]+|"(?:[^"\\]|\\.)*")="((?:[^"\\]|\\.)*)"')


class ForeignPrometheus(Prometheus):
    """Refuses what steps back in time, with the whole request that it is in."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        config = folder / "receiver.yml"
        config.write_text("global: {}\n")
        super().__init__(folder, config, flags=("--web.enable-remote-write-receiver",))
        self.write_url = self.url + "/api/v1/write"

    def start(self):
        super().start()
        return self.wait_until_ready()

    def stored(self):
        return raw_samples(self.url)


class ThanosReceive(Process):
    """Refuses with 409 what steps back in time, and stores the rest of the request."""

    def __init__(self, folder):
        self._data, self._dump = folder / "data", folder / "dump/data"
        self._http_port, write_port = free_port(), free_port()
        self.write_url = f"http://127.0.0.1:{write_port}/api/v1/receive"
        super().__init__([peers.peer("thanos-0.42.4", "thanos"), "receive", f"--tsdb.path={self._data}",
                          '--label=receive="0"', f"--http-address=127.0.0.1:{self._http_port}",
                          f"--grpc-address=127.0.0.1:{free_port()}", f"--remote-write.address=127.0.0.1:{write_port}",
                          f"--receive.capnproto-address=127.0.0.1:{free_port()}", "--http-grace-period=0s",
                          "--grpc-grace-period=0s"], folder / "thanos.log")

    def start(self):
        super().start()
        poll(lambda: web.get(f"http://127.0.0.1:{self._http_port}/-/ready").status == 200, 60, "Thanos is ready")
        return self

    def stored(self):
        return poll(self._stored, 20, "a copy of Thanos' database is whole")

    def _stored(self):
        """Of a copy of its database, which promtool reads without any lock; it may end in half a record."""
        shutil.rmtree(self._dump, ignore_errors=True)
        shutil.copytree(self._data / "default-tenant", self._dump)
        promtool = peers.peer("prometheus-3.15.0", "promtool")
        dump = subprocess.run([promtool, "tsdb", "dump", self._dump], capture_output=True, text=True, timeout=60)
        assert dump.returncode == 0, dump.stderr
        series = {}
        for line in dump.stdout.splitlines():
            labels, value, time = line.rsplit(" ", 2)
            series.setdefault(_parse_labels(labels), []).append(Sample(int(time), bits_of(float(value))))
        return series


class VictoriaMetrics(Process):
    """Stores what steps back in time too. Keeps fewer digits than came."""

    def __init__(self, folder):
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.write_url = self.url + "/api/v1/write"
        program = peers.peer("victoria-metrics-1.130.0", "victoria-metrics")
        super().__init__([program, f"-storageDataPath={folder / 'data'}", f"-httpListenAddr=127.0.0.1:{self._port}",
                          "-memory.allowedBytes=256MiB"], folder / "victoria-metrics.log")

    def start(self):
        super().start()
        poll(lambda: web.get(self.url + "/health").status == 200, 60, "VictoriaMetrics is ready")
        return self

    def stored(self):
        web.get(self.url + "/internal/force_flush")
        series = {}
        for line in web.get(self.url + '/api/v1/export?match[]={__name__!=""}', timeout_seconds=60).text().splitlines():
            one = json.loads(line)
            samples = zip(one["timestamps"], one["values"], strict=True)
            series[series_key(one["metric"])] = [Sample(time, _bits_of(value)) for time, value in samples]
        return series


RECEIVERS = {"Prometheus": ForeignPrometheus, "Thanos": ThanosReceive, "VictoriaMetrics": VictoriaMetrics}


def _parse_labels(text):
    return series_key({name.strip('"'): json.loads(f'"{value}"') for name, value in LABEL.findall(text)})


def _bits_of(value):
    """Of a value in VictoriaMetrics' JSON, which has null for NaN and words for the infinities."""
    return bits_of(float("nan") if value is None else float(str(value).replace("Infinity", "inf")))
