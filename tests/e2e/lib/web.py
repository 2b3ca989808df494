"""A small HTTP client: one request, one connection, one answer."""
import dataclasses
import http.client
import json
import ssl
import urllib.parse


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case; the last field of a name wins
    body: bytes

    def text(self):
        return self.body.decode(errors="replace")

    def json(self):
        return json.loads(self.body)


def request(method, url, body=None, headers=None, *, timeout_seconds=10, tls=None):
    """Any answer is a result; only a broken connection or a time-out raises (OSError, HTTPException)."""
    parts = urllib.parse.urlsplit(url)
    connection = connect(url, timeout_seconds, tls)
    try:
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, fields, response.read())
    finally:
        connection.close()


def get(url, headers=None, **options):
    return request("GET", url, None, headers, **options)


def post(url, body=b"", headers=None, **options):
    return request("POST", url, body, headers, **options)


def connect(url, timeout_seconds=10, tls=None):
    """A connection to the origin of `url`; `tls` is an ssl.SSLContext for https."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout_seconds,
                                           context=tls or ssl.create_default_context())
    return http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout_seconds)
