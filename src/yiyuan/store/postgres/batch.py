"""The ledger's batches in PostgreSQL: lock, load and write, each in one round trip.

A batch is one transaction on a connection of its own:

1. `begin`: with limits on waiting, so that a process that is stopped half-way frees
   what it has locked.
2. `lock`: says that its epoch is alive and counts the batch there (the fence and the
   proof), and locks the touched accounts in the order of their ids. Budgets follow.
3. `write`: all changed rows in one statement.
4. `commit`.

Accounts come before budgets and both in order of id, so batches of many processes
cannot deadlock. A hold's row is only changed under its account's lock.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias, get_type_hints

import asyncpg

from yiyuan.store.tables import ledger as ledger_rows

# Outside this room nobody needs to know the driver.
Session: TypeAlias = asyncpg.Connection

NOW_MS: Final = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)"

_BEGIN: Final = """
BEGIN;
SET LOCAL lock_timeout = 1000;
SET LOCAL statement_timeout = 8000;
SET LOCAL idle_in_transaction_session_timeout = 5000
"""
_ACCOUNT_COLUMNS: Final = ", ".join(ledger_rows.AccountRow._fields)
_LOCK: Final = f"""
WITH fence AS (
    UPDATE epochs SET last_batch = $2, heartbeat_at = {NOW_MS}
    WHERE epoch = $1 AND state = 'live' RETURNING epoch
), locked AS (
    SELECT {_ACCOUNT_COLUMNS} FROM accounts WHERE id = ANY($3) ORDER BY id FOR UPDATE{{skip}}
)
SELECT (SELECT count(*) FROM fence) AS fenced, locked.*
FROM (SELECT 1) AS one LEFT JOIN locked ON TRUE
"""  # noqa: S608 - names of ours
_LOCK_OR_WAIT: Final = _LOCK.format(skip="")
_LOCK_OR_SKIP: Final = _LOCK.format(skip=" SKIP LOCKED")
_BUDGETS: Final = (
    f"SELECT {', '.join(ledger_rows.BudgetRow._fields)} FROM budgets "  # noqa: S608 - names of ours
    "WHERE id = ANY($1) ORDER BY id FOR UPDATE"
)
_BUDGETS_OR_SKIP: Final = f"{_BUDGETS} SKIP LOCKED"
_HOLDS: Final = (
    f"SELECT {', '.join(ledger_rows.HoldRow._fields)} FROM holds WHERE request_id = ANY($1)"  # noqa: S608
)
_ENTRIES: Final = (
    f"SELECT {', '.join(ledger_rows.EntryRow._fields)} FROM entries WHERE idem_key = ANY($1)"  # noqa: S608
)
_OPEN_COUNTS: Final = (
    "SELECT account_id, model, count(*) FROM holds WHERE account_id = ANY($1) GROUP BY 1, 2"
)

_DELETE: Final = "DELETE FROM holds WHERE request_id = ANY"

# In the order in which they are written; what is replaced when the row is there.
_TABLES: Final[tuple[tuple[str, Any, tuple[str, ...]], ...]] = (
    (
        "accounts",
        ledger_rows.AccountRow,
        ("name", "posted", "held", "seq", "last_entry_at", "suspended_at"),
    ),
    ("budgets", ledger_rows.BudgetRow, ("limit_micros", "spent", "held", "counted_since")),
    ("entries", ledger_rows.EntryRow, ()),
    ("usage", ledger_rows.UsageRow, ()),
    ("attempts", ledger_rows.AttemptRow, ()),
    ("holds", ledger_rows.HoldRow, ledger_rows.HOLD_CHANGES),
)


class Fenced(Exception):
    """The process was declared dead: its batch had no effect, and none ever will."""


class Locked(NamedTuple):
    """The accounts of a batch, locked; those that do not exist are missing."""

    accounts: list[ledger_rows.AccountRow]
    skipped: frozenset[str]
    """Ids of accounts that somebody else has locked (only when told not to wait)."""


class LockedBudgets(NamedTuple):
    """The budgets of a batch, the same way."""

    budgets: list[ledger_rows.BudgetRow]
    skipped: frozenset[str]


async def begin(connection: Session) -> None:
    """Open the transaction."""
    await connection.execute(_BEGIN)


async def lock_accounts(
    connection: Session,
    epoch: int,
    number: int,
    account_ids: list[str],
    *,
    should_skip: bool,
) -> Locked:
    """Pass the fence, note the batch's number and lock accounts. Raises Fenced."""
    sql = _LOCK_OR_SKIP if should_skip else _LOCK_OR_WAIT
    rows = await connection.fetch(sql, epoch, number, account_ids)
    if not rows[0]["fenced"]:
        raise Fenced(f"epoch {epoch} is not alive any more")
    accounts = [ledger_rows.AccountRow(*row[1:]) for row in rows if row["id"] is not None]
    if not should_skip or len(accounts) == len(account_ids):
        return Locked(accounts, frozenset())
    missing = set(account_ids) - {account.id for account in accounts}
    there = await connection.fetch("SELECT id FROM accounts WHERE id = ANY($1)", list(missing))
    return Locked(accounts, frozenset(row[0] for row in there))


