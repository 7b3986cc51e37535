"""Opening PostgreSQL for a desk: no home lock, any number of processes at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.postgres.ledger import PostgresLedger
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.database import Database
from yiyuan.store.errors import DatabaseAway, StoreError
from yiyuan.store.postgres.database import PostgresDatabase
from yiyuan.store.postgres.inspect import stored_schema
from yiyuan.store.postgres.migrate import schema_version
from yiyuan.store.postgres.url import without_password
from yiyuan.store.schema import SchemaError


@asynccontextmanager
async def open_postgres(
    settings: Settings, *, should_migrate: bool = False
) -> AsyncIterator[PostgresDatabase]:
    """Connect, creating the schema in an empty database; closes after.

    Raises ServiceError: `schema` (an older one asks for `yiyuan migrate`), `unavailable`.
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
        raise ServiceError("schema", error.said) from None
    except DatabaseAway as error:
        message = Message(
            "{url} cannot be reached: {error}", url=without_password(url), error=error.reason
        )
        raise ServiceError("unavailable", message) from None
    except (StoreError, ValueError) as error:
        message = Message("{url} cannot be used: {error}", url=without_password(url), error=error)
        raise ServiceError("unavailable", message) from None


async def open_postgres_book(
    database: Database, clock: Clock, on_failure: Callable[[str], None]
) -> PostgresLedger:
    """Take part in the ledger. Raises ServiceError `unavailable`."""
    assert isinstance(database, PostgresDatabase)
    try:
        return await PostgresLedger.open(database, clock, on_failure)
    except DatabaseAway as error:
        raise ServiceError(
            "unavailable", Message("the database went away: {error}", error=error.reason)
        ) from None


async def migrate_postgres(settings: Settings) -> int:
    """Bring the schema forward; returns the number that it had before."""
    assert settings.database_url is not None
    try:
        async with open_postgres(settings) as database, database.connection() as connection:
            return await schema_version(connection)
    except ServiceError as error:
        if error.code != "schema":
            raise
    before = await stored_schema(settings.database_url)
    async with open_postgres(settings, should_migrate=True):
        return before
