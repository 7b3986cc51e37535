"""`yiyuan codes …`: redemption codes to sell or to give away."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import AMOUNT, Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.group(cls=Group, examples=("codes create --value 10000000 --count 20",))
def codes() -> None:
    """Redemption codes: each credits one account once."""


@codes.command("create", examples=("codes create --value 10000000 --count 20 --json",))
@click.option("--value", required=True, type=AMOUNT, metavar="N", help="词元 per code.")
@click.option("--count", required=True, type=click.IntRange(1), metavar="N", help="How many.")
@click.option("--expires", metavar="DATE", help="Valid until (ISO 8601, UTC).")
@click.option("--name", metavar="TEXT", help="Name of the batch.")
@click.option("--per-account", type=click.IntRange(1), metavar="N", help="At most N per account.")
@click.pass_obj
def create_codes(session: Invocation, /, **given: Any) -> None:
    """Create redemption codes and show them, only once."""
    session.show(session.call("codes.create", **given), _print_codes)


@codes.command("list", examples=("codes list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List batches of codes, without the codes."""
    session.show(session.call("codes.list"), _print_batches)


@codes.command(examples=("codes show batch_…",))
@click.argument("id")
@click.pass_obj
def show(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """Show who redeemed codes of a batch."""
    session.show(session.call("codes.show", id=id), _print_uses)


@codes.command(examples=("codes revoke batch_…",))
@click.argument("id")
@click.pass_obj
def revoke(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """Revoke a batch's unused codes."""
    session.show(session.call("codes.revoke", id=id), _print_batch)


def _print_batches(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            amount(item["value"]),
            f"{item['redeemed']:,} / {item['count']:,}",
            words("revoked") if item["revoked"] else item["expires"],
            item["id"],
        )
        for item in document["batches"]
    ]
    headings = ("name", "value>", "redeemed>", "expires", "id")
    print_table(headings, rows, "There are no codes yet: yiyuan codes create")


def _print_batch(document: Json) -> None:
    _print_batches({"batches": [document]})


def _print_uses(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [(use["at"], use["account_name"], use["entry_id"]) for use in document["uses"]]
    print_table(("at", "account", "entry"), rows, "No code has been redeemed yet.")


def _print_codes(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_line  # noqa: PLC0415 - slow to import

    for code in document["codes"]:
        print_line(code)
