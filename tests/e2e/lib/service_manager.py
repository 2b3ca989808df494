"""What a test needs of systemd, which does not run here: it reads units, and hears what services say of themselves."""
import re
import shlex
import socket
import uuid


class Unit:
    """A unit file and its drop-ins, in the order in which systemd reads them."""

    def __init__(self, *paths):
        self._entries = [entry for path in paths for entry in _entries(path.read_text())]

    def values(self, key):
        """Every value of a key; an empty one resets what stood before it (systemd.syntax(7))."""
        kept = []
        for name, value in self._entries:
            if name == key:
                kept = [*kept, value] if value else []
        return kept

    def command(self, environment):
        """The words of ExecStart: ${NAME} within a word, and $NAME as one or more of its own (systemd.service(5))."""
        line, = self.values("ExecStart")
        words = []
        for word in shlex.split(line):
            if word.startswith("$") and not word.startswith("${"):
                words += environment[word[1:]].split()
            else:
                words.append(re.sub(r"\$\{(\w+)\}", lambda name: environment[name[1]], word))
        return words


def environment_file(path):
    """{name: value} of an EnvironmentFile."""
    return dict(_entries(path.read_text()))


def _entries(text):
    for line in re.sub(r"\\\n", " ", re.sub(r"^[#;].*\n", "", text, flags=re.MULTILINE)).splitlines():
        key, equals, value = line.partition("=")
        if equals:
            yield key.strip(), value.strip()


class NotifySocket:
    """Where a service reports. `path`: of the socket; else it is abstract."""

    def __init__(self, path=None):
        self.address = str(path) if path else f"@promfleet-test-{uuid.uuid4().hex}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.address.replace("@", "\0", 1))
        self._socket.setblocking(False)
        self.heard = []  # (name, value) of every assignment so far

    def update(self):
        """Reads what has come since; returns the values of each name so far: {name: [value, ...]}."""
        while True:
            try:
                message = self._socket.recv(4096).decode()
            except BlockingIOError:
                break
            self.heard += [tuple(line.split("=", 1)) for line in message.splitlines()]
        values = {}
        for name, value in self.heard:
            values.setdefault(name, []).append(value)
        return values

    def close(self):
        self._socket.close()
