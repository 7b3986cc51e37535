"""What an account's statement reads: entries by number, and numbers by time."""

import bisect
from collections.abc import Iterator
from typing import NamedTuple

from yiyuan.store.database import Connection
from yiyuan.store.tables.ledger import EntryRow


def last_seq(connection: Connection, account_id: str) -> int:
    """Number of the account's latest entry; 0 when it has none."""
    query = "SELECT coalesce(max(seq), 0) FROM entries WHERE account_id = ?"
    return int(connection.execute(query, (account_id,)).fetchone()[0])


def first_seq_from(connection: Connection, account_id: str, at: int, last: int) -> int:
    """Number of the first entry at or after a time; `last` + 1 when there is none.

    A binary search: an account's entries are in the order of time.
    """
    query = "SELECT at FROM entries WHERE account_id = ? AND seq = ?"

    def time_of(seq: int) -> int:
        return int(connection.execute(query, (account_id, seq)).fetchone()[0])

    return bisect.bisect_left(range(1, last + 1), at, key=time_of) + 1


def balance_after(connection: Connection, account_id: str, seq: int) -> int:
    """The balance that entry number `seq` left; 0 before the first."""
    query = "SELECT balance_after FROM entries WHERE account_id = ? AND seq = ?"
    row = connection.execute(query, (account_id, seq)).fetchone()
    return 0 if row is None else int(row[0])


def entries_between(
    connection: Connection, account_id: str, first: int, end: int
) -> Iterator[EntryRow]:
    """The account's entries numbered `first` to `end` − 1, in order."""
    columns = ", ".join(EntryRow._fields)
    # Names of ours only; values are bound.
    query = f"""SELECT {columns} FROM entries
                WHERE account_id = ? AND seq >= ? AND seq < ? ORDER BY seq"""  # noqa: S608
    cursor = connection.cursor()
    cursor.row_factory = None
    return map(EntryRow._make, cursor.execute(query, (account_id, first, end)))


class EntrySums(NamedTuple):
    """What entries come to: `incoming` and `outgoing` are both positive."""

    incoming: int
    outgoing: int
    entries: int


def sums_between(connection: Connection, account_id: str, first: int, end: int) -> EntrySums:
    """The sums of the entries numbered `first` to `end` − 1."""
    query = """SELECT
                 CAST(coalesce(sum(CASE WHEN amount > 0 THEN amount END), 0) AS BIGINT),
                 CAST(-coalesce(sum(CASE WHEN amount < 0 THEN amount END), 0) AS BIGINT), count(*)
               FROM entries WHERE account_id = ? AND seq >= ? AND seq < ?"""
    return EntrySums(*connection.execute(query, (account_id, first, end)).fetchone())
