"""Who had the gift for signing up. Marks are never deleted; the ledger's entry follows them."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert

ENTRY_KEY_PREFIX = "gift:"
"""Behind it: the mark. One entry per mark, whoever books it, and however often."""


class GrantMarkRow(NamedTuple):
    """A keyed hash in hexadecimal of a canonical mailbox or an identity; micros."""

    mark: str
    account_id: str
    amount: int
    at: int


def add_mark(row: GrantMarkRow) -> Statement:
    """Claim the gift; no row changes where somebody had it."""
    sql, values = insert("grant_marks", row)
    return (f"{sql} ON CONFLICT (mark) DO NOTHING", values)


async def unbooked_marks(database: Database) -> list[GrantMarkRow]:
    """Gifts that were claimed and whose entry is missing, as after a crash in between."""
    sql = f"""SELECT {columns(GrantMarkRow)} FROM grant_marks
              WHERE amount > 0 AND NOT EXISTS (SELECT 1 FROM entries
              WHERE entries.idem_key = '{ENTRY_KEY_PREFIX}' || grant_marks.mark)"""  # noqa: S608
    return [GrantMarkRow(*row) for row in await database.read(sql)]


TABLES: Final = (Table("grant_marks", GrantMarkRow, "mark", after=("accounts",)),)
