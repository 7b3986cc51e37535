"""Stripe's own mock server, built by Go where Go is: it knows every field of Stripe's API.

It keeps nothing, so it proves the shapes of what we send and read, and no state. It is
built once, into `.clients`, which takes some minutes.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
from typing import Self

from tests.project.tidy.tree import ROOT
from tests.support import wire
from tests.support.gateway_process import free_port
from tests.support.waiting import wait_for

MODULE = "github.com/stripe/stripe-mock@v0.203.0"
BUILD_SECONDS = 900


class NoStripeMock(Exception):
    """It is not here and cannot be built; the message says why."""


def executable() -> pathlib.Path:
    """Where it is, once it is there."""
    folder = ROOT / ".clients" / "go"
    binary = folder / "stripe-mock"
    if binary.exists():
        return binary
    go = shutil.which("go")
    if go is None:
        raise NoStripeMock("there is no Go to build stripe-mock with")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not binary.exists():
            _build(go, folder)
    return binary


def _build(go: str, folder: pathlib.Path) -> None:
    environment = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-p=1"}
    done = subprocess.run(
        [go, "install", MODULE],
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
    )
    if done.returncode:
        raise NoStripeMock(f"stripe-mock cannot be built: {done.stderr[-300:]}")


class StripeMock:
    """The running server, on loopback only: left alone it opens a port to everybody."""

    def __init__(self) -> None:
        """Raises NoStripeMock."""
        port = free_port()
        self.origin = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                str(executable()),
                *("-http-addr", f"127.0.0.1:{port}"),
                *("-https-addr", f"127.0.0.1:{free_port()}"),
                "-strict-version-check",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(self._is_there, timeout=60, what="stripe-mock to answer")

    def _is_there(self) -> bool:
        assert self._process.poll() is None, "stripe-mock ended"
        with contextlib.suppress(OSError):
            return wire.call(self.origin, "GET", "/", timeout=5).status > 0
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(10)
