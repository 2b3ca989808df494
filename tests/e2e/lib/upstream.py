"""What the leader proxy proxies to where a test looks at HTTP itself: it streams, counts and remembers.

GET /bytes/N answers N bytes; /chunked/N the same in chunks; /broken/N promises N bytes and breaks off; /hang never
answers; /status/N answers N; anything else "hello". A body that comes in is read and counted; the answer to it is its
length.
"""
import dataclasses
import http.server
import threading

BLOCK = bytes(1 << 20)


@dataclasses.dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: list  # of (name, value), as they came


class Upstream:
    """A context manager; in front of it nothing but a free port."""

    def __init__(self, host="127.0.0.1", family=None, tls=None):
        upstream = self
        self.received = []
        self.connections = 0
        self.bytes_sent = 0
        self.abandoned = threading.Event()  # the client left while /hang or a body was under way

        class Server(http.server.ThreadingHTTPServer):
            address_family = family or http.server.ThreadingHTTPServer.address_family
            daemon_threads = True
            request_queue_size = 512

            def get_request(self):
                connection, address = super().get_request()
                upstream.connections += 1
                return connection, address

            def handle_error(self, *_):
                pass

        handler = type("Handler", (_Handler,), {"upstream": self})
        self._server = Server((host, 0), handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def paths(self):
        return [request.path for request in self.received]

    def headers(self):
        """Of the last request, names in lower case."""
        return {name.lower(): value for name, value in self.received[-1].headers}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 1 << 20
    upstream: Upstream

    def do_GET(self):
        self.upstream.received.append(Received(self.command, self.path, self.headers.items()))
        body_length = self._read_body()
        kind, _, size = self.path.strip("/").partition("/")
        if kind == "hang":
            self._wait_for_the_client_to_leave()
        elif kind in ("bytes", "chunked"):
            self._send_blocks(int(size), is_chunked=kind == "chunked")
        elif kind == "broken":
            self.send_response(200)
            self.send_header("Content-Length", size)
            self.end_headers()
            self.close_connection = True
        elif kind == "status":
            self._send(int(size), b"")
        else:
            self._send(200, str(body_length).encode() if body_length else b"hello\n")

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *_):
        pass

    def _send(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send_blocks(self, size, is_chunked):
        self.send_response(200)
        self.send_header(*(("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(size))))
        self.end_headers()
        try:
            for offset in range(0, size, len(BLOCK)):
                block = memoryview(BLOCK)[:min(len(BLOCK), size - offset)]
                self.wfile.write(b"%x\r\n%b\r\n" % (len(block), block) if is_chunked else block)
                self.upstream.bytes_sent += len(block)
            if is_chunked:
                self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self._give_up()

    def _read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._read_chunks()
        left = total = int(self.headers.get("Content-Length", 0))
        buffer = bytearray(min(left, len(BLOCK)))
        while left:
            count = self.rfile.readinto(memoryview(buffer)[:min(left, len(buffer))])
            if not count:
                self._give_up()
                return 0
            left -= count
        return total

    def _read_chunks(self):
        total = 0
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            total += len(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return total

    def _wait_for_the_client_to_leave(self):
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass
        self._give_up()

    def _give_up(self):
        self.upstream.abandoned.set()
        self.close_connection = True
