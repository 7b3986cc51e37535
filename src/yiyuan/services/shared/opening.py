"""Opens the home: its lock, database, secret key and ledger, and closes them again.

With SQLite a home belongs to one process at a time, which holds its lock from the
first look to the last write: the server, or a single command when no server runs.
With PostgreSQL any number of servers and commands work at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from yiyuan.auth.secret_key import SecretKeyError, SecretKeys, load_secrets
from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import Clock, SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.errors import LedgerInconsistent
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.control_address import is_served
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.database import Database
from yiyuan.store.errors import REFUSED
from yiyuan.store.home import HomeLock, HomeLocked, HomeUnsafe, check_home
from yiyuan.store.schema import SchemaError
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.tables.api_tokens import fingerprint, set_fingerprint

PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


def _ignore_failure(_: str) -> None:
    """A short command sees the failure itself."""


@asynccontextmanager
async def open_context(
    settings: Settings,
    *,
    clock: Clock | None = None,
    on_failure: Callable[[str], None] = _ignore_failure,
    patience_seconds: float = PATIENCE_SECONDS,
) -> AsyncIterator[ServiceContext]:
    """Lock the home, open its database and book (recovering open holds); closes all after.

    `on_failure` is called when the database's writer has stopped for good;
    `patience_seconds` is how long to wait for a command that has the home.
    Raises ServiceError: as `open_store`, and `secret_key`, `books_disagree`.
    """
    clock = clock or SystemClock()
    async with open_store(settings, on_failure, patience_seconds) as database:
        secrets = await _open_secrets(settings, database)
        ledger = await _open_book(database, clock, on_failure)
        try:
            yield ServiceContext(
                settings=settings, clock=clock, database=database, ledger=ledger, secrets=secrets
            )
        finally:
            await ledger.close()


@asynccontextmanager
async def open_store(
    settings: Settings,
    on_failure: Callable[[str], None] = _ignore_failure,
    patience_seconds: float = PATIENCE_SECONDS,
) -> AsyncIterator[Database]:
    """Lock the home and open its database alone, or connect to PostgreSQL; closes all after.

    Raises ServiceError: `home_locked`, `home_unusable`, `schema`, `unavailable`.
    """
    try:
        check_home(settings.home)
    except HomeUnsafe as error:
        raise ServiceError("home_unusable", error.said) from None
    if settings.database_url is not None:
        from yiyuan.services.shared.opening_postgres import open_postgres  # noqa: PLC0415 - only with one

        async with open_postgres(settings) as shared:
            yield shared
        return
    with await _lock(settings, patience_seconds):
        database = await _open_database(settings, on_failure)
        try:
            yield database
        finally:
            await database.close()


async def _lock(settings: Settings, patience_seconds: float) -> HomeLock:
    """Take the home's lock; a command has it for moments only, a server for good."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience_seconds
    while True:
        try:
            return HomeLock.acquire(settings.home)
        except HomeLocked as error:
            if loop.time() >= give_up_at or is_served(settings.home):
                raise ServiceError("home_locked", error.said) from None
        except OSError as error:
            message = Message(
                "the home {home} cannot be used: {error}", home=settings.home, error=error.strerror
            )
            raise ServiceError("home_unusable", message) from None
        await asyncio.sleep(_PAUSE_SECONDS)


async def _open_database(settings: Settings, on_failure: Callable[[str], None]) -> SqliteDatabase:
    try:
        return await SqliteDatabase.open(
            settings.home,
            synchronous="NORMAL" if settings.durability == "normal" else "FULL",
            on_failure=on_failure,
        )
    except SchemaError as error:
        raise ServiceError("schema", error.said) from None
    except (*REFUSED, OSError) as error:
        message = Message(
            "the database in {home} cannot be opened: {error}", home=settings.home, error=error
        )
        raise ServiceError("home_unusable", message) from None


async def _open_book(database: Database, clock: Clock, on_failure: Callable[[str], None]) -> Ledger:
    if not isinstance(database, SqliteDatabase):
        from yiyuan.services.shared.opening_postgres import open_postgres_book  # noqa: PLC0415 - only then

        return await open_postgres_book(database, clock, on_failure)
    try:
        return await SqliteLedger.open(database, clock)
    except LedgerInconsistent as error:
        message = Message(
            "the ledger does not add up ({error}); `yiyuan ledger verify` tells where", error=error
        )
        raise ServiceError("books_disagree", message) from error


async def _open_secrets(settings: Settings, database: Database) -> SecretKeys:
    """The secret key, which must be the one that this database was made with."""
    known = await fingerprint(database)
    try:
        secrets = load_secrets(settings.home, settings.secret_key, may_create=known is None)
    except SecretKeyError as error:
        raise ServiceError("secret_key", error.said) from None
    if known is None:
        await database.write([set_fingerprint(secrets.fingerprint)])
        known = await fingerprint(database)  # another node may have been faster
    if known != secrets.fingerprint:
        message = Message(
            "the secret key (fingerprint {found}) is not the one that the database was made with "
            "({wanted}): upstream keys and API tokens would not work. Set YIYUAN_SECRET_KEY, or "
            "put back {home}/secret.key",
            found=secrets.fingerprint,
            wanted=known,
            home=settings.home,
        )
        raise ServiceError("secret_key", message)
    return secrets
