"""What an audit reads, row by row, so that memory stays flat whatever the size.

Each query says what it is for. All run on one read-only connection inside one
transaction, so they see one moment even while the ledger goes on writing.
"""

from collections.abc import Iterator
from typing import Any

from yiyuan.store.database import Connection
from yiyuan.store.rows import AccountRow, BudgetRow, EntryRow, HoldRow, UsageRow

_ROWS_AT_ONCE = 1_000


def count_rows(connection: Connection, table: str) -> int:
    """How many rows a table of ours has."""
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def accounts(connection: Connection) -> Iterator[AccountRow]:
    """All accounts."""
    return map(AccountRow._make, _stream(connection, _select(AccountRow, "accounts ORDER BY id")))


def entries(connection: Connection) -> Iterator[EntryRow]:
    """All entries: account by account as in `accounts`, each in the order of `seq`."""
    query = _select(EntryRow, "entries ORDER BY account_id, seq")
    return map(EntryRow._make, _stream(connection, query))


def holds(connection: Connection) -> Iterator[HoldRow]:
    """All open holds."""
    return map(HoldRow._make, _stream(connection, _select(HoldRow, "holds")))


def budgets(connection: Connection) -> Iterator[BudgetRow]:
    """All budgets."""
    return map(BudgetRow._make, _stream(connection, _select(BudgetRow, "budgets")))


def usage(connection: Connection) -> Iterator[UsageRow]:
    """All usage, in no order."""
    return map(UsageRow._make, _stream(connection, _select(UsageRow, "usage")))


def prices(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Id, model and document of all prices."""
    yield from _stream(connection, "SELECT id, model, document FROM prices")


def live_epochs(connection: Connection) -> frozenset[int]:
    """The epochs that may have open holds."""
    return frozenset(row[0] for row in connection.execute("SELECT epoch FROM live_epochs"))


def charges_without_usage(
    connection: Connection,
) -> Iterator[tuple[str, str, str, int, str | None, int | None]]:
    """Charges whose usage row is missing, of another account, or says another amount.

    Entry id, account, request and amount; the usage row's account and charge.
    """
    yield from _stream(
        connection,
        """SELECT e.id, e.account_id, e.request_id, e.amount, u.account_id, u.charge
           FROM entries e LEFT JOIN usage u ON u.request_id = e.request_id
           WHERE e.request_id IS NOT NULL
             AND (u.request_id IS NULL OR u.account_id <> e.account_id OR u.charge <> -e.amount)""",
    )


def usage_without_charge(connection: Connection) -> Iterator[tuple[str, str, int]]:
    """Account, request and charge of usage that was to be paid but has no entry."""
    yield from _stream(
        connection,
        """SELECT u.account_id, u.request_id, u.charge
           FROM usage u LEFT JOIN entries e ON e.request_id = u.request_id
           WHERE u.charge > 0 AND e.request_id IS NULL""",
    )


def requests_charged_twice(connection: Connection) -> Iterator[tuple[str, int]]:
    """Requests with more than one charge; the unique index should make this empty."""
    yield from _stream(
        connection,
        """SELECT request_id, count(*) FROM entries WHERE request_id IS NOT NULL
           GROUP BY request_id HAVING count(*) > 1""",
    )


def wrong_refunds(connection: Connection) -> Iterator[tuple[str, str, str | None]]:
    """Refunds that are not the exact opposite of a charge of the same account.

    Entry id, account and key.
    """
    yield from _stream(
        connection,
        """SELECT r.id, r.account_id, r.idem_key
           FROM entries r LEFT JOIN entries e ON e.request_id = substr(r.idem_key, 8)
           WHERE r.kind = 'refund' AND (r.idem_key IS NULL OR r.idem_key NOT LIKE 'refund:%'
             OR e.id IS NULL OR e.account_id <> r.account_id OR e.amount <> -r.amount)""",
    )


def requests_open_and_ended(connection: Connection) -> Iterator[tuple[str, str]]:
    """Account and request of holds whose request has ended."""
    yield from _stream(
        connection,
        """SELECT h.account_id, h.request_id
           FROM holds h JOIN usage u ON u.request_id = h.request_id""",
    )


def _select(kind: Any, source: str) -> str:
    # Names of ours only.
    return f"SELECT {', '.join(kind._fields)} FROM {source}"  # noqa: S608


def _stream(connection: Connection, query: str) -> Iterator[Any]:
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples
    cursor.execute(query)
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from rows
