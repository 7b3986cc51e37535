"""`yiyuan sign-up-codes …`: codes with which strangers may sign up."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import BALANCE, Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.group(cls=Group, examples=("sign-up-codes create friends --uses 20",))
def sign_up_codes() -> None:
    """Codes required to sign up when the setting `sign_up` is `invite`."""


@sign_up_codes.command(examples=("sign-up-codes create friends --uses 20 --gift 1000000",))
@click.argument("name")
@click.option(
    "--uses", type=click.IntRange(1), metavar="N", help="How many people can use it; default: 1."
)
@click.option("--gift", type=BALANCE, metavar="N", help="Grant instead of the one in the settings.")
@click.option("--expires", metavar="DATE", help="Valid until (ISO 8601, UTC).")
@click.pass_obj
def create(session: Invocation, /, **given: Any) -> None:
    """Create a code and show it, only once."""
    session.show(session.call("sign_up_codes.create", **given), _print_code)


@sign_up_codes.command("list", examples=("sign-up-codes list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List codes, without the codes themselves."""
    session.show(session.call("sign_up_codes.list"), _print_codes)


@sign_up_codes.command(examples=("sign-up-codes end 3f…",))
@click.argument("id")
@click.pass_obj
def end(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """End a code: nobody can sign up with it any more."""
    session.show(session.call("sign_up_codes.end", id=id), _print_ended)


def _print_code(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_line  # noqa: PLC0415 - slow to import

    print_line(document["code"])


def _print_codes(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            f"{item['used']:,} / {item['uses']:,}",
            words("ended") if item["ended"] else item["expires"],
            item["id"],
        )
        for item in document["codes"]
    ]
    headings = ("name", "used>", "expires", "id")
    print_table(headings, rows, "There are no codes yet: yiyuan sign-up-codes create")


def _print_ended(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("ended: {what}", what=document["ended"])
