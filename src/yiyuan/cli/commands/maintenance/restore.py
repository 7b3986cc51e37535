"""`yiyuan restore`"""

from pathlib import Path
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation, ProgressLine
from yiyuan.cli.shared.options import Command

Json = dict[str, Any]


@click.command(
    cls=Command,
    examples=("restore /var/backups/yiyuan.gz", "restore yiyuan.gz --json"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_obj
def restore(session: Invocation, file: str) -> None:
    """Restore a backup into an empty home and database.

    The whole file is checked first, and it is restored completely or not at all. Requests that
    were open at the time of the backup are ended as after a crash, and the ledger is verified.
    """
    from yiyuan.cli.shared.in_process import restore_here  # noqa: PLC0415 - the database and all behind it

    progress = ProgressLine()
    try:
        document = restore_here(session.settings, Path(file), progress.show)
    finally:
        progress.end()
    session.show(document, _print_restored)


def _print_restored(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, say  # noqa: PLC0415 - slow to import

    holds = document["holds"]
    say(
        "Restored as of {created_at}: {accounts:,} accounts, {entries:,} entries. "
        "The ledger is right.",
        **document,
    )
    if holds["voided"] or holds["charged"]:
        say(
            "Requests that were open: {voided:,} ended without charge, "
            "{charged:,} charged {total} in all.",
            total=amount(holds["charge"]),
            **holds,
        )
