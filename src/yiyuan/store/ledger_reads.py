"""Queries of the ledger: its state at the start, and single rows by their keys."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar

from yiyuan.store.database import Connection, Database
from yiyuan.store.rows import AccountRow, BudgetRow, EntryRow, HoldRow

Record = TypeVar("Record", AccountRow, BudgetRow, EntryRow, HoldRow)


class StoredLedger(NamedTuple):
    """All that a ledger needs in memory."""

    accounts: list[AccountRow]
    budgets: list[BudgetRow]
    holds: list[HoldRow]
    prices: dict[str, tuple[str, str]]
    """Model and document of the prices that the holds name, by id."""
    last_epoch: int


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


async def charge_of(database: Database, request_id: str) -> EntryRow | None:
    """The charge of a request."""
    return await _entry(database, "request_id = ?", (request_id,))


async def _entry(database: Database, condition: str, values: Sequence[Any]) -> EntryRow | None:
    columns = ", ".join(EntryRow._fields)
    # Names of ours only; values are bound.
    rows = await database.read(f"SELECT {columns} FROM entries WHERE {condition}", values)  # noqa: S608
    return EntryRow(*rows[0]) if rows else None


def _all(connection: Connection, kind: type[Record], source: str) -> list[Record]:
    # Names of ours only.
    query = f"SELECT {', '.join(kind._fields)} FROM {source}"  # noqa: S608
    return [kind._make(row) for row in connection.execute(query)]
