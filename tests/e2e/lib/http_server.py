"""The base of the servers that tests put in a real part's place: a thread, a free port, one function a request."""
import http.server
import threading


class FakeServer:
    """Subclasses answer in respond()."""

    def __init__(self, port=0, host="127.0.0.1"):
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one_request(self):
                try:
                    super().handle_one_request()
                except OSError:  # the client left
                    self.close_connection = True

            def do_GET(self):
                length = int(self.headers.get("Content-Length", 0))
                answer = fake.respond(self.command, self.path, self.headers, self.rfile.read(length))
                if answer is None:
                    self.close_connection = True
                    return
                status, body = answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass

        self._server = Server((host, port), Handler)
        self.host, self.port = self._server.server_address[:2]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def respond(self, method, path, headers, body):
        """(status, body), or None to close the connection without an answer. Called in a thread a connection."""
        raise NotImplementedError

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
