"""A real etcd of one member, on free ports, which need not survive anything."""
from lib import peers
from lib.ports import free_port
from lib.processes import Process


def program(version):
    """`version`: "3.7" (built by tests/peers) or "3.4" (Debian's)."""
    return peers.debian("etcd") if version == "3.4" else peers.peer("etcd-3.7.3", "etcd")


class Etcd(Process):
    def __init__(self, folder, *, version="3.7"):
        self.url, peer_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        super().__init__([program(version), "--data-dir", folder / "etcd-data", "--log-level", "warn",
                          "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                          "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
                          "--initial-cluster", f"default={peer_url}",
                          *(["--unsafe-no-fsync"] if version == "3.7" else [])], folder / "etcd.log")
