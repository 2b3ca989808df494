"""A real Kubernetes API server over a real etcd: started once for a test run, shared by all its workers."""
import dataclasses
import json
import pathlib
import socket
import threading

from lib import peers, web
from lib.certificates import Authority, write_service_account_keys
from lib.etcd import Etcd
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process

ADMIN_TOKEN = "admintoken"


@dataclasses.dataclass(frozen=True)
class ApiServer:
    """How to reach a running API server."""
    port: int
    ca_path: str  # the authority that signed its certificate
    authority_folder: str

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"


def start(folder):
    """Returns the ApiServer and the processes that make it, which the caller ends."""
    program = peers.peer("kube-apiserver-1.36.3", "kube-apiserver")
    authority = Authority(folder / "authority")
    etcd = Etcd(folder).start()
    server = ApiServer(free_port(), str(authority.ca_path), str(authority.folder))
    process = Process(_command(program, folder, server.port, etcd.url, authority),
                      folder / "kube-apiserver.log").start()
    poll(lambda: is_ready(server, authority), 120, "the API server is ready")
    return server, [process, etcd]


def is_ready(server, authority):
    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    return web.get(server.url + "/readyz", headers, tls=authority.client_tls()).status == 200


def _command(program, folder, port, etcd_url, authority):
    certificate, key = authority.issue("kube-apiserver")
    signing_key, public_key = write_service_account_keys(folder)
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{ADMIN_TOKEN},admin,admin-uid,"system:masters"\n')
    return [program, f"--etcd-servers={etcd_url}", "--bind-address=127.0.0.1", f"--secure-port={port}",
            f"--cert-dir={folder}", f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}",
            f"--service-account-key-file={public_key}", f"--service-account-signing-key-file={signing_key}",
            "--service-account-issuer=https://kubernetes.default.svc", f"--token-auth-file={tokens}",
            "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount", "--advertise-address=127.0.0.1"]


class Steward:
    """Starts one API server when the first worker asks for it, and ends it with the test run.

    Workers ask over an abstract Unix socket and get back a JSON object: an ApiServer, or {"missing": sentence}.
    """

    def __init__(self, folder, address):
        self._folder = pathlib.Path(folder)
        self._processes = []
        self._answer = None
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind("\0" + address)
        self._listener.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self):
        for process in self._processes:  # nothing of theirs is kept, so nothing has to be put in order
            process.kill()

    def _serve(self):
        while True:
            client, _ = self._listener.accept()
            with client:
                self._answer = self._answer or self._start()
                client.sendall(json.dumps(self._answer).encode())

    def _start(self):
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            server, self._processes = start(self._folder)
            return dataclasses.asdict(server)
        except BaseException as error:  # pytest's skip and fail among them: the worker repeats them
            return {"missing": str(error)}


def ask_steward(address):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect("\0" + address)
        with client.makefile("rb") as answer:
            values = json.loads(answer.read())
    if "missing" in values:
        peers.missing(values["missing"])
    return ApiServer(**values)
