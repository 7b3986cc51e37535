"""`yiyuan operator …`: who may use the console."""

import sys
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]

_PASSWORD_CHARACTERS_MAX = 1024


@click.group(
    cls=Group,
    examples=("operator link", "operator create --email me@example.com < password.txt"),
)
def operator() -> None:
    """Operators of the console. There is no default password."""


@operator.command(examples=("operator link", "operator link --role support"))
@click.option("--role", metavar="ROLE", help="owner (default), finance, support or readonly.")
@click.pass_obj
def link(session: Invocation, /, *, role: str | None) -> None:
    """Create a one-time link to the console, valid for 30 minutes."""
    from yiyuan.cli.shared.tables import print_url  # noqa: PLC0415 - slow to import

    session.show(session.call("operator.link", role=role), print_url)


@operator.command(examples=("operator create --email me@example.com < password.txt",))
@click.option("--email", required=True, metavar="E", help="The operator's sign-in e-mail.")
@click.option("--role", metavar="ROLE", help="owner (default), finance, support or readonly.")
@click.pass_obj
def create(session: Invocation, /, *, email: str, role: str | None) -> None:
    """Create an operator; the password is read from standard input."""
    if sys.stdin.isatty():
        password = _ask_password()
    else:
        text = sys.stdin.read(_PASSWORD_CHARACTERS_MAX)
        password = text.removesuffix("\n").removesuffix("\r")
    document = session.call("operator.create", email=email, password=password, role=role)
    session.show(document, _print_operator)


@operator.command("list", examples=("operator list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List everyone with a role."""
    session.show(session.call("operator.list"), _print_operators)


@operator.command(examples=("operator role me@example.com finance",))
@click.argument("person")
@click.argument(
    "role", type=click.Choice(["owner", "finance", "support", "readonly", "none"]), metavar="ROLE"
)
@click.pass_obj
def role(session: Invocation, person: str, role: str) -> None:
    """Change or remove a person's role; their sessions end."""
    session.show(session.call("operator.role", person=person, role=role), _print_role)


@operator.group(cls=Group, examples=("operator key create backup-script --role readonly",))
def key() -> None:
    """Management keys, for scripts that call the console's API."""


@key.command("create", examples=("operator key create backup-script --role readonly",))
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["owner", "finance", "support", "readonly"]),
    help="The key's role.",
)
@click.option(
    "--allow-ip", multiple=True, metavar="CIDR", help="Only from these addresses; repeatable."
)
@click.option("--expires", metavar="DATE", help="Valid until (ISO 8601, UTC).")
@click.pass_obj
def create_key(session: Invocation, /, *, allow_ip: tuple[str, ...], **given: Any) -> None:
    """Create a key and show it, only once."""
    document = session.call("operator.key_create", allow_ip=list(allow_ip) or None, **given)
    session.show(document, _print_secret)


@key.command("list", examples=("operator key list --json",))
@click.pass_obj
def list_keys(session: Invocation) -> None:
    """List management keys, without their secrets."""
    session.show(session.call("operator.key_list"), _print_keys)


@key.command("revoke", examples=("operator key revoke mk_…",))
@click.argument("id")
@click.pass_obj
def revoke_key(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """Revoke a key immediately."""
    session.show(session.call("operator.key_revoke", id=id), _print_ended)


def _ask_password() -> str:
    again = words("Repeat for confirmation")
    password: str = click.prompt(
        words("Password"), hide_input=True, confirmation_prompt=again, err=True
    )
    return password


def _print_operator(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("{email} is an operator ({role})", **document)


def _print_operators(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["email"], item["role"], item["last_seen"], item["user_id"])
        for item in document["operators"]
    ]
    print_table(("e-mail", "role", "last seen", "id"), rows, "There is no operator yet.")


def _print_role(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    if document["role"] is None:
        say("{email} is no longer an operator.", **document)
    else:
        _print_operator(document)


def _print_secret(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("id   {id}", **document)
    say("key  {key}", **document)
    say("Keep the key now: it is not shown again.")


def _print_keys(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["role"],
            item["hint"],
            words("revoked") if item["revoked"] else item["expires"],
            item["id"],
        )
        for item in document["keys"]
    ]
    print_table(("name", "role", "key", "expires", "id"), rows, "There is no management key.")


def _print_ended(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("The key {id} has ended.", **document)
