"""Books on a PostgreSQL of the run, and ways to make its network fail."""

import asyncio
import contextlib
from contextlib import asynccontextmanager

from tests.support.ledger.sqlite import T0, store_prices
from tests.support.postgres_server import query
from yiyuan.kernel.clock import SystemClock
from yiyuan.ledger.postgres.epoch_lease import USUAL
from yiyuan.ledger.postgres.ledger import PostgresLedger
from yiyuan.ledger.verify.verify import verify
from yiyuan.store.postgres.database import PostgresDatabase

TABLES = ("accounts", "entries", "holds", "budgets", "usage", "attempts")


@asynccontextmanager
async def open_postgres_book(url, *, clock=None, on_failure=lambda _: None, prices=(), times=USUAL):
    """A book and its database; closed afterwards."""
    database = await PostgresDatabase.open(url)
    try:
        await store_prices(database, prices)
        ledger = await PostgresLedger.open(database, clock or SystemClock(), on_failure, times)
        try:
            yield ledger, database
        finally:
            await ledger.close()
    finally:
        await database.close()


async def audit(url, now_ms=T0):
    """The verdict of `ledger verify`."""
    database = await PostgresDatabase.open(url)
    try:
        return await database.run_read(
            lambda connection: verify(connection, now_ms=now_ms, full=True)
        )
    finally:
        await database.close()


def rows(url, table):
    """All rows of a table, sorted."""
    return sorted(map(tuple, query(url, f"SELECT * FROM {table}")))


def empty(url):
    """Forget everything but the schema and the prices."""
    names = ", ".join((*TABLES, "epochs", "api_tokens"))
    query(url, f"TRUNCATE {names} CASCADE")


class LossyProxy:
    """Passes bytes between the ledger and PostgreSQL, and can break that at will.

    With `lose_commit_reply` set, the next COMMIT reaches the server, but its answer is
    dropped and the connection cut. `is_cut` refuses and ends all connections. Everything
    takes `delay_seconds` longer, each way; while `is_silent`, nothing passes at all and
    nobody is told.
    """

    def __init__(self, address):
        self._address = address
        self.lose_commit_reply = 0
        self.lose_commit = 0
        self.lost = 0
        self.is_cut = False
        self.delay_seconds = 0.0
        self.is_silent = False
        self._writers = set()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc):
        self._server.close()
        self.cut()
        await asyncio.sleep(0.05)

    def url(self, url):
        """The same database through here."""
        host, port = self._address
        return url.replace(f"{host}:{port}", f"127.0.0.1:{self.port}")

    def cut(self):
        """End every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _late(self):
        await asyncio.sleep(self.delay_seconds)
        while self.is_silent:
            await asyncio.sleep(0.01)

    async def _serve(self, reader, writer):
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            server_reader, server_writer = await asyncio.open_connection(*self._address)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, server_writer}
        watch = {"swallow": False}

        async def forward():
            while data := await reader.read(65_536):
                if b"COMMIT\0" in data and data[:1] == b"Q":
                    if self.lose_commit:
                        self.lose_commit -= 1
                        self.lost += 1
                        break
                    if self.lose_commit_reply:
                        self.lose_commit_reply -= 1
                        watch["swallow"] = True
                await self._late()
                server_writer.write(data)
                await server_writer.drain()

        async def backward():
            while data := await server_reader.read(65_536):
                if watch["swallow"]:
                    self.lost += 1
                    break
                await self._late()
                writer.write(data)
                await writer.drain()

        tasks = [asyncio.create_task(forward()), asyncio.create_task(backward())]
        with contextlib.suppress(OSError):
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for each in (writer, server_writer):
            self._writers.discard(each)
            each.transport.abort()
