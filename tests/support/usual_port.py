"""A port where a model server usually listens, for the tests that let one be found there.

Such ports are few and belong to the whole machine: whoever uses one has it alone, or two
runs of the tests would find each other's servers.
"""

import contextlib
import fcntl
import pathlib
import socket
import tempfile
from collections.abc import Iterator

import pytest

from yiyuan.services.channels.local_servers import USUAL_PORTS

LOCK = pathlib.Path(tempfile.gettempdir()) / "yiyuan-usual-port.lock"


@contextlib.contextmanager
def usual_port() -> Iterator[tuple[str, int]]:
    """The first one that nobody has on this machine, and which server it is known for."""
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = next(((name, port) for name, port in USUAL_PORTS if _is_free(port)), None)
        if found is None:
            pytest.skip("every usual port of a model server is taken on this machine")
        yield found


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
