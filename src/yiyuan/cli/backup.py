"""`yiyuan backup`, `yiyuan restore` and `yiyuan migrate`"""

from pathlib import Path
from typing import Any

import click

from yiyuan.cli.options import Command
from yiyuan.cli.session import ProgressLine, Session

Json = dict[str, Any]


@click.command(
    cls=Command,
    examples=("backup /var/backups/yiyuan.gz", "backup yiyuan.gz --json"),
)
@click.argument("file", type=click.Path(dir_okay=False))
@click.pass_obj
def backup(session: Session, file: str) -> None:
    """Save everything in one file, while the server goes on.

    Only the owner may read the file: it holds the secret key if that lies in the
    home. It appears when it is complete, and replaces one of the same name. It can
    be restored into SQLite and into PostgreSQL.
    """
    document = session.call("backup.write", path=str(Path(file).absolute()))
    session.show(document, _print_backup)


@click.command(
    cls=Command,
    examples=("restore /var/backups/yiyuan.gz", "restore yiyuan.gz --json"),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.pass_obj
def restore(session: Session, file: str) -> None:
    """Fill an empty home and database from a backup.

    The whole file is checked first, and nothing is there before everything is.
    Requests that were open when it was saved are ended as after a crash, and the
    ledger is verified.
    """
    from yiyuan.cli.local import restore_here  # noqa: PLC0415 - the database and all behind it

    progress = ProgressLine()
    try:
        document = restore_here(session.settings, Path(file), progress.show)
    finally:
        progress.end()
    session.show(document, _print_restored)


@click.command(cls=Command, examples=("migrate", "migrate --json"))
@click.pass_obj
def migrate(session: Session) -> None:
    """Bring the database to this release's schema, and say what was done.

    SQLite does this by itself at every start.
    """
    session.show(session.call("store.migrate"), _print_migrations)


def _print_backup(document: Json) -> None:
    from yiyuan.cli.tables import say  # noqa: PLC0415 - slow to import

    say(
        "{file}: {rows:,} rows, {accounts:,} accounts, {entries:,} entries; {bytes:,} bytes",
        **document,
    )
    if document["has_secret_key"]:
        say("It holds the secret key: keep it as safe as the home itself.")
    else:
        say("It does not hold the secret key: keep YIYUAN_SECRET_KEY in another safe place.")


def _print_restored(document: Json) -> None:
    from yiyuan.cli.tables import amount, say  # noqa: PLC0415 - slow to import

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


def _print_migrations(document: Json) -> None:
    from yiyuan.cli.tables import print_line, say  # noqa: PLC0415 - slow to import

    for item in document["applied"]:
        print_line(f"{item['number']:04d}  {item['reason']}")
    say("The schema is {schema}, which is this release's.", schema=document["schema"])
