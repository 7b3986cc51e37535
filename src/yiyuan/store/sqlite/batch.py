"""Writes a ledger batch with few, large statements.

One statement carries up to 128 rows. That is not for the database's sake: around
each statement the driver gives up the interpreter's lock and has to win it back
from the event loop's thread, which under load takes longer than the statement.

What costs most is to hand values over, above all texts and NULLs. The rows of a batch
are of one moment, and much alike: columns that tend to be the same are named in groups,
and a group that is the same in all rows of a statement is handed over once.
"""

import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

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

_CHUNKS = (128, 64, 32, 16, *range(12, 0, -1))
_MOST = _CHUNKS[0]
_CHUNK_OF = tuple(next((size for size in _CHUNKS if size <= n), 0) for n in range(_MOST + 1))
"""The largest statement that so many rows fill."""

Row = tuple[Any, ...]
Columns = tuple[str, ...]

# Each group doubles the statements that there may be of a size, so they are few. A row
# that differs in one of a group's columns costs its statement the whole group.
_ALIKE_ENTRIES = (("account_id",), ("kind", "contra", "idem_key", "actor", "memo"))
_ALIKE_USAGE = (
    ("account_id", "api_token_id", "counted", "counted_at"),
    ("model", "endpoint", "channel_id", "upstream_model", "price_id", "price_factor_ppm"),
    (
        *("cached_input_tokens", "cache_write_tokens", "cache_write_1h_tokens"),
        *("reasoning_tokens", "source", "outcome", "status", "shortfall", "upstream_cost"),
        *("streamed", "attempts", "client_request_id"),
    ),
)
_ALIKE_ATTEMPTS = (("n", "channel_id", "key_id", "outcome", "status", "upstream_cost"),)


class _Form(NamedTuple):
    """A statement for so many rows of which some columns are all the same."""

    sql: str
    shared: list[int]
    """Places of the columns that are bound as one value, before all others."""
    own: Callable[[Row], Row]
    """The other values of a row."""


class _Table:
    """The statements that put rows of one kind into their table."""

    def __init__(
        self,
        table: str,
        columns: Columns,
        *,
        updated: Columns = (),
        alike: tuple[Columns, ...] = (),
    ) -> None:
        """A row whose first column is there already gets its `updated` columns replaced.

        `alike` are the groups of columns that rows of one batch often have in common.
        """
        # A row that is refused stops the ledger, so nothing is kept to undo a statement alone.
        # Names of ours only; values are always bound.
        self._head = f"INSERT OR ROLLBACK INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608
        self._tail = ""
        if updated:
            changes = ", ".join(f"{column} = excluded.{column}" for column in updated)
            self._tail = f" ON CONFLICT ({columns[0]}) DO UPDATE SET {changes}"
        self._width = len(columns)
        self._groups = [[columns.index(name) for name in group] for group in alike]
        self._alike = [(1 << n, _parts_at(group)) for n, group in enumerate(self._groups)]
        self._forms: dict[tuple[int, int], _Form] = {}

    def put(self, cursor: sqlite3.Cursor, rows: Sequence[Row]) -> None:
        """Write `rows` in their order."""
        start, count = 0, len(rows)
        while start < count:
            size = _CHUNK_OF[min(count - start, _MOST)]
            self._write(cursor, rows[start : start + size], size)
            start += size

    def _write(self, cursor: sqlite3.Cursor, rows: Sequence[Row], size: int) -> None:
        common = 0
        if size > 1:
            for bit, parts in self._alike:
                found = list(map(parts, rows))
                if found.count(found[0]) == size:
                    common |= bit
        form = self._forms.get((size, common))
        if form is None:
            form = self._forms[size, common] = self._form(size, common)
        if common:
            first = rows[0]
            shared = [first[place] for place in form.shared]
            values = (*shared, *chain.from_iterable(map(form.own, rows)))
        else:
            values = rows[0] if size == 1 else tuple(chain.from_iterable(rows))
        cursor.execute(form.sql, values)

    def _form(self, size: int, common: int) -> _Form:
        """The statement for so many rows, of which the groups of these bits are the same."""
        groups = [group for n, group in enumerate(self._groups) if common >> n & 1]
        shared = sorted(chain.from_iterable(groups))
        own = [place for place in range(self._width) if place not in shared]
        number_of = {place: number for number, place in enumerate(shared + own, 1)}
        rows = [
            ", ".join(
                f"?{number_of[place] + (0 if place in shared else row * len(own))}"
                for place in range(self._width)
            )
            for row in range(size)
        ]
        sql = f"{self._head}({'), ('.join(rows)}){self._tail}"
        return _Form(sql, shared, itemgetter(*own))


def _parts_at(places: list[int]) -> Callable[[Row], Any]:
    """What takes the values at these places from a row, neighbours in one slice."""
    slices: list[slice] = []
    for place in sorted(places):
        if slices and slices[-1].stop == place:
            slices[-1] = slice(slices[-1].start, place + 1)
        else:
            slices.append(slice(place, place + 1))
    return itemgetter(*slices)


@cache
def _tables() -> dict[str, _Table]:
    return {
        "accounts": _Table(
            "accounts",
            AccountRow._fields,
            # Not the name: it would be written to its index with every charge.
            updated=("posted", "held", "seq", "last_entry_at", "suspended_at"),
        ),
        "entries": _Table("entries", EntryRow._fields, alike=_ALIKE_ENTRIES),
        "holds": _Table("holds", HoldRow._fields, updated=HOLD_CHANGES),
        "budgets": _Table(
            "budgets", BudgetRow._fields, updated=("limit_micros", "spent", "held", "counted_since")
        ),
        "usage": _Table("usage", UsageRow._fields, alike=_ALIKE_USAGE),
        "attempts": _Table("attempts", AttemptRow._fields, alike=_ALIKE_ATTEMPTS),
        "epochs": _Table("epochs", EpochRow._fields, updated=("ended_at",)),
    }


def write_batch(connection: sqlite3.Connection, batch: Batch) -> None:
    """Execute a batch inside the open transaction."""
    cursor = connection.cursor()
    tables = _tables()
    for name in ("epochs", "accounts", "budgets", "entries", "usage", "attempts", "holds"):
        rows = getattr(batch, name)
        if rows:
            tables[name].put(cursor, rows)
        if name == "accounts" and batch.renamed:
            _rename(cursor, batch)
    if batch.ended_holds:
        _delete_holds(cursor, batch.ended_holds)


def _rename(cursor: sqlite3.Cursor, batch: Batch) -> None:
    """Write the names of those accounts that have another one than before."""
    names = {account.id: account.name for account in batch.accounts}
    for account_id in batch.renamed:
        values = (names[account_id], account_id)
        cursor.execute("UPDATE accounts SET name = ? WHERE id = ?", values)


def _delete_holds(cursor: sqlite3.Cursor, request_ids: list[str]) -> None:
    """Delete the rows of ended holds, each of which must be there."""
    start, count = 0, len(request_ids)
    while start < count:
        size = _CHUNK_OF[min(count - start, _MOST)]
        places = ", ".join("?" * size)
        statement = f"DELETE FROM holds WHERE request_id IN ({places})"  # noqa: S608
        deleted = cursor.execute(statement, request_ids[start : start + size]).rowcount
        assert deleted == size, f"{size - deleted} ended holds had no row"
        start += size
