"""Where a home's control socket is, for the server and for its clients.

The kernel's address of a Unix socket has room for about a hundred bytes, and a
home may lie deeper than that. On Linux the way then goes through an open
descriptor of the home; elsewhere it is an error that says so.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOCKET_NAME = "control.sock"
LINE_BYTES_MAX = 8 * 1024 * 1024
"""The longest request, its line end included."""

_ADDRESS_BYTES_MAX = 100
_DESCRIPTORS = Path("/proc/self/fd")


@contextmanager
def control_address(home: Path) -> Iterator[str]:
    """The address to bind or connect to, good inside the `with` only. Raises OSError."""
    path = str(home / SOCKET_NAME)
    if len(os.fsencode(path)) <= _ADDRESS_BYTES_MAX:
        yield path
        return
    descriptor = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if not _DESCRIPTORS.is_dir():
            message = f"the path of the home is too long for a socket: {home}"
            raise OSError(message)
        yield f"{_DESCRIPTORS}/{descriptor}/{SOCKET_NAME}"
    finally:
        os.close(descriptor)


def is_served(home: Path) -> bool:
    """Whether a server listens in the home right now."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        try:
            with control_address(home) as address:
                probe.connect(address)
        except OSError:
            return False
    return True
