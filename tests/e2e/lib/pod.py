"""A pod made from a StatefulSet's template, as processes: no kubelet runs here.

Each container sees its volumes at their paths (in a mount namespace with a root of its own), runs as the user that the
template says, and has its arguments word for word, but for one thing: pods of one host need addresses of their own. So
127.0.0.1, localhost and "all addresses" of a pod are an address of 127/8 that no other pod has.
"""
import base64
import os
import pathlib
import re
import shutil

from lib import isolation, peers, prometheus
from lib.elector import Elector
from lib.operator import PEER
from lib.polling import poll
from lib.ports import free_port
from lib.processes import Process, end_all

# The image's files, beside what the machine has; the first is the entry point.
IMAGES = {"prometheus": lambda: {"/entry/prometheus": prometheus.program("3.15")},
          "config-reloader": lambda: {"/entry/prometheus-config-reloader": peers.peer(PEER,
                                                                                       "prometheus-config-reloader")},
          "elector": lambda: {"/prometheus-elector": peers.promfleet(), "/elector-cmd": peers.promfleet()}}
NOBODY = 65534  # what the images of Prometheus and config-reloader run as
ELECTOR_USER = 65532  # what ours runs as

# $1: an empty folder for the root; then FROM AT ro|rw for each mount, --, USER, and the command.
ENTER = """
root=$1; shift
mount -t tmpfs tmpfs "$root"
mkdir "$root/host"
mount --rbind / "$root/host"
mkdir "$root/etc" "$root/run"
for entry in /* /etc/*; do
  case $entry in /etc|/run|/prometheus|/host|/etc/hosts|/etc/prometheus|/etc/promfleet) ;;
    *) ln -s "/host$entry" "$root$entry" ;;
  esac
done
while [ "$1" != -- ]; do
  mkdir -p "$root${2%/*}"
  if [ -d "$1" ]; then mkdir -p "$root$2"; else touch "$root$2"; fi
  mount --bind "$1" "$root$2"
  [ "$3" = rw ] || mount -o remount,bind,ro "$root$2"
  shift 3
done
user=$2; shift 2
exec chroot "$root" setpriv "--reuid=$user" "--regid=$user" --clear-groups -- setpriv --pdeathsig KILL -- "$@"
"""


