"""A stream protocol that notes when its client leaves."""

import asyncio
import time
from typing import Any


class Gone(Exception):
    """The client has left, or the script says to leave it."""


class Watched(asyncio.StreamReaderProtocol):
    """A stream protocol that notes the moment at which the client left."""

    def __init__(
        self, reader: asyncio.StreamReader, callback: Any, loop: asyncio.AbstractEventLoop
    ) -> None:
        super().__init__(reader, callback, loop=loop)
        self.gone = asyncio.Event()
        self.gone_at: float | None = None

    def eof_received(self) -> bool:
        self._note()
        return super().eof_received() or False

    def connection_lost(self, exc: Exception | None) -> None:
        self._note()
        super().connection_lost(exc)

    def _note(self) -> None:
        if self.gone_at is None:
            self.gone_at = time.monotonic()
            self.gone.set()
