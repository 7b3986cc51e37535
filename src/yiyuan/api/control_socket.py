"""The owner's way into a running server: a Unix socket in the home.

SQLite allows one process per home, so while the server runs, commands are
carried out inside it. The client sends one line, `{"command", "params"}`, and
gets any number of `{"progress": …}` lines and then one `{"result": …}` or
`{"error": {"code", "message"}}`; then the connection ends.

Only the owner may: the socket is 0600, and the peer's user id is asked of the
kernel. Lines, clients and waiting times are bounded. A command that has begun is
carried through even if its client goes away, since it may be half done.
"""

import asyncio
import json
import os
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Self

from yiyuan.i18n.message import Message
from yiyuan.services.shared.control_address import LINE_BYTES_MAX, SOCKET_NAME, control_address
from yiyuan.services.shared.errors import ServiceError

CLIENTS_MAX = 64
REQUEST_TIMEOUT_SECONDS = 10.0
WRITE_TIMEOUT_SECONDS = 30.0
_PROGRESS_BYTES_MAX = 64 * 1024

Json = dict[str, Any]
Progress = Callable[[Json], None]
Run = Callable[[str, Json, Progress], Awaitable[Json]]


class ControlSocket:
    """Listens in a home and runs commands there. Made by `open`."""

    def __init__(self, path: Path, run: Run, request_timeout_seconds: float) -> None:
        """Made by `open` only."""
        self.path = path
        self._run = run
        self._request_timeout_seconds = request_timeout_seconds
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    @classmethod
    async def open(
        cls, home: Path, run: Run, *, request_timeout_seconds: float = REQUEST_TIMEOUT_SECONDS
    ) -> Self:
        """Begin to listen. The caller holds the home's lock, so an old socket is stale.

        `run` carries out one command: (name, parameters, progress) → result, or
        raises ServiceError. Raises OSError.
        """
        control = cls(home / SOCKET_NAME, run, request_timeout_seconds)
        control.path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with control_address(home) as address:
            listener.bind(address)
        control.path.chmod(0o600)
        control._server = await asyncio.start_unix_server(
            control._connected, sock=listener, backlog=CLIENTS_MAX, limit=LINE_BYTES_MAX
        )
        return control

    async def close(self, timeout_seconds: float = 10.0) -> None:
        """Take no more commands, and let those that run finish for so long."""
        assert self._server is not None
        self.path.unlink(missing_ok=True)
        self._server.close()
        if self._clients:
            await asyncio.wait(self._clients, timeout=timeout_seconds)
        for client in self._clients:
            client.cancel()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= 2 * CLIENTS_MAX:
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its line to its answer; a client that goes away is no fault."""
        try:
            answer = await self._answer(reader, writer)
            _send(writer, answer)
            await asyncio.wait_for(writer.drain(), WRITE_TIMEOUT_SECONDS)
            writer.close()
        except (OSError, TimeoutError):
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Json:
        try:
            # The line comes first: a socket closed with something unread in it
            # takes the answer away from the client.
            name, parameters = await _read_request(reader, self._request_timeout_seconds)
            self._check(writer)
        except ServiceError as error:
            return _error(error)
        command = asyncio.ensure_future(
            self._run(name, parameters, lambda progress: _send_progress(writer, progress))
        )
        await asyncio.wait([command])
        failure = command.exception()
        if failure is None:
            return {"result": command.result()}
        if isinstance(failure, ServiceError):
            return _error(failure)
        context = {"message": f"the command {name} failed", "exception": failure}
        asyncio.get_running_loop().call_exception_handler(context)
        message = "the command failed inside the server; its log has the details"
        return _error(ServiceError("internal_error", message))

    def _check(self, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) > CLIENTS_MAX:
            raise ServiceError("overloaded", "too many commands at once; try again")
        uid = peer_uid(writer.get_extra_info("socket").fileno())
        if uid not in (None, os.geteuid(), 0):
            raise ServiceError("forbidden", "only the owner of the home may do this")


def peer_uid(descriptor: int) -> int | None:
    """The user id at the other end of a Unix socket; None where the kernel cannot tell."""
    with socket.socket(fileno=os.dup(descriptor)) as peer:
        so_peercred = getattr(socket, "SO_PEERCRED", None)  # Linux
        if so_peercred is not None:
            credentials = peer.getsockopt(socket.SOL_SOCKET, so_peercred, 12)
            return int(struct.unpack("3i", credentials)[1])
        if os.uname().sysname != "Darwin":
            return None
        credentials = peer.getsockopt(0, 1, 76)  # SOL_LOCAL, LOCAL_PEERCRED
        return int(struct.unpack_from("2I", credentials)[1])


async def _read_request(reader: asyncio.StreamReader, timeout_seconds: float) -> tuple[str, Json]:
    """The one line of a client. Raises ServiceError."""
    try:
        async with asyncio.timeout(timeout_seconds):
            line = await reader.readuntil(b"\n")
    except asyncio.LimitOverrunError:
        message = Message("the request is longer than {limit} bytes", limit=LINE_BYTES_MAX)
        raise ServiceError("invalid_argument", message) from None
    except (asyncio.IncompleteReadError, OSError, TimeoutError):
        raise ServiceError("invalid_argument", "no request came") from None
    try:
        request = json.loads(line)
        name, parameters = request["command"], request["params"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ServiceError("invalid_argument", "the request is not understood") from None
    if not isinstance(name, str) or not isinstance(parameters, dict):
        raise ServiceError("invalid_argument", "the request is not understood")
    return name, parameters


def _send(writer: asyncio.StreamWriter, message: Json) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(message).encode() + b"\n")


def _send_progress(writer: asyncio.StreamWriter, progress: Json) -> None:
    """Progress is left out while the client does not read."""
    if writer.transport.get_write_buffer_size() <= _PROGRESS_BYTES_MAX:
        _send(writer, {"progress": progress})


def _error(error: ServiceError) -> Json:
    """The answer of a refusal; `said` is there where the client can say it in its language."""
    found: Json = {"code": error.code, "message": error.message}
    if isinstance(error.said, Message):
        found["said"] = error.said.to_document()
    return {"error": found}
