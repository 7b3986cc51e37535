"""`yiyuan account …`"""

from typing import Any

import click

from yiyuan.cli.language import words
from yiyuan.cli.options import AMOUNT, BALANCE, Group
from yiyuan.cli.session import Session

Json = dict[str, Any]


@click.group(
    cls=Group,
    examples=(
        "account create alice --balance 10000000",
        'account credit alice 5000000 --reason "bank transfer 4711" --key transfer-4711',
        "account list --json",
    ),
)
def account() -> None:
    """Accounts and their money. Amounts are whole 词元: 1,000,000 are 1 元."""


@account.command(examples=("account create alice", "account create alice --balance 10000000"))
@click.argument("name")
@click.option("--balance", type=BALANCE, metavar="N", help="Starting balance, as a grant.")
@click.pass_obj
def create(session: Session, name: str, balance: int | None) -> None:
    """Open an account."""
    _show(session, session.call("account.create", name=name, balance=balance))


@account.command(examples=("account show alice",))
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show an account, by name or id."""
    _show(session, session.call("account.show", name=name))


@account.command("list", examples=("account list --json",))
@click.pass_obj
def list_all(session: Session) -> None:
    """List all accounts."""
    session.show(session.call("account.list"), _print_accounts)


@account.command(
    examples=('account credit alice 5000000 --reason "bank transfer 4711" --key transfer-4711',)
)
@click.argument("name")
@click.argument("amount", type=AMOUNT, metavar="N")
@click.option("--reason", required=True, metavar="TEXT", help="Kept with the entry.")
@click.option("--key", metavar="K", help="Post once, however often this is repeated.")
@click.pass_obj
def credit(session: Session, name: str, amount: int, reason: str, key: str | None) -> None:
    """Add N 词元 to an account."""
    entry = session.call("account.credit", name=name, amount=amount, reason=reason, key=key)
    session.show(entry, print_entry)


@account.command(examples=('account debit alice 250000 --reason "chargeback 12"',))
@click.argument("name")
@click.argument("amount", type=AMOUNT, metavar="N")
@click.option("--reason", required=True, metavar="TEXT", help="Kept with the entry.")
@click.option("--key", metavar="K", help="Post once, however often this is repeated.")
@click.pass_obj
def debit(session: Session, name: str, amount: int, reason: str, key: str | None) -> None:
    """Take N 词元 from an account, at most balance − held."""
    entry = session.call("account.debit", name=name, amount=amount, reason=reason, key=key)
    session.show(entry, print_entry)


@account.command(examples=("account suspend alice",))
@click.argument("name")
@click.pass_obj
def suspend(session: Session, name: str) -> None:
    """Refuse an account's new requests; open ones finish."""
    _show(session, session.call("account.suspend", name=name))


@account.command(examples=("account resume alice",))
@click.argument("name")
@click.pass_obj
def resume(session: Session, name: str) -> None:
    """Let a suspended account send again."""
    _show(session, session.call("account.resume", name=name))


@account.command(examples=("account invite alice",))
@click.argument("name")
@click.pass_obj
def invite(session: Session, name: str) -> None:
    """Make a one-time link by which a person signs in to this account."""
    from yiyuan.cli.operator import print_url  # noqa: PLC0415 - only here

    session.show(session.call("account.invite", name=name), print_url)


def _show(session: Session, document: Json) -> None:
    session.show(document, _print_account)


def _print_account(document: Json) -> None:
    from yiyuan.cli.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        [
            ("id", document["id"]),
            ("name", document["name"]),
            ("balance", amount(document["balance"])),
            ("held", amount(document["held"])),
            *([("suspended", words("yes"))] if document.get("suspended") else []),
        ]
    )


def _print_accounts(document: Json) -> None:
    from yiyuan.cli.tables import amount, print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            amount(item["balance"]),
            amount(item["held"]),
            words("suspended") if item.get("suspended") else "",
            item["id"],
        )
        for item in document["accounts"]
    ]
    hint = "There is no account yet: yiyuan account create NAME"
    print_table(("name", "balance>", "held>", "", "id"), rows, hint)


def print_entry(entry: Json) -> None:
    """One entry of the ledger."""
    from yiyuan.cli.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        [
            ("entry", entry["id"]),
            ("time", entry["at"]),
            ("kind", words(entry["kind"])),
            ("amount", amount(entry["amount"])),
            ("balance after", amount(entry["balance_after"])),
            ("reason", entry["reason"]),
        ]
    )
