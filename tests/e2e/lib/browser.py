"""Headless Chromium, driven over the DevTools protocol's pipe (--remote-debugging-pipe): NUL-terminated JSON."""
import base64
import fcntl
import itertools
import json
import os
import subprocess

from lib import peers

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
         "--remote-debugging-pipe"]


class Browser:
    """A context manager with one open page."""

    def __init__(self, folder):
        self._program, self._folder = peers.debian("chromium"), folder
        self._ids = itertools.count(1)
        self._loaded = set()      # what has been navigated to, wherever among the answers its end was told
        self.requested_urls = []  # by the page, since it was opened

    def __enter__(self):
        (read_end, their_write), (their_read, write_end) = _pipe(), _pipe()

        def move_pipes():  # Chromium reads commands from descriptor 3 and answers on 4
            os.dup2(their_read, 3)
            os.dup2(their_write, 4)

        with open(self._folder / "chromium.log", "wb") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", self._program, *FLAGS,
                 f"--user-data-dir={self._folder / 'data'}", "about:blank"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(3, 4), preexec_fn=move_pipes)
        os.close(their_write)
        os.close(their_read)
        self._answers, self._commands = open(read_end, "rb"), open(write_end, "wb", buffering=0)
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._page("Page.enable")
        self._page("Page.setLifecycleEventsEnabled", {"enabled": True})
        self._page("Network.enable")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)
        self._answers.close()
        self._commands.close()

    def open(self, url, *, width, height=900, color_scheme="light"):
        self._page("Emulation.setDeviceMetricsOverride",
                   {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True})
        self._page("Emulation.setEmulatedMedia",
                   {"features": [{"name": "prefers-color-scheme", "value": color_scheme}]})
        loader = self._page("Page.navigate", {"url": url})["loaderId"]
        while loader not in self._loaded:
            self._receive()

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        options = {"expression": expression, "returnByValue": True, "awaitPromise": True}
        return self._page("Runtime.evaluate", options)["result"].get("value")

    def screenshot(self, path):
        picture = self._page("Page.captureScreenshot", {"captureBeyondViewport": True})["data"]
        path.write_bytes(base64.b64decode(picture))

    def _page(self, method, parameters=None):
        return self._call(method, parameters, session=self._session)

    def _call(self, method, parameters=None, session=None):
        number = next(self._ids)
        command = {"id": number, "method": method, "params": parameters or {}}
        if session:
            command["sessionId"] = session
        self._commands.write(json.dumps(command).encode() + b"\0")
        while (message := self._receive()).get("id") != number:
            pass
        assert "error" not in message, message
        return message["result"]

    def _receive(self):
        text = bytearray()
        while (byte := self._answers.read(1)) != b"\0":
            if not byte:
                raise ConnectionError("Chromium has ended; its log is chromium.log")
            text += byte
        message = json.loads(text)
        parameters = message.get("params")
        if message.get("method") == "Network.requestWillBeSent":
            self.requested_urls.append(parameters["request"]["url"])
        if message.get("method") == "Page.lifecycleEvent" and parameters["name"] == "load":
            self._loaded.add(parameters["loaderId"])
        return message


def _pipe():
    """Both ends above the descriptors that Chromium expects."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return ends
