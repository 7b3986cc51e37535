"""One connection to the simulated PostgreSQL: the statements that the ledger sends.

Statements are recognised by the product's own constants, so a changed statement is an
error here until the simulator knows what it means.
"""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Self, get_type_hints

import asyncpg

from tests.simulation.rows import Epoch, RowRefused
from tests.simulation.server import IDLE_SECONDS, Server, Waiting
from tests.simulation.world import Loop
from yiyuan.store.postgres import batch as postgres_batch
from yiyuan.store.postgres import epochs
from yiyuan.store.tables.ledger import AccountRow, Batch

LOCK_SECONDS: Final = 1.0
LOOK_UP_LOCK_SECONDS: Final = 10.0
TABLES: Final = {name: kind for name, kind, _ in postgres_batch._TABLES}
COLUMNS: Final = {name: len(kind._fields) for name, kind in TABLES.items()}
PARTS: Final = tuple(get_type_hints(Batch))


class Session:
    """Stands where `asyncpg.Connection` stands."""

    def __init__(self, server: Server, loop: Loop) -> None:
        self.is_cut = False
        self.locks: list[str] = []
        self._server, self.loop, self._rows = server, loop, server.rows
        self._batch: Batch | None = None
        self._epoch = self._number = 0
        self._is_open = False
        """Whether a transaction is."""
        self._idle_since = 0.0
        self._is_committing = False

    # ------------------------------------------------------------ the connection

    def is_closed(self) -> bool:
        return self.is_cut

    def terminate(self) -> None:
        self.cut()

    def cut(self) -> None:
        """The connection is gone; the server undoes what was not committed."""
        self.is_cut = True
        if not self._is_committing:
            self._undo()

    def _undo(self) -> None:
        self._batch, self._is_open = None, False
        if self.locks:
            self._server.release(self)

    async def travel(self) -> None:
        """The way to the server and back; what can happen on it."""
        server, chance = self._server, self._server.world.chance
        delay = server.faults.usual_s * (0.1 + chance())
        if chance() < server.faults.slow:
            delay += server.world.between(0.05, 1.5)
        arrived = self.loop.create_future()
        self.loop.call_later(delay, _arrive, arrived)
        await arrived
        if chance() < server.faults.before:
            self.cut()
        if self.is_cut or server.is_away:
            self.cut()
            raise asyncpg.ConnectionDoesNotExistError("the connection was lost")

    @asynccontextmanager
    async def transaction(self) -> Any:
        """For the look-up only."""
        await self.execute(postgres_batch._BEGIN)
        yield
        self._undo()

    # ------------------------------------------------------------ statements

    async def execute(self, sql: str, *values: Any) -> str:
        """A statement without rows."""
        if sql == "COMMIT":
            return await self._commit()
        await self.travel()
        if sql == postgres_batch._BEGIN:
            self._begin()
        elif sql == "ROLLBACK":
            self._undo()
        elif sql == epochs._END:
            for epoch in values[0]:
                if self._rows.epochs[epoch].state == "live":
                    self._rows.epochs[epoch].state = values[1]
        else:
            assert sql.startswith("SET LOCAL"), sql
        return sql

    async def fetch(self, sql: str, *values: Any) -> list[Any]:
        """A statement with rows."""
        await self.travel()
        self._idle_since = self._server.world.now_s
        if sql in (postgres_batch._LOCK_OR_WAIT, postgres_batch._LOCK_OR_SKIP):
            should_skip = sql == postgres_batch._LOCK_OR_SKIP
            return await self._lock_accounts(*values, should_skip=should_skip)
        if sql == postgres_batch._BUDGETS:
            await self._locked([f"budget:{each}" for each in values[0]], LOCK_SECONDS)
        if sql == postgres_batch._BUDGETS_OR_SKIP:
            free = [each for each in values[0] if self._server.free([f"budget:{each}"], self)]
            self._server.lock(self, [f"budget:{each}" for each in free])
            return _READS[postgres_batch._BUDGETS](self._server, free)
        return _READS[sql](self._server, *values)

    async def fetchval(self, sql: str, *values: Any) -> Any:
        """One value."""
        await self.travel()
        rows, now_s = self._rows, self._server.world.now_s
        if sql == epochs._REGISTER:
            epoch = max(rows.epochs, default=0) + 1
            rows.epochs[epoch] = Epoch(heartbeat_s=now_s)
            return epoch
        if sql == epochs._BEAT:
            await self._wait_for(f"epoch:{values[0]}")
            epoch_row = rows.epochs[values[0]]
            if epoch_row.state != "live":
                return None
            epoch_row.heartbeat_s = self._server.world.now_s
            return values[0]
        if sql.startswith("SELECT last_batch"):
            await self._wait_for(f"epoch:{values[0]}")
            found = rows.epochs[values[0]].last_batch
            return found - 1 if self._server.forgets_commits else found
        return await self._write(sql, values)

    def _begin(self) -> None:
        self._is_open = True
        self._idle_since = self._server.world.now_s
        self._server.loop.call_later(IDLE_SECONDS, self._end_idle)

    def _end_idle(self) -> None:
        if not self._is_open or self._is_committing or self.is_cut:
            return
        idle_s = self._server.world.now_s - self._idle_since
        if idle_s >= IDLE_SECONDS or not self.loop.is_alive:
            self.cut()
        else:
            self._server.loop.call_later(IDLE_SECONDS - idle_s + 0.001, self._end_idle)

    async def _wait_for(self, name: str) -> None:
        if not self._server.free([name], self):
            await self._locked([name], LOOK_UP_LOCK_SECONDS, is_momentary=True)

    async def _locked(
        self, names: list[str], timeout_s: float, *, is_momentary: bool = False
    ) -> None:
        server = self._server
        if server.free(names, self):
            server.lock(self, names)
            return
        waiting = Waiting(self, tuple(names), self.loop.create_future(), is_momentary)
        server.waiting.append(waiting)
        timer = server.loop.call_later(timeout_s, _give_up, waiting.future)
        is_locked = await waiting.future
        timer.cancel()
        if self.is_cut:  # the client was stopped, and the server did not wait for it
            raise asyncpg.ConnectionDoesNotExistError("the connection was lost")
        if not is_locked:
            raise asyncpg.LockNotAvailableError("canceling statement due to lock timeout")

    async def _lock_accounts(
        self, epoch: int, number: int, account_ids: list[str], *, should_skip: bool
    ) -> list[Any]:
        server, rows = self._server, self._rows
        names = [f"account:{each}" for each in account_ids]
        await self._locked([f"epoch:{epoch}"], LOCK_SECONDS)
        if should_skip:
            names = [name for name in names if server.free([name], self)]
            server.lock(self, names)
        else:
            await self._locked(names, LOCK_SECONDS)
        is_live = rows.epochs[epoch].state == "live" or not server.is_fenced
        self._epoch, self._number = epoch, number
        found = [rows.accounts[each] for each in account_ids if f"account:{each}" in names
                 and each in rows.accounts]  # fmt: skip
        if not found:
            return [_Fetched(is_live, (None,) * len(AccountRow._fields))]
        return [_Fetched(is_live, account) for account in found]

    async def _write(self, sql: str, values: tuple[Any, ...]) -> int:
        self._idle_since = self._server.world.now_s
        parts: dict[str, Any] = {name: [] for name in PARTS}
        place = 0
        for name, kind in TABLES.items():
            if f"put_{name} AS" in sql:
                columns = values[place : place + COLUMNS[name]]
                parts[name] = [kind(*row) for row in zip(*columns, strict=True)]
                place += COLUMNS[name]
        parts["ended_holds"] = list(values[place]) if "ended AS" in sql else []
        self._batch = batch = Batch(**parts)
        keys = [f"key:{entry.idem_key}" for entry in batch.entries if entry.idem_key is not None]
        await self._locked(keys, LOCK_SECONDS)
        reason = self._rows.refusal(batch)
        if reason is not None:
            raise asyncpg.UniqueViolationError(reason)
        return len(batch.ended_holds)

    # ------------------------------------------------------------ COMMIT

    async def _commit(self) -> str:
        """It arrives, or not; and whether it did is known, or not."""
        server, world, faults = self._server, self._server.world, self._server.faults
        if self.is_cut or server.is_away:
            self.cut()
            raise asyncpg.ConnectionDoesNotExistError("the connection was lost")
        self._is_committing = True
        answered = self.loop.create_future()
        arrives_s = faults.usual_s * (0.1 + world.chance())
        fate = world.chance()
        if fate < faults.lost:
            # The connection is lost at once, and yet COMMIT may be on its way.
            arrives_s += world.between(0.0, 3.0)
            self.loop.call_later(faults.usual_s, _lose, answered)
        does_arrive = fate >= faults.lost * 0.5
        is_answered = not faults.lost <= fate < faults.lost + faults.after
        server.loop.call_later(arrives_s, self._arrived, does_arrive, is_answered, answered)
        await answered
        return "COMMIT"

    def _arrived(self, does_arrive: bool, is_answered: bool, answered: Any) -> None:
        server = self._server
        self._is_committing = self._is_open = False
        does_arrive = does_arrive and not server.is_away
        if does_arrive and server.world.chance() >= server.faults.lies:
            self._apply()
        self._batch = None
        server.release(self)
        if not does_arrive or not is_answered:
            self.is_cut = True
            self.loop.call_soon(_lose, answered)
        else:
            self.loop.call_soon(_arrive, answered)

    def _apply(self) -> None:
        world = self._server.world
        self._rows.epochs[self._epoch].last_batch = self._number
        self._rows.epochs[self._epoch].heartbeat_s = world.now_s
        if self._batch is None:
            return
        if world.is_traced:
            ended = [row.request_id for row in self._batch.usage]
            world.note(
                f"{self.loop.name} epoch {self._epoch} batch {self._number} is durable: "
                f"{len(self._batch.holds)} holds, {len(self._batch.entries)} entries, ends {ended}"
            )
        try:
            self._rows.write(self._batch)
        except RowRefused as refused:
            world.fail(f"the locks let a batch through that the schema refuses: {refused}")


