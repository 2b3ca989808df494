"""Mounts and networks that only a test and its children see: they vanish with it, whatever happens. Needs root."""
import ctypes
import os
import subprocess

from lib import peers

CLONE_NEWNS = 0x00020000


def unshare():
    """Gives the calling process a mount namespace of its own."""
    _require_root()
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
    _require_root()
    return ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', hosts_path]


def with_service_account(folder):
    """Words before a command that let it see `folder` where a pod has its service account."""
    _require_root()
    script = ('mount -t tmpfs tmpfs /run && mkdir -p /run/secrets/kubernetes.io && '
              'ln -s "$0" /run/secrets/kubernetes.io/serviceaccount && exec "$@"')
    return ["unshare", "--mount", "sh", "-c", script, folder]


def with_network(address):
    """Words before a command that put it into a network of its own: loopback, and `address` beside it."""
    _require_root()
    script = 'ip link set lo up && ip address add "$0/24" dev lo && exec "$@"'
    return ["unshare", "--net", "sh", "-c", script, address]


def _require_root():
    if os.geteuid() != 0:
        peers.missing("namespaces of one's own need root")


def _mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)
