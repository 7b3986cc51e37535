"""PostgreSQL as the ledger's processes see it: rows, locks, and a server that goes away.

A transaction locks by name (`account:…`, `budget:…`, `epoch:…`, `key:…`), all it asks
for at once or none, in the order of asking. What it writes is visible to others when
its COMMIT has arrived. A session that sits idle inside a transaction is ended by the
server after five seconds; one whose client was killed, when the server notices.
"""

import asyncio
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulation.disk import Faults
from tests.simulation.rows import Rows
from tests.simulation.world import Loop, World
from yiyuan.store.postgres.errors import REFUSED, translate

IDLE_SECONDS = 5.0


@dataclass(slots=True)
class Waiting:
    """Someone who waits for locks."""

    session: Any
    names: tuple[str, ...]
    future: "asyncio.Future[bool]"
    is_momentary: bool = False
    """A statement that commits itself: the locks are gone as soon as it has them."""


class Server:
    """The one server that all processes share."""

    def __init__(self, world: World, rows: Rows, faults: Faults) -> None:
        self.world, self.rows, self.faults = world, rows, faults
        self.loop = Loop(world, "server")
        self.is_away = False
        self.owners: dict[str, Any] = {}
        self.waiting: list[Waiting] = []
        self.is_fenced = True
        """False: a server that would let the dead write, to show that it is noticed."""
        self.forgets_commits = False
        """The same, of one that answers wrongly whether a batch took effect."""

    def go_away(self, seconds: float) -> None:
        """Refuse connections and cut those that are there, for a time."""
        self.is_away = True
        for session in list(dict.fromkeys(self.owners.values())):
            session.cut()
        self.loop.call_later(seconds, self._come_back)

    def _come_back(self) -> None:
        self.is_away = False

    # ------------------------------------------------------------ locks

    def free(self, names: Iterable[str], session: Any) -> bool:
        """Whether nobody else has any of these."""
        owners = self.owners
        return all(owners.get(name, session) is session for name in names)

    def lock(self, session: Any, names: Iterable[str]) -> None:
        """Take locks that are free."""
        for name in names:
            self.owners[name] = session
            session.locks.append(name)

    def release(self, session: Any) -> None:
        """Give back all that a session has, and serve who waits."""
        for name in session.locks:
            self.owners.pop(name, None)
        session.locks.clear()
        still = []
        for waiting in self.waiting:
            session_is_gone = waiting.session.is_cut or not waiting.session.loop.is_alive
            if waiting.future.done() or session_is_gone:
                continue
            if self.free(waiting.names, waiting.session):
                if not waiting.is_momentary:
                    self.lock(waiting.session, waiting.names)
                waiting.future.set_result(True)
            else:
                still.append(waiting)
        self.waiting = still


class SimulatedPostgres:
    """Stands where `store.postgres.PostgresDatabase` stands, for one process."""

    def __init__(self, server: Server, loop: Loop, session_type: Any) -> None:
        self.server = server
        self._loop = loop
        self._session_type = session_type

    async def connect(self) -> Any:
        """A new session. Raises ConnectionRefusedError."""
        session = self._session_type(self.server, self._loop)
        await session.travel()
        return session

    @asynccontextmanager
    async def connection(self) -> Any:
        """A session that commits every statement. Raises DatabaseAway, StoreError."""
        session = self._session_type(self.server, self._loop)
        try:
            await session.travel()
            yield session
        except REFUSED as error:
            raise translate(error) from error
        finally:
            session.cut()

    async def read(self, sql: str, values: Any = ()) -> list[Any]:
        """Rows of a short query."""
        async with self.connection() as session:
            await session.travel()
            return self.server.rows.look_up(sql, values)
