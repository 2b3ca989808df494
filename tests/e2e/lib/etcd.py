"""A real etcd of one member, on free ports, which need not survive anything.

Its data is in memory: a member that is restarted has one retry period for a committed write, and a disk that others
keep busy may take longer than that to sync.
"""
from lib import isolation, peers
from lib.ports import free_port
from lib.processes import Process


def program(version):
    """`version`: "3.7" (built by tests/peers) or "3.4" (Debian's)."""
    return peers.debian("etcd") if version == "3.4" else peers.peer("etcd-3.7.3", "etcd")


class Etcd(Process):
    def __init__(self, folder, *, version="3.7"):
        self.url, peer_url = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        data = folder / "etcd-data"
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().__init__([*isolation.with_folder_in_memory(data),
                          program(version), "--data-dir", data / "member", "--log-level", "warn",
                          "--listen-client-urls", self.url, "--advertise-client-urls", self.url,
                          "--listen-peer-urls", peer_url, "--initial-advertise-peer-urls", peer_url,
                          "--initial-cluster", f"default={peer_url}"], folder / "etcd.log")
