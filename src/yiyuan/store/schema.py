"""The schema as numbered scripts, and what an engine's runner needs to apply them.

A migration is a folder `NNNN_verb_noun`: `common.sql` for every engine, and beside it what
only one of them understands (`sqlite.sql`, `postgres.sql`), which follows in the same
transaction.
"""

import re
import sqlite3
from collections.abc import Callable
from functools import cache
from importlib import resources

from yiyuan.i18n.message import Message, SaidError

_SQLITE_ONLY = re.compile(r"/\*sqlite (.*?)\*/", re.DOTALL)
_NAME = re.compile(r"(\d{4})_[a-z_]+", re.ASCII)


class SchemaError(SaidError):
    """The database's schema is not one that this release can work with."""


class SchemaIsNewer(SchemaError):
    """A later release wrote the database."""

    def __init__(self, stored: int, known: int) -> None:
        """The numbers of its last migration and of the last one here."""
        template = (
            "the database has schema {stored}, this release knows up to {known}: "
            "run the release that wrote it, or a later one"
        )
        super().__init__(Message(template, stored=stored, known=known))


def schema_version(connection: sqlite3.Connection) -> int:
    """Number of the last migration that the database has seen; 0 when empty."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    if connection.execute(query).fetchone() is None:
        return 0
    row = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return int(row[0]) if row else 0


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """All migrations, numbered, as SQLite's SQL."""
    return read_scripts("sqlite", lambda sql: _SQLITE_ONLY.sub(r"\1", sql))


def read_scripts(engine: str, translate: Callable[[str], str]) -> tuple[tuple[int, str], ...]:
    """All migrations, numbered: each common script translated, then the engine's own."""
    folder = resources.files("yiyuan.store.migrations")
    names = sorted(item.name for item in folder.iterdir() if _NAME.fullmatch(item.name))
    found = []
    for name in names:
        script = translate(folder.joinpath(name, "common.sql").read_text(encoding="utf-8"))
        extra = folder.joinpath(name, f"{engine}.sql")
        if extra.is_file():
            script += extra.read_text(encoding="utf-8")
        found.append((int(name[:4]), script))
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    return tuple(found)


def reason(script: str) -> str:
    """Why there is a migration: the first sentence of its comment."""
    lines = [line.removeprefix("--").strip() for line in script.splitlines()[:8]]
    return " ".join(lines).removeprefix("Why:").strip().split(". ")[0].rstrip(".")
