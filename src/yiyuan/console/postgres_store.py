"""Opening PostgreSQL for a desk: no home lock, any number of processes at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.postgres_book import PostgresBook
from yiyuan.store.database import Database
from yiyuan.store.failure import DatabaseAway, StoreError
from yiyuan.store.migrate import SchemaError
from yiyuan.store.postgres import PostgresDatabase
from yiyuan.store.postgres_look import stored_schema
from yiyuan.store.postgres_migrate import schema_version
from yiyuan.store.postgres_url import without_password


@asynccontextmanager
async def open_postgres(
    settings: Settings, *, should_migrate: bool = False
) -> AsyncIterator[PostgresDatabase]:
    """Connect, creating the schema in an empty database; closes after.

    Raises CommandError: `schema` (an older one asks for `yiyuan migrate`), `unavailable`.
    """
    assert settings.database_url is not None
    database = await _open(settings.database_url, should_migrate=should_migrate)
    try:
        yield database
    finally:
        await database.close()


async def _open(url: str, *, should_migrate: bool) -> PostgresDatabase:
    try:
        return await PostgresDatabase.open(url, should_migrate=should_migrate)
    except SchemaError as error:
        raise CommandError("schema", str(error)) from None
    except DatabaseAway as error:
        message = f"{without_password(url)} cannot be reached: {error.reason}"
        raise CommandError("unavailable", message) from None
    except (StoreError, ValueError) as error:
        message = f"{without_password(url)} cannot be used: {error}"
        raise CommandError("unavailable", message) from None


async def open_postgres_book(
    database: Database, clock: Clock, on_failure: Callable[[str], None]
) -> PostgresBook:
    """Take part in the ledger. Raises CommandError `unavailable`."""
    assert isinstance(database, PostgresDatabase)
    try:
        return await PostgresBook.open(database, clock, on_failure)
    except DatabaseAway as error:
        raise CommandError("unavailable", f"the database went away: {error.reason}") from None


async def migrate_postgres(settings: Settings) -> int:
    """Bring the schema forward; returns the number that it had before."""
    assert settings.database_url is not None
    try:
        async with open_postgres(settings) as database, database.connection() as connection:
            return await schema_version(connection)
    except CommandError as error:
        if error.code != "schema":
            raise
    before = await stored_schema(settings.database_url)
    async with open_postgres(settings, should_migrate=True):
        return before
