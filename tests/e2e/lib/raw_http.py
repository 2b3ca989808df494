"""HTTP written by hand, byte by byte: what no well-behaved client would send."""
import re
import socket


def exchange(port, data, *, timeout_seconds=20, host="127.0.0.1"):
    """Sends `data`, reads until the server closes or falls silent. (bytes received, whether it closed)"""
    with socket.create_connection((host, port), timeout_seconds) as connection:
        connection.sendall(data)
        return read_until_closed(connection)


def read_until_closed(connection):
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
        return received, True
    except ConnectionResetError:
        return received, True
    except TimeoutError:
        return received, False


def read_head(connection):
    """The next answer's status line and fields, without what follows the empty line."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(1)
        if not piece:
            break
        received += piece
    return received


def status(received):
    """The status of the first answer in `received`; 0 if there is none."""
    words = received.split(b" ", 2)
    return int(words[1]) if len(words) > 2 and words[0].startswith(b"HTTP/1.") else 0


def statuses(received):
    """The status of every answer in `received`."""
    return [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received)]
