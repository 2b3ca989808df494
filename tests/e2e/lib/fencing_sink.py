"""The fencing sink (tests/fencing_sink) as a process, and the account that it keeps."""
import dataclasses
import urllib.parse

from lib import peers, web
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process
from lib.series import Sample, series_key

SCRAPE_MS = 1_000  # a scrape's samples bear the time of its beginning


@dataclasses.dataclass(frozen=True)
class Account:
    totals: dict     # as GET /account/totals has them
    series: dict     # of each series_key the samples of one group, in the order of storing
    unfenced: dict   # the same of writes without a group

    def samples(self):
        return [sample for samples in self.series.values() for sample in samples]

    def terms(self):
        """The terms of the group that wrote, as the totals have them, the oldest first."""
        terms = [term for term in self.totals["terms"] if term["token"] is not None]
        return sorted(terms, key=lambda term: (term["generation"], term["token"]))


class FencingSink(Process):
    """A start after kill() is on the same folder and port."""

    def __init__(self, folder):
        self.folder = folder / "fencing-sink/data"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.write_url = self.url + "/api/v1/write"
        super().__init__([peers.fencing_sink(), f"-listen=127.0.0.1:{self.port}", f"-folder={self.folder}"],
                         folder / "fencing-sink.log")

    def start(self):
        super().start()
        return self.wait_until_serving()

    def wait_until_serving(self, deadline_seconds=30):
        def is_serving():
            assert self.is_running(), self.log()
            return web.get(self.url + "/account/totals").status == 200
        poll(is_serving, deadline_seconds, "the fencing sink serves")
        return self

    def totals(self):
        return web.get(self.url + "/account/totals").json()

    def account(self, group=None):
        """Of `group`; without one there is only one group."""
        answer = web.get(self.url + "/account", timeout_seconds=60).json()
        groups = {series["group"] for series in answer["series"]} - {None}
        if group is None:
            assert len(groups) <= 1, f"writes of several groups: {groups}"
            group = next(iter(groups), "")
        return Account(answer["totals"], _series_of(group, answer), _series_of(None, answer))

    def fence(self, group, token):
        return web.post(self._group_url(group) + "/fence", f'{{"token": {token}}}')

    def show(self, group):
        return web.get(self._group_url(group)).json()

    def wait_until_written(self, group, until_ms, deadline_seconds=40):
        """Until every stream has come far enough that nothing from before `until_ms` is still on its way."""
        def is_written():
            watermarks = self.show(group)["watermarks"].values()
            return watermarks and min(watermarks) > until_ms + SCRAPE_MS
        poll(is_written, deadline_seconds, f"everything up to {until_ms} is written")

    def _group_url(self, group):
        return f"{self.url}/api/v1/fleet/{urllib.parse.quote(group, safe='')}"


def _series_of(group, answer):
    return {series_key(series["labels"]): [Sample(time, bits, token) for time, bits, token in series["samples"]]
            for series in answer["series"] if series["group"] == group}
