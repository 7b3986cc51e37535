"""Another gateway's PostgreSQL database, in one transaction that can only read."""

import asyncio
from typing import Any

import asyncpg

from yiyuan.i18n.message import Message
from yiyuan.store.foreign import contract

_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = ANY (current_schemas(false))
"""
_READ_SECONDS = 300
_ROWS_AT_ONCE = 2_000


async def read_postgres(url: str, choose: contract.Choose) -> contract.Reading:
    """The chosen tables. Raises ForeignError, and what `choose` raises."""
    try:
        connection = await asyncpg.connect(
            url, timeout=contract.TIMEOUT_SECONDS, command_timeout=_READ_SECONDS
        )
    except ValueError:  # its words repeat parts of the address, perhaps of the password
        raise contract.ForeignError("the address of the database cannot be read") from None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise contract.ForeignError(
            _said("the database cannot be reached: {error}", url, error)
        ) from None
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            schema = await _schema(connection)
            tables = {table: await _rows(connection, table) for table in choose(schema)}
            return contract.Reading(schema, tables)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise contract.ForeignError(
            _said("the database cannot be read: {error}", url, error)
        ) from None
    finally:
        await _close(connection)


async def _close(connection: Any) -> None:
    try:
        await connection.close(timeout=5)
    except (OSError, TimeoutError, asyncio.CancelledError):
        connection.terminate()


async def _schema(connection: Any) -> contract.Schema:
    found: dict[str, set[str]] = {}
    for table, column in await connection.fetch(_COLUMNS):
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


async def _rows(connection: Any, table: str) -> contract.Rows:
    quoted = '"' + table.replace('"', '""') + '"'
    count = await connection.fetchval(f"SELECT count(*) FROM {quoted}")  # noqa: S608 - quoted
    contract.check_size(table, count)
    found: contract.Rows = []
    cursor = connection.cursor(
        f"SELECT * FROM {quoted} ORDER BY 1",  # noqa: S608 - quoted
        prefetch=_ROWS_AT_ONCE,
    )
    async for row in cursor:  # in pieces: the server may have told another number
        found.append(dict(row))
        contract.check_size(table, len(found))
    return found


def _said(template: str, url: str, error: BaseException) -> Message:
    """The driver's words, in which the password must not stand."""
    text = str(error) or type(error).__name__
    secret = url.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return Message(template, error=text.replace(secret, "…") if secret else text)
