"""A closed-loop HTTP/1.1 load generator on bare epoll, which checks every answer.

One connection has one request open at a time and sends the next when the answer is
complete, so the load is as high as the target allows and never higher. There is no
event loop and no parser in between, because what the generator costs must stay small
beside nginx (about 10 µs a request here). An answer counts only if its status is 200 and
its body holds the text that the mock upstream gave.
"""

import re
import select
import socket
import time
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle

RECEIVE_BYTES = 262_144
CHUNKED_END = b"0\r\n\r\n"
LENGTH = re.compile(rb"\n[Cc]ontent-[Ll]ength: *(\d+)")


@dataclass(slots=True)
class Result:
    """What one run saw; latencies in nanoseconds, unsorted."""

    seconds: float = 0.0
    errors: int = 0
    chunks: int = 0
    latencies: array = field(default_factory=lambda: array("Q"))
    first_error: bytes = b""

    @property
    def requests(self) -> int:
        """Requests that were answered correctly."""
        return len(self.latencies)

    def percentile_ms(self, percent: float) -> float:
        """The latency in milliseconds that `percent` of the requests stayed under."""
        ordered = sorted(self.latencies)
        if not ordered:
            return float("nan")
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] / 1e6

    def fail(self, answer: bytes) -> None:
        """Count a wrong answer and keep the first for the message."""
        self.errors += 1
        self.first_error = self.first_error or bytes(answer[:600]) or b"connection closed"


class Connection:
    """One client connection and the answer that it is waiting for."""

    __slots__ = ("answer", "request", "sent_at", "socket")

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answer = bytearray()
        self.request = b""
        self.sent_at = 0

    def receive(self) -> bytes:
        """What arrived; nothing once the other side is gone."""
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except ConnectionError:
            return b""


@contextmanager
def connected(
    address: tuple[str, int], count: int
) -> Iterator[tuple[select.epoll, dict[int, Connection]]]:
    """`count` open connections, registered with an epoll."""
    poll = select.epoll()
    connections = {}
    try:
        for _ in range(count):
            connection = Connection(address)
            connections[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
        yield poll, connections
    finally:
        for connection in connections.values():
            connection.socket.close()
        poll.close()


def is_complete(answer: bytes | bytearray) -> bool:
    """Whether a whole response lies in `answer`, by its length or its last chunk."""
    head_end = answer.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    length = LENGTH.search(answer, 0, head_end)
    if length is None:
        return answer.endswith(CHUNKED_END)
    return len(answer) >= head_end + 4 + int(length[1])


def drive(
    address: tuple[str, int],
    requests: Sequence[bytes],
    expected: bytes,
    connections: int,
    seconds: float,
) -> Result:
    """Send requests over `connections` for `seconds`; each answer must hold `expected`.

    A connection always sends the same one; the connections go round the requests.
    """
    result = Result()
    record = result.latencies.append
    now = time.perf_counter_ns
    with connected(address, connections) as (poll, table):
        started = now()
        deadline = started + int(seconds * 1e9)
        for connection, request in zip(table.values(), cycle(requests), strict=False):
            connection.request = request
            connection.sent_at = now()
            connection.socket.send(request)
        while now() < deadline and table:
            for descriptor, _ in poll.poll(1):
                connection = table[descriptor]
                data = connection.receive()
                if connection.answer:
                    connection.answer += data
                    data = bytes(connection.answer) if data else b""
                if data and not is_complete(data):
                    connection.answer = connection.answer or bytearray(data)
                    continue
                moment = now()
                if data[9:12] == b"200" and expected in data:
                    record(moment - connection.sent_at)
                else:
                    result.fail(data)
                if not data:
                    del table[descriptor]
                    connection.socket.close()
                    continue
                connection.answer.clear()
                connection.sent_at = moment
                connection.socket.send(connection.request)
        result.seconds = (now() - started) / 1e9
    return result


def drive_paced(
    address: tuple[str, int],
    request: bytes,
    expected: bytes,
    connections: int,
    seconds: float,
    per_second: float,
) -> Result:
    """Send `per_second` requests, evenly, over connections of which enough are free.

    A request that finds none free waits, and its wait is part of its latency.
    """
    result = Result()
    now = time.perf_counter_ns
    with connected(address, connections) as (poll, table):
        free = list(table)
        started = due = now()
        step, deadline = int(1e9 / per_second), started + int(seconds * 1e9)
        while now() < deadline and table:
            while free and due <= now():
                connection = table[free.pop()]
                connection.sent_at = due
                connection.socket.send(request)
                due += step
            for descriptor, _ in poll.poll(max(0.0, (due - now()) / 1e9) if free else 1):
                connection = table[descriptor]
                data = connection.receive()
                connection.answer += data
                if data and not is_complete(connection.answer):
                    continue
                if connection.answer[9:12] == b"200" and expected in connection.answer:
                    result.latencies.append(now() - connection.sent_at)
                else:
                    result.fail(connection.answer)
                connection.answer.clear()
                if data:
                    free.append(descriptor)
                else:
                    del table[descriptor]
                    connection.socket.close()
        result.seconds = (now() - started) / 1e9
    return result


def drive_streams(
    address: tuple[str, int], request: bytes, mark: bytes, streams: int, chunks: int
) -> Result:
    """Read one whole stream on each of `streams` connections, counting `mark` per chunk.

    A stream is right when it is a 200, brings `chunks` marks and ends with `[DONE]`.
    """
    result = Result()
    now = time.perf_counter_ns
    with connected(address, streams) as (poll, table):
        started = now()
        for connection in table.values():
            connection.sent_at = now()
            connection.socket.send(request)
        while table and now() - started < 60e9:
            for descriptor, _ in poll.poll(1):
                connection = table[descriptor]
                data = connection.receive()
                connection.answer += data
                if data and not is_complete(connection.answer):
                    continue
                answer = connection.answer
                is_whole = answer.count(mark) == chunks and b"data: [DONE]" in answer
                if answer[9:12] == b"200" and is_whole:
                    result.latencies.append(now() - connection.sent_at)
                    result.chunks += chunks
                else:
                    result.fail(answer)
                del table[descriptor]
                connection.socket.close()
        result.errors += len(table)
        result.seconds = (now() - started) / 1e9
    return result


@contextmanager
def open_streams(
    address: tuple[str, int], request: bytes, mark: bytes, streams: int, patience: float
) -> Iterator[int]:
    """Hold `streams` streams open; yields how many had brought a chunk within `patience`."""
    with connected(address, streams) as (poll, table):
        for connection in table.values():
            connection.socket.send(request)
        begun = set()
        deadline = time.monotonic() + patience
        while len(begun) < len(table) and time.monotonic() < deadline:
            for descriptor, _ in poll.poll(1):
                data = table[descriptor].receive()
                if mark in data:
                    begun.add(descriptor)
                if not data:
                    poll.unregister(descriptor)
        yield len(begun)
