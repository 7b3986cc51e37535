"""Another gateway's SQLite file, read only.

One read transaction sees one moment, also while its owner goes on writing; the file is
not copied, because it may hold gigabytes of logs and the upstreams' keys. A file that was
copied without its `-wal` is found out by a check of its pages.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from yiyuan.i18n.message import Message
from yiyuan.store.foreign import contract

VALUE_BYTES_MAX = 16 * 1024 * 1024
_MAGIC = b"SQLite format 3\x00"
_UNREADABLE = "the file {path} cannot be read: {error}"


async def read_sqlite(path: Path, choose: contract.Choose) -> contract.Reading:
    """The chosen tables. Raises ForeignError, and what `choose` raises."""
    return await asyncio.to_thread(_read, path, choose)


def _read(path: Path, choose: contract.Choose) -> contract.Reading:
    _check_file(path)
    try:
        with closing(_open(path)) as connection:
            connection.execute("BEGIN")
            schema = _schema(connection)
            _check_pages(connection)
            tables = {table: _rows(connection, table) for table in choose(schema)}
            return contract.Reading(schema, tables)
    except sqlite3.Error as error:
        raise contract.ForeignError(Message(_UNREADABLE, path=path, error=error)) from error


def _check_file(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            # A pipe would be waited for without end.
            raise contract.ForeignError(Message("{path} is no file", path=path))
        with path.open("rb") as file:
            begin = file.read(len(_MAGIC))
    except OSError as error:
        message = Message(_UNREADABLE, path=path, error=error.strerror)
        raise contract.ForeignError(message) from error
    if begin != _MAGIC:
        raise contract.ForeignError(Message("the file {path} is no SQLite database", path=path))


def _open(path: Path) -> sqlite3.Connection:
    uri = f"file:{quote(str(path.resolve()))}?mode=ro"
    wal = path.with_name(path.name + "-wal")
    connection = sqlite3.connect(
        uri, uri=True, timeout=contract.TIMEOUT_SECONDS, isolation_level=None
    )
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        # A WAL database in a folder that we cannot write to: nobody else may have it open.
        if wal.exists() and wal.stat().st_size:
            raise
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)
    connection.execute("PRAGMA trusted_schema = OFF")  # nothing in the file computes for us
    connection.row_factory = sqlite3.Row
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return connection


def _schema(connection: sqlite3.Connection) -> contract.Schema:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {
        row["name"]: frozenset(
            column["name"]
            for column in connection.execute("SELECT name FROM pragma_table_info(?)", row[:1])
        )
        for row in names
    }


def _check_pages(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise contract.ForeignError(
            "the file is damaged, perhaps copied while it was written: stop the old gateway, "
            "or copy it with sqlite3's .backup"
        )


def _rows(connection: sqlite3.Connection, table: str) -> contract.Rows:
    quoted = '"' + table.replace('"', '""') + '"'
    count = connection.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]  # noqa: S608 - quoted
    contract.check_size(table, count)
    cursor = connection.execute(f"SELECT * FROM {quoted} ORDER BY rowid")  # noqa: S608 - quoted
    return contract.read_rows(table, (dict(row) for row in cursor))