async def lock_budgets(
    connection: Session, budget_ids: list[str], *, should_skip: bool
) -> LockedBudgets:
    """Lock and read budgets."""
    sql = _BUDGETS_OR_SKIP if should_skip else _BUDGETS
    budgets = [ledger_rows.BudgetRow(*row) for row in await connection.fetch(sql, budget_ids)]
    if not should_skip or len(budgets) == len(budget_ids):
        return LockedBudgets(budgets, frozenset())
    missing = set(budget_ids) - {budget.id for budget in budgets}
    there = await connection.fetch("SELECT id FROM budgets WHERE id = ANY($1)", list(missing))
    return LockedBudgets(budgets, frozenset(row[0] for row in there))


async def read_holds(connection: Session, request_ids: list[str]) -> list[ledger_rows.HoldRow]:
    """Open holds by their requests; their accounts must be locked."""
    return [ledger_rows.HoldRow(*row) for row in await connection.fetch(_HOLDS, request_ids)]


async def read_entries(connection: Session, idem_keys: list[str]) -> list[ledger_rows.EntryRow]:
    """Entries by their keys."""
    return [ledger_rows.EntryRow(*row) for row in await connection.fetch(_ENTRIES, idem_keys)]


async def read_names(connection: Session, names: list[str]) -> set[str]:
    """Those of `names` that accounts have."""
    rows = await connection.fetch("SELECT name FROM accounts WHERE name = ANY($1)", names)
    return {row[0] for row in rows}


async def read_open_counts(
    connection: Session, account_ids: list[str]
) -> dict[tuple[str, str], int]:
    """Number of open holds of all processes, by account and model."""
    rows = await connection.fetch(_OPEN_COUNTS, account_ids)
    return {(row[0], row[1]): row[2] for row in rows}


async def write(connection: Session, batch: ledger_rows.Batch) -> None:
    """Write a batch's rows in one statement."""
    names: list[str] = []
    values: list[tuple[Any, ...]] = []
    for name, _, _ in _TABLES:
        rows: Sequence[tuple[Any, ...]] = getattr(batch, name)
        if rows:
            names.append(name)
            values += zip(*rows, strict=True)
    if batch.ended_holds:
        names.append("ended")
        values.append(tuple(batch.ended_holds))
    if not names:
        return
    deleted = await connection.fetchval(_statement(tuple(names)), *values)
    missing = len(batch.ended_holds) - deleted
    assert missing == 0, f"{missing} ended holds had no row"


async def commit(connection: Session) -> None:
    """Make it durable."""
    tag = await connection.execute("COMMIT")
    assert tag == "COMMIT", tag


async def rollback(connection: Session) -> None:
    """Undo, on a connection that is sound."""
    await connection.execute("ROLLBACK")


async def took_effect(connection: Session, epoch: int, number: int) -> bool:
    """Whether the batch of this number, the last that was tried, was committed.

    Waits until its transaction has ended: that one holds the epoch's row.
    """
    sql = "SELECT last_batch FROM epochs WHERE epoch = $1 FOR SHARE"
    async with connection.transaction():
        await connection.execute("SET LOCAL lock_timeout = 10000")
        # A process that is frozen right here must not keep others from its holds.
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 10000")
        return bool(await connection.fetchval(sql, epoch) == number)


@cache
def _statement(names: tuple[str, ...]) -> str:
    """One statement that writes these tables; it answers how many holds were deleted."""
    parts, place = [], 0
    for name, kind, updated in _TABLES:
        if name in names:
            insert, place = _insert(name, kind, updated, place)
            parts.append(f"put_{name} AS ({insert})")
    count = "0"
    if "ended" in names:
        places = f"${place + 1}::text[]"
        parts.append(f"ended AS ({_DELETE}({places}) RETURNING 1)")
        count = "(SELECT count(*) FROM ended)"
    return f"WITH {', '.join(parts)} SELECT {count}"


def _insert(name: str, kind: Any, updated: tuple[str, ...], place: int) -> tuple[str, int]:
    """The part for one table, its places numbered after `place`; and the last of them."""
    columns: tuple[str, ...] = kind._fields
    hints = get_type_hints(kind)
    arrays = []
    for column in columns:
        place += 1
        array = "text[]" if hints[column] in (str, str | None) else "bigint[]"
        arrays.append(f"${place}::{array}")
    sql = (
        f"INSERT INTO {name} ({', '.join(columns)}) "  # noqa: S608 - names of ours
        f"SELECT * FROM unnest({', '.join(arrays)})"
    )
    if updated:
        changes = ", ".join(f"{column} = excluded.{column}" for column in updated)
        sql += f" ON CONFLICT ({columns[0]}) DO UPDATE SET {changes}"
    return sql, place
