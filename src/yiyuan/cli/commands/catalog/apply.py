"""`yiyuan apply`"""

import os
import sys
from typing import Any

import click

from yiyuan.cli.shared.columns import padded
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command
from yiyuan.i18n.locale_env import words
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

Json = dict[str, Any]

_BYTES_MAX = 1024 * 1024


@click.command(
    cls=Command,
    examples=(
        "apply catalog.toml --dry-run",
        "apply catalog.toml",
        "apply catalog.toml --prune",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Check and compare without changing anything.")
@click.option("--prune", is_flag=True, help="Disable anything missing from the file.")
@click.pass_obj
def apply(session: Invocation, file: str, *, dry_run: bool, prune: bool) -> None:
    """Make the catalog match a file.

    FILE is TOML (- is standard input) and describes channels, models with their
    prices, and tiers. Applying a file twice changes nothing, and neither does a file with errors:
    the message names line and field. Keys written as { env = "NAME" } are read from
    this command's environment.
    """
    from yiyuan.services.catalog.reading.file import references  # noqa: PLC0415 - only when needed

    text = _read(file)
    # Only what the file names, and from here: the server's environment is another.
    environment = {
        name: os.environ[name]  # noqa: TID251 - the keys' variables are no settings
        for name in references(text)
        if name in os.environ  # noqa: TID251
    }
    document = session.call(
        "catalog.apply",
        file="<stdin>" if file == "-" else file,
        text=text,
        environment=environment,
        dry_run=dry_run,
        prune=prune,
    )
    session.show(document, lambda found: _print_changes(found, dry_run=dry_run))


def _read(file: str) -> str:
    try:
        if file == "-":
            content = sys.stdin.buffer.read(_BYTES_MAX + 1)
        else:
            with open(file, "rb") as stream:  # noqa: PTH123 - the name is shown as it was given
                content = stream.read(_BYTES_MAX + 1)
    except OSError as error:
        raise ServiceError(
            "invalid_catalog", Message("{variable}: {reason}", variable=file, reason=error.strerror)
        ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ServiceError(
            "invalid_catalog", Message("{file}:{line}: is not UTF-8", file=file, line=line)
        ) from None


def _print_changes(document: Json, *, dry_run: bool) -> None:
    from yiyuan.cli.shared.tables import label_of, print_line, say  # noqa: PLC0415 - slow to import

    planned = {"created": "create", "changed": "change"} if dry_run else {}
    for kind in ("created", "changed", "left"):
        for label in document[kind]:
            print_line(f"{padded(words(planned.get(kind, kind)), 8)} {label_of(label)}")
    if not document["created"] and not document["changed"]:
        say("Nothing to change.")
