"""What was asked of a ledger that many processes share, and what a batch needs for it."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yiyuan.ledger.operations import (
    Credit,
    Hold,
    OpenAccount,
    Operation,
    Progress,
    Recover,
    Refund,
    Rename,
    Resume,
    SetBudget,
    Settle,
    Start,
    Suspend,
    Switch,
    Void,
)
from yiyuan.ledger.rules.accounts import create_key, refund_key
from yiyuan.ledger.rules.state import OpenHold
from yiyuan.store.queries.ledger import Refundable
from yiyuan.store.tables.ledger import HoldRow


@dataclass(slots=True, eq=False)
class PendingOperation:
    """One operation on its way into a batch."""

    operation: Operation[Any]
    future: "asyncio.Future[Any] | None" = None
    """Who waits for the answer; None: nobody does."""
    refundable: Refundable | None = None
    """Of a Refund: what is given back."""
    orphan: OpenHold | None = None
    """Of a Recover: another process's hold, to be read again under its lock."""

    @property
    def is_withdrawn(self) -> bool:
        """A hold or posting that nobody waits for any more need not be made."""
        is_ending = isinstance(self.operation, Settle | Void | Recover | Start | Progress | Switch)
        return self.future is not None and self.future.done() and not is_ending


@dataclass(slots=True)
class Needs:
    """What has to be locked and read for a batch."""

    accounts: set[str] = field(default_factory=set)
    budgets: set[str] = field(default_factory=set)
    counted: set[str] = field(default_factory=set)
    """Accounts whose open holds are counted, because of a concurrency limit."""
    orphans: list[str] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)


def needs_of(asks: Iterable[PendingOperation], opened: Mapping[str, OpenHold]) -> Needs:
    """What a batch of these has to lock and read; `opened` are this process's holds."""
    needs = Needs()
    for ask in asks:
        account_id, budget_ids = touched(ask, opened)
        if account_id is not None:
            needs.accounts.add(account_id)
            if _is_counted(ask.operation):
                needs.counted.add(account_id)
        needs.budgets.update(budget_ids)
        _add_look_ups(needs, ask)
    return needs


def touched(
    ask: PendingOperation, opened: Mapping[str, OpenHold]
) -> tuple[str | None, tuple[str, ...]]:
    """The account and the budgets that an operation may change."""
    operation = ask.operation
    match operation:
        case Hold():
            return operation.account_id, operation.budget_ids
        case Settle() | Void() | Recover() | Start() | Progress() | Switch():
            hold = opened.get(operation.request_id) or ask.orphan
            if hold is None:
                return None, ()
            joined = operation.budget_ids if isinstance(operation, Switch) else ()
            return hold.operation.account_id, hold.operation.budget_ids + joined
        case Credit() | Suspend() | Resume() | OpenAccount() | Rename():
            return operation.account_id, ()
        case SetBudget():
            return None, (operation.budget_id,)
        case _:
            found = ask.refundable
            if found is None:
                return None, ()
            return found.charge.account_id, tuple(budget_id for budget_id, _ in found.counted)


def is_blocked(
    ask: PendingOperation, opened: Mapping[str, OpenHold], locked: frozenset[str]
) -> bool:
    """Whether a row that it needs is among those that somebody else has locked."""
    account_id, budget_ids = touched(ask, opened)
    return account_id in locked or not locked.isdisjoint(budget_ids)


def _is_counted(operation: Operation[Any]) -> bool:
    """Whether a limit asks how many requests of the account are open."""
    return isinstance(operation, Hold | Switch) and operation.account_concurrency is not None


def _add_look_ups(needs: Needs, ask: PendingOperation) -> None:
    operation = ask.operation
    match operation:
        case Recover() if ask.orphan is not None:
            needs.orphans.append(operation.request_id)
        case Credit() if operation.idem_key is not None:
            needs.keys.add(operation.idem_key)
        case OpenAccount():
            needs.names.add(operation.name)
            needs.keys.add(create_key(operation.account_id))
        case Rename():
            needs.names.add(operation.name)
        case Refund():
            needs.keys.add(refund_key(operation.request_id))


def same_hold(hold: OpenHold, row: HoldRow) -> OpenHold:
    """An orphan as its row says now."""
    return OpenHold(
        hold.operation,
        hold.account,
        hold.budgets,
        row.epoch,
        hold.counted_since,
        bool(row.started),
        row.input_count,
        row.progress_output,
        is_kept=True,
        is_stored=True,
    )
