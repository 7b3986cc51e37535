"""Brings an SQLite database to the schema of this release, forward only.

Each migration runs in one transaction together with the note that it ran, so a
process killed half-way leaves it undone and the next start repeats it. A database
of a later release is refused: an older program must not write into it.
"""

import sqlite3
from collections.abc import Sequence

from yiyuan.store.schema import SchemaIsNewer, migrations, schema_version

_NOTE = (
    "INSERT INTO meta (key, value) VALUES ('schema_version', '{number}') "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value;"
)


def migrate(
    connection: sqlite3.Connection,
    *,
    known: Sequence[tuple[int, str]] | None = None,
    through: int | None = None,
) -> list[int]:
    """Run the migrations that are missing; returns their numbers.

    `known` replaces this release's own, `through` is the last one to run. Raises
    SchemaIsNewer when the database is newer than what is known.
    """
    known = migrations() if known is None else known
    current = schema_version(connection)
    if current > len(known):
        raise SchemaIsNewer(current, len(known))
    missing = known[current:through]
    for number, script in missing:
        note = _NOTE.format(number=number)
        try:
            connection.executescript(f"BEGIN IMMEDIATE;\n{script}\n{note}\nCOMMIT;")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return [number for number, _ in missing]
