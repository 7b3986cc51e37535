"""A backup into an empty PostgreSQL database, in one transaction.

Nobody sees a row before all are there. The schema is this release's already, and so must
the backup's be (`backup_upgrade` sees to that). What a command may have left in an empty
database (its epoch, a fingerprint) gives way.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from yiyuan.i18n.message import Message, SaidError
from yiyuan.store.backup.file import BadBackup, Contents, parts
from yiyuan.store.backup.tables import SCHEMA_VERSION_KEY, TABLES
from yiyuan.store.errors import StoreError
from yiyuan.store.postgres.batch import Session
from yiyuan.store.postgres.database import PostgresDatabase

Progress = Callable[[int, int], None]

_ROWS_AT_ONCE: Final = 2_000
_ROWS_PER_PROGRESS: Final = 20_000
_OWN_WAYS: Final = ("meta", "epochs")
# Those who wrote the backup are gone: a shared ledger recovers the holds of the dead.
_END_EPOCHS: Final = """
UPDATE epochs SET state = CASE WHEN ended_at IS NULL THEN 'dead' ELSE 'retired' END
"""

_NUMBERED: Final = (
    ("audit_log_numbers", "audit_log"),
    ("payment_event_numbers", "payment_events"),
)
_GO_ON_COUNTING: Final = "SELECT setval('{}', (SELECT coalesce(max(seq), 0) + 1 FROM {}), false)"


class NotEmpty(SaidError):
    """There is something in the database; the text says what."""


async def load(
    database: PostgresDatabase, path: Path, contents: Contents, progress: Progress
) -> None:
    """Put the rows of an inspected backup in place. Raises NotEmpty, BadBackup, DatabaseAway."""
    try:
        async with database.connection() as session, session.transaction():
            await session.execute("LOCK TABLE meta, epochs, accounts IN EXCLUSIVE MODE")
            await _check_empty(session)
            await session.execute("DELETE FROM epochs")
            await session.execute("DELETE FROM meta WHERE key <> $1", SCHEMA_VERSION_KEY)
            await _copy_all(session, path, contents, progress)
            await session.execute(_END_EPOCHS)
            for numbers, table in _NUMBERED:
                await session.execute(_GO_ON_COUNTING.format(numbers, table))
    except StoreError as error:
        message = Message("a row of it cannot be stored: {error}", error=error)
        raise BadBackup(message) from None


async def _check_empty(session: Session) -> None:
    for table in TABLES:
        query = f"SELECT EXISTS (SELECT 1 FROM {table.name})"  # noqa: S608 - a constant
        if table.name not in _OWN_WAYS and await session.fetchval(query):
            raise NotEmpty(Message("its table {name} has rows", name=table.name))
    if await session.fetchval("SELECT EXISTS (SELECT 1 FROM live_epochs)"):
        message = "a server or a command is at work on it"
        raise NotEmpty(message)


async def _copy_all(session: Session, path: Path, contents: Contents, progress: Progress) -> None:
    columns = {table.name: frozenset(table.columns) for table in TABLES}
    total, done = sum(contents.counts.values()), 0
    for part in parts(path, _ROWS_AT_ONCE):
        if not columns.get(part.table, frozenset()).issuperset(part.columns) or not part.columns:
            message = Message("its table {name} is not one of the schema's", name=part.table)
            raise BadBackup(message)
        rows = part.rows
        if part.table == "meta":
            rows = [row for row in rows if row[0] != SCHEMA_VERSION_KEY]
        await session.copy_records_to_table(part.table, records=rows, columns=part.columns)
        before, done = done, done + len(part.rows)
        if before // _ROWS_PER_PROGRESS != done // _ROWS_PER_PROGRESS:
            progress(done, total)
    progress(total, total)
