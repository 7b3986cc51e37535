"""`yiyuan backup`"""

from pathlib import Path
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command

Json = dict[str, Any]


@click.command(
    cls=Command,
    examples=("backup /var/backups/yiyuan.gz", "backup yiyuan.gz --json"),
)
@click.argument("file", type=click.Path(dir_okay=False))
@click.pass_obj
def backup(session: Invocation, file: str) -> None:
    """Save everything in one file while the server keeps running.

    Only its owner can read the file: it contains the secret key if that is in the home. The file
    appears when it is complete and replaces one of the same name. It can be restored into SQLite
    or PostgreSQL.
    """
    document = session.call("backup.write", path=str(Path(file).absolute()))
    session.show(document, _print_backup)


def _print_backup(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say(
        "{file}: {rows:,} rows, {accounts:,} accounts, {entries:,} entries; {bytes:,} bytes",
        **document,
    )
    if document["has_secret_key"]:
        say("It contains the secret key: keep it as safe as the home itself.")
    else:
        say("It does not contain the secret key: back up YIYUAN_SECRET_KEY separately.")
