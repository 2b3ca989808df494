"""What the end of an elector waits for."""
import contextlib
import socket
import time

from lib.elector import Elector
from lib.ports import free_port

HALF_A_REQUEST = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"


def test_requests_that_hang_at_the_api_and_at_the_gate_cost_the_grace_delay_once(folder):
    gate_port = free_port()
    (folder / "elector.yml").write_text("follower: {}\n")
    (folder / "gate.yml").write_text(f"- {{url: 'http://127.0.0.1:{free_port()}/api/v1/write', group: g}}\n")
    elector = Elector(folder, "a", {
        "config": folder / "elector.yml", "output": folder / "prometheus.yml", "lease-backend": "file",
        "lease-file": folder / "lease", "notify-http-url": f"http://127.0.0.1:{free_port()}/-/reload",
        "gate-config": folder / "gate.yml", "gate-listen-address": f"127.0.0.1:{gate_port}",
        "api-shutdown-grace-delay": "8s"})
    with contextlib.ExitStack() as stack:
        stack.callback(elector.stop)
        elector.start().wait_until_serving()
        for port, path in [(elector.port, b"/_elector/pause"), (gate_port, b"/api/v1/write")]:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            connection.sendall(HALF_A_REQUEST % path)
        elector.get("/_elector/healthz")  # what was sent before has been read
        began_at = time.monotonic()
        elector.terminate()
        assert 7.9 < time.monotonic() - began_at < 15
