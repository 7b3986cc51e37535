"""Another gateway's MySQL or MariaDB database, in one snapshot that can only be read.

The driver is PyMySQL, which comes with the extra `import-mysql`: nobody else needs it.
"""

import asyncio
from contextlib import closing
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from yiyuan.i18n.message import Message
from yiyuan.store.foreign import contract

_COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()
"""
_READ_SECONDS = 300


async def read_mysql(url: str, choose: contract.Choose) -> contract.Reading:
    """The chosen tables. Raises ForeignError, and what `choose` raises."""
    return await asyncio.to_thread(_read, url, choose)


def _read(url: str, choose: contract.Choose) -> contract.Reading:
    try:
        import pymysql  # noqa: PLC0415 - an extra
    except ImportError:
        message = "reading MySQL needs PyMySQL: pip install 'yiyuan[import-mysql]'"
        raise contract.ForeignError(message) from None
    try:
        with closing(pymysql.connect(**_parameters(url))) as connection:
            cursor: Any = connection.cursor()
            cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
            schema = _schema(cursor)
            stream: Any = connection.cursor(pymysql.cursors.SSCursor)
            tables = {table: _rows(cursor, stream, table) for table in choose(schema)}
            return contract.Reading(schema, tables)
    except (pymysql.MySQLError, OSError) as error:
        reason = error.args[-1] if error.args else type(error).__name__
        said = Message("the database cannot be read: {error}", error=reason)
        raise contract.ForeignError(said) from None


def _parameters(url: str) -> dict[str, Any]:
    """`mysql://user:password@host:port/database`, or `?unix_socket=…` for a socket."""
    try:
        parts = urlsplit(url)
        port = parts.port or 3306
    except ValueError:
        raise contract.ForeignError("the address of the database cannot be read") from None
    database = unquote(parts.path.lstrip("/"))
    if not database:
        raise contract.ForeignError("the address of the database does not name one: mysql://…/NAME")
    found: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": port,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "database": database,
        "charset": "utf8mb4",
        "connect_timeout": contract.TIMEOUT_SECONDS,
        "read_timeout": _READ_SECONDS,
    }
    sockets = parse_qs(parts.query).get("unix_socket")
    return {**found, "unix_socket": sockets[0]} if sockets else found


def _schema(cursor: Any) -> contract.Schema:
    cursor.execute(_COLUMNS)
    found: dict[str, set[str]] = {}
    for table, column in cursor.fetchall():
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def _rows(cursor: Any, stream: Any, table: str) -> contract.Rows:
    quoted = "`" + table.replace("`", "``") + "`"
    cursor.execute(f"SELECT count(*) FROM {quoted}")  # noqa: S608 - quoted
    contract.check_size(table, cursor.fetchone()[0])
    stream.execute(f"SELECT * FROM {quoted} ORDER BY 1")  # noqa: S608 - quoted
    names = [column[0] for column in stream.description]
    return contract.read_rows(table, (dict(zip(names, values, strict=True)) for values in stream))
