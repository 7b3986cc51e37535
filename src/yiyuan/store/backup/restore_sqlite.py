"""A backup into a new SQLite file, which nobody sees before it is complete.

The file is built without a log and without waiting for the disk, in one transaction;
`publish` brings it to the disk under its name. A process that is killed before that
leaves only a folder, which the next attempt removes.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from yiyuan.i18n.message import Message
from yiyuan.store.backup.file import BadBackup, Contents, parts, sync_directory
from yiyuan.store.backup.tables import SCHEMA_VERSION_KEY
from yiyuan.store.schema import migrations
from yiyuan.store.sqlite.database import DATABASE_FILE
from yiyuan.store.sqlite.migrate import migrate

STAGING: Final = "restore.tmp"
_ROWS_AT_ONCE = 1_000
_CACHE_KIB = 131_072
_ROWS_PER_PROGRESS = 20_000

Progress = Callable[[int, int], None]


@contextmanager
def staging_folder(home: Path) -> Iterator[Path]:
    """An empty folder in the home to build in; gone afterwards, whatever happens."""
    staging = home / STAGING
    if staging.exists():
        shutil.rmtree(staging)  # an attempt that was killed
    staging.mkdir(mode=0o700)
    try:
        yield staging
    finally:
        shutil.rmtree(staging)


def load(staging: Path, path: Path, contents: Contents, progress: Progress) -> None:
    """Build the database of an inspected backup in `staging`; of the backup's schema.

    Opening it afterwards migrates it as any older database. Raises BadBackup, OSError,
    sqlite3.Error.
    """
    file = staging / DATABASE_FILE
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        migrate(connection, through=check_schema(contents))
        connection.execute("BEGIN")
        _insert_all(connection, path, contents, progress)
        if fault := connection.execute("PRAGMA foreign_key_check").fetchone():
            message = Message(
                "a row of {table} refers to one of {other} that is not there",
                table=fault[0],
                other=fault[2],
            )
            raise BadBackup(message)
        connection.execute("COMMIT")
    except (sqlite3.IntegrityError, OverflowError) as error:
        message = Message("a row of it cannot be stored: {error}", error=error)
        raise BadBackup(message) from None
    finally:
        connection.close()


def publish(staging: Path, home: Path) -> None:
    """Give the finished database, which nobody has open, its place in the home."""
    file = staging / DATABASE_FILE
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.close()
    if is_busy:  # somebody reads in the folder; without its log the file would lack rows
        message = f"{file} is in use"
        raise sqlite3.OperationalError(message)
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    file.rename(home / DATABASE_FILE)
    sync_directory(home)


def check_schema(contents: Contents) -> int:
    """The backup's schema, if this release knows it. Raises BadBackup."""
    known = len(migrations())
    if not 1 <= contents.schema <= known:
        message = Message(
            "its schema is {found}, this release knows 1 to {known}: "
            "restore with the release that wrote it, or a later one",
            found=contents.schema,
            known=known,
        )
        raise BadBackup(message)
    return contents.schema


def _insert_all(
    connection: sqlite3.Connection, path: Path, contents: Contents, progress: Progress
) -> None:
    total, done = sum(contents.counts.values()), 0
    for part in parts(path, _ROWS_AT_ONCE):
        statement = _insert(connection, part.table, part.columns)
        rows = part.rows
        if part.table == "meta":
            rows = [row for row in rows if row[0] != SCHEMA_VERSION_KEY]
        try:
            connection.executemany(statement, rows)
        except (sqlite3.ProgrammingError, sqlite3.InterfaceError) as error:
            message = Message(
                "a row of {table} is not understood: {error}", table=part.table, error=error
            )
            raise BadBackup(message) from None
        before, done = done, done + len(part.rows)
        if before // _ROWS_PER_PROGRESS != done // _ROWS_PER_PROGRESS:
            progress(done, total)
    progress(total, total)


def _insert(connection: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> str:
    """The statement for one table, whose names the schema must know."""
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    known = {row[0] for row in found}
    if not columns or not known.issuperset(columns):
        raise BadBackup(Message("its table {name} is not one of the schema's", name=table))
    places = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608 - checked
