"""Writes a ledger batch with few, large statements.

One statement carries up to 64 rows. That is not for the database's sake: around
each statement the driver gives up the interpreter's lock and has to win it back
from the event loop's thread, which under load takes longer than the statement.
"""

import sqlite3
from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from yiyuan.store.tables.ledger import (
    HOLD_CHANGES,
    AccountRow,
    AttemptRow,
    Batch,
    BudgetRow,
    EntryRow,
    EpochRow,
    HoldRow,
    UsageRow,
)

_CHUNKS = (128, 64, 32, 16, 8, 4, 2, 1)


class _Table:
    """The statements that put rows of one kind into their table."""

    def __init__(self, table: str, columns: tuple[str, ...], updated: tuple[str, ...] = ()) -> None:
        """A row whose first column is there already gets its `updated` columns replaced."""
        # Names of ours only; values are always bound.
        head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608
        one = f"({', '.join('?' * len(columns))})"
        tail = ""
        if updated:
            changes = ", ".join(f"{column} = excluded.{column}" for column in updated)
            tail = f" ON CONFLICT ({columns[0]}) DO UPDATE SET {changes}"
        self._statements = [(size, head + ", ".join([one] * size) + tail) for size in _CHUNKS]

    def put(self, connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write `rows` in their order."""
        start, count = 0, len(rows)
        for size, statement in self._statements:
            while count - start >= size:
                values = tuple(chain.from_iterable(rows[start : start + size]))
                connection.execute(statement, values)
                start += size


@cache
def _tables() -> dict[str, _Table]:
    return {
        "accounts": _Table(
            "accounts",
            AccountRow._fields,
            # Not the name: it would be written to its index with every charge.
            ("posted", "held", "seq", "last_entry_at", "suspended_at"),
        ),
        "entries": _Table("entries", EntryRow._fields),
        "holds": _Table("holds", HoldRow._fields, HOLD_CHANGES),
        "budgets": _Table(
            "budgets", BudgetRow._fields, ("limit_micros", "spent", "held", "counted_since")
        ),
        "usage": _Table("usage", UsageRow._fields),
        "attempts": _Table("attempts", AttemptRow._fields),
        "epochs": _Table("epochs", EpochRow._fields, ("ended_at",)),
    }


def write_batch(connection: sqlite3.Connection, batch: Batch) -> None:
    """Execute a batch inside the open transaction."""
    tables = _tables()
    for name in ("epochs", "accounts", "budgets", "entries", "usage", "attempts", "holds"):
        rows = getattr(batch, name)
        if rows:
            tables[name].put(connection, rows)
        if name == "accounts" and batch.renamed:
            _rename(connection, batch)
    if batch.ended_holds:
        delete_holds(connection, batch.ended_holds)


def _rename(connection: sqlite3.Connection, batch: Batch) -> None:
    """Write the names of those accounts that have another one than before."""
    names = {account.id: account.name for account in batch.accounts}
    for account_id in batch.renamed:
        values = (names[account_id], account_id)
        connection.execute("UPDATE accounts SET name = ? WHERE id = ?", values)


def delete_holds(connection: sqlite3.Connection, request_ids: list[str]) -> None:
    """Delete the rows of ended holds, each of which must be there."""
    start, count = 0, len(request_ids)
    for size in _CHUNKS:
        places = ", ".join("?" * size)
        statement = f"DELETE FROM holds WHERE request_id IN ({places})"  # noqa: S608
        while count - start >= size:
            deleted = connection.execute(statement, request_ids[start : start + size]).rowcount
            assert deleted == size, f"{size - deleted} ended holds had no row"
            start += size
