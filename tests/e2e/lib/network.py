"""A network with an address that is not loopback, which only a test's own programs are in."""
import pathlib
import subprocess
import sys

from lib import isolation
from lib.polling import poll
from lib.processes import Process
from lib.web import Answer

HERE = pathlib.Path(__file__).resolve().parent.parent
ASK = """
import sys
from lib import web
method, url, *field = sys.argv[1:]
answer = web.request(method, url, headers=dict([field] if field else []))
print(answer.status)
print(answer.text())
"""


class Network(Process):
    """There as long as this process runs."""

    def __init__(self, folder, address):
        self.address = address
        super().__init__([*isolation.with_network(address), "sleep", "infinity"], folder / "network.log")

    def start(self):
        super().start()
        comm = pathlib.Path(f"/proc/{self.pid}/comm")
        poll(lambda: comm.read_text().strip() == "sleep", 30, f"the network is there\n{self.log()}")
        return self

    def inside(self):
        """Words before a command that put it into this network."""
        return ["nsenter", f"--net=/proc/{self.pid}/ns/net"]

    def run(self, *command):
        try:
            return subprocess.run([*self.inside(), *map(str, command)], capture_output=True, text=True, timeout=20,
                                  cwd=HERE)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from None  # as of any other request that is not answered

    def ask(self, method, url, headers=None):
        """One request from within; OSError where it is not answered."""
        fields = [word for field in (headers or {}).items() for word in field]
        result = self.run(sys.executable, "-c", ASK, method, url, *fields)
        if result.returncode != 0:
            raise OSError(result.stderr)
        status, _, body = result.stdout.partition("\n")
        return Answer(int(status), {}, body.encode())
