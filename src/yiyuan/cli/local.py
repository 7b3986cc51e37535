"""A command carried out in this process, on a home that no server has."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from yiyuan.console import upkeep
from yiyuan.console.arguments import Arguments
from yiyuan.console.command import run
from yiyuan.console.desk import open_desk, open_store
from yiyuan.console.ledger import verify_database
from yiyuan.console.refusal import CommandError
from yiyuan.console.restore import restore
from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.settings import Settings

Json = dict[str, Any]
Progress = Callable[[Json], None]

_WITHOUT_BOOK: Final = MappingProxyType(
    {"backup.write": upkeep.backup_here, "store.migrate": upkeep.migrate_here}
)


def call_here(settings: Settings, name: str, parameters: Json, progress: Progress) -> Json:
    """Open the home, carry out the command, close it. Raises CommandError."""
    return asyncio.run(_call(settings, name, parameters, progress))


def restore_here(settings: Settings, path: Path, progress: Progress) -> Json:
    """Fill an empty home from a backup. Raises CommandError."""
    return asyncio.run(restore(settings, path, progress))


async def _call(settings: Settings, name: str, parameters: Json, progress: Progress) -> Json:
    if name in _WITHOUT_BOOK:
        return await _WITHOUT_BOOK[name](settings, Arguments(parameters), progress)
    try:
        async with open_desk(settings, patience_seconds=0) as desk:
            return await run(desk, name, parameters, progress)
    except CommandError as error:
        # The one command that has to work on books over which no ledger starts.
        if error.code != "books_disagree" or name != "ledger.verify":
            raise
    async with open_store(settings) as database:
        return await verify_database(
            database, SystemClock(), full=bool(parameters.get("full")), progress=progress
        )