class _Fetched(tuple[Any, ...]):
    """A row of the statement that locks: by position, and two columns by name."""

    __slots__ = ()

    def __new__(cls, is_live: bool, account: tuple[Any, ...]) -> Self:
        return super().__new__(cls, (int(is_live), *account))

    def __getitem__(self, place: Any) -> Any:
        names = {"fenced": 0, "id": 1}
        return super().__getitem__(names.get(place, place) if isinstance(place, str) else place)


def _arrive(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _give_up(future: "asyncio.Future[bool]") -> None:
    if not future.done():
        future.set_result(False)


def _lose(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_exception(asyncpg.ConnectionDoesNotExistError("the connection was lost"))


def _give_up_silent(server: Server, own_epoch: int, silent_ms: int) -> list[Any]:
    silent = [
        (epoch,)
        for epoch, row in server.rows.epochs.items()
        if row.state == "live"
        and epoch != own_epoch
        and row.heartbeat_s < server.world.now_s - silent_ms / 1000
        and f"epoch:{epoch}" not in server.owners
    ]
    for (epoch,) in silent:
        server.rows.epochs[epoch].state = "dead"
        if server.world.is_traced:
            server.world.note(f"epoch {epoch} is declared dead by epoch {own_epoch}")
    return silent


def _orphans(server: Server, most: int) -> list[Any]:
    rows = server.rows
    found = [hold for hold in rows.holds.values() if rows.epochs[hold.epoch].state != "live"]
    found.sort(key=lambda hold: (hold.opened_at, hold.request_id))
    return [(*hold, *rows.documents[hold.price_id]) for hold in found[:most]]


def _open_counts(server: Server, account_ids: list[str]) -> list[Any]:
    counts: dict[tuple[str, str], int] = {}
    for hold in server.rows.holds.values():
        if hold.account_id in account_ids:
            key = (hold.account_id, hold.model)
            counts[key] = counts.get(key, 0) + 1
    return [(*key, count) for key, count in counts.items()]


_READS: Final[dict[str, Callable[..., list[Any]]]] = {
    postgres_batch._BUDGETS: lambda server, ids: [
        server.rows.budgets[each] for each in ids if each in server.rows.budgets
    ],
    postgres_batch._HOLDS: lambda server, ids: [
        server.rows.holds[each] for each in ids if each in server.rows.holds
    ],
    postgres_batch._ENTRIES: lambda server, keys: [
        server.rows.by_key[key] for key in keys if key in server.rows.by_key
    ],
    postgres_batch._OPEN_COUNTS: _open_counts,
    "SELECT name FROM accounts WHERE name = ANY($1)": lambda server, names: [
        (name,) for name in names if name in server.rows.ids_by_name
    ],
    "SELECT id FROM accounts WHERE id = ANY($1)": lambda server, ids: [
        (each,) for each in ids if each in server.rows.accounts
    ],
    # One that somebody is making just now counts: operators here use the same few ids.
    "SELECT id FROM budgets WHERE id = ANY($1)": lambda server, ids: [
        (each,) for each in ids if each in server.rows.budgets or f"budget:{each}" in server.owners
    ],
    "SELECT epoch, node FROM epochs WHERE state = 'live'": lambda server: [],
    epochs._GIVE_UP: _give_up_silent,
    epochs._ORPHANS: _orphans,
    # No run is a week long: there is nothing to forget.
    epochs._PRUNE: lambda _server, _ended_ms, _most: [],
}
