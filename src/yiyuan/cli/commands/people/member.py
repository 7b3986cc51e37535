"""`yiyuan member …`: who may use an account."""

from typing import Any

import click

from yiyuan.cli.shared.budget_options import NONE, NOTHING
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import BALANCE, Group

Json = dict[str, Any]

ROLES = ("owner", "billing", "developer", "viewer")


@click.group(cls=Group, examples=("member list alice", "member role alice bob@example.com viewer"))
def member() -> None:
    """Members of an account. `yiyuan account invite` adds one."""


@member.command("list", examples=("member list alice --json",))
@click.argument("account")
@click.pass_obj
def list_all(session: Invocation, account: str) -> None:
    """List an account's members with their roles and budgets."""
    session.show(session.call("member.list", account=account), _print_members)


@member.command(examples=("member role alice bob@example.com billing",))
@click.argument("account")
@click.argument("person")
@click.argument("role", type=click.Choice(ROLES), metavar="ROLE")
@click.pass_obj
def role(session: Invocation, account: str, person: str, role: str) -> None:
    """Change a member's role; the last owner cannot be changed."""
    document = session.call("member.role", account=account, person=person, role=role)
    session.show(document, _print_member)


@member.command(examples=("member budget alice bob@example.com --month 5000000 --day none",))
@click.argument("account")
@click.argument("person")
@click.option("--total", type=NONE(BALANCE), metavar="N|none", help="In total.")
@click.option("--day", type=NONE(BALANCE), metavar="N|none", help="Per day (UTC).")
@click.option("--month", type=NONE(BALANCE), metavar="N|none", help="Per month (UTC).")
@click.pass_obj
def budget(session: Invocation, /, account: str, person: str, **limits: Any) -> None:
    """Limit what all of a member's tokens spend together; `none` removes it."""
    given = {name: limit for name, limit in limits.items() if limit not in (None, NOTHING)}
    clear = [name for name, limit in limits.items() if limit == NOTHING]
    document = session.call("member.budget", account=account, person=person, clear=clear, **given)
    session.show(document, _print_member)


@member.command(examples=("member remove alice bob@example.com",))
@click.argument("account")
@click.argument("person")
@click.option("--keep-tokens", is_flag=True, help="Keep the tokens the person created.")
@click.pass_obj
def remove(session: Invocation, /, *, account: str, person: str, keep_tokens: bool) -> None:
    """Remove a person from an account and revoke the tokens they created."""
    document = session.call(
        "member.remove", account=account, person=person, keeps_tokens=keep_tokens
    )
    session.show(document, _print_removed)


def _print_members(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["email"],
            item["role"],
            "; ".join(f"{amount(each['limit'])}/{each['period']}" for each in item["budgets"]),
            item["since"],
            item["user_id"],
        )
        for item in document["members"]
    ]
    headings = ("e-mail", "role", "budgets", "since", "id")
    print_table(headings, rows, "Nobody is a member yet: yiyuan account invite")


def _print_member(document: Json) -> None:
    _print_members({"members": [document]})


def _print_removed(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("removed: {what}", what=document["removed"])
