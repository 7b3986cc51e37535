"""`yiyuan person …`: who may sign in, and a new password for one of them."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.group(cls=Group, examples=("person list", "person reset alice@example.com"))
def person() -> None:
    """People who can sign in to the console."""


@person.command("list", examples=("person list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List everyone who can sign in."""
    session.show(session.call("person.list"), _print_people)


@person.command(examples=("person show alice@example.com",))
@click.argument("email")
@click.pass_obj
def show(session: Invocation, email: str) -> None:
    """Show a person and their accounts, by e-mail or id."""
    session.show(session.call("person.show", email=email), _print_person)


@person.command(examples=("person reset alice@example.com",))
@click.argument("email")
@click.pass_obj
def reset(session: Invocation, email: str) -> None:
    """Create a one-time link to set a new password for this person, valid for 30 minutes."""
    from yiyuan.cli.shared.tables import print_url  # noqa: PLC0415 - slow to import

    session.show(session.call("person.reset", email=email), print_url)


def _print_people(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["email"], item["role"] or "", item["last_seen"] or "", item["id"])
        for item in document["people"]
    ]
    hint = "Nobody can sign in yet: yiyuan operator link"
    print_table(("e-mail", "role", "last seen", "id"), rows, hint)


def _print_person(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        [
            ("id", document["id"]),
            ("e-mail", document["email"]),
            ("role", document["role"] or words("none")),
            ("authenticator", words("yes") if document["has_totp"] else words("no")),
            ("created", document["created"]),
            ("last seen", document["last_seen"] or ""),
            ("accounts", ", ".join(account["name"] for account in document["accounts"])),
        ]
    )
