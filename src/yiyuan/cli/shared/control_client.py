"""The way to a running server: one line into its control socket, lines back."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.services.shared.control_address import LINE_BYTES_MAX, control_address
from yiyuan.services.shared.errors import ServiceError

Json = dict[str, Any]

CONNECT_TIMEOUT_SECONDS = 10.0
ANSWER_TIMEOUT_SECONDS = 600.0
"""Between two lines of an answer; long commands report progress."""


class NoServer(Exception):
    """No server listens in this home."""


def call_server(home: Path, name: str, parameters: Json, progress: Callable[[Json], None]) -> Json:
    """Let the server of `home` carry out a command. Raises NoServer, ServiceError."""
    request = json.dumps({"command": name, "params": parameters}).encode() + b"\n"
    if len(request) > LINE_BYTES_MAX:
        raise ServiceError("invalid_argument", "the command's input is too large")
    with _connect(home) as connection:
        try:
            connection.settimeout(ANSWER_TIMEOUT_SECONDS)
            connection.sendall(request)
            for message in _messages(connection):
                if "progress" in message:
                    progress(message["progress"])
                elif "error" in message:
                    raise _refusal(message["error"])
                else:
                    result: Json = message["result"]
                    return result
        except (OSError, ValueError):
            pass
    raise ServiceError(
        "server_stopped",
        "the server ended before it answered; whether the command took effect is not known",
    )


def _refusal(error: Json) -> ServiceError:
    """What the server refused with; one that is older says it in English alone."""
    said = error.get("said")
    message = error["message"] if said is None else Message.from_document(said)
    return ServiceError(error["code"], message)


def _connect(home: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_TIMEOUT_SECONDS)
    try:
        with control_address(home) as address:
            connection.connect(address)
    except (FileNotFoundError, ConnectionRefusedError, NotADirectoryError):
        connection.close()
        raise NoServer from None
    except OSError as error:
        connection.close()
        message = Message(
            "the server's socket in {home} cannot be used: {error}",
            home=home,
            error=error.strerror or error,
        )
        raise ServiceError("forbidden", message) from None
    return connection


def _messages(connection: socket.socket) -> Iterator[Json]:
    with connection.makefile("rb") as lines:
        for line in lines:
            message: Json = json.loads(line)
            yield message
