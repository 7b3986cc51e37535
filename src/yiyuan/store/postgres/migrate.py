"""Creates the schema in an empty PostgreSQL database, or brings an older one forward.

Only the first happens by itself: many servers may share the database, so an operator
says when (`yiyuan migrate`). Each migration is one transaction, together with the note
that it ran; an advisory lock lets one process do it while others wait.
"""

import re
from functools import cache
from typing import Final

import asyncpg

from yiyuan.i18n.message import Message
from yiyuan.store.schema import SchemaError, SchemaIsNewer, read_scripts

_LOCK_KEY: Final = 0x79697975616E  # "yiyuan"
_TYPES: Final = (
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    (re.compile(r"\bBLOB\b"), "BYTEA"),
    (re.compile(r"\bREAL\b"), "DOUBLE PRECISION"),
    # Byte order, as in SQLite and in Python: an audit walks along it.
    (re.compile(r"\bTEXT\b"), 'TEXT COLLATE "C"'),
)
_NOTE: Final = (
    "INSERT INTO meta (key, value) VALUES ('schema_version', $1) "
    "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)


@cache
def migrations() -> tuple[tuple[int, str], ...]:
    """All migrations, numbered, as PostgreSQL's SQL."""
    return read_scripts("postgres", _translate)


async def schema_version(connection: asyncpg.Connection) -> int:
    """Number of the last migration that the database has seen; 0 when empty."""
    if await connection.fetchval("SELECT to_regclass('meta') IS NULL"):
        return 0
    value = await connection.fetchval("SELECT value FROM meta WHERE key = 'schema_version'")
    return int(value or 0)


async def migrate(connection: asyncpg.Connection) -> list[int]:
    """Run the migrations that are missing; returns their numbers. Raises SchemaError."""
    done = []
    for number, script in migrations():
        async with connection.transaction():
            await connection.execute(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
            current = await schema_version(connection)
            _refuse_newer(current)
            if current < number:
                await connection.execute(script)
                await connection.execute(_NOTE, str(number))
                done.append(number)
    return done


async def check_or_create(connection: asyncpg.Connection) -> None:
    """Create the schema if there is none. Raises SchemaError for another release's."""
    current = await schema_version(connection)
    if current == 0:
        await migrate(connection)
        return
    _refuse_newer(current)
    latest = len(migrations())
    if current < latest:
        message = Message(
            "the database has schema {stored}, this release needs {known}: make a backup, then "
            "run `yiyuan migrate` (servers of the release before may go on meanwhile)",
            stored=current,
            known=latest,
        )
        raise SchemaError(message)


def _refuse_newer(current: int) -> None:
    latest = len(migrations())
    if current > latest:
        raise SchemaIsNewer(current, latest)


def _translate(script: str) -> str:
    for pattern, replacement in _TYPES:
        script = pattern.sub(replacement, script)
    return script
