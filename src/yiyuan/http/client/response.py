"""One upstream response, as it is read: a head, then a body piece by piece.

The connection pushes into it, the gateway pulls out of it:

- `status` and `headers` are there from the start (`Client.send` waits for them);
- `async for piece in response` gives what has arrived since the last look, all
  of it in one piece, so a reader that falls behind catches up in one step;
- `await response.read(limit_bytes)` gives the whole body;
- `taker`, when the reader has left one, is asked first about what arrives while the
  reader waits: what it takes wakes nobody;
- `await response.wait(seconds)` says whether there is something to read, without
  ending anything when there is not: for heartbeats;
- `close()` ends it: at once if the body is not complete (the transport is
  aborted, the upstream sees the connection end), and costs nothing otherwise,
  because a complete response has given its connection back already.

Back-pressure: when more than 256 KiB wait unread, the connection stops reading
from its socket, and starts again when the reader has taken them. While it is
stopped, the idle timeout does not run: the slowness is ours.

Whoever holds a response must close it in the end. Cancelling a task that waits
in it closes it too. What arrived before a failure is given out first, then the
failure is raised.

A body with Content-Encoding gzip or deflate comes out decoded, see `decode.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from yiyuan.http.client.decode import Decoder
from yiyuan.http.client.errors import UpstreamFailure


class Source(Protocol):
    """What a response asks of its connection."""

    def resume(self) -> None:
        """Read from the socket again."""
        ...

    def abort(self) -> None:
        """End the connection at once."""
        ...


class Response:
    """One response; see the module. Not for two readers at once."""

    __slots__ = (
        "_chunks",
        "_decoder",
        "_loop",
        "_waiter",
        "buffered_bytes",
        "failure",
        "headers",
        "is_complete",
        "is_paused",
        "source",
        "status",
        "taker",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Made by the client, filled by a connection."""
        self.status = 0
        self.headers: dict[str, str] = {}
        """Lower-case names."""
        self.is_complete = False
        """The whole body has arrived, though perhaps it is not read yet."""
        self.failure: UpstreamFailure | None = None
        self.source: Source | None = None
        """The connection, as long as it is ours."""
        self.is_paused = False
        self.buffered_bytes = 0
        self.taker: Callable[[bytes], bool] | None = None
        """Called in the event loop's own callback; may not raise."""
        self._loop = loop
        self._chunks: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._decoder: Decoder | None = None

    # The connection's side.

    def push(self, data: bytes) -> None:
        """Take body bytes: for the taker while the reader waits, or for the reader."""
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            taker = self.taker
            if taker is not None and self._decoder is None and taker(data):
                return
            self._waiter = None
            waiter.set_result(None)
        self._chunks.append(data)
        self.buffered_bytes += len(data)

    def complete(self, last: bytes) -> None:
        """The body ends with these bytes; the connection goes back, the reader looks."""
        if last:
            self._chunks.append(last)
            self.buffered_bytes += len(last)
        self.source = None
        self.is_complete = True
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def wake(self) -> None:
        """Something changed: let the reader look."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    # The reader's side.

    def change(self) -> "asyncio.Future[None]":
        """What ends with the next thing that comes, for whoever waits for nothing else."""
        assert self._waiter is None, "a response has one reader"
        waiter: asyncio.Future[None] = self._loop.create_future()
        if self._is_ready():
            waiter.set_result(None)
        else:
            self._waiter = waiter
        return waiter

    async def receive_head(self) -> None:
        """Wait for status and headers. Raises UpstreamFailure."""
        while self.status == 0 and self.failure is None:
            await self._wait()
        if self.status == 0:
            assert self.failure is not None
            raise self.failure
        if "content-encoding" in self.headers:
            self._choose_decoder(self.headers["content-encoding"])

    def __aiter__(self) -> "Response":
        """Iterate over the body; each step gives all that has arrived."""
        return self

    async def __anext__(self) -> bytes:
        """The next piece, never empty. Raises UpstreamFailure."""
        while True:
            if self._chunks or self._decoder is not None:
                piece = self._take()
                if piece:
                    return piece
            if self.failure is not None:
                raise self.failure
            if self.is_complete:
                raise StopAsyncIteration
            await self._wait()

    def read_at_once(self, limit_bytes: int) -> bytes | None:
        """The body where all of it is there and of at most this size; None: `read` it."""
        if not self.is_complete or self._decoder is not None or self.buffered_bytes > limit_bytes:
            return None
        chunks = self._chunks
        body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        self.buffered_bytes = 0
        return body

    async def read(
        self, limit_bytes: int, make_room: Callable[[int], Awaitable[None]] | None = None
    ) -> bytes:
        """The rest of the body. Raises UpstreamFailure, `too_large` over the limit.

        `make_room` is told the size of each piece, and the next is read when it returns.
        """
        body = self.read_at_once(limit_bytes)
        if body is not None:
            return body
        announced = self.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > limit_bytes:
            raise self._too_large(limit_bytes)
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > limit_bytes:
                raise self._too_large(limit_bytes)
            pieces.append(piece)
            if make_room is not None:
                await make_room(len(piece))
        return b"".join(pieces)

    async def wait(self, timeout_seconds: float) -> bool:
        """Whether the next step would not block; waits up to `timeout_seconds` for it."""
        if not self._is_ready():
            timer = self._loop.call_later(timeout_seconds, self.wake)
            try:
                await self._wait()
            finally:
                timer.cancel()
        return self._is_ready()

    def close(self) -> None:
        """End it; the upstream notices within moments unless the body is complete."""
        source, self.source = self.source, None
        self.taker = None
        self._chunks.clear()
        self.buffered_bytes = 0
        if source is not None:
            self.failure = UpstreamFailure("reset", "closed by us", request_was_written=True)
            source.abort()
            self.wake()

    def _choose_decoder(self, encoding: str) -> None:
        if encoding and encoding.lower() != "identity":
            try:
                self._decoder = Decoder(encoding)
            except UpstreamFailure:
                self.close()
                raise

    def _is_ready(self) -> bool:
        return bool(self._chunks) or self.is_complete or self.failure is not None

    async def _wait(self) -> None:
        assert self._waiter is None, "a response has one reader"
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self._waiter = None

    def _take(self) -> bytes:
        """All that has arrived, decoded; empty when there is nothing."""
        chunks = self._chunks
        if not chunks:
            return b"" if self._decoder is None else self._decoded(b"")
        data = b"".join(chunks)
        chunks.clear()
        self.buffered_bytes = 0
        if self.is_paused and self.source is not None:
            self.source.resume()
        return data if self._decoder is None else self._decoded(data)

    def _decoded(self, data: bytes) -> bytes:
        assert self._decoder is not None
        try:
            if data:
                self._decoder.feed(data)
            output = self._decoder.take()
            if not output and self.is_complete:
                self._decoder.end()
        except UpstreamFailure:
            self.close()
            raise
        return output

    def _too_large(self, limit_bytes: int) -> UpstreamFailure:
        self.close()
        return UpstreamFailure(
            "too_large",
            f"the response is larger than {limit_bytes} bytes",
            request_was_written=True,
        )
