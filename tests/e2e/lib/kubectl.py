"""kubectl as the pages call it, over the real API server."""
import os
import subprocess

from lib import kube, peers
from lib.api_server import ADMIN_TOKEN

PROGRAM = "kubectl-1.36.3"


class Shell:
    """Runs commands of the pages, which find `kubectl` and `promfleet`, in a folder of their own.

    `namespace`: a kube.Namespace; it is the context's, and the one that the word `monitoring` of a command means.
    """

    def __init__(self, folder, namespace, context="test"):
        self.folder = folder / "shell"
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        (programs / "kubectl").symlink_to(peers.peer(PROGRAM, "kubectl"))
        (programs / "promfleet").symlink_to(peers.promfleet())
        kubeconfig = kube.write_kubeconfig(folder / "kubectl-kubeconfig", port=namespace.server.port,
                                           ca_path=namespace.server.ca_path, user={"token": ADMIN_TOKEN},
                                           context=context, namespace=namespace.name)
        self.environment = {"PATH": f"{programs}:{os.defpath}", "KUBECONFIG": str(kubeconfig), "HOME": str(folder)}
        self._namespace = namespace

    def put(self, name, text):
        """A file beside which the commands run; `namespace: monitoring` in it is the test's, too."""
        (self.folder / name).write_text(text.replace("namespace: monitoring", f"namespace: {self._namespace.name}"))

    def run(self, command):
        """What it has written; it has to succeed."""
        words = command.replace("monitoring", self._namespace.name)
        done = subprocess.run(["bash", "-o", "pipefail", "-euc", words], cwd=self.folder, env=self.environment,
                              capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout
