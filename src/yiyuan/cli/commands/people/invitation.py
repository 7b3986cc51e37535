"""`yiyuan invitation …`: links that let somebody in and that nobody has used yet."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group

Json = dict[str, Any]

_ACCOUNT = click.option(
    "--account", metavar="A", help="Of this account; default: those that create operators."
)


@click.group(cls=Group, examples=("invitation list --account alice", "invitation list"))
def invitation() -> None:
    """Valid invitations, without their links."""


@invitation.command("list", examples=("invitation list --account alice --json",))
@_ACCOUNT
@click.pass_obj
def list_all(session: Invocation, /, *, account: str | None) -> None:
    """List an account's invitations, or the links that create operators."""
    session.show(session.call("invitation.list", account=account), _print_invitations)


@invitation.command(examples=("invitation end 3f… --account alice",))
@click.argument("id")
@_ACCOUNT
@click.pass_obj
def end(session: Invocation, /, *, id: str, account: str | None) -> None:  # noqa: A002 - as for tokens
    """Withdraw an invitation."""
    session.show(session.call("invitation.end", id=id, account=account), _print_ended)


def _print_invitations(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["id"], item["email"], item["role"], item["created_by"], item["expires"])
        for item in document["invitations"]
    ]
    print_table(("id", "e-mail", "role", "by", "expires"), rows, "No invitation is open.")


def _print_ended(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("ended: {what}", what=document["ended"])
