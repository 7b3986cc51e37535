"""An SQLite home looked at from outside, whatever state it is in.

For checks that must work where the product would not start. Nothing is created,
locked or changed; a server may run meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from yiyuan.store.schema import schema_version
from yiyuan.store.sqlite.database import DATABASE_FILE, Connection, open_for_reading

_FAULTS_MAX = 5


def stored_schema(home: Path) -> int:
    """The number of the last migration; 0 without a database. Raises sqlite3.Error."""
    if not (home / DATABASE_FILE).is_file():
        return 0
    with look(home) as connection:
        return schema_version(connection)


@contextmanager
def look(home: Path) -> Iterator[Connection]:
    """A read-only view of one moment of the home's database. Raises sqlite3.Error."""
    path = home / DATABASE_FILE
    if not path.is_file():
        message = f"there is no {path}"
        raise sqlite3.OperationalError(message)
    with closing(open_for_reading(path)) as connection:
        connection.execute("BEGIN")
        yield connection


def integrity_faults(connection: Connection) -> list[str]:
    """What the engine's own check finds, the first few in words; empty when sound."""
    rows = connection.execute(f"PRAGMA quick_check({_FAULTS_MAX})").fetchall()
    return [str(row[0]) for row in rows if row[0] != "ok"]


def newest_time_ms(connection: Connection) -> int:
    """The latest wall-clock time that the ledger has written down; 0 when it is empty."""
    query = """SELECT max(coalesce((SELECT max(last_entry_at) FROM accounts), 0),
                          coalesce((SELECT max(started_at) FROM epochs), 0))"""
    return int(connection.execute(query).fetchone()[0])
