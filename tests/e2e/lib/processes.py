"""Programs under test: started, observed and ended one by one, by their own process id.

Every program dies with the process that started it (`setpriv --pdeathsig`), so an aborted test run leaves nothing
behind. Its output goes to a file beside the test's other logs.
"""
import os
import signal
import subprocess

from lib.polling import poll


class Process:
    def __init__(self, command, log_path, *, env=None, cwd=None, limits=None):
        """`limits`: values for util-linux' prlimit, such as {"nofile": "64:64"}."""
        self.command = [str(word) for word in command]
        self.log_path = log_path
        self.env = env  # None: that of the test
        self._cwd = cwd
        self._limits = limits or {}
        self._popen = None

    def start(self):
        """Starts the program; again after its end, its output is appended."""
        assert not self.is_running(), f"{self.command[0]} runs already"
        launcher = ["env", "--default-signal=HUP", "setpriv", "--pdeathsig", "KILL", "--"]  # nohup has it ignored
        if self._limits:
            launcher += ["prlimit", *(f"--{name}={value}" for name, value in self._limits.items()), "--"]
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log_path, "ab") as log:
            self._popen = subprocess.Popen(launcher + self.command, stdin=subprocess.DEVNULL, stdout=log,
                                           stderr=subprocess.STDOUT, env=self.env, cwd=self._cwd)
        return self

    @property
    def pid(self):
        return self._popen.pid

    def is_running(self):
        return self._popen is not None and self._popen.poll() is None

    def signal(self, number):
        self._popen.send_signal(number)

    def kill(self):
        """SIGKILL, and waits for the end."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def terminate(self, deadline_seconds=30):
        """SIGTERM, and returns the exit status."""
        self.signal(signal.SIGTERM)
        return self.wait(deadline_seconds)

    def stop(self):
        """SIGTERM, SIGKILL where that does not help; nothing if it does not run."""
        end_all([self])

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def wait(self, deadline_seconds=30):
        """The exit status; a negative number is the signal that ended it."""
        return self._popen.wait(deadline_seconds)

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def wait_for_log(self, text, deadline_seconds=20):
        poll(lambda: text in self.log(), deadline_seconds, f"{text!r} in {self.log_path}")

    def rss_bytes(self):
        """Resident memory now."""
        return self._status_kib("VmRSS") * 1024

    def rss_peak_bytes(self):
        """The most resident memory so far."""
        return self._status_kib("VmHWM") * 1024

    def open_files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def _status_kib(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))


def write_mortal(folder, programs):
    """Makes of {name: path} a folder for PATH: what is started by such a name dies with its starter."""
    folder.mkdir()
    for name, path in programs.items():
        wrapper = folder / name
        wrapper.write_text(f'#!/bin/sh\nexec setpriv --pdeathsig KILL -- {path} "$@"\n')
        wrapper.chmod(0o755)


def end_all(processes, deadline_seconds=5):
    """Asks everything that still runs to end, and kills what does not in time."""
    running = [process for process in processes if process.is_running()]
    for process in running:
        process.thaw()
        process.signal(signal.SIGTERM)
    for process in running:
        try:
            process.wait(deadline_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
