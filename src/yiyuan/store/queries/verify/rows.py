"""What an audit reads, a page at a time, so that memory stays flat whatever the size.

Every query is short and finds its rows by an index, so an audit can do its work in many
small pieces, each on a view of its own moment, while the ledger goes on writing. What
belongs to one account is read account by account: a query over two large tables would
leave it to the engine's planner how long it takes.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from yiyuan.store.database import Connection
from yiyuan.store.tables.ledger import (
    AccountRow,
    BudgetRow,
    CheckpointRow,
    EntryRow,
    HoldRow,
    UsageRow,
)


class Head(NamedTuple):
    """An account, its checkpoint, and how far its rows go."""

    account: AccountRow
    checkpoint: CheckpointRow | None
    last_seq: int
    """Of the entries that are there; 0 without any."""
    last_admitted_at: int
    """Of the usage that is there; 0 without any."""
    has_days: bool
    """Whether some of its requests have expired."""


class BookedEntry(NamedTuple):
    """An entry; if it is a charge, whose usage it is for and what that says."""

    entry: EntryRow
    usage_account_id: str | None
    usage_charge: int | None


class PaidUsage(NamedTuple):
    """A row of usage, and whether there is an entry for it."""

    usage: UsageRow
    entry_id: str | None


class Charged(NamedTuple):
    """What an account was charged: by its entries, by its usage, by its days."""

    entries: int
    entries_micros: int
    usage: int
    usage_micros: int
    days: int
    days_micros: int


def _columns(kind: Any, alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in kind._fields)


# Names of ours only; values are bound.
_HEADS = f"""
SELECT {_columns(AccountRow, "a")}, {_columns(CheckpointRow, "c")},
       coalesce((SELECT max(e.seq) FROM entries e WHERE e.account_id = a.id), 0),
       coalesce((SELECT max(u.admitted_at) FROM usage u WHERE u.account_id = a.id), 0),
       EXISTS (SELECT 1 FROM usage_days d WHERE d.account_id = a.id)
FROM accounts a LEFT JOIN checkpoints c ON c.account_id = a.id
WHERE a.id > ? ORDER BY a.id LIMIT ?
"""  # noqa: S608
_ENTRIES = f"""
SELECT {_columns(EntryRow, "e")}, u.account_id, u.charge
FROM entries e LEFT JOIN usage u ON u.request_id = e.request_id
WHERE e.account_id = ? AND e.seq > ? ORDER BY e.seq LIMIT ?
"""  # noqa: S608
_USAGE = f"""
SELECT {_columns(UsageRow, "u")}, e.id
FROM usage u LEFT JOIN entries e ON e.request_id = u.request_id
WHERE u.account_id = ? AND u.admitted_at >= ? AND (u.admitted_at > ? OR u.request_id > ?)
ORDER BY u.admitted_at, u.request_id LIMIT ?
"""  # noqa: S608
# From one account to the next along an index: as many steps as there are accounts.
_STRAYS = """
WITH RECURSIVE owners(id) AS (
    SELECT min(account_id) FROM {table}
    UNION ALL
    SELECT (SELECT min(t.account_id) FROM {table} t WHERE t.account_id > owners.id)
    FROM owners WHERE owners.id IS NOT NULL)
SELECT owners.id FROM owners
WHERE owners.id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM accounts WHERE id = owners.id)
"""
_CHARGED = """
SELECT count(*), CAST(coalesce(-sum(amount), 0) AS BIGINT),
       (SELECT count(*) FROM usage WHERE account_id = ? AND charge > 0),
       (SELECT CAST(coalesce(sum(charge), 0) AS BIGINT) FROM usage WHERE account_id = ?),
       (SELECT CAST(coalesce(sum(charged), 0) AS BIGINT) FROM usage_days WHERE account_id = ?),
       (SELECT CAST(coalesce(sum(charge), 0) AS BIGINT) FROM usage_days WHERE account_id = ?)
FROM entries WHERE account_id = ? AND request_id IS NOT NULL
"""
_TOTALS = """
SELECT count(*), CAST(coalesce(sum(a.seq), 0) AS BIGINT),
       CAST(coalesce(sum(c.seq), 0) AS BIGINT)
