"""The metrics of all workers, whichever of them is asked.

Each worker answers with its own on a socket in a directory that only they share; the
one that Prometheus has reached asks the others and adds up. One that does not answer in
half a second is left out: it is on its way down or up.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from yiyuan.telemetry.metrics_merge import add_up

_PATIENCE_SECONDS: Final = 0.5
_TEXT_BYTES_MAX: Final = 16 * 1024 * 1024


class WorkerMetrics:
    """One worker's end of it; made by `open`."""

    def __init__(self, render: Callable[[], bytes], folder: Path, name: str) -> None:
        """`render` makes this worker's own text."""
        self._render = render
        self._path = folder / f"{name}.metrics"
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        """Answer the other workers from now on."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._answer, self._path)

    async def close(self) -> None:
        """Stop answering."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def render_all(self) -> bytes:
        """The sum over all workers."""
        others = [path for path in self._path.parent.glob("*.metrics") if path != self._path]
        texts = await asyncio.gather(*(_ask(path) for path in sorted(others)))
        return add_up([self._render(), *(text for text in texts if text)])

    async def _answer(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            writer.write(self._render())
            await writer.drain()
        writer.close()


async def _ask(path: Path) -> bytes:
    """Another worker's text; nothing when it does not answer."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            reader, writer = await asyncio.open_unix_connection(path, limit=_TEXT_BYTES_MAX)
            try:
                return await reader.read(-1)
            finally:
                writer.close()
    except OSError:  # and TimeoutError
        return b""
