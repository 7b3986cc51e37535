"""A backup of an older release, made one of this release's schema.

What changes rows from one schema to the next are the migrations, and they are written
for databases. So such a backup is loaded into a SQLite file aside, migrated there, and
saved again: what is then restored into another engine is as new. It takes room for the
database and for another backup, for as long as the restore takes.
"""

import sqlite3
from pathlib import Path
from typing import Final

from yiyuan.store.backup.dump import dump
from yiyuan.store.backup.file import BackupWriter, Contents, inspect
from yiyuan.store.backup.restore_sqlite import Progress, load
from yiyuan.store.schema import migrations
from yiyuan.store.sqlite.database import DATABASE_FILE
from yiyuan.store.sqlite.migrate import migrate

UPGRADED: Final = "upgraded.gz"


def is_of_this_schema(contents: Contents) -> bool:
    """Whether the rows of a backup can be used as they are."""
    return contents.schema == len(migrations())


def upgrade(
    staging: Path, path: Path, contents: Contents, progress: Progress
) -> tuple[Path, Contents]:
    """The same moment of the same shop in this release's schema, in an empty folder.

    Raises BadBackup, OSError, sqlite3.Error.
    """
    load(staging, path, contents, progress)
    connection = sqlite3.connect(staging / DATABASE_FILE, isolation_level=None)
    upgraded = staging / UPGRADED
    about = {name: contents.header.get(name) for name in ("release", "created_at")}
    try:
        migrate(connection)
        with BackupWriter(upgraded) as writer:
            counts = dump(
                connection,
                writer,
                about=about,
                secret_key=contents.secret_key,
                progress=progress,
            )
            writer.finish(counts)
    finally:
        connection.close()
    return upgraded, inspect(upgraded)
