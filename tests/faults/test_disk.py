"""A disk that fails, fills up or is slow, under a real server.

When a commit may not have reached the disk, the process ends at once with 70; nothing
is delivered that is not proven, and the next start verifies. A slow disk costs time only.
The price is one 词元 a token of output, so a charge is the number of tokens charged.
"""

import contextlib
import http.client
import os
import pathlib
import resource
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from tests.faults.shims import SLOW_SECONDS, DiskShim
from tests.support import wire
from tests.support.catalogs import model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import BIN, Customer, Gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for

A_TOKEN = {"input": "0", "output": "1"}
LEDGER_FAILED = 70
STREAMS, WHOLE = 6, 3
WINDOW_TOKENS = 64


@dataclass
class Seen:
    """What one client got."""

    request_id: str = ""
    delivered: int = 0
    is_complete: bool = False


@dataclass
class Clients:
    """Clients that ask again and again until they are told to stop."""

    customer: Customer
    streams_mark: str
    whole_mark: str
    seen: list[Seen] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        works: list[Callable[[], None]] = [self._stream] * STREAMS + [self._whole] * WHOLE
        self._threads = [threading.Thread(target=self._repeat, args=(work,)) for work in works]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def running(self) -> int:
        return sum(seen.delivered > 0 and not seen.is_complete for seen in self.seen)

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._stop.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                work()
            self._stop.wait(0.01)

    def _stream(self) -> None:
        body = CHAT.body("m", self.streams_mark, 3_000)
        with self.customer.stream(CHAT.path, body, timeout=20) as stream:
            self.statuses.append(stream.status)
            if stream.status != 200:
                return
            seen = Seen(stream.request_id)
            self.seen.append(seen)
            for event in stream.events():
                seen.delivered += CHAT.stream_text([event]).count("one")
                seen.is_complete = CHAT.is_complete([event])

    def _whole(self) -> None:
        body = CHAT.body("m", self.whole_mark, 20)
        answer = wire.call(
            self.customer.gateway.origin, "POST", CHAT.path, body, key=self.customer.key, timeout=20
        )
        self.statuses.append(answer.status)
        if answer.status == 200:
            text = answer.json()["choices"][0]["message"]["content"]
            self.seen.append(Seen(answer.request_id, text.count("one"), is_complete=True))


def clients_of(gateway: Gateway, upstream) -> Clients:
    long = upstream.script({"output_tokens": 2_000, "delay_chunk": 0.002}).mark
    short = upstream.script({"output_tokens": 10}).mark
    return Clients(gateway.customer(10**12), long, short)


def catalog_of(upstream) -> str:
    return openai_channel(upstream, {"m": "up"}) + model("m", A_TOKEN)


def check_charges(gateway: Gateway, clients: Clients) -> None:
    """After a restart: what was delivered is charged, at most the window is missing."""
    sql = "SELECT request_id, -amount AS charge FROM entries WHERE request_id IS NOT NULL"
    rows = gateway.rows(sql)
    charged = {row["request_id"]: row["charge"] for row in rows}
    assert len(charged) == len(rows), "charged twice"
    for seen in clients.seen:
        charge = charged.get(seen.request_id, 0)
        assert seen.delivered - WINDOW_TOKENS <= charge <= seen.delivered, (seen, charge)
        if seen.is_complete:
            assert charge == seen.delivered, (seen, charge)


