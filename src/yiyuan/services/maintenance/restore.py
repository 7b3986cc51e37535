"""Restore: a backup into an empty home and database, complete or not at all.

The file is read twice: once to know that it is whole, before anything is touched, and
once for its rows. The database is built aside; its open holds are recovered and its
ledger verified before it gets its place. A ledger that was wrong when it was saved is
restored as it was, because it may be all there is, and the command says so.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from yiyuan.auth.secret_key import (
    FILE_NAME,
    SecretKeyError,
    SecretKeys,
    read_key,
    store_key,
    stored_key,
)
from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import Clock, SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.errors import LedgerInconsistent
from yiyuan.ledger.recovery import Recovered
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.services.accounts.ledger import verify_database
from yiyuan.services.shared.command import progress_of, teller
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.backup import restore_sqlite
from yiyuan.store.backup.file import BadBackup, Contents, inspect
from yiyuan.store.backup.upgrade import is_of_this_schema, upgrade
from yiyuan.store.database import Database
from yiyuan.store.errors import REFUSED, DatabaseAway
from yiyuan.store.home import HomeLock, HomeLocked
from yiyuan.store.sqlite.database import DATABASE_FILE, SqliteDatabase

Json = dict[str, Any]
Progress = Callable[[Json], None]


class _Plan(NamedTuple):
    """A restore that may begin."""

    settings: Settings
    path: Path
    contents: Contents
    clock: Clock
    progress: Progress


class _Ledger(Protocol):
    """What a restore asks of a ledger: that its opening has recovered what was open."""

    recovered: Recovered

    async def close(self) -> None:
        """End its epoch."""
        ...


class _Outcome(NamedTuple):
    """What became of the ledger; `recovered` is None when it contradicts itself."""

    recovered: Recovered | None
    verdict: Json


async def restore(
    settings: Settings, path: Path, progress: Progress, clock: Clock | None = None
) -> Json:
    """Fill an empty home from a backup. Raises ServiceError.

    `bad_backup`, `not_empty`, `secret_key`, `home_locked`, `home_unusable`, and, when
    everything is restored but the ledger in it is wrong, `books_disagree`.
    """
    try:
        contents = await asyncio.to_thread(inspect, path)
        plan = _Plan(settings, path, contents, clock or SystemClock(), progress)
        if settings.database_url is None:
            _check_empty(settings.home)
        _check_secret_key(plan)
        outcome = await (_into_home if settings.database_url is None else _into_postgres)(plan)
    except BadBackup as error:
        raise ServiceError(
            "bad_backup",
            Message("{path} cannot be restored: {reason}", path=path, reason=error.said),
        ) from None
    except SecretKeyError as error:
        raise ServiceError("secret_key", error.said) from None
    except DatabaseAway as error:
        message = Message(
            "the database went away; what is restored is whole, or nothing: {error}",
            error=error.reason,
        )
        raise ServiceError("unavailable", message) from None
    except HomeLocked as error:
        raise ServiceError("home_locked", error.said) from None
    except REFUSED as error:
        message = Message("the database cannot be written: {error}", error=error)
        raise ServiceError("home_unusable", message) from None
    except OSError as error:
        where = error.filename or settings.home
        message = Message("{url} cannot be used: {error}", url=where, error=error.strerror or error)
        raise ServiceError("home_unusable", message) from None
    return _report(plan, outcome)


def _check_empty(home: Path) -> None:
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal"):
        if (home / name).exists():
            message = Message(
                "{home} has a database already ({name}), and a restore never writes over one: set "
                "YIYUAN_HOME to an empty folder",
                home=home,
                name=name,
            )
            raise ServiceError("not_empty", message)


def _check_secret_key(plan: _Plan) -> None:
    """There must be one key, and it must be the one that the rows were made with."""
    settings, contents = plan.settings, plan.contents
    wanted = contents.header.get("fingerprint")
    if wanted is None:
        return  # an empty shop, from before it had a key
    for source, secrets in _keys(settings, contents):
        if secrets.fingerprint != wanted:
            message = Message(
                "the secret key of {source} (fingerprint {found}) is not the one that the backup "
                "was made with ({wanted}): API tokens would not work",
                source=source,
                found=secrets.fingerprint,
                wanted=wanted,
            )
            raise ServiceError("secret_key", message)
        return
    message = Message(
        "the backup was made without its secret key, and there is none here: set "
        "YIYUAN_SECRET_KEY, or put {file} into {home}",
        file=FILE_NAME,
        home=settings.home,
    )
    raise ServiceError("secret_key", message)


def _keys(settings: Settings, contents: Contents) -> list[tuple[str, SecretKeys]]:
    """The keys there are, in the order in which a start would take them."""
    found = []
    if settings.secret_key is not None:
        found.append(("YIYUAN_SECRET_KEY", read_key(settings.secret_key, "YIYUAN_SECRET_KEY")))
    stored = stored_key(settings.home)
    if stored is not None:
        found.append((str(settings.home / FILE_NAME), stored[1]))
    if contents.secret_key is not None:
        found.append(("the backup", read_key(contents.secret_key, "the backup's key")))
    return found


async def _into_home(plan: _Plan) -> _Outcome:
    """SQLite: build aside, recover, verify, then give key and database their places."""
    home = plan.settings.home
    with HomeLock.acquire(home), restore_sqlite.staging_folder(home) as staging:
        _check_empty(home)
        tell = teller(plan.progress, "restored {done:,} of {total:,} rows")
        await asyncio.to_thread(restore_sqlite.load, staging, plan.path, plan.contents, tell)
        database = await SqliteDatabase.open(staging)
        try:
            outcome = await _recover(
                database, plan, lambda: SqliteLedger.open(database, plan.clock)
            )
        finally:
            await database.close()
        _store_secret_key(plan)
        await asyncio.to_thread(restore_sqlite.publish, staging, home)
    return outcome


async def _into_postgres(plan: _Plan) -> _Outcome:
    """PostgreSQL: all rows in one transaction, then recover and verify."""
    from yiyuan.services.shared.opening_postgres import open_postgres, open_postgres_book  # noqa: PLC0415 - only with one
    from yiyuan.store.backup import restore_postgres  # noqa: PLC0415 - the same

    tell = teller(plan.progress, "restored {done:,} of {total:,} rows")
    async with open_postgres(plan.settings) as database, _of_this_schema(plan) as (path, contents):
        with _secret_key_stored(plan):
            try:
                await restore_postgres.load(database, path, contents, tell)
            except restore_postgres.NotEmpty as error:
                message = Message(
                    "the database is not empty ({reason}): a restore never writes over one",
                    reason=error.said,
                )
                raise ServiceError("not_empty", message) from None
        return await _recover(
            database, plan, lambda: open_postgres_book(database, plan.clock, lambda _: None)
        )


@asynccontextmanager
async def _of_this_schema(plan: _Plan) -> AsyncIterator[tuple[Path, Contents]]:
    """The backup, or if an older release wrote it, one that is like it and up to date."""
    restore_sqlite.check_schema(plan.contents)
    if is_of_this_schema(plan.contents):
        yield plan.path, plan.contents
        return
    home = plan.settings.home
    tell = teller(plan.progress, "brought up to date {done:,} of {total:,} rows")
    with HomeLock.acquire(home), restore_sqlite.staging_folder(home) as staging:
        yield await asyncio.to_thread(upgrade, staging, plan.path, plan.contents, tell)


@contextmanager
def _secret_key_stored(plan: _Plan) -> Iterator[None]:
    """The key comes before the rows, which are worth little without; refused rows take it along."""
    path = plan.settings.home / FILE_NAME
    was_there = path.exists()
    _store_secret_key(plan)
    try:
        yield
    except (BadBackup, ServiceError):
        if not was_there:
            path.unlink(missing_ok=True)
        raise


def _store_secret_key(plan: _Plan) -> None:
    if plan.contents.secret_key is not None and plan.settings.secret_key is None:
        store_key(plan.settings.home, plan.contents.secret_key)


async def _recover(
    database: Database, plan: _Plan, open_book: Callable[[], Awaitable[_Ledger]]
) -> _Outcome:
    """Begin an epoch after the backup's last one, end the open holds, verify."""
    recovered: Recovered | None = None
    try:
        ledger = await open_book()
        recovered = ledger.recovered
        await ledger.close()
    except LedgerInconsistent:
        plan.progress(progress_of(Message("the ledger contradicts itself")))
    verdict = await verify_database(database, plan.clock, full=True, progress=plan.progress)
    return _Outcome(recovered, verdict)


def _report(plan: _Plan, outcome: _Outcome) -> Json:
    contents, (recovered, verdict) = plan.contents, outcome
    if recovered is None or not verdict["ok"]:
        message = Message(
            "{path} is restored as it was saved, but the ledger in it does not add up: {count} "
            "problems, which `yiyuan ledger verify` lists",
            path=plan.path,
            count=len(verdict["problems"]),
        )
        raise ServiceError("books_disagree", message)
    return {
        "file": str(plan.path),
        "created_at": contents.header.get("created_at"),
        "rows": sum(contents.counts.values()),
        "accounts": verdict["accounts"],
        "entries": verdict["entries"],
        "holds": {
            "voided": recovered.voided,
            "charged": recovered.charged,
            "charge": recovered.charge_micros,
        },
        "ok": True,
    }
