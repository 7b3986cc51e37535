"""The SQLite writer as the book sees it, on a disk that fails.

One batch is written at a time; the event loop is told later. What can go wrong with
one, apart from the process being killed at any moment: the disk is slow; the write fails
before anything is stored; the commit is stored and reports an error; the commit is
stored, or is not, and never answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.simulation.rows import RowRefused, Rows
from tests.simulation.world import Loop, World
from yiyuan.ledger.errors import LedgerUnavailable
from yiyuan.store.queries.ledger import load_ledger
from yiyuan.store.tables.ledger import Batch

T = TypeVar("T")


@dataclass(slots=True)
class Faults:
    """How often things go wrong; 0 to 1 for each batch or statement."""

    before: float = 0.0
    after: float = 0.0
    lost: float = 0.0
    slow: float = 0.0
    usual_s: float = 0.002
    lies: float = 0.0
    """A store that says it has stored what it has not. No ledger survives that: it is
    here to show that the simulator notices."""

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.before = self.after = self.lost = self.slow = 0.0


class SimulatedDatabase:
    """Stands where `store.sqlite.Database` stands, over the simulated rows."""

    def __init__(
        self,
        world: World,
        loop: Loop,
        rows: Rows,
        faults: Faults,
        on_failure: Callable[[str], None],
    ) -> None:
        self.failure: LedgerUnavailable | None = None
        self._world, self._loop, self._rows, self._faults = world, loop, rows, faults
        self._on_failure = on_failure
        self._failed: Callable[[Exception], None] | None = None

    @property
    def is_failed(self) -> bool:
        return self.failure is not None

    def submit(
        self, batch: Batch, done: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        """Store a batch some time from now, and tell some time after."""
        if self.failure is not None:
            raise self.failure
        assert self._failed is None, "one batch at a time"
        self._failed = failed
        faults, chance, world = self._faults, self._world.chance, self._world
        delay = faults.usual_s * (0.2 + 2 * chance())
        if chance() < faults.slow:
            delay += world.between(0.05, 1.0)
        self._loop.call_later(delay, self._store, batch, done)

    def _store(self, batch: Batch, done: Callable[[], None]) -> None:
        faults, chance = self._faults, self._world.chance
        if chance() < faults.before:
            self._trace(batch, "fails before it is stored")
            return self.stop("disk I/O error")
        if chance() < faults.lost:
            if chance() < 0.5:
                self._write(batch)
            self._trace(batch, "never answers")
            self._loop.call_later(self._world.between(0.1, 3.0), self.stop, "killed while hanging")
            return None
        if chance() >= faults.lies:
            self._write(batch)
        if chance() < faults.after:
            self._trace(batch, "is stored and reports an error")
            return self.stop("disk I/O error")
        if self._world.is_traced:
            self._trace(batch, "is durable")
        # Between the disk and the event loop's thread anything may happen.
        self._loop.call_later(0.0005 * chance(), self._tell, done)
        return None

    def _write(self, batch: Batch) -> None:
        try:
            self._rows.write(batch)
        except RowRefused as refused:
            self._world.fail(f"the schema refuses a batch: {refused}")

    def _tell(self, done: Callable[[], None]) -> None:
        if self.failure is None:
            self._failed = None
            done()

    def stop(self, reason: str) -> None:
        """The writer has stopped for good."""
        if self.failure is None:
            if reason.startswith("ledger core"):
                self._world.fail(reason)
            self.failure = LedgerUnavailable(reason)
            failed, self._failed = self._failed, None
            if failed is not None:
                failed(self.failure)
            self._on_failure(reason)

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """A short query in a thread of its own; it sees what is committed at that moment."""
        arrived = self._loop.create_future()
        self._loop.call_later(0.0002 + 0.002 * self._world.chance(), arrived.set_result, None)
        await arrived
        return self._rows.look_up(sql, values)

    async def run_read(self, function: Callable[[Any], T]) -> T:
        """The one long read that a book makes: at its start."""
        assert function is load_ledger
        stored: Any = self._rows.stored()
        return stored

    def _trace(self, batch: Batch, what: str) -> None:
        if self._world.is_traced:
            ended = [row.request_id for row in batch.usage]
            self._world.note(
                f"{self._loop.name} batch of {len(batch.holds)} holds, {len(batch.entries)} entries"
                f", ends {ended} {what}"
            )
