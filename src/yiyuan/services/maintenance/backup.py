"""Backup: the whole shop in one file, while it goes on working.

The file is complete or not there: it is written under another name, brought to the
disk and renamed. It is the owner's alone (0600), because it may hold the secret key
and always holds what people pay.
"""

from pathlib import Path
from typing import Any

from yiyuan import __version__
from yiyuan.auth.secret_key import SecretKeyError, stored_key
from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import Clock, iso
from yiyuan.kernel.settings import Settings
from yiyuan.services.shared.command import Progress, command, teller
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, file_path
from yiyuan.store.backup.dump import dump
from yiyuan.store.backup.file import BackupWriter
from yiyuan.store.database import Connection, Database
from yiyuan.store.tables.api_tokens import fingerprint

Json = dict[str, Any]


class Write(Request):
    """Where to: an absolute path."""

    path: str


@command("backup.write", reads=True)
async def write(context: ServiceContext, request: Write, progress: Progress) -> Json:
    """Write a backup to `path` (absolute), as the process that has the database."""
    path = file_path("path", request.path)
    return await write_backup(
        context.settings, context.database, context.clock, path, progress, is_polite=True
    )


async def write_backup(
    settings: Settings,
    database: Database,
    clock: Clock,
    path: Path,
    progress: Progress,
    *,
    is_polite: bool = False,
) -> Json:
    """The same without a book: the rows are all that a backup needs.

    `is_polite` takes twice the time and leaves half of it to others.
    """
    secret_key = _secret_key(settings.home, await fingerprint(database))
    about = {"release": __version__, "created_at": iso(clock.wall_ms())}
    tell = teller(progress, "saved {done:,} of {total:,} rows")

    def run(connection: Connection) -> Json:
        with BackupWriter(path) as writer:
            counts = dump(
                connection,
                writer,
                about=about,
                secret_key=secret_key,
                progress=tell,
                is_polite=is_polite,
            )
            return _report(path, writer.finish(counts), counts)

    try:
        report = await database.run_read(run)
    except OSError as error:
        message = Message(
            "the backup {path} cannot be written: {error}", path=path, error=error.strerror or error
        )
        raise ServiceError("file_unusable", message) from None
    created_at = about["created_at"]
    return report | {"created_at": created_at, "has_secret_key": secret_key is not None}


def _report(path: Path, size: int, counts: dict[str, int]) -> Json:
    return {
        "file": str(path),
        "bytes": size,
        "accounts": counts["accounts"],
        "entries": counts["entries"],
        "rows": sum(counts.values()),
    }


def _secret_key(home: Path, known: str | None) -> str | None:
    """The home's key, if it is the one that this database was made with."""
    try:
        found = stored_key(home)
    except SecretKeyError as error:
        raise ServiceError("secret_key", error.said) from None
    if found is None or known not in (None, found[1].fingerprint):
        return None
    return found[0]
