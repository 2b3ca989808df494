"""A DNS server with names of a test's own, which fails on demand."""
import ipaddress
import socket
import struct
import threading

from lib import peers
from lib.ports import free_port

PORT = 53  # the only one that resolv.conf knows
TYPE_A, CLASS_IN = 1, 1
RESPONSE, NAME_ERROR, SERVER_FAILURE = 0x8400, 3, 2
TIME_TO_LIVE_SECONDS = 1
STOP = b"stop"


class NameServer:
    """`names`: {name: IPv4 address}; a test may change it. `questions`: every name that was asked for."""

    def __init__(self):
        unique = free_port()
        self.address = f"127.53.{unique >> 8}.{unique & 255}"
        self.names, self.questions = {}, []
        self._failure = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((self.address, PORT))
        except OSError as error:
            peers.missing(f"no name server at port {PORT}: {error} (needs root, and nobody else at 0.0.0.0:{PORT})")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def fail(self, failure):
        """"silent": questions get no answer. "failing": the answer is SERVFAIL."""
        assert failure in ("silent", "failing")
        self._failure = failure

    def stop(self):
        self._socket.sendto(STOP, (self.address, PORT))
        self._thread.join(5)
        self._socket.close()

    def _serve(self):
        while True:
            question, client = self._socket.recvfrom(4096)
            if question == STOP:
                return
            answer = self._answer(question)
            if self._failure != "silent":
                self._socket.sendto(answer, client)

    def _answer(self, question):
        number, = struct.unpack_from("!H", question)
        name, end = _name_at(question, 12)
        kind, = struct.unpack_from("!H", question, end)
        self.questions.append(name)
        address = self.names.get(name)
        has_answer = bool(address) and kind == TYPE_A and not self._failure
        code = SERVER_FAILURE if self._failure else 0 if address else NAME_ERROR
        head = struct.pack("!6H", number, RESPONSE | code, 1, int(has_answer), 0, 0)
        # 0xC00C: the name that stands in the question.
        record = struct.pack("!3HIH", 0xC00C, TYPE_A, CLASS_IN, TIME_TO_LIVE_SECONDS, 4)
        body = record + ipaddress.IPv4Address(address).packed if has_answer else b""
        return head + question[12:end + 4] + body


def _name_at(message, offset):
    """The name that begins there (RFC 1035, section 3.1; questions are not compressed), and where it ends."""
    labels = []
    while length := message[offset]:
        labels.append(message[offset + 1:offset + 1 + length].decode().lower())
        offset += 1 + length
    return ".".join(labels), offset + 1