def fail_under_load(gateway: Gateway, clients: Clients, fail: Callable[[], None]) -> None:
    """Streams run, the disk fails, the process ends by itself; the next start is whole."""
    clients.start()
    try:
        wait_for(lambda: clients.running() >= STREAMS // 2, timeout=30, what="streams")
        wait_for(lambda: any(seen.is_complete for seen in clients.seen), timeout=30)
        fail()
        assert gateway.process is not None
        assert gateway.process.wait(20) == LEDGER_FAILED, gateway.said()[-2_000:]
    finally:
        clients.stop()
    assert clients.running(), "the fault must have hit streams"
    assert set(clients.statuses) <= {200, 503}, "who comes too late is told so"


def comes_back(gateway: Gateway, clients: Clients) -> None:
    gateway.start()
    gateway.settle_down()
    check_charges(gateway, clients)
    answer = clients.customer.post(CHAT.path, CHAT.body("m", clients.whole_mark, 20))
    assert answer.status == 200
    assert gateway.stop() == 0
    gateway.verify()


def test_an_fsync_that_fails_stops_the_server(upstream, cli, tmp_path):
    shim = DiskShim(tmp_path)
    with Gateway(tmp_path / "home", cli, **shim.environment) as gateway:
        gateway.apply(catalog_of(upstream))
        gateway.start()
        clients = clients_of(gateway, upstream)
        fail_under_load(gateway, clients, lambda: shim.turn_on("eio"))
        assert "the ledger has stopped" in gateway.said()
        shim.turn_off("eio")
        comes_back(gateway, clients)


def test_a_disk_that_stays_broken_starts_no_server(upstream, cli, tmp_path):
    """A supervisor's loop: every start fails, none serves, nothing changes."""
    shim = DiskShim(tmp_path)
    with Gateway(tmp_path / "home", cli, **shim.environment) as gateway:
        gateway.apply(catalog_of(upstream))
        gateway.start()
        customer = gateway.customer(1_000)
        gateway.kill()
        shim.turn_on("eio")
        with pytest.raises(AssertionError, match="serve ended with"):
            gateway.start()
        shim.turn_off("eio")
        gateway.start()
        gateway.settle_down()
        assert customer.balance == 1_000
        assert gateway.stop() == 0


def test_a_slow_fsync_costs_time_only(upstream, cli, tmp_path):
    shim = DiskShim(tmp_path)
    with Gateway(tmp_path / "home", cli, **shim.environment) as gateway:
        gateway.apply(catalog_of(upstream))
        gateway.start()
        customer = gateway.customer(10**9)
        shim.turn_on("slow")
        script = upstream.script({"output_tokens": 300})
        began = time.monotonic()
        answer = customer.post(CHAT.path, CHAT.body("m", script.mark, 300))
        assert answer.json()["choices"][0]["message"]["content"] == WORD * 300
        assert time.monotonic() - began >= SLOW_SECONDS
        assert answer.charge == 300
        with customer.stream(CHAT.path, CHAT.body("m", script.mark, 300), timeout=60) as stream:
            events = stream.rest()
        assert CHAT.is_complete(events)
        assert CHAT.stream_text(events) == WORD * 300
        assert customer.spent == 600
        assert wire.call(gateway.origin, "GET", "/readyz").status == 200
        shim.turn_off("slow")
        gateway.settle_down()
        assert gateway.stop() == 0


def test_files_that_cannot_grow_stop_the_server(upstream, cli, tmp_path):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.apply(catalog_of(upstream))
        gateway.start()
        clients = clients_of(gateway, upstream)

        def stop_growing() -> None:
            assert gateway.process is not None
            log_bytes = (gateway.home / "yiyuan.db-wal").stat().st_size
            limits = (log_bytes + 20_000, resource.RLIM_INFINITY)
            resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, limits)

        fail_under_load(gateway, clients, stop_growing)
        comes_back(gateway, clients)


@contextlib.contextmanager
def small_disk(folder: pathlib.Path, megabytes: int) -> Iterator[None]:
    """A file system of its own; skips the test where mounting is not permitted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    done = subprocess.run(mount, capture_output=True, text=True, timeout=10)
    if done.returncode != 0:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=10)


def fill(folder: pathlib.Path) -> None:
    """Leave no byte free."""
    with (folder / "ballast").open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def test_a_full_disk_stops_the_server_and_room_brings_it_back(upstream, cli, tmp_path):
    disk = tmp_path / "disk"
    with small_disk(disk, 24), Gateway(disk / "home", cli) as gateway:
        gateway.apply(catalog_of(upstream))
        gateway.start()
        clients = clients_of(gateway, upstream)
        # The server's own messages go to the same disk: they cannot be written either.
        fail_under_load(gateway, clients, lambda: fill(disk))
        (disk / "ballast").unlink()
        comes_back(gateway, clients)


def test_a_server_that_cannot_write_its_log_ends_all_the_same(upstream, cli, tmp_path):
    """The log is often on the disk that is full: saying why must not keep it from ending."""
    shim = DiskShim(tmp_path)
    with Gateway(tmp_path / "home", cli, **shim.environment) as gateway:
        gateway.apply(catalog_of(upstream))
        nowhere = os.open("/dev/full", os.O_WRONLY)
        try:
            gateway.process = subprocess.Popen(
                [str(BIN / "yiyuan"), "serve", "--port", str(gateway.port)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=nowhere,
                env=gateway.environment,
                cwd=tmp_path,
            )
        finally:
            os.close(nowhere)
        wait_for((gateway.home / "control.sock").exists, timeout=20)
        customer = gateway.customer(1_000)
        shim.turn_on("eio")
        script = upstream.script({"output_tokens": 3})
        assert customer.post(CHAT.path, CHAT.body("m", script.mark, 5)).status == 503
        assert gateway.process.wait(5) == LEDGER_FAILED
        shim.turn_off("eio")
