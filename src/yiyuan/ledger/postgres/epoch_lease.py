"""Keeps this process's epoch alive, and cleans up after those that are not.

Every two seconds a heartbeat, by the database's clock. An epoch without one for 15 s is
declared dead; but only by a process whose own heartbeats have come through for as long,
or else the first that is back after an outage would bury all others. The holds of any
epoch that is not live are recovered; who else tries it at the same time finds nothing.
This process's own holds are recovered when they are past their deadline. Epochs that
ended a week ago are forgotten: every command leaves one.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.tasks import end
from yiyuan.ledger.budgets import counted_from_json
from yiyuan.ledger.errors import AlreadyEnded, LedgerUnavailable
from yiyuan.ledger.operations import Recover, Settled
from yiyuan.ledger.postgres.batches import Batches
from yiyuan.ledger.postgres.pending import PendingOperation
from yiyuan.ledger.postgres.process_identity import has_ended
from yiyuan.ledger.recovery import Recovered, operation_of
from yiyuan.ledger.rules.state import Account, OpenHold
from yiyuan.pricing.price import from_json
from yiyuan.store.errors import StoreError
from yiyuan.store.postgres import epochs
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.postgres.epochs import Orphan

EPOCH_KEPT_MS: Final = 7 * DAY_MS
_ORPHANS_AT_ONCE: Final = 1_000
_PRUNED_AT_ONCE: Final = 1_000
_BEATS_PER_PRUNING: Final = 300


@dataclass(slots=True, frozen=True)
class Times:
    """What every process of a ledger has to agree on."""

    heartbeat_seconds: float = 2.0
    silent_seconds: float = 15.0
    """So long without a heartbeat, and others take a process for dead."""


USUAL: Final = Times()


class EpochLease:
    """The background work of one process's part in the ledger."""

    def __init__(
        self,
        database: PostgresDatabase,
        clock: Clock,
        epoch: int,
        batches: Batches,
        times: Times,
    ) -> None:
        """Begins with `open`."""
        self.overdue_holds = 0
        self._database = database
        self._clock = clock
        self._epoch = epoch
        self._batches = batches
        self._times = times
        self._task: asyncio.Task[None] | None = None
        self._steady_since: float | None = None
        self._beats = 0

    async def open(self) -> Recovered:
        """Recover what ended processes of this machine have left, then keep watch."""
        await epochs.give_up_ended(self._database, has_ended)
        recovered = await self._recover_orphans()
        self._task = asyncio.get_running_loop().create_task(self._keep())
        return recovered

    async def close(self) -> None:
        """No more heartbeats."""
        if self._task is not None:
            await end(self._task)

    async def _keep(self) -> None:
        while self._batches.failure is None:
            await asyncio.sleep(self._times.heartbeat_seconds)
            try:
                await self._beat()
            except (LedgerUnavailable, StoreError):
                self._steady_since = None  # the next one may come through

    async def _beat(self) -> None:
        began = self._clock.monotonic()
        if not await epochs.beat(self._database, self._epoch):
            self._batches.fail("others have declared this process dead: it was silent too long")
            return
        now = self._clock.monotonic()
        times = self._times
        if now - began > times.heartbeat_seconds or self._steady_since is None:
            self._steady_since = now
        if now - self._steady_since >= times.silent_seconds:
            silent_ms = round(times.silent_seconds * 1000)
            await epochs.give_up_silent(self._database, self._epoch, silent_ms)
        self._end_overdue()
        await self._recover_orphans()
        if self._beats % _BEATS_PER_PRUNING == 0:
            await epochs.prune(self._database, EPOCH_KEPT_MS, _PRUNED_AT_ONCE)
        self._beats += 1

    def _end_overdue(self) -> None:
        """Recover own holds past their deadline: whoever opened them has lost them."""
        now, at = self._clock.monotonic(), self._clock.wall_ms()
        for request_id, hold in self._batches.opened.items():
            if hold.due < now:
                self._batches.submit(PendingOperation(Recover(request_id, at)))
                self.overdue_holds += 1

    async def _recover_orphans(self) -> Recovered:
        voided = charged = charge_micros = 0
        while found := await epochs.orphans(self._database, _ORPHANS_AT_ONCE):
            for orphan, settled in await self._recover(found):
                charged += orphan.hold.started
                voided += not orphan.hold.started
                charge_micros += settled.charge_micros
            if len(found) < _ORPHANS_AT_ONCE:
                break
        return Recovered(voided, charged, charge_micros)

    async def _recover(self, orphans: list[Orphan]) -> list[tuple[Orphan, Settled]]:
        """End these holds; those that somebody else has ended meanwhile are left out."""
        at, loop = self._clock.wall_ms(), asyncio.get_running_loop()
        waiting = []
        for orphan in orphans:
            future: asyncio.Future[Settled] = loop.create_future()
            recover = Recover(orphan.hold.request_id, at)
            self._batches.submit(PendingOperation(recover, future, orphan=_opened(orphan)))
            waiting.append((orphan, future))
        ended = []
        for orphan, future in waiting:
            with suppress(AlreadyEnded):
                ended.append((orphan, await future))
        return ended


def _opened(orphan: Orphan) -> OpenHold:
    """The hold in memory; accounts and budgets are looked up under their locks."""
    hold = orphan.hold
    price = from_json(orphan.price_document, price_id=hold.price_id, model=orphan.price_model)
    nobody = Account(hold.account_id, "", 0, 0)
    operation = operation_of(hold, price)
    since = tuple(counted_from_json(hold.budget_ids).values())
    return OpenHold(operation, nobody, (), hold.epoch, since)
