"""A host that systemd has booted: this machine's own, in namespaces of the test's, so that whatever it changes vanishes.

Its root is this machine's under an overlay in memory; it has a network of its own with nothing but loopback, and boots
no further than to the unit that the test asks for. Needs root, in a container CAP_SYS_ADMIN too.
"""
import contextlib
import json
import subprocess
import uuid

from lib import isolation, peers
from lib.polling import poll
from lib.processes import Process

CHECKOUT = "/mnt"  # where the host has this project, wherever it is on this machine: below a mount or /tmp, too

# $1: a folder for mounts, $2: the name of a control group, $3: with files for the host's root, $4: the unit to boot to,
# $5: the project's folder, $6: where the host has it.
INTO_CONTROL_GROUP = r"""
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1"/cgroup "$1"/upper "$1"/work "$1"/root
mount -t cgroup2 cgroup2 "$1/cgroup"
mkdir "$1/cgroup/$2"
echo $$ >"$1/cgroup/$2/cgroup.procs"
exec unshare --cgroup --mount --pid --uts --ipc --net --fork --kill-child bash -euc "$BOOT" boot "$@"
"""
BOOT = r"""
root=$1/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$root"
cp -rT "$3" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount --bind "$5" "$root$6"
for folder in run tmp dev; do mount -t tmpfs -o mode=755 tmpfs "$root/$folder"; done
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s pts/ptmx "$root/dev/ptmx"
ip link set lo up
: >"$root/etc/machine-id"
cd "$root"
mkdir .old
pivot_root . .old
umount -l .old
exec env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit="$4" --show-status=0
"""
FORGET_CONTROL_GROUP = 'mount -t cgroup2 cgroup2 "$1" && find "$1/$2" -depth -type d -exec rmdir {} +'

UNITS = "etc/systemd/system"
QUIET = "quiet.target"  # to stop everything else at once, as a shutdown does, and still have a journal
QUIET_TARGET = "[Unit]\nRequires=sysinit.target\nAfter=sysinit.target\nAllowIsolate=yes\n"


class SystemdHost:
    def __init__(self, folder, name):
        """Until start(), `files` is a folder whose files the host's root gets."""
        isolation.require("mount")
        peers.debian("systemctl")
        self.files = folder / "data/files"
        self._mounts, self._control_group = folder / "data/mounts", f"promfleet-test-{uuid.uuid4().hex}"
        self._mounts.mkdir(parents=True)
        self.add(f"{UNITS}/{QUIET}", QUIET_TARGET)
        self.add("etc/hostname", f"{name}\n")
        self.add("etc/hosts", f"127.0.0.1 localhost {name}\n")
        self._process, self._log_path = Process([], folder / "systemd.log"), folder / "journal.log"

    def add(self, path, text):
        file = self.files / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def start(self, unit):
        self._process.command = ["env", f"BOOT={BOOT}", "unshare", "--mount", "bash", "-euc", INTO_CONTROL_GROUP, "host",
                                 str(self._mounts), self._control_group, str(self.files), unit, str(peers.ROOT), CHECKOUT]
        self._process.start()
        poll(lambda: self.run("systemctl", "is-active", unit).returncode == 0, 60, f"the host has started {unit}")
        return self

    def stop(self):
        # It ends by itself where it cannot boot.
        with contextlib.suppress(LookupError, OSError, ValueError, subprocess.SubprocessError):
            self._log_path.write_text("\n".join(f"{unit}: {text}" for unit, text in self.journal()))
        self._process.kill()
        forget = ["unshare", "--mount", "sh", "-c", FORGET_CONTROL_GROUP, "sh", self._mounts, self._control_group]
        poll(lambda: subprocess.run(forget, capture_output=True).returncode == 0, 30, "every process of it has ended")

    def run(self, *words):
        """Runs a command there."""
        enter = ["nsenter", f"--target={self._manager()}", "--mount", "--uts", "--ipc", "--net", "--pid", "--"]
        return subprocess.run([*enter, *words], capture_output=True, text=True, timeout=60)

    def show(self, unit, name):
        """A property of a unit, as text."""
        return self.run("systemctl", "show", f"--property={name}", "--value", unit).stdout.strip()

    def journal(self):
        """Every message so far, as (unit, text), in the order of time."""
        lines = self.run("journalctl", "--no-pager", "--output=json").stdout.splitlines()
        entries = [json.loads(line) for line in lines]
        return [(entry.get("_SYSTEMD_UNIT", ""), str(entry["MESSAGE"])) for entry in entries]

    def _manager(self):
        """systemd's process id, as this machine counts: the only child of the only child."""
        pid = self._process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as children:
            return int(children.read().split()[0])
