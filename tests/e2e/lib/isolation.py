"""Mounts and networks that only a test and its children see: they vanish with it, whatever happens.

Needs root, in a container CAP_SYS_ADMIN too; where they are refused, the test says so as one that misses a part.
"""
import ctypes
import subprocess

from lib import peers

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000


def unshare():
    """Gives the calling process a mount namespace of its own."""
    require("mount")
    if ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        raise OSError("unshare(CLONE_NEWNS)")
    _mount("--make-rprivate", "/")


def read_only(folder):
    """A function that switches the folder between read-only (True) and writable."""
    _mount("--bind", folder, folder)
    return lambda is_read_only: _mount("-o", f"remount,bind,{'ro' if is_read_only else 'rw'}", folder)


def small(folder, size_bytes):
    _mount("-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", folder)


def with_hosts(hosts_path):
    """Words before a command that let it see this file as /etc/hosts."""
    return with_files({"/etc/hosts": hosts_path})


def with_files(files):
    """Words before a command that let it see other files in the place of its own: {path: what it sees there}."""
    require("mount")
    script = 'while [ "$1" != -- ]; do mount --bind "$2" "$1"; shift 2; done; shift; exec "$@"'
    places = [word for path, seen in files.items() for word in (path, seen)]
    return ["unshare", "--mount", "sh", "-ec", script, "sh", *places, "--"]


def with_service_account(folder):
    """Words before a command that let it see `folder` where a pod has its service account."""
    require("mount")
    script = ('mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && '
              'ln -s "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"')
    return ["unshare", "--mount", "sh", "-c", script, folder]


def with_folder_in_memory(folder):
    """Words before a command whose files in `folder` need no disk and end with it; none where mounts are refused."""
    if refusal("mount"):
        return []
    return ["unshare", "--mount", "sh", "-c", 'mount -t tmpfs tmpfs "$0" && exec "$@"', folder]


def with_network(address):
    """Words before a command that put it into a network of its own: loopback, and `address` beside it."""
    require("net")
    script = 'ip link set lo up && ip address add "$0/24" dev lo && exec "$@"'
    return ["unshare", "--net", "sh", "-c", script, address]


def with_empty_network():
    """The same with loopback alone."""
    require("net")
    return ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def enter_network(pid):
    """Puts the calling thread, and nobody else, into the network of a process."""
    with open(f"/proc/{pid}/ns/net", "rb") as network:
        if ctypes.CDLL(None).setns(network.fileno(), CLONE_NEWNET) != 0:
            raise OSError(f"setns to the network of {pid}")


def require(kind):
    """Says so where such namespaces are refused."""
    if why := refusal(kind):
        peers.missing(f"no {kind} namespace for a test: {why} "
                      "(needs root; in a container CAP_SYS_ADMIN, as with --privileged)")


def refusal(kind):
    """Why this process may have no such namespace; empty if it may."""
    attempt = subprocess.run(["unshare", f"--{kind}", "true"], capture_output=True, text=True)
    return attempt.stderr.strip() if attempt.returncode != 0 else ""


def _mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)
