"""A proxy between a client and EC2 in which all may go wrong that is nobody's mistake.

    with faulty_proxy(url, Rates(throttled=0.1), seed=1) as proxy:
        client = boto3.client("ec2", endpoint_url=proxy.url)
        …
    proxy.injected[TransientFault.THROTTLED]      # how often
    proxy.forwarded                      # what was carried out

The HTTP is h11's, over asyncio, in a thread of its own.
"""

import asyncio
import socket
import struct
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from threading import Thread
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import h11
from transient_faults import MayHit, Rates, Sent, TransientFault, anything, legal, refusal, sent_by

from ec2_lifecycle.conformance.emulator.server.http_server import listen, url_of
from ec2_lifecycle.conformance.emulator.wire.http import HttpReply, HttpRequest, Signer

_HOP_BY_HOP: Final = frozenset({"connection", "content-length", "expect", "keep-alive", "transfer-encoding"})
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing resets the connection."""
_SERVER_ERROR: Final = 500

_Question: TypeAlias = tuple[Signer, str, bytes]
"""What makes two reads the same: who asks where, and what for, to the byte."""


class _Cut(Exception):
    """No whole reply is given: the connection is reset, or closed in the middle of a reply."""

    def __init__(self, reply: HttpReply | None = None) -> None:
        super().__init__()
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Proxy:
    """What a test sees of the proxy.

    `forwarded` are the requests that reached EC2, in order, a duplicated one twice;
    `hit` are those that something happened to, with what it was.
    """

    url: str
    forwarded: list[Sent] = field(default_factory=list[Sent])
    hit: list[tuple[TransientFault, Sent]] = field(default_factory=list[tuple[TransientFault, Sent]])

    @property
    def injected(self) -> Counter[TransientFault]:
        """How often each fault happened."""
        return Counter(fault for fault, _ in self.hit)

    def named_in_changes(self) -> set[str]:
        """Return every id that a request named which reached EC2 and may have changed something."""
        return {named for sent in self.forwarded if not sent.reads for named in sent.ids}


@contextmanager
def faulty_proxy(upstream: str, rates: Rates, *, seed: int = 0, may_hit: MayHit = anything) -> Generator[Proxy]:
    """Stand before a plain HTTP endpoint until the end of the context, on a free port of this machine."""
    with listen() as listening:
        proxy = Proxy(url_of(listening))
        faulty = _Faulty(upstream, rates, Random(seed), may_hit, proxy)  # noqa: S311 - so that it can be repeated
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()
        thread = Thread(target=loop.run_until_complete, args=[faulty.serve(listening, stop)], daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join()
            loop.close()


class _Faulty:
    def __init__(self, upstream: str, rates: Rates, random: Random, may_hit: MayHit, proxy: Proxy) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._rates = rates
        self._random = random
        self._may_hit = may_hit
        self._proxy = proxy
        self._told: defaultdict[_Question, list[tuple[float, HttpReply]]] = defaultdict(list)
        """The replies to each read, each with the time at which it was asked for."""

    async def serve(self, listening: socket.socket, stop: asyncio.Event) -> None:
        """Serve until it is asked to stop; connections that are still open are cut."""
        tasks: set[asyncio.Task[None]] = set()

        def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.ensure_future(self._connection(reader, writer))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        server = await asyncio.start_server(connected, sock=listening)
        await stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes over one connection, one request after the other."""
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _request(connection, reader)) is not None:
                reply = await self._answer(request)
                writer.write(_begun(connection, reply))
                writer.write(connection.send(h11.Data(reply.body)) or b"")
                writer.write(connection.send(h11.EndOfMessage()) or b"")
                await writer.drain()
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except _Cut as cut:
            if cut.reply is None:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            else:
                writer.write(_begun(connection, cut.reply))
                writer.write(cut.reply.body[: len(cut.reply.body) // 2])
        except (ConnectionError, h11.RemoteProtocolError):
            return  # the client has gone away, and there is nobody to tell
        finally:
            writer.close()

    async def _answer(self, request: HttpRequest) -> HttpReply:
        """Return the reply to a request; raises `_Cut` where there is none, or half of one."""
        sent = sent_by(request)
        question = (sent.signer, sent.action, request.body)
        fault, old = self._fault(sent, question)
        if fault is not None:
            self._proxy.hit.append((fault, sent))
        before, after = self._pauses()
        await asyncio.sleep(before)
        match fault:
            case TransientFault.RESET_BEFORE:
                raise _Cut
            case TransientFault.THROTTLED | TransientFault.ERROR_BEFORE:
                reply = refusal(fault, sent.service, self._random)
            case TransientFault.STALE if old is not None:
                reply = old
            case _:
                if fault is TransientFault.DUPLICATED:
                    await self._passed_on(request, sent, question)
                reply = await self._passed_on(request, sent, question)
        await asyncio.sleep(after)
        match fault:
            case TransientFault.RESET_AFTER:
                raise _Cut
            case TransientFault.CUT_OFF:
                raise _Cut(reply)
            case TransientFault.ERROR_AFTER:
                return refusal(fault, sent.service, self._random)
            case _:
                return reply

    def _fault(self, sent: Sent, question: _Question) -> tuple[TransientFault | None, HttpReply | None]:
        """Return what happens to a request, and the reply that a stale read is answered with."""
        fault = self._rates.draw(self._random)
        if fault is None or not legal(fault, sent):
            return None, None
        if fault is not TransientFault.STALE:
            return (fault if self._may_hit(fault, sent) else None), None
        # The longest pause comes after this.
        earliest = asyncio.get_running_loop().time() + self._rates.latency[1] - self._rates.read_lag
        old = [reply for asked, reply in self._told[question] if asked >= earliest]
        if not old or not self._may_hit(fault, sent):
            return None, None
        return fault, self._random.choice(old)

    def _pauses(self) -> tuple[float, float]:
        """Return how long to wait before a request is passed on, and after it."""
        whole = self._random.uniform(*self._rates.latency)
        before = whole * self._random.random()
        return before, whole - before

    async def _passed_on(self, request: HttpRequest, sent: Sent, question: _Question) -> HttpReply:
        """Return the reply of EC2."""
        self._proxy.forwarded.append(sent)
        asked = asyncio.get_running_loop().time()
        reply = await _exchanged(request, self._host, self._port)
        if sent.reads and reply.status < _SERVER_ERROR:
            self._told[question].append((asked, reply))
        return reply


async def _exchanged(request: HttpRequest, host: str, port: int) -> HttpReply:
    """Send a request over a connection of its own and return the reply; where nobody answers it says so."""
    connection = h11.Connection(h11.CLIENT)
    try:
        reader, writer = await asyncio.open_connection(host, port)
    except OSError as error:
        return _bad_gateway(f"Nobody answers at {host}:{port}: {error}")
    try:
        kept = [(name, value) for name, value in request.headers.items() if name not in _HOP_BY_HOP]
        headers = [*kept, ("content-length", str(len(request.body))), ("connection", "close")]
        target = f"{request.path}?{request.query}" if request.query else request.path
        writer.write(connection.send(h11.Request(method=request.method, target=target, headers=headers)) or b"")
        writer.write(connection.send(h11.Data(request.body)) or b"")
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()
        head, body = await _message(connection, reader)
    except (ConnectionError, h11.RemoteProtocolError) as error:
        return _bad_gateway(f"{host}:{port} answers with no HTTP: {error}")
    finally:
        writer.close()
    if not isinstance(head, h11.Response):
        return _bad_gateway(f"{host}:{port} gives no answer")
    return HttpReply(head.status_code, _headers(head), body)


def _bad_gateway(problem: str) -> HttpReply:
    return HttpReply(502, {"content-type": "text/plain"}, problem.encode())


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpRequest | None:
    """Return the next request; None where the client has no more."""
    head, body = await _message(connection, reader)
    if not isinstance(head, h11.Request):
        return None
    path, _, query = head.target.decode().partition("?")
    return HttpRequest(head.method.decode(), path, query, _headers(head), body)


async def _message(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> tuple[h11.Request | h11.Response | None, bytes]:
    """Return the head and the body of what comes next; no head where the connection is closed."""
    head: h11.Request | h11.Response | None = None
    body = bytearray()
    while True:
        match connection.next_event():
            case h11.Request() | h11.Response() as head:
                pass
            case h11.Data() as data:
                body += data.data
            case h11.EndOfMessage():
                return head, bytes(body)
            case h11.ConnectionClosed():
                return None, b""
            case _:
                connection.receive_data(await reader.read(1 << 16))


def _headers(head: h11.Request | h11.Response) -> dict[str, str]:
    return {name.decode(): value.decode("latin-1") for name, value in head.headers}


def _begun(connection: h11.Connection, reply: HttpReply) -> bytes:
    """Return the beginning of a reply: all but its body, of which it tells the whole length."""
    kept = [(name, value) for name, value in reply.headers.items() if name.lower() not in _HOP_BY_HOP]
    headers = [*kept, ("content-length", str(len(reply.body)))]
    return connection.send(h11.Response(status_code=reply.status, headers=headers)) or b""
