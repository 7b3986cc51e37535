"""Backup and migration where no server runs: with the database alone, without a book.

Neither needs a ledger in memory, so both work over books that contradict themselves.
"""

from typing import Any

from yiyuan import __version__
from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.services.maintenance import backup
from yiyuan.services.shared.command import Progress, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_store
from yiyuan.services.shared.request import Nothing, file_path, read_request
from yiyuan.store.errors import REFUSED
from yiyuan.store.schema import migrations, reason
from yiyuan.store.sqlite.database import DATABASE_FILE
from yiyuan.store.sqlite.inspect import stored_schema

Json = dict[str, Any]


async def backup_here(settings: Settings, parameters: Json, progress: Progress) -> Json:
    """Write a backup to `path`. Raises CommandError, `not_found` when there is no database."""
    path = file_path("path", read_request(backup.Write, parameters).path)
    if settings.database_url is None and not (settings.home / DATABASE_FILE).exists():
        message = Message("there is no database in {home}: set YIYUAN_HOME", home=settings.home)
        raise ServiceError("not_found", message)
    async with open_store(settings, patience_seconds=0) as database:
        return await backup.write_backup(settings, database, SystemClock(), path, progress)


async def migrate_here(settings: Settings, parameters: Json, _: Progress) -> Json:
    """Bring the database to this release's schema; what that took, with the reasons."""
    read_request(Nothing, parameters)
    if settings.database_url is not None:
        from yiyuan.services.shared.opening_postgres import migrate_postgres  # noqa: PLC0415 - only with one

        return _report(await migrate_postgres(settings))
    try:
        before = stored_schema(settings.home)
    except REFUSED as error:
        message = Message(
            "the database in {home} cannot be read: {error}", home=settings.home, error=error
        )
        raise ServiceError("home_unusable", message) from None
    async with open_store(settings, patience_seconds=0):
        return _report(before)


@command("server.status", reads=True)
async def status(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """What a running server says of itself."""
    stats = context.ledger.stats()
    return {
        "release": __version__,
        "ledger_failed": context.ledger.is_failed,
        "open_holds": stats.open_holds,
        "untrusted_forwarder": context.untrusted_forwarder,
    }


@command("store.migrate", reads=True)
async def migrate(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """The same in a server, whose start has done it."""
    return _report(len(migrations()))


def _report(before: int) -> Json:
    known = migrations()
    applied = [{"number": number, "reason": reason(script)} for number, script in known[before:]]
    return {"schema": len(known), "applied": applied}
