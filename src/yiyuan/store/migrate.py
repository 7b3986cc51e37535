"""Brings an SQLite database to the schema of this release, forward only.

Each migration runs in one transaction together with the note that it ran, so a
process killed half-way leaves it undone and the next start repeats it. A database
of a later release is refused: an older program must not write into it.
"""

import re
import sqlite3
from collections.abc import Callable, Sequence
from importlib import resources

_SQLITE_ONLY = re.compile(r"/\*sqlite (.*?)\*/", re.DOTALL)
_NOTE = (
    "INSERT INTO meta (key, value) VALUES ('schema_version', '{number}') "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value;"
)
_NAME = re.compile(r"(\d{4})_[a-z_]+\.sql", re.ASCII)


class SchemaError(Exception):
    """The database's schema is not one that this release can work with."""


def schema_version(connection: sqlite3.Connection) -> int:
    """Number of the last migration that the database has seen; 0 when empty."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.execute(query).fetchone() is None:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return int(row[0]) if row else 0


def migrations() -> list[tuple[int, str]]:
    """All migrations, numbered, as SQLite's SQL."""
    return read_scripts("sqlite", lambda sql: _SQLITE_ONLY.sub(r"\1", sql))


def read_scripts(engine: str, translate: Callable[[str], str]) -> list[tuple[int, str]]:
    """All migrations, numbered: each common script translated, then the engine's own."""
    folder = resources.files("yiyuan.store.migrations")
    names = sorted(item.name for item in folder.iterdir() if _NAME.fullmatch(item.name))
    found = []
    for name in names:
        script = translate(folder.joinpath(name).read_text(encoding="utf-8"))
        extra = folder.joinpath(name.replace(".sql", f".{engine}.sql"))
        if extra.is_file():
            script += extra.read_text(encoding="utf-8")
        found.append((int(name[:4]), script))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    return found


def reason(script: str) -> str:
    """Why there is a migration: the first sentence of its comment."""
    lines = [line.removeprefix("--").strip() for line in script.splitlines()[:8]]
    return " ".join(lines).removeprefix("Why:").strip().split(". ")[0].rstrip(".")


def migrate(
    connection: sqlite3.Connection,
    *,
    known: Sequence[tuple[int, str]] | None = None,
    through: int | None = None,
) -> list[int]:
    """Run the migrations that are missing; returns their numbers.

    `known` replaces this release's own, `through` is the last one to run. Raises
    SchemaError when the database is newer than what is known.
    """
    known = migrations() if known is None else known
    current = schema_version(connection)
    if current > len(known):
        message = (
            f"the database has schema {current}, this release knows up to {len(known)}: "
            "run the release that wrote it, or a later one"
        )
        raise SchemaError(message)
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
