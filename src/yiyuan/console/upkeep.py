"""Backup and migration where no server runs: with the database alone, without a book.

Neither needs a ledger in memory, so both work over books that contradict themselves.
"""

from collections.abc import Callable
from typing import Any

from yiyuan import __version__
from yiyuan.console import backup
from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk, open_store
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.store.failure import REFUSED
from yiyuan.store.migrate import migrations, reason
from yiyuan.store.sqlite import DATABASE_FILE
from yiyuan.store.sqlite_look import stored_schema

Json = dict[str, Any]
Progress = Callable[[Json], None]


async def backup_here(settings: Settings, arguments: Arguments, progress: Progress) -> Json:
    """Write a backup to `path`. Raises CommandError, `not_found` when there is no database."""
    path = arguments.path("path")
    arguments.finish()
    if settings.database_url is None and not (settings.home / DATABASE_FILE).exists():
        message = f"there is no database in {settings.home}: set YIYUAN_HOME"
        raise CommandError("not_found", message)
    async with open_store(settings, patience_seconds=0) as database:
        return await backup.write_backup(settings, database, SystemClock(), path, progress)


async def migrate_here(settings: Settings, arguments: Arguments, _: Progress) -> Json:
    """Bring the database to this release's schema; what that took, with the reasons."""
    arguments.finish()
    if settings.database_url is not None:
        from yiyuan.console.postgres_store import migrate_postgres  # noqa: PLC0415 - only with one

        return _report(await migrate_postgres(settings))
    try:
        before = stored_schema(settings.home)
    except REFUSED as error:
        message = f"the database in {settings.home} cannot be read: {error}"
        raise CommandError("home_unusable", message) from None
    async with open_store(settings, patience_seconds=0):
        return _report(before)


async def status(desk: Desk, arguments: Arguments) -> Json:
    """What a running server says of itself."""
    arguments.finish()
    stats = desk.book.stats()
    return {
        "release": __version__,
        "ledger_failed": desk.book.is_failed,
        "open_holds": stats.open_holds,
    }


async def migrate(_: Desk, arguments: Arguments) -> Json:
    """The same in a server, whose start has done it."""
    arguments.finish()
    return _report(len(migrations()))


def _report(before: int) -> Json:
    known = migrations()
    applied = [{"number": number, "reason": reason(script)} for number, script in known[before:]]
    return {"schema": len(known), "applied": applied}
