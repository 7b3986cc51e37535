"""`yiyuan migrate`"""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command

Json = dict[str, Any]


@click.command(cls=Command, examples=("migrate", "migrate --json"))
@click.pass_obj
def migrate(session: Invocation) -> None:
    """Migrate the database to this release's schema and report what was done.

    SQLite does this automatically at every start.
    """
    session.show(session.call("store.migrate"), _print_migrations)


def _print_migrations(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_line, say  # noqa: PLC0415 - slow to import

    for item in document["applied"]:
        print_line(f"{item['number']:04d}  {item['reason']}")
    say("The schema is {schema}, which is this release's.", schema=document["schema"])
