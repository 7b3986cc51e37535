"""Rows out of a database into a backup: any engine's, through one read transaction.

Everything is of one moment while the ledger goes on writing. SQLite cannot tidy up
its log behind that moment, so the log grows by what is written meanwhile.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from yiyuan.store.backup.file import FORMAT, FORMAT_VERSION, BackupWriter
from yiyuan.store.backup.tables import SCHEMA_VERSION_KEY, TABLES, BackupTable
from yiyuan.store.database import Connection
from yiyuan.store.tables.api_tokens import FINGERPRINT_KEY

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all, in the thread that does it."""

ROWS_AT_ONCE: Final = 200
_ROWS_PER_PROGRESS = 20_000


def dump(
    connection: Connection,
    writer: BackupWriter,
    *,
    about: dict[str, Any],
    secret_key: str | None,
    progress: Progress,
    is_polite: bool = False,
) -> dict[str, int]:
    """Write header, secret and all tables; returns the rows of each.

    `about` is what else the header says. `is_polite` is for a process that serves
    meanwhile: after each piece of work the thread rests for as long as that took.
    """
    counts = {table.name: _count(connection, table) for table in TABLES}
    total, done = sum(counts.values()), 0
    writer.line(
        {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "schema": int(meta(connection, SCHEMA_VERSION_KEY) or 0),
            **about,
            "fingerprint": meta(connection, FINGERPRINT_KEY),
            "has_secret_key": secret_key is not None,
            "rows": counts,
        }
    )
    if secret_key is not None:
        writer.line({"secret_key": secret_key})
    for table in TABLES:
        writer.line({"table": table.name, "columns": table.columns})
        for rows in _pieces(connection, table, is_polite=is_polite):
            writer.rows(rows)
            before, done = done, done + len(rows)
            if before // _ROWS_PER_PROGRESS != done // _ROWS_PER_PROGRESS:
                progress(done, total)
    progress(total, total)
    return counts


def _pieces(
    connection: Connection, table: BackupTable, *, is_polite: bool
) -> Iterator[Sequence[Any]]:
    """A table's rows, some at a time; what is done with each counts as work, too."""
    cursor = connection.cursor()
    cursor.row_factory = None  # plain tuples
    query = f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {table.order}"  # noqa: S608 - constants
    began = time.monotonic()
    cursor.execute(query)
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        yield rows
        if is_polite:
            time.sleep(time.monotonic() - began)
        began = time.monotonic()


def meta(connection: Connection, key: str) -> str | None:
    """One value of `meta`."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def _count(connection: Connection, table: BackupTable) -> int:
    query = f"SELECT count(*) FROM {table.name}"  # noqa: S608 - a constant
    return int(connection.execute(query).fetchone()[0])
