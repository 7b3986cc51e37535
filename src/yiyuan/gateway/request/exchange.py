"""What the gateway asks of the HTTP side: a request in, one write or a stream out.

The server's own exchange (`http/server/exchange.py`) is one; the gateway neither knows
nor needs another fact about HTTP. When the client goes away, the task that
handles its request is cancelled, once.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from yiyuan.kernel.errors import Header

HeaderLines = Sequence[Header] | bytes
"""Name and value each, or lines made with `encode_headers`."""


class Exchange(Protocol):
    """One HTTP request and its response."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    peer: str
    request_id: str
    derived: dict[object, Any]
    """What follows from the head alone but for its length; shared by all that have the same."""
    shared_headers: bytes
    """Header lines that go with whatever is answered."""
    is_started: bool

    def arrived(self) -> bytes | None:
        """The whole body where it came along with the head; None: ask `body` or `read`."""
        ...

    async def body(self, limit_bytes: int) -> bytes:
        """The whole body. Raises RequestTooLarge, RequestTimeout."""
        ...

    async def read(self) -> bytes:
        """The body's next piece, `b""` at its end; in place of `body`. Raises RequestTimeout."""
        ...

    def respond(self, status: int, headers: HeaderLines, body: bytes = b"") -> None:
        """The whole response, in one write."""
        ...

    def begin_stream(self, status: int, headers: HeaderLines) -> None:
        """Set the head of a streamed response; it leaves with the first write."""
        ...

    def write(self, chunk: bytes) -> None:
        """Write one piece of the body at once."""
        ...

    def try_write(self, chunk: bytes) -> bool:
        """Write a further piece unless the client must be waited for; False: nothing was done."""
        ...

    async def drain(self) -> None:
        """Wait until the client has read enough."""
        ...

    def finish(self, last: bytes = b"") -> None:
        """End a streamed response regularly, with `last` as its last piece."""
        ...
