"""Wrong ledgers, wrong stores and a wrong gateway are found, each within few seeds.

A simulator that never fails proves nothing. Each part here is the product's, with one
mistake of the kind that it is there to exclude.
"""

from typing import Any, Self

import pytest

from tests.simulation.run import Variant, simulate
from yiyuan.ledger.operations import Credit, Operation, Recover, Settle, Settled, Start, Void
from yiyuan.ledger.postgres.ledger import PostgresLedger
from yiyuan.ledger.postgres.pending import PendingOperation
from yiyuan.ledger.recovery import restore_state
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.store.queries.ledger import StoredLedger, load_ledger

SEEDS = 150


class SettlesTwice(SqliteLedger):
    """The core takes a second settlement of the same request."""

    def _end(self, operation: Settle | Void | Recover) -> Settled:
        opened = self._state.holds[operation.request_id]
        was_kept = opened.is_kept
        settled = super()._end(operation)
        if isinstance(operation, Settle) and settled.charge_micros:
            answer: Any = apply(self._state, opened.operation)
            if operation.request_id in self._state.holds and was_kept:
                answer = super()._end(operation)
            return answer if isinstance(answer, Settled) else settled
        return settled


class ForgetsToRelease(SqliteLedger):
    """A voided request keeps its money."""

    async def void(self, operation: Void) -> None:
        return None


class DoesNotWaitForStart(SqliteLedger):
    """Gate 1 is open."""

    async def start(self, request_id: str, input_count: int) -> None:
        self._commits.apply(Start(request_id, input_count))
        self._commits.schedule()


class DoesNotWaitForSettle(SqliteLedger):
    """Gate 3 is open."""

    async def settle(self, operation: Settle) -> Settled:
        settled = self._end(operation)
        self._commits.schedule()
        return settled


class ForgetsKeys(SqliteLedger):
    """A keyed credit is made whenever it is asked for, under a key of its own."""

    async def post(self, operation: Operation[Any]) -> Any:
        if isinstance(operation, Credit):
            operation.idem_key = None
        return await super().post(operation)


class Recovering(SqliteLedger):
    """Recovers from rows that `doctored` has changed."""

    @classmethod
    async def open(cls, database: Any, clock: Any) -> Self:
        stored = cls.doctored(await database.run_read(load_ledger))
        state, recovered = restore_state(stored, clock)
        ledger = cls(database, clock, state, recovered)
        await ledger._commits.durable(None)
        return ledger

    @classmethod
    def doctored(cls, stored: StoredLedger) -> StoredLedger:
        raise NotImplementedError


class RecoversTheBound(Recovering):
    """A crash costs the customer everything that was held."""

    @classmethod
    def doctored(cls, stored: StoredLedger) -> StoredLedger:
        holds = [hold._replace(progress_output=hold.output_bound) for hold in stored.holds]
        return stored._replace(holds=holds)


class RecoversNothing(Recovering):
    """A crash makes the started request free."""

    @classmethod
    def doctored(cls, stored: StoredLedger) -> StoredLedger:
        return stored._replace(holds=[hold._replace(started=0) for hold in stored.holds])


class AnswersBeforeTheCommit(PostgresLedger):
    """Over PostgreSQL, gate 3 is open."""

    async def settle(self, operation: Settle) -> Settled:
        self._batches.submit(PendingOperation(operation))
        return Settled(0, 0, 0)


WRONG = {
    "the core settles twice": Variant(ledger=SettlesTwice, is_shared=False),
    "a void forgets to release": Variant(ledger=ForgetsToRelease, is_shared=False),
    "the first byte does not wait": Variant(ledger=DoesNotWaitForStart, is_shared=False),
    "the last byte does not wait": Variant(ledger=DoesNotWaitForSettle, is_shared=False),
    "a key is forgotten": Variant(ledger=ForgetsKeys, is_shared=False),
    "recovery charges the bound": Variant(ledger=RecoversTheBound, is_shared=False),
    "recovery charges nothing": Variant(ledger=RecoversNothing, is_shared=False),
    "the window is twice as wide": Variant(window_tokens=128, is_shared=False),
    "the disk loses what it acknowledged": Variant(lies=0.02, is_shared=False),
    "the server loses what it acknowledged": Variant(lies=0.02, is_shared=True),
    "the dead may write": Variant(is_fenced=False, is_shared=True),
    "a commit is taken for lost": Variant(forgets_commits=True, is_shared=True),
    "the answer does not wait for COMMIT": Variant(
        shared_book=AnswersBeforeTheCommit, is_shared=True
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_it_is_found(what: str) -> None:
    runs = (simulate(seed, WRONG[what]) for seed in range(SEEDS))
    found = next((run for run in runs if run.problem is not None), None)
    assert found is not None, f"{SEEDS} seeds did not notice that {what}"
    print(f"{what}: seed {found.seed}: {found.problem}")
