"""The second act: replicas whose Prometheus always writes to its elector's gate, a leader that dies, and the count of
what was lost and doubled.
"""
import time
import urllib.parse

from account import Sample, parse_account, samples_doubled, samples_lost, series_key, terms_of
from parts import FENCING_SINK, FOLDER, Failed, Part, Replica, get_json, is_up, leader_of

GROUP = "demo/gate"
RUN_SECONDS = 5      # how long the leader writes before it is killed, and the next one before the count
SETTLING_MS = 3_000  # of the newest samples, which may be on their way

CONFIGURATION = """\
follower:
  global:
    scrape_interval: 1s
    external_labels: {{replica: {name}}}
  scrape_configs:
    - job_name: prometheus
      static_configs: [{{targets: ["127.0.0.1:{port}"], labels: {{instance: prometheus}}}}]
    - job_name: application
      static_configs: [{{targets: ["127.0.0.1:{application_port}"]}}]
  remote_write:
    - url: http://127.0.0.1:{gate_port}/api/v1/write
      queue_config:
        {{min_shards: 1, max_shards: 1, min_backoff: 30ms, max_backoff: 100ms, batch_send_deadline: 200ms}}
leader: {{}}
"""

GATE = """\
- url: {sink_url}/api/v1/write
  group: {group}
  lateness: 3s
  drop_labels: [replica]
"""

PICTURE = """\
                           scraped by                   always     leader only
   sample application --+-----------> Prometheus replica-c ---> gate ---+
                        |               elector                         |
                        |                 |  lease: who leads?          +--> fencing sink
                        |               elector                         |
                        +-----------> Prometheus replica-d ---> gate ---+
"""


class GatedReplica(Replica):
    """Its Prometheus writes to the gate in its elector."""

    def __init__(self, name, ports):
        super().__init__(name, ports)
        self.gate_port, self.gate_config = next(ports), FOLDER / f"{name}-gate.yaml"

    def start_with_gate(self, application, sink):
        self.gate_config.write_text(GATE.format(sink_url=sink.url, group=GROUP))
        configuration = CONFIGURATION.format(name=self.name, port=self.port, gate_port=self.gate_port,
                                             application_port=application.port)
        return self.start(configuration, FOLDER / "gate-lease", [
            f"-gate-listen-address=127.0.0.1:{self.gate_port}", f"-gate-config={self.gate_config}"])

    def samples(self):
        """{series_key: [Sample, ...]} of everything that its Prometheus has, stale markers aside."""
        expression = urllib.parse.quote('{__name__=~".+"}[10m]')
        answer = get_json(f"{self.url}/api/v1/query?query={expression}", timeout_seconds=10)
        return {series_key(series["metric"]): [Sample(round(seconds * 1000), float(value))
                                               for seconds, value in series["values"]]
                for series in answer["data"]["result"]}


class FencingSink:
    """A receiver that stores from the leader alone, and keeps an account of every sample (tests/fencing_sink)."""

    def __init__(self, port):
        self.url, self._port = f"http://127.0.0.1:{port}", port

    def start(self):
        folder = FOLDER / "fencing-sink"
        folder.mkdir()
        return Part("fencing-sink", [FENCING_SINK, f"-listen=127.0.0.1:{self._port}", f"-folder={folder}"])

    def terms(self):
        """Those in which something was stored, the oldest first."""
        return [term for term in terms_of(get_json(f"{self.url}/account/totals")) if term["stored"]]

    def account(self):
        return parse_account(get_json(f"{self.url}/account", timeout_seconds=10))

    def watermark_ms(self):
        """Everything older has been written; 0 before the first write."""
        group = get_json(f"{self.url}/api/v1/fleet/{urllib.parse.quote(GROUP, safe='')}")
        return min(group["watermarks"].values(), default=0)


def show(story, parts, ports, application):
    """Appends what it starts to `parts`; returns what there is to look at: [(what, url), ...]."""
    sink = FencingSink(next(ports))
    replicas = [GatedReplica("replica-c", ports), GatedReplica("replica-d", ports)]
    story.title("Second act: every Prometheus writes, to the gate in its elector, and the leader's gate passes on")
    print(PICTURE)
    parts.append(sink.start())
    parts.wait(lambda: is_up(f"{sink.url}/account/totals"), 30, "the fencing sink answers")
    story.tell(f"{'fencing sink':<18}  {sink.url}/account/totals")
    for replica in replicas:
        parts += replica.start_with_gate(application, sink)
    for replica in replicas:
        parts.wait(lambda url=replica.url: is_up(f"{url}/-/ready"), 30, f"{replica.name} answers")
        story.tell(f"{replica.name:<18}  {replica.url}")
    survivor = _kill_leader(story, parts, replicas, sink)
    _count(story, parts, survivor, sink)
    return [("gate status", f"{survivor.elector_url}/"), ("account", f"{sink.url}/account/totals")]


def _kill_leader(story, parts, replicas, sink):
    """Returns the replica that took over, once something of it is stored."""
    leader = parts.wait(lambda: leader_of(replicas), 30, "somebody leads")
    survivor = next(replica for replica in replicas if replica is not leader)
    story.tell(f"{leader.name} leads: its gate passes on, {survivor.name}'s holds")
    story.ticker("waiting for the first samples ...")
    terms = parts.wait(lambda: (terms := sink.terms()) and _has_run(terms[-1], sink) and terms, 60,
                       f"what {leader.name} sends is stored")
    story.tell(f"{terms[-1]['stored']} samples are stored")

    story.title(f"Killing {leader.name}: kill -9, elector and Prometheus")
    killed_at_ms = time.time() * 1000
    leader.kill()
    story.tell(f"{leader.name} is gone; {survivor.name} holds what it writes until the lease has expired")
    term = parts.wait(lambda: (new := sink.terms()[len(terms):]) and new[-1], 30,
                      f"what {survivor.name} sends is stored")
    story.tell(f"the first write of {survivor.name} was stored "
               f"{(term['first_stored_unix_ms'] - killed_at_ms) / 1000:.1f} s after the kill")
    return survivor


def _has_run(term, sink):
    return sink.watermark_ms() > term["first_stored_unix_ms"] + RUN_SECONDS * 1000


def _count(story, parts, survivor, sink):
    story.ticker("letting it write before the count ...")
    parts.wait(lambda: _has_run(sink.terms()[-1], sink), 60, f"{survivor.name} goes on writing")
    until_ms = sink.watermark_ms() - SETTLING_MS
    scraped, account = survivor.samples(), sink.account()
    lost, doubled = samples_lost(account, scraped, until_ms), samples_doubled(account)
    story.tell(f"samples lost {lost}, doubled {doubled} "
               f"(of {account.totals['stored']} stored; counted by the receiver)")
    if lost or doubled:
        raise Failed(f"the failover lost {lost} samples and doubled {doubled} (the account: {FOLDER}/fencing-sink)")
