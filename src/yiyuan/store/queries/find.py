"""Finds accounts, people, tokens, models and channels by any part of what people know of them.

Texts are compared in lower case. Each list is bounded; what fits from its beginning on comes
first.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from yiyuan.store.database import Connection, Database

_SHOWN: Final = 8
_NAMED: Final = 100
_LIKE: Final = "LIKE ? ESCAPE '!'"

_ACCOUNTS: Final = f"""
SELECT DISTINCT a.id, a.name FROM accounts AS a
LEFT JOIN members AS m ON m.account_id = a.id LEFT JOIN users AS u ON u.id = m.user_id
WHERE lower(a.name) {_LIKE} OR lower(u.email) {_LIKE} OR a.id = ?
ORDER BY a.name LIMIT ?
"""  # noqa: S608 - constants
_TOKENS: Final = f"""
SELECT t.id, t.account_id, t.name, t.hint, a.name FROM api_tokens AS t
JOIN accounts AS a ON a.id = t.account_id
WHERE t.is_internal = 0 AND (lower(t.name) {_LIKE} OR lower(t.hint) {_LIKE} OR t.id = ?)
ORDER BY t.created_at DESC LIMIT ?
"""  # noqa: S608 - constants
_MODELS: Final = f"SELECT name FROM models WHERE lower(name) {_LIKE} ORDER BY name LIMIT ?"  # noqa: S608
_CHANNELS: Final = f"""
SELECT id, name FROM channels WHERE removed_at IS NULL AND (lower(name) {_LIKE} OR id = ?)
ORDER BY name LIMIT ?
"""  # noqa: S608 - constants


class FoundAccount(NamedTuple):
    """An account by its name, a member's e-mail or its id."""

    id: str
    name: str


class FoundToken(NamedTuple):
    """A token by its name, the end of its key or its id."""

    id: str
    account_id: str
    name: str
    hint: str
    account: str


class Findings(NamedTuple):
    """What a text was found in."""

    accounts: list[FoundAccount]
    tokens: list[FoundToken]
    models: list[str]
    channels: list[FoundAccount]


async def find_all(database: Database, text: str) -> Findings:
    """Everything of the shop that has the text in it."""
    part = _part(text)

    def read(connection: Connection) -> Findings:
        def rows(sql: str, *values: Any) -> list[Any]:
            return list(map(tuple, connection.execute(sql, (*values, _SHOWN))))

        return Findings(
            accounts=[FoundAccount(*row) for row in rows(_ACCOUNTS, part, part, text)],
            tokens=[FoundToken(*row) for row in rows(_TOKENS, part, part, text)],
            models=[row[0] for row in rows(_MODELS, part)],
            channels=[FoundAccount(*row) for row in rows(_CHANNELS, part, text)],
        )

    return await database.run_read(read)


async def accounts_named(database: Database, text: str) -> tuple[str, ...]:
    """Ids of the account of this name or id, or else of those that have the text in them."""
    exact = await database.read("SELECT id FROM accounts WHERE name = ? OR id = ?", (text, text))
    if exact:
        return tuple(row[0] for row in exact)
    part = _part(text)
    rows = await database.read(_ACCOUNTS, (part, part, text, _NAMED))
    return tuple(row[0] for row in rows)


async def tokens_named(database: Database, text: str) -> tuple[str, ...]:
    """Ids of the token of this id, or of those whose name or hint has the text."""
    part = _part(text)
    rows = await database.read(_TOKENS, (part, part, text, _NAMED))
    return tuple(row[0] for row in rows)


_NAMES: Final = {"accounts": "name", "channels": "name", "api_tokens": "name", "users": "email"}
"""The column that has what people know something by."""


async def names_of(database: Database, ids: Sequence[str]) -> dict[str, str]:
    """What accounts, channels, tokens and people are called, by their ids; others are left out."""
    places = ", ".join("?" * len(ids))
    sql = " UNION ALL ".join(
        f"SELECT id, {name} FROM {table} WHERE id IN ({places})"  # noqa: S608 - names of ours
        for table, name in _NAMES.items()
    )
    rows = await database.read(sql, tuple(ids) * len(_NAMES)) if ids else ()
    return {row[0]: row[1] for row in rows}


async def channels_named(database: Database) -> dict[str, str]:
    """Names of all channels by their ids."""
    return {row[0]: row[1] for row in await database.read("SELECT id, name FROM channels")}


def _part(text: str) -> str:
    """A pattern for whatever has the text in it."""
    escaped = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
