"""Queries of the ledger: its state at the start, and single rows by their keys."""

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, TypeVar

from yiyuan.store.database import Connection, Database
from yiyuan.store.tables.ledger import AccountRow, BudgetRow, EntryRow, HoldRow

NOT_NOTED: Final = "?"
"""What `usage.counted` says of charges that are older than the column."""

Record = TypeVar("Record", AccountRow, BudgetRow, EntryRow, HoldRow)


class StoredLedger(NamedTuple):
    """All that a ledger needs in memory."""

    accounts: list[AccountRow]
    budgets: list[BudgetRow]
    holds: list[HoldRow]
    prices: dict[str, tuple[str, str]]
    """Model and document of the prices that the holds name, by id."""
    last_epoch: int


class Refundable(NamedTuple):
    """A charge that may be given back, once."""

    charge: EntryRow
    admitted_at: int
    """When its request was."""
    counted: tuple[tuple[str, int | None], ...]
    """The budgets that counted it, and since when each was counting then; None where that
    was not noted yet. None at all when its details have expired."""


def load_ledger(connection: Connection) -> StoredLedger:
    """Read accounts, budgets, open holds and their prices, as of one moment."""
    prices = connection.execute(
        "SELECT id, model, document FROM prices WHERE id IN (SELECT price_id FROM holds)"
    )
    epoch = connection.execute("SELECT coalesce(max(epoch), 0) FROM epochs").fetchone()
    return StoredLedger(
        _all(connection, AccountRow, "accounts"),
        _all(connection, BudgetRow, "budgets"),
        _all(connection, HoldRow, "holds ORDER BY opened_at, request_id"),
        {row[0]: (row[1], row[2]) for row in prices},
        int(epoch[0]),
    )


async def account_by_name(database: Database, name: str) -> str | None:
    """The id of the account of this name."""
    rows = await database.read("SELECT id FROM accounts WHERE name = ?", (name,))
    return rows[0][0] if rows else None


async def account_by_id(database: Database, account_id: str) -> AccountRow | None:
    """An account."""
    query = f"SELECT {', '.join(AccountRow._fields)} FROM accounts WHERE id = ?"  # noqa: S608
    rows = await database.read(query, (account_id,))
    return AccountRow(*rows[0]) if rows else None


async def budget_by_id(database: Database, budget_id: str) -> BudgetRow | None:
    """A budget."""
    query = f"SELECT {', '.join(BudgetRow._fields)} FROM budgets WHERE id = ?"  # noqa: S608
    rows = await database.read(query, (budget_id,))
    return BudgetRow(*rows[0]) if rows else None


async def entry_by_key(database: Database, idem_key: str) -> EntryRow | None:
    """The entry that was made under an idempotency key."""
    return await _entry(database, "idem_key = ?", (idem_key,))


async def refundable(database: Database, request_id: str) -> Refundable | None:
    """The charge of a request, and where it may have been counted."""
    charge = await _entry(database, "request_id = ?", (request_id,))
    if charge is None:
        return None
    query = "SELECT api_token_id, model, admitted_at, counted FROM usage WHERE request_id = ?"
    usage = await database.read(query, (request_id,))
    if not usage:
        return Refundable(charge, charge.at, ())
    api_token_id, model, admitted_at, counted = usage[0]
    if counted != NOT_NOTED:
        return Refundable(charge, admitted_at, tuple(json.loads(counted or "{}").items()))
    query = "SELECT id FROM budgets WHERE api_token_id = ? AND coalesce(model, ?) = ?"
    budgets = await database.read(query, (api_token_id, model, model))
    return Refundable(charge, admitted_at, tuple((row[0], None) for row in budgets))


async def _entry(database: Database, condition: str, values: Sequence[Any]) -> EntryRow | None:
    columns = ", ".join(EntryRow._fields)
    # Names of ours only; values are bound.
    rows = await database.read(f"SELECT {columns} FROM entries WHERE {condition}", values)  # noqa: S608
    return EntryRow(*rows[0]) if rows else None


def _all(connection: Connection, kind: type[Record], source: str) -> list[Record]:
    # Names of ours only.
    query = f"SELECT {', '.join(kind._fields)} FROM {source}"  # noqa: S608
    return [kind._make(row) for row in connection.execute(query)]