FROM accounts a LEFT JOIN checkpoints c ON c.account_id = a.id
"""


def totals(connection: Connection) -> tuple[int, int, int]:
    """How many accounts and entries there are, and how many of these were checked before."""
    accounts, entries, checked = connection.execute(_TOTALS).fetchone()
    return accounts, entries, checked


def heads(connection: Connection, after: str, most: int) -> list[Head]:
    """The next accounts after an id."""
    width, cut = len(AccountRow._fields), len(AccountRow._fields) + len(CheckpointRow._fields)
    return [
        Head(
            AccountRow(*row[:width]),
            None if row[width] is None else CheckpointRow(*row[width:cut]),
            row[cut],
            row[cut + 1],
            bool(row[cut + 2]),
        )
        for row in _rows(connection, _HEADS, (after, most))
    ]


def account(connection: Connection, account_id: str) -> AccountRow | None:
    """One account as it is now."""
    rows = _rows(connection, _select(AccountRow, "accounts WHERE id = ?"), (account_id,))
    return AccountRow(*rows[0]) if rows else None


def held(connection: Connection, account_id: str) -> int:
    """What the open holds of an account make."""
    sql = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM holds WHERE account_id = ?"
    return int(_rows(connection, sql, (account_id,))[0][0])


def held_by_account(connection: Connection) -> dict[str, int]:
    """The same of all accounts that have any."""
    sql = "SELECT account_id, CAST(sum(amount) AS BIGINT) FROM holds GROUP BY account_id"
    return {row[0]: row[1] for row in _rows(connection, sql)}


def entries(
    connection: Connection, account_id: str, after_seq: int, most: int
) -> list[BookedEntry]:
    """The next entries of an account, charges with what their usage says."""
    width = len(EntryRow._fields)
    rows = _rows(connection, _ENTRIES, (account_id, after_seq, most))
    return [BookedEntry(EntryRow(*row[:width]), row[width], row[width + 1]) for row in rows]


def usage(
    connection: Connection, account_id: str, after: tuple[int, str], most: int
) -> list[PaidUsage]:
    """The next usage of an account after a time of admission and a request."""
    width = len(UsageRow._fields)
    admitted_at, request_id = after
    values = (account_id, admitted_at, admitted_at, request_id, most)
    rows = _rows(connection, _USAGE, values)
    return [PaidUsage(UsageRow(*row[:width]), row[width]) for row in rows]


def charged(connection: Connection, account_id: str) -> Charged:
    """The sums that must agree when requests have expired."""
    return Charged(*_rows(connection, _CHARGED, (account_id,) * 5)[0])


def strays(connection: Connection, table: str) -> list[str]:
    """Accounts that rows of `entries` or `usage` name and that do not exist."""
    return [row[0] for row in _rows(connection, _STRAYS.format(table=table))]


def charge_of(connection: Connection, request_id: str) -> tuple[str, int] | None:
    """Account and amount of the charge of a request."""
    rows = _rows(
        connection, "SELECT account_id, amount FROM entries WHERE request_id = ?", (request_id,)
    )
    return (rows[0][0], rows[0][1]) if rows else None


def holds(connection: Connection) -> list[HoldRow]:
    """All open holds: as many as requests are in flight."""
    return [HoldRow(*row) for row in _rows(connection, _select(HoldRow, "holds"))]


def budgets(connection: Connection) -> Iterator[BudgetRow]:
    """All budgets."""
    return map(BudgetRow._make, connection.cursor().execute(_select(BudgetRow, "budgets")))


def prices(connection: Connection) -> list[tuple[str, str, str]]:
    """Id, model and document of all prices."""
    rows = _rows(connection, "SELECT id, model, document FROM prices")
    return [(row[0], row[1], row[2]) for row in rows]


def live_epochs(connection: Connection) -> frozenset[int]:
    """The epochs that may have open holds."""
    return frozenset(row[0] for row in _rows(connection, "SELECT epoch FROM live_epochs"))


def holds_of_nobody(connection: Connection) -> list[tuple[str, int]]:
    """Accounts that holds name and that do not exist, with what is held."""
    rows = _rows(
        connection,
        """SELECT account_id, CAST(sum(amount) AS BIGINT) FROM holds
           WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = holds.account_id)
           GROUP BY account_id""",
    )
    return [(row[0], row[1]) for row in rows]


def requests_open_and_ended(connection: Connection) -> list[tuple[str, str]]:
    """Account and request of holds whose request has ended."""
    rows = _rows(
        connection,
        """SELECT h.account_id, h.request_id
           FROM holds h JOIN usage u ON u.request_id = h.request_id""",
    )
    return [(row[0], row[1]) for row in rows]


def _select(kind: Any, source: str) -> str:
    # Names of ours only.
    return f"SELECT {', '.join(kind._fields)} FROM {source}"  # noqa: S608


def _rows(connection: Connection, query: str, values: Sequence[Any] = ()) -> list[Any]:
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples
    rows: list[Any] = cursor.execute(query, values).fetchall()
    return rows
