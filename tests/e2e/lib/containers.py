"""Containers without a daemon and without a registry: buildah makes images, podman runs them under runc.

    image = containers.promfleet_image()
    container = containers.run_container(image, ["-config=/etc/elector/elector.yaml", ...], name="elector",
                                         folder=folder, mounts=[Mount(folder / "config", "/etc/elector", "ro")])
    processes.append(container)      # ends with the test, like every other process
    containers.run_to_end(image, ["-init", ...], folder=folder, name="init")

A container runs as a pod of the namespace `restricted` would: the image's user, a root file system that is read-only,
no capabilities, no new privileges, the default seccomp profile; on the network of the host, so that loopback addresses
are those of the test. What is mounted must be readable (or writable) by the user inside: `give_to`.

Images are built once for a test run, by the worker that needs them first, in a folder that vanishes with the run. A
container lives in namespaces of its starter, which end all of it when that ends, whatever happens. Needs root.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from typing import NamedTuple

from lib import peers, prometheus
from lib.processes import Process

STORE = "PROMFLEET_E2E_CONTAINERS"  # the folder with images and containers of this run, for its workers
STORE_NAME_PREFIX = "pf-"  # podman wants its paths short

IMAGE_FOLDER = peers.ROOT / "deploy/image"
PROMFLEET_USER, PROMETHEUS_USER = 65532, 65534
PROMFLEET_IMAGE = "promfleet/promfleet:e2e"

# So that the mounts and every process of a container end with it.
OWN_NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
RESTRICTED = ["--read-only", "--read-only-tmpfs=false", "--cap-drop=all", "--security-opt=no-new-privileges",
              "--network=host"]
# setrlimit above what the starter has is refused where it has no CAP_SYS_RESOURCE.
LIMITS = ["--ulimit=nofile=1024:1024", "--ulimit=nproc=1000:1000"]


class Mount(NamedTuple):
    source: pathlib.Path
    target: str
    mode: str = "rw"  # or "ro"


# Locks of this store's own: those in shared memory are the machine's, and stay behind what is killed.
PODMAN_CONFIGURATION = """\
[engine]
lock_type = "file"
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
"""


def make_store():
    """In the controlling process, before any worker starts."""
    os.environ[STORE] = tempfile.mkdtemp(prefix=STORE_NAME_PREFIX)
    (_store() / "containers.conf").write_text(PODMAN_CONFIGURATION)


def remove_store():
    store = _store()
    # Of containers that were killed.
    for cgroup in pathlib.Path("/sys/fs/cgroup").glob(f"**/{store.name}"):
        for folder in sorted([cgroup, *(path for path in cgroup.rglob("*") if path.is_dir())], reverse=True):
            with contextlib.suppress(OSError):  # a process of it is about to end
                folder.rmdir()
    shutil.rmtree(store, ignore_errors=True)
    del os.environ[STORE]


def promfleet_image():
    """The name of the image that deploy/image/build makes around the release build, with buildah."""
    def build():
        peers.release_build()
        done = subprocess.run([peers.ROOT / "deploy/image/build"], env=_buildahs_environment(), capture_output=True,
                              text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[-1] == f"image: buildah has made {PROMFLEET_IMAGE}", done.stdout
    return _once(PROMFLEET_IMAGE, build)


def _buildahs_environment():
    """In which buildah alone can make images, and keeps them in this run's store."""
    unable = _store() / "unable"
    unable.mkdir()
    for program in ("docker", "podman"):
        (unable / program).write_text("#!/bin/sh\nexit 1\n")
        (unable / program).chmod(0o755)
    (_store() / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{_store()}/images"\nrunroot = "{_store()}/run"\n')
    return {**os.environ, "PATH": f"{unable}:{os.environ['PATH']}", "IMAGE": PROMFLEET_IMAGE,
            "CONTAINERS_STORAGE_CONF": str(_store() / "storage.conf"), "BUILDAH_ISOLATION": "chroot"}


def build_context():
    """A folder with what a builder gets to see of the project."""
    name = "promfleet/build-context:e2e"

    def build():
        dockerfile = _store() / "build-context.dockerfile"
        dockerfile.write_text("FROM scratch\nCOPY . /\n")
        _build(name, peers.ROOT, f"--file={dockerfile}")
    _once(name, build)
    return unpacked(name)


def sample_app_image():
    """The image of deploy/federation around the release build."""
    name = "promfleet/sample-app:e2e"

    def build():
        context = _store() / "sample-app-context"
        context.mkdir()
        shutil.copy(peers.sample_app(), context / "sample-app")
        _build(name, context, f"--file={peers.ROOT / 'deploy/federation/Dockerfile'}")
    return _once(name, build)


def require():
    """Ends a test that cannot have containers here."""
    for program in ("buildah", "podman", "runc"):
        peers.debian(program)
    if os.geteuid() != 0:
        peers.missing("containers need root")


def promfleet_version():
    program = peers.release_build() / "promfleet"
    shown = subprocess.run([program, "version"], check=True, capture_output=True, text=True).stdout
    return shown.split()[1]


def prometheus_image(version="2.42"):
    """Prometheus as its makers ship it (entry point, user, folder), around Debian's program or that of tests/peers."""
    name = f"e2e/prometheus:{version}"

    def build():
        context = _store() / f"prometheus-{version}"
        _copy_with_libraries(prometheus.program(version), context / "root", "bin/prometheus")
        (context / "root/prometheus").mkdir()
        os.chown(context / "root/prometheus", PROMETHEUS_USER, PROMETHEUS_USER)
        (context / "Dockerfile").write_text(PROMETHEUS_DOCKERFILE)
        _build(name, context)
    return _once(name, build)


PROMETHEUS_DOCKERFILE = f"""\
FROM scratch
COPY root/ /
USER {PROMETHEUS_USER}
WORKDIR /prometheus
EXPOSE 9090
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
"""


class Container(Process):
    """Signals, logs and resident memory are those of the program inside."""

    @property
    def pid(self):
        """Of the program inside, as the host counts: the one process that runs in a root of its own."""
        host_root = os.stat("/")
        for pid in _descendants(self._popen.pid):
            with contextlib.suppress(OSError):
                root = os.stat(f"/proc/{pid}/root")
                if (root.st_dev, root.st_ino) != (host_root.st_dev, host_root.st_ino):
                    return pid
        raise ProcessLookupError(f"no program runs in {self.command[-1]}")

    def signal(self, number):
        """What has not started its program yet gets the signal itself."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
            return
        super().signal(number)


def command(image, args=(), *, entrypoint=None, mounts=(), env=None, user=None, workdir=None, options=()):
    """What starts a container, for a Process."""
    chosen = {"entrypoint": entrypoint, "user": user, "workdir": workdir}
    words = [f"--{key}={value}" for key, value in chosen.items() if value is not None]
    words += [f"--env={key}={value}" for key, value in (env or {}).items()]
    words += [f"--mount=type=bind,src={source},dst={target},{mode}" for source, target, mode in mounts]
    podman = ["env", f"CONTAINERS_CONF={_store() / 'containers.conf'}", "podman", *_storage(), "--tmpdir",
              _store() / "tmp"]
    return [*OWN_NAMESPACES, *podman, "run", "--rm", "--pull=never", f"--cgroup-parent=/{_store().name}", *RESTRICTED, *LIMITS, *words, *options, image,
            *args]


def run_container(image, args=(), *, name, folder, entrypoint=None, mounts=(), env=None, user=None, workdir=None,
                  options=()):
    """Starts `image` with `args` after its entry point; returns the Container, whose log is folder/NAME.log.

    `env`: {name: value}; `user`: "uid:gid" instead of the image's; `options`: more of `podman run`.
    """
    words = command(image, args, entrypoint=entrypoint, mounts=mounts, env=env, user=user, workdir=workdir,
                    options=options)
    return Container(words, folder / f"{name}.log").start()


def run_to_end(image, args=(), *, name, folder, deadline_seconds=60, **options):
    """The same for a container that ends by itself: its exit status and what it wrote."""
    (folder / f"{name}.log").unlink(missing_ok=True)
    container = run_container(image, args, name=name, folder=folder, **options)
    try:
        status = container.wait(deadline_seconds)
    finally:
        container.kill()
    return status, container.log()


def give_to(user, *paths):
    """Makes files and folders (with all in them) those of the numeric user inside."""
    for path in paths:
        for each in [path, *path.rglob("*")]:
            os.chown(each, user, user, follow_symlinks=False)


def inspect(image):
    """The configuration of an image as OCI defines it: User, Labels, Entrypoint, ..."""
    return json.loads(_buildah("inspect", "--type", "image", image))["OCIv1"]["config"]


def unpacked(image):
    """A copy of the image's files in a folder of this run."""
    folder = _store() / f"{_file_name(image)}-files"

    def copy():
        container = _buildah("from", image).strip()
        shutil.copytree(_buildah("mount", container).strip(), folder, symlinks=True)
        _buildah("umount", container)
        _buildah("rm", container)
    _once(folder.name, copy)
    return folder


def _store():
    return pathlib.Path(os.environ[STORE])


def _once(name, make):
    """Makes something that this run's workers share, unless one of them has; returns its name."""
    require()
    made = _store() / f"{_file_name(name)}.made"
    with open(_store() / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make()
            made.touch()
    return name


def _file_name(name):
    return re.sub(r"[^\w.-]", "_", name)


def _storage():
    return ["--root", _store() / "images", "--runroot", _store() / "run", "--storage-driver", "vfs"]


def _buildah(*words):
    done = subprocess.run(["buildah", *_storage(), *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _build(name, context, *options):
    _buildah("bud", "--isolation=chroot", "--tag", name, *options, context)


def _copy_with_libraries(program, root, place):
    """A program, and what its dynamic linker loads for it, in a root of their own."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    libraries = re.findall(r"(/\S+) \(0x", listing)  # none where it is static
    for source, target in [(program, place), *((path, path.lstrip("/")) for path in libraries)]:
        (root / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, root / target)


def _descendants(pid):
    with contextlib.suppress(OSError):  # it has ended
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                yield child
                yield from _descendants(child)