class Pod:
    """`flags`: words behind those of the elector, such as shorter periods."""

    def __init__(self, folder, operator, stateful_set, ordinal, *, flags=()):
        self.name = f"{stateful_set['metadata']['name']}-{ordinal}"
        self.folder = folder / self.name
        self.address, self._loopback_port = _free_address(), free_port()
        self._operator, self._flags = operator, list(flags)
        self._template, self._ordinal = stateful_set["spec"]["template"], ordinal
        self.processes = {}  # by the container's name, in the order of their start
        self.elector = self.prometheus = None

    def prepare(self, pods):
        """Makes the volumes. `pods`: those that this one finds by name, under the governing service."""
        spec = self._template["spec"]
        self._volumes = {each["name"]: each for each in spec["volumes"]}
        for name in self._volumes:
            self._volume(name).mkdir(parents=True)
            self._volume(name).chmod(0o777)
        (self.folder / "root").mkdir()
        names = [f"{pod.address} {pod.name} {pod.name}.prometheus-operated" for pod in pods]
        (self.folder / "hosts").write_text("\n".join([f"{self.address} localhost", *names, ""]))
        self._write_service_account(self.folder / "service-account")
        self.sync()
        return self

    def start(self):
        """Init containers one after the other, those that restart beside what comes after them; then the others."""
        spec = self._template["spec"]
        for container in spec["initContainers"]:
            process = self._process(container)
            if container.get("restartPolicy") == "Always":
                self.processes[container["name"]] = process.start()
            else:
                status = process.start().wait(60)
                assert status == 0, f"{self.name}/{container['name']}: {status}\n{process.log()}"
        for container in spec["containers"]:
            self.processes[container["name"]] = self._process(container).start()
        self.elector.wait_until_serving()
        poll(lambda: self.elector.status()["prometheus"]["ready"], 30, f"{self.name}'s elector finds Prometheus ready")
        return self

    def sync(self):
        """Brings Secrets and ConfigMaps up to date as the kubelet does: a new folder, and `..data` points to it."""
        for name, volume in self._volumes.items():
            files = self._files(volume)
            if files is not None:
                _swap(self._volume(name), files)

    def delete(self):
        """As Kubernetes ends a pod: the containers, then the sidecars, with time for all that they have to do."""
        sidecars = {each["name"] for each in self._template["spec"]["initContainers"]}
        for of_sidecars in (False, True):
            end_all([process for name, process in self.processes.items() if (name in sidecars) == of_sidecars], 30)

    def kill(self):
        """As the node's end."""
        for process in self.processes.values():
            process.kill()

    def _write_service_account(self, folder):
        namespace, name = self._operator.namespace, self._template["spec"].get("serviceAccountName", "default")
        path = f"/api/v1/namespaces/{namespace.name}/serviceaccounts/{name}/token"
        answer = namespace.request("POST", path, {"spec": {"expirationSeconds": 3600}})
        assert answer.status == 201, answer.text()
        folder.mkdir()
        (folder / "token").write_text(answer.json()["status"]["token"])
        (folder / "namespace").write_text(namespace.name)
        shutil.copy(namespace.server.ca_path, folder / "ca.crt")

    def _volume(self, name):
        return self.folder / "volumes" / name

    def _files(self, volume):
        """{name: bytes} of what the API server has; None for a volume that is the pod's own."""
        if "secret" in volume:
            return self._object_files("Secret", volume["secret"]["secretName"])
        if "configMap" in volume:
            return self._object_files("ConfigMap", volume["configMap"]["name"])
        if "projected" in volume:
            sources = [source["secret"]["name"] for source in volume["projected"]["sources"]]
            return {key: value for name in sources for key, value in self._object_files("Secret", name).items()}
        return None

    def _object_files(self, kind, name):
        value = self._operator.get("v1", kind, name)
        data = (value or {}).get("data") or {}
        return {key: base64.b64decode(text) if kind == "Secret" else text.encode() for key, text in data.items()}

    def _process(self, container):
        name = container["name"]
        role = next(role for role in ("elector", "config-reloader", "prometheus") if name.endswith(role))
        files = IMAGES[role]()
        environment = self._environment(container)
        entry = container["command"] if role == "elector" and "command" in container else [next(iter(files))]
        words = [*entry, *(self._argument(word, environment) for word in container["args"])]
        command = [*self._enter(container, files, role), *words, *self._more_arguments(role, words)]
        log = self.folder / f"{name}.log"
        environment = {**os.environ, **environment, "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                       "KUBERNETES_SERVICE_PORT": str(self._operator.namespace.server.port)}
        if name == "prometheus":
            self.prometheus = ContainedPrometheus(command, log, environment, f"http://{self.address}:9090")
            return self.prometheus
        if role == "elector" and "-init" not in words:
            self.elector = ContainedElector(command, log, environment, self.name, f"http://{self.address}:9095")
            return self.elector
        return Process(command, log, env=environment)

    def _more_arguments(self, role, words):
        """What else it takes to have an address of one's own, and shorter periods."""
        if role == "prometheus" and not any("--web.listen-address" in word for word in words):
            ports = [f"{self.address}:9090", f"127.0.0.1:{self._loopback_port}"]
            return [f"--web.listen-address={port}" for port in ports]
        if role == "elector" and "-init" not in words:
            more = [f"-gate-listen-address={self.address}:9096"] if _has(words, "-gate-config=") else []
            # For the proxy this member's Prometheus is on localhost, which is what it is for the whole machine.
            more += [f"-api-proxy-prometheus-local-port={self._loopback_port}"] if _has(words, "-api-proxy") else []
            return [*self._flags, *more]
        return []

    def _environment(self, container):
        values = {}
        for each in container.get("env", []):
            field = each.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
            values[each["name"]] = self._field(field) if field else each.get("value", "")
        return values

    def _field(self, path):
        labels = {**self._template["metadata"]["labels"], "apps.kubernetes.io/pod-index": str(self._ordinal)}
        label = re.fullmatch(r"metadata\.labels\['(.*)'\]", path)
        fields = {"metadata.name": self.name, "metadata.namespace": self._operator.namespace.name}
        return labels.get(label[1], "") if label else fields[path]

    def _argument(self, word, environment):
        word = re.sub(r"\$\((\w+)\)", lambda name: environment.get(name[1], name[0]), word)
        return re.sub(r"127\.0\.0\.1:|(?<==):(?=\d+$)", f"{self.address}:", word)

    def _enter(self, container, files, role):
        isolation.require("mount")
        mounts = [(path, seen, "ro") for seen, path in files.items()]
        mounts += [(self.folder / "hosts", "/etc/hosts", "ro"),
                   (self.folder / "service-account", "/run/secrets/kubernetes.io/serviceaccount", "ro")]
        for each in container["volumeMounts"]:
            source = self._volume(each["name"]) / each.get("subPath", "")
            if not source.exists():  # a part of a volume that is the pod's own
                source.mkdir()
                source.chmod(0o777)
            mounts.append((source, each["mountPath"], "ro" if each.get("readOnly") else "rw"))
        pod_user = (self._template["spec"].get("securityContext") or {}).get("runAsUser")
        image_user = pod_user if pod_user is not None else (ELECTOR_USER if role == "elector" else NOBODY)
        user = (container.get("securityContext") or {}).get("runAsUser", image_user)
        words = [word for mount in mounts for word in mount]
        return ["unshare", "--mount", "sh", "-ec", ENTER, "sh", self.folder / "root", *words, "--", user]


class ContainedElector(Elector):
    """The elector of a pod."""

    def __init__(self, command, log_path, env, member, url):
        Process.__init__(self, command, log_path, env=env)
        self.member, self.url = member, url

    def start(self):
        return Process.start(self)


class ContainedPrometheus(prometheus.Prometheus):
    """The Prometheus of a pod."""

    def __init__(self, command, log_path, env, url):
        Process.__init__(self, command, log_path, env=env)
        self.url = url


def _has(words, beginning):
    return any(word.startswith(beginning) for word in words)


def _free_address():
    port = free_port()
    return f"127.77.{port // 256}.{port % 256}"


def _swap(folder, files):
    """Puts `files` into `folder` at one moment, if they are not there yet."""
    data = folder / "..data"
    if data.exists() and {path.name: path.read_bytes() for path in data.iterdir()} == files:
        return
    generation = folder / f"..{len(list(folder.glob('..[0-9]*')))}"
    generation.mkdir()
    for name, content in files.items():
        (generation / name).write_bytes(content)
    unfinished = folder / "..data_tmp"
    unfinished.symlink_to(generation.name)
    unfinished.rename(data)
    for name in files:
        link = folder / name
        if not link.is_symlink():
            link.symlink_to(pathlib.Path("..data") / name)
