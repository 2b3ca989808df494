"""A TCP proxy that fails on demand, one for each pair of parts whose connection a test wants to break.

With `server_tls` and `client_tls` it ends TLS on both sides, so that it can also answer HTTP in the server's place.
It runs in a thread of its own; every public method may be called from the test's thread.
"""
import asyncio
import contextlib
import re
import socket
import threading

from lib.ports import free_port

REQUEST_LINE = re.compile(rb"(?:GET|POST|PUT|PATCH|DELETE) \S+ HTTP/1\.1\r\n")
BEARER_TOKEN = re.compile(rb"[Aa]uthorization: Bearer (\S+)")


class FaultProxy:
    def __init__(self, target_port, *, target_host="127.0.0.1", host="127.0.0.1", server_tls=None, client_tls=None):
        self.host, self.port = host, free_port()
        self.request_lines = []  # of HTTP requests that came in, while passing or not
        self.tokens = set()      # the bearer tokens seen
        self._target = (target_host, target_port)
        self._server_tls, self._client_tls = server_tls, client_tls
        self._delay_seconds = 0
        self._answer = None
        self._answers_lost = False
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()  # of connections that come in now
        self._stalled = []               # the same of connections that came in before they were stalled
        self._connections = set()
        self._acceptor = None
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.heal()

    def heal(self):
        """Passes everything on, as at the start."""
        self._run(self._set())

    def cut(self):
        """Resets every connection and refuses new ones."""
        self._run(self._set(is_listening=False, is_resetting=True))

    def black_hole(self):
        """Accepts and keeps connections, but no byte goes through; what came in meanwhile passes after heal()."""
        self._run(self._set(is_flowing=False))

    def stall_connections(self):
        """No byte goes through the connections that are open, until heal(); new ones work."""
        self._run(self._stall())

    def slow(self, delay_seconds):
        """Every piece of data waits so long before it goes on, in each direction."""
        self._run(self._set(delay_seconds=delay_seconds))

    def answer(self, status, body='{"kind":"Status","apiVersion":"v1","status":"Failure","message":"injected"}'):
        """Answers each request itself."""
        head = f"HTTP/1.1 {status} Injected\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._run(self._set(answer=f"{head}Connection: close\r\n\r\n{body}".encode(), is_resetting=True))

    def lose_answers(self):
        """Requests arrive and are executed; their answers never come back."""
        self._run(self._set(answers_lost=True))

    def reset_connections(self):
        """As a restart of the server looks: everything open breaks, new connections work."""
        self._run(self._set(is_resetting=True))

    def serve_certificate(self, server_tls):
        """New connections are shown another certificate."""
        self._server_tls = server_tls
        self.reset_connections()

    def stop(self):
        self._run(self._set(is_listening=False, is_resetting=True))
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _stall(self):
        self._flowing.clear()
        self._stalled.append(self._flowing)
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def _set(self, *, is_listening=True, is_flowing=True, is_resetting=False, delay_seconds=0, answer=None,
                   answers_lost=False):
        self._delay_seconds, self._answer, self._answers_lost = delay_seconds, answer, answers_lost
        if is_flowing:
            for flowing in (self._flowing, *self._stalled):
                flowing.set()
            self._stalled.clear()
        else:
            self._flowing.clear()
        if not is_listening:
            await self._stop_listening()
        elif self._acceptor is None:
            self._acceptor = self._loop.create_task(self._accept(self._listen()))
        if is_resetting:
            connections = list(self._connections)
            for connection in connections:
                connection.cancel()
            await asyncio.gather(*connections, return_exceptions=True)

    def _listen(self):
        listener = socket.create_server((self.host, self.port), backlog=512)
        listener.setblocking(False)
        return listener

    async def _stop_listening(self):
        if self._acceptor is not None:
            self._acceptor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._acceptor
            self._acceptor = None

    async def _accept(self, listener):
        with listener:
            while True:
                client, _ = await self._loop.sock_accept(listener)
                connection = self._loop.create_task(self._serve(client))
                self._connections.add(connection)
                connection.add_done_callback(self._connections.discard)

    async def _serve(self, client):
        writers, flowing = [], self._flowing
        try:
            await flowing.wait()
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport, _ = await self._loop.connect_accepted_socket(lambda: protocol, client, ssl=self._server_tls)
            writer = asyncio.StreamWriter(transport, protocol, reader, self._loop)
            writers.append(writer)
            server_reader, server_writer = await asyncio.open_connection(*self._target, ssl=self._client_tls)
            writers.append(server_writer)
            await self._join(flowing, reader, writer, server_reader, server_writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for writer in writers:
                writer.transport.abort()
            client.close()

    async def _join(self, flowing, reader, writer, server_reader, server_writer):
        """Until either direction ends."""
        directions = [self._loop.create_task(self._pump_requests(flowing, reader, writer, server_writer)),
                      self._loop.create_task(self._pump_answers(flowing, server_reader, writer))]
        try:
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)

    async def _pump_requests(self, flowing, reader, writer, server_writer):
        while data := await reader.read(65536):
            self.request_lines += [line.decode().strip() for line in REQUEST_LINE.findall(data)]
            self.tokens.update(token.decode() for token in BEARER_TOKEN.findall(data))
            await self._hold(flowing)
            if self._answer:
                writer.write(self._answer)
                await writer.drain()
                writer.close()
                return
            server_writer.write(data)
            await server_writer.drain()

    async def _pump_answers(self, flowing, server_reader, writer):
        while data := await server_reader.read(65536):
            await self._hold(flowing)
            if not self._answers_lost:
                writer.write(data)
                await writer.drain()

    async def _hold(self, flowing):
        await flowing.wait()
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
