"""Carries one batch through the database: lock, decide, write; the commit is the caller's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yiyuan.ledger.postgres.decision import BatchDecision, Found, in_order
from yiyuan.ledger.postgres.pending import Needs, PendingOperation, is_blocked, needs_of, same_hold
from yiyuan.ledger.rules.state import LedgerState, OpenHold
from yiyuan.store.postgres import batch as rows
from yiyuan.store.postgres.batch import Session


@dataclass(slots=True)
class Decided:
    """A batch that is written, but not yet committed."""

    asks: list[PendingOperation]
    answers: list[Any]
    """What the core answered each; refusals are values."""
    put_off: list[PendingOperation]
    """Left out, because somebody else has their account or budget locked."""
    state: LedgerState
    """Accounts, budgets and touched holds as they are after the batch."""
    skipped: frozenset[str] = frozenset()
    """The ids of the accounts and budgets that somebody else has locked."""


async def decide(
    session: Session,
    epoch: int,
    number: int,
    asks: list[PendingOperation],
    opened: Mapping[str, OpenHold],
    *,
    should_skip: bool,
) -> Decided:
    """Lock, decide and write; `opened` are this process's holds, unchanged by it.

    Raises Fenced, and what the driver raises.
    """
    needs = needs_of(asks, opened)
    await rows.begin(session)
    locked = await rows.lock_accounts(
        session, epoch, number, sorted(needs.accounts), should_skip=should_skip
    )
    found, put_off = Found(locked.accounts), []
    skipped = locked.skipped
    if needs.budgets:
        of_budgets = await rows.lock_budgets(
            session, sorted(needs.budgets), should_skip=should_skip
        )
        found.budgets = of_budgets.budgets
        skipped |= of_budgets.skipped
    if skipped:
        put_off = [ask for ask in asks if is_blocked(ask, opened, skipped)]
        asks = [ask for ask in asks if not is_blocked(ask, opened, skipped)]
        needs = needs_of(asks, opened)
    await _find(session, needs, asks, found)
    deciding = BatchDecision(epoch, found)
    asks = in_order(asks)
    deciding.load(asks, opened)
    answers = [deciding.answer(ask) for ask in asks]
    await rows.write(session, deciding.state.take_batch())
    return Decided(asks, answers, put_off, deciding.state, skipped)


async def _find(session: Session, needs: Needs, asks: list[PendingOperation], found: Found) -> None:
    """Read what else the batch needs; most need nothing."""
    if needs.counted:
        found.open_counts = await rows.read_open_counts(session, sorted(needs.counted))
    if needs.keys:
        found.entries = await rows.read_entries(session, sorted(needs.keys))
    if needs.names:
        found.names = await rows.read_names(session, sorted(needs.names))
    if needs.orphans:
        holds = {
            ask.orphan.operation.request_id: ask.orphan for ask in asks if ask.orphan is not None
        }
        found.orphans = {
            row.request_id: same_hold(holds[row.request_id], row)
            for row in await rows.read_holds(session, needs.orphans)
        }
