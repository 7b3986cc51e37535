"""`yiyuan audit`: what operators and commands did."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command

Json = dict[str, Any]


@click.command(cls=Command, examples=("audit --limit 20", "audit --actor me@example.com"))
@click.option("--actor", metavar="WHO", help="By this person or key, by name or id.")
@click.option("--action", metavar="ACTION", help="Of this kind, such as token.create.")
@click.option(
    "--limit", type=click.IntRange(1, 1_000), metavar="N", help="At most N; default: 100."
)
@click.pass_obj
def audit(session: Invocation, /, **given: Any) -> None:
    """Show what operators and commands did, latest first."""
    session.show(session.call("audit.list", **given), _print_actions)


def _print_actions(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["at"], item["actor_name"] or item["actor"], item["action"], item["subject"])
        for item in document["actions"]
    ]
    print_table(("at", "by", "action", "subject"), rows, "No actions yet.")
