"""The test's end of a scripted upstream: start it, tell it what to do, read what it saw."""

import contextlib
import itertools
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.support import wire
from tests.support.waiting import wait_for

SERVER = pathlib.Path(__file__).with_name("server.py")


class Scenario:
    """A script registered at an upstream; put `mark` into a prompt to play it."""

    def __init__(self, upstream: "Upstream", name: str) -> None:
        """Made by `Upstream.script`."""
        self.upstream, self.name = upstream, name
        self.mark = f"[[{name}]]"

    def log(self) -> list[dict[str, Any]]:
        """The requests that played it, oldest first."""
        return self.upstream.log(self.name)

    def wait(
        self, condition: Callable[[list[dict[str, Any]]], Any], *, timeout: float = 10.0
    ) -> list[dict[str, Any]]:
        """The log, once `condition(log)` holds."""

        def look() -> list[dict[str, Any]] | None:
            entries = self.log()
            return entries if condition(entries) else None

        found = wait_for(look, timeout=timeout, every=0.02, what=f"the log of {self.name}")
        assert found is not None
        return found

    def only(self) -> dict[str, Any]:
        """Its one request, ended."""
        entries = self.wait(lambda log: bool(log) and log[-1]["ended_at"] is not None)
        assert len(entries) == 1, [(e["path"], e["status"]) for e in entries]
        return entries[0]

    def open_gate(self) -> None:
        """Let those that wait at the gate go on."""
        answer = wire.call(self.upstream.origin, "POST", "/_open", {"name": self.name})
        assert answer.status == 200, answer.body


class Upstream:
    """A running scripted upstream."""

    def __init__(self, port: int) -> None:
        """`port` on the loopback interface."""
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self._names = itertools.count(1)

    def script(
        self,
        *behaviours: dict[str, Any],
        key: str | None = None,
        path: str | None = None,
        name: str | None = None,
    ) -> Scenario:
        """Register a scenario: one behaviour for each request, the last one repeats."""
        name = name or f"s{next(self._names)}"
        document = {"name": name, "behaviours": behaviours or [{}], "key": key, "path": path}
        answer = wire.call(self.origin, "POST", "/_script", document)
        assert answer.status == 200, answer.body
        return Scenario(self, name)

    def log(self, scenario: str | None = None) -> list[dict[str, Any]]:
        """What was received, oldest first."""
        query = "" if scenario is None else f"?scenario={scenario}"
        answer = wire.call(self.origin, "GET", f"/_log{query}")
        assert answer.status == 200, answer.body
        log: list[dict[str, Any]] = answer.json()
        return log

    def forget(self) -> None:
        """Empty the log."""
        wire.call(self.origin, "DELETE", "/_log")


@contextlib.contextmanager
def running_upstream(port: int = 0) -> Iterator[Upstream]:
    """Start a scripted upstream process, at any port or at this one, and end it."""
    process = subprocess.Popen(
        [sys.executable, str(SERVER), "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        yield Upstream(port)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


def now() -> float:
    """The clock of the log's times."""
    return time.monotonic()
