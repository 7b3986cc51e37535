"""Several server processes on one port (`--workers N`): starts them, keeps them, ends them.

The parent opens nothing but the port's reservation: each worker binds the same port for
itself (SO_REUSEPORT) and the kernel shares the clients out. A worker that ends by
itself is replaced, at most once a second. SIGTERM and SIGINT go on to all, and the
parent ends when all have: with 0 if each did.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from yiyuan.http.server.server import bind

_PAUSE_SECONDS: Final = 1.0


@dataclass(slots=True, frozen=True)
class Worker:
    """What a worker is told."""

    number: int
    """From 0; a replacement has the number of the one before."""
    folder: Path
    """Shared with the others of this parent, and with nobody else."""
    port: int
    tell_ready: Callable[[], None]


Work = Callable[[Worker], int]
"""A worker's whole life; the process's exit code."""


class Supervisor:
    """The parent of the workers."""

    def __init__(self, count: int, work: Work) -> None:
        """`work` runs in each child."""
        self._count = count
        self._work = work
        self._folder = Path(tempfile.mkdtemp(prefix="yiyuan-"))
        self._numbers: dict[int, int] = {}
        """The number of each worker by its process id."""
        self._is_ending = False
        self._codes: list[int] = []
        self._port = 0

    def run(self, host: str, port: int) -> int:
        """Until all have ended; the exit code. Raises OSError when the port is taken."""
        for probe in bind(host, port):
            probe.close()
        kept = bind(host, port, reuse_port=True)  # bound, but never listening
        self._port = kept[0].getsockname()[1]
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._end)
        try:
            # The first one creates the schema and what `--starter` asks for.
            self._start(0, should_wait=True)
            for number in range(1, self._count):
                self._start(number)
            while self._numbers:
                self._wait()
        finally:
            for socket in kept:
                socket.close()
            shutil.rmtree(self._folder, ignore_errors=True)
        return next((code for code in self._codes if code), 0)

    def _start(self, number: int, *, should_wait: bool = False) -> None:
        if self._is_ending:
            return
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(ready)
            self._be_worker(number, lambda: os.close(tell))
        os.close(tell)
        self._numbers[pid] = number
        self._pass_on(pid)
        if should_wait:
            os.read(ready, 1)  # ends when the worker is ready, or is no more
        os.close(ready)

    def _pass_on(self, pid: int) -> None:
        """Tell a worker to end if it was started while the signal came in."""
        if self._is_ending:
            os.kill(pid, signal.SIGTERM)

    def _be_worker(self, number: int, tell_ready: Callable[[], None]) -> None:
        """Become a worker; never returns."""
        code = 70
        try:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, signal.SIG_DFL)
            code = self._work(Worker(number, self._folder, self._port, tell_ready))
        except SystemExit as leave:
            code = leave.code if isinstance(leave.code, int) else 1
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _wait(self) -> None:
        """Wait for one to end; replace it if nobody has asked it to."""
        pid, status = os.wait()
        number = self._numbers.pop(pid, None)
        if number is None:
            return
        code = os.waitstatus_to_exitcode(status)
        if self._is_ending:
            self._codes.append(abs(code))
            return
        sys.stderr.write(f"worker {number} ended with {code}, another takes its place\n")
        time.sleep(_PAUSE_SECONDS)
        self._start(number)

    def _end(self, _: int, __: FrameType | None) -> None:
        self._is_ending = True
        for pid in self._numbers:
            os.kill(pid, signal.SIGTERM)
