"""A fencing sink that says yes to every second write of its group's second term, and stores nothing of it.

python3 -m lib.forgetful_sink SINK -listen=HOST:PORT -folder=DIR: in front of the real SINK, with the same flags.
"""
import subprocess
import sys

from lib import web
from lib.http_server import FakeServer
from lib.ports import free_port

KEPT_FIELDS = ("Content-", "X-Prom", "User-Agent")


class ForgetfulSink(FakeServer):
    def __init__(self, port, sink_url):
        super().__init__(port)
        self._sink_url, self._writes_by_token = sink_url, {}

    def respond(self, method, path, headers, body):
        if path == "/api/v1/write" and self._is_forgotten(headers["X-Promfleet-Token"]):
            return 200, b""
        kept = {name: value for name, value in headers.items() if name.startswith(KEPT_FIELDS)}
        answer = web.request(method, self._sink_url + path, body, kept)
        return answer.status, answer.body

    def _is_forgotten(self, token):
        writes = self._writes_by_token[token] = self._writes_by_token.get(token, 0) + 1
        return list(self._writes_by_token).index(token) == 1 and writes % 2 == 0


def main(sink, listen, folder):
    port = free_port()
    server = ForgetfulSink(int(listen.rpartition(":")[2]), f"http://127.0.0.1:{port}")
    subprocess.run(["setpriv", "--pdeathsig", "KILL", "--", sink, f"-listen=127.0.0.1:{port}", folder], check=True)
    server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
