"""The open home: what every use-case needs, and how it is opened and closed.

With SQLite a home belongs to one process at a time, which holds its lock from the
first look to the last write: the server, or a single command when no server runs.
With PostgreSQL any number of servers and commands work at once.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from yiyuan.access.secret_key import SecretKeyError, Secrets, load_secrets
from yiyuan.console.control_address import is_served
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import Clock, SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.book import Book
from yiyuan.ledger.ledger import Ledger
from yiyuan.ledger.refusals import BooksDisagree
from yiyuan.limits.limiter import Limiter
from yiyuan.store.api_tokens import fingerprint, set_fingerprint
from yiyuan.store.database import Database
from yiyuan.store.failure import REFUSED
from yiyuan.store.home import HomeLock, HomeLocked
from yiyuan.store.migrate import SchemaError
from yiyuan.store.sqlite import Database as SqliteDatabase

PATIENCE_SECONDS = 5.0
_PAUSE_SECONDS = 0.02


async def _nobody_to_tell() -> None:
    """Without a server, nobody needs to follow a change."""


def _nobody_to_warn(_: str) -> None:
    """A short command sees the failure itself."""


@dataclass(slots=True, kw_only=True)
class Desk:
    """What use-cases work with."""

    settings: Settings
    clock: Clock
    database: Database
    book: Ledger
    secrets: Secrets
    reload: Callable[[], Awaitable[None]] = _nobody_to_tell
    """Called after each change of catalog or API tokens; the server replaces it."""
    limiter: Limiter | None = None
    """The server's, when there is one."""
    actor: str = "operator"
    """Who is at the desk, as entries name them: a person's or key's id, or `operator` for
    whoever has the machine."""
    catalog_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from comparing a catalog to writing it."""

    @property
    def is_serving(self) -> bool:
        """Whether this process answers requests, and long work must leave room for them."""
        return self.limiter is not None


@asynccontextmanager
async def open_desk(
    settings: Settings,
    *,
    clock: Clock | None = None,
    on_failure: Callable[[str], None] = _nobody_to_warn,
    patience_seconds: float = PATIENCE_SECONDS,
) -> AsyncIterator[Desk]:
    """Lock the home, open its database and book (recovering open holds); closes all after.

    `on_failure` is called when the database's writer has stopped for good;
    `patience_seconds` is how long to wait for a command that has the home.
    Raises CommandError: as `open_store`, and `secret_key`, `books_disagree`.
    """
    clock = clock or SystemClock()
    async with open_store(settings, on_failure, patience_seconds) as database:
        secrets = await _open_secrets(settings, database)
        book = await _open_book(database, clock, on_failure)
        try:
            yield Desk(
                settings=settings, clock=clock, database=database, book=book, secrets=secrets
            )
        finally:
            await book.close()


@asynccontextmanager
async def open_store(
    settings: Settings,
    on_failure: Callable[[str], None] = _nobody_to_warn,
    patience_seconds: float = PATIENCE_SECONDS,
) -> AsyncIterator[Database]:
    """Lock the home and open its database alone, or connect to PostgreSQL; closes all after.

    Raises CommandError: `home_locked`, `home_unusable`, `schema`, `unavailable`.
    """
    if settings.database_url is not None:
        from yiyuan.console.postgres_store import open_postgres  # noqa: PLC0415 - only with one

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
                raise CommandError("home_locked", str(error)) from None
        except OSError as error:
            message = f"the home {settings.home} cannot be used: {error.strerror}"
            raise CommandError("home_unusable", message) from None
        await asyncio.sleep(_PAUSE_SECONDS)


async def _open_database(settings: Settings, on_failure: Callable[[str], None]) -> SqliteDatabase:
    try:
        return await SqliteDatabase.open(
            settings.home,
            synchronous="NORMAL" if settings.durability == "normal" else "FULL",
            on_failure=on_failure,
        )
    except SchemaError as error:
        raise CommandError("schema", str(error)) from None
    except (*REFUSED, OSError) as error:
        message = f"the database in {settings.home} cannot be opened: {error}"
        raise CommandError("home_unusable", message) from None


async def _open_book(database: Database, clock: Clock, on_failure: Callable[[str], None]) -> Ledger:
    if not isinstance(database, SqliteDatabase):
        from yiyuan.console.postgres_store import open_postgres_book  # noqa: PLC0415 - only then

        return await open_postgres_book(database, clock, on_failure)
    try:
        return await Book.open(database, clock)
    except BooksDisagree as error:
        message = f"the ledger does not add up ({error}); `yiyuan ledger verify` tells where"
        raise CommandError("books_disagree", message) from error


async def _open_secrets(settings: Settings, database: Database) -> Secrets:
    """The secret key, which must be the one that this database was made with."""
    known = await fingerprint(database)
    try:
        secrets = load_secrets(settings.home, settings.secret_key, may_create=known is None)
    except SecretKeyError as error:
        raise CommandError("secret_key", str(error)) from None
    if known is None:
        await database.write([set_fingerprint(secrets.fingerprint)])
        known = await fingerprint(database)  # another node may have been faster
    if known != secrets.fingerprint:
        message = (
            f"the secret key (fingerprint {secrets.fingerprint}) is not the one that the "
            f"database was made with ({known}): upstream keys and API tokens would not work. "
            f"Set YIYUAN_SECRET_KEY, or put back {settings.home}/secret.key"
        )
        raise CommandError("secret_key", message)
    return secrets
