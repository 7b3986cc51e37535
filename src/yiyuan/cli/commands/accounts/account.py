"""`yiyuan account …`"""

from collections.abc import Callable
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import AMOUNT, BALANCE, Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


def _adjustment(command: Callable[..., None]) -> Callable[..., None]:
    """What crediting and debiting are asked."""
    for option in (
        click.option("--key", metavar="K", help="Idempotency key: repeats are booked only once."),
        click.option("--reason", required=True, metavar="TEXT", help="Stored with the entry."),
        click.argument("amount", type=AMOUNT, metavar="N"),
        click.argument("name"),
    ):
        command = option(command)
    return command


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
def create(session: Invocation, name: str, balance: int | None) -> None:
    """Create an account."""
    _show(session, session.call("account.create", name=name, balance=balance))


@account.command(examples=("account show alice",))
@click.argument("name")
@click.pass_obj
def show(session: Invocation, name: str) -> None:
    """Show an account, by name or id."""
    _show(session, session.call("account.show", name=name))


@account.command(examples=('account rename alice "Alice Ltd"',))
@click.argument("name")
@click.argument("new_name")
@click.pass_obj
def rename(session: Invocation, name: str, new_name: str) -> None:
    """Rename an account; its id, entries and requests stay the same."""
    _show(session, session.call("account.rename", name=name, new_name=new_name))


@account.command("list", examples=("account list --json", "account list --sort spend"))
@click.option(
    "--sort",
    type=click.Choice(["name", "balance", "held", "spend"]),
    help="Sort by name, lowest balance, most held or most spent this month.",
)
@click.pass_obj
def list_all(session: Invocation, sort: str | None) -> None:
    """List all accounts."""
    session.show(session.call("account.list", sort=sort), _print_accounts)


@account.command(
    examples=('account credit alice 5000000 --reason "bank transfer 4711" --key transfer-4711',)
)
@_adjustment
@click.pass_obj
def credit(session: Invocation, name: str, amount: int, reason: str, key: str | None) -> None:
    """Add N 词元 to an account."""
    entry = session.call("account.credit", name=name, amount=amount, reason=reason, key=key)
    _show_entry(session, entry)


@account.command(examples=('account debit alice 250000 --reason "chargeback 12"',))
@_adjustment
@click.pass_obj
def debit(session: Invocation, name: str, amount: int, reason: str, key: str | None) -> None:
    """Deduct N 词元 from an account, at most balance − held."""
    entry = session.call("account.debit", name=name, amount=amount, reason=reason, key=key)
    _show_entry(session, entry)


@account.command(
    examples=("account groups alice --default vip", "account groups alice --allow vip,basic")
)
@click.argument("name")
@click.option(
    "--default", metavar="GROUP", help="Default group for tokens without one; none: no group."
)
@click.option("--allow", metavar="a,b", help="Groups its tokens may have; none: no list.")
@click.pass_obj
def groups(session: Invocation, name: str, default: str | None, allow: str | None) -> None:
    """Set an account's default group, and the groups that its tokens may have."""
    allowed = None if allow is None else [group.strip() for group in allow.split(",")]
    document = session.call("account.groups", name=name, default=default, allowed=allowed)
    session.show(document, _print_groups)


@account.command(examples=('account note alice "pays by transfer"',))
@click.argument("name")
@click.argument("text")
@click.pass_obj
def note(session: Invocation, name: str, text: str) -> None:
    """Replace the operators' note on an account; its members do not see it."""
    session.show(session.call("account.note", name=name, notes=text), _print_note)


@account.command(examples=("account suspend alice",))
@click.argument("name")
@click.pass_obj
def suspend(session: Invocation, name: str) -> None:
    """Suspend an account: new requests are rejected, open ones finish."""
    _show(session, session.call("account.suspend", name=name))


@account.command(examples=("account resume alice",))
@click.argument("name")
@click.pass_obj
def resume(session: Invocation, name: str) -> None:
    """Reactivate a suspended account."""
    _show(session, session.call("account.resume", name=name))


@account.command(examples=("account release alice",))
@click.argument("name")
@click.pass_obj
def release(session: Invocation, name: str) -> None:
    """Release an account stopped because of shortfalls; check its requests first."""
    session.show(session.call("account.release", name=name), _print_released)


@account.command(examples=("account invite alice", "account invite alice --email a@example.com"))
@click.argument("name")
@click.option("--email", metavar="E", help="E-mail of the invited person; nobody else can use it.")
@click.option(
    "--role",
    type=click.Choice(("owner", "billing", "developer", "viewer")),
    help="The member's role; default: owner.",
)
@click.option(
    "--mail",
    "mail_in",
    type=click.Choice(("en", "zh")),
    help="Also send the link to that address, in this language.",
)
@click.pass_obj
def invite(session: Invocation, /, **given: Any) -> None:
    """Create a one-time link to join this account."""
    from yiyuan.cli.shared.tables import print_url  # noqa: PLC0415 - slow to import

    session.show(session.call("account.invite", **given), print_url)


def _show(session: Invocation, document: Json) -> None:
    session.show(document, _print_account)


def _print_released(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    if document["released"]:
        say("released at {models}", models=", ".join(document["released"]))
    else:
        say("It was not stopped at any model.")


def _print_account(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    stopped = document.get("stopped_models", ())
    print_fields(
        [
            ("id", document["id"]),
            ("name", document["name"]),
            ("balance", amount(document["balance"])),
            ("held", amount(document["held"])),
            *([("suspended", words("yes"))] if document.get("suspended") else []),
            *([("stopped at", ", ".join(stopped))] if stopped else []),
        ]
    )


def _print_accounts(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table  # noqa: PLC0415 - slow to import

    has_spend = any("spend_month" in item for item in document["accounts"])
    rows = [
        (
            item["name"],
            amount(item["balance"]),
            amount(item["held"]),
            *([amount(item["spend_month"])] if has_spend else []),
            words("suspended") if item.get("suspended") else "",
            item["id"],
        )
        for item in document["accounts"]
    ]
    hint = "There is no account yet: yiyuan account create NAME"
    spend = ["spent this month>"] if has_spend else []
    print_table(("name", "balance>", "held>", *spend, "", "id"), rows, hint)


def _show_entry(session: Invocation, entry: Json) -> None:
    from yiyuan.cli.shared.tables import print_entry  # noqa: PLC0415 - slow to import

    session.show(entry, print_entry)


def _print_note(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields([("name", document["name"]), ("notes", document["notes"])])


def _print_groups(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    allowed = document["allowed_groups"]
    say("default  {group}", group=document["default_group"] or "-")
    say("allowed  {groups}", groups="-" if allowed is None else ", ".join(allowed))
