"""A command carried out in this process, on a home that no server has."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import Settings
from yiyuan.services.accounts.ledger import verify_database
from yiyuan.services.commands import run
from yiyuan.services.maintenance import migrate
from yiyuan.services.maintenance.restore import restore
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context, open_store

Json = dict[str, Any]
Progress = Callable[[Json], None]

_WITHOUT_BOOK: Final = MappingProxyType(
    {"backup.write": migrate.backup_here, "store.migrate": migrate.migrate_here}
)


def call_here(settings: Settings, name: str, parameters: Json, progress: Progress) -> Json:
    """Open the home, carry out the command, close it. Raises ServiceError."""
    return asyncio.run(_call(settings, name, parameters, progress))


def restore_here(settings: Settings, path: Path, progress: Progress) -> Json:
    """Fill an empty home from a backup. Raises ServiceError."""
    return asyncio.run(restore(settings, path, progress))


async def _call(settings: Settings, name: str, parameters: Json, progress: Progress) -> Json:
    if name in _WITHOUT_BOOK:
        return await _WITHOUT_BOOK[name](settings, parameters, progress)
    try:
        async with open_context(settings, patience_seconds=0) as context:
            return await run(context, name, parameters, progress)
    except ServiceError as error:
        # The one command that has to work on books over which no ledger starts.
        if error.code != "books_disagree" or name != "ledger.verify":
            raise
    async with open_store(settings) as database:
        return await verify_database(
            database, SystemClock(), full=bool(parameters.get("full")), progress=progress
        )
