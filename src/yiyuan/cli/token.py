"""`yiyuan token …`"""

import sys
from typing import Any

import click

from yiyuan.cli.options import BALANCE, Group
from yiyuan.cli.session import Session

Json = dict[str, Any]

_KEY_INPUT_CHARACTERS_MAX = 1024


@click.group(
    cls=Group,
    examples=(
        "token create laptop --account alice",
        "token create intern --account alice --models gpt-3.5-turbo --budget 2000000",
        "token list --account alice",
    ),
)
def token() -> None:
    """API tokens: the keys that clients send. A key is shown once."""


@token.command(
    examples=(
        "token create laptop --account alice",
        "token create intern --account alice --models gpt-4,claude-2 --expires 2027-01-01",
        "token create ci --account alice --allow-ip 10.0.0.0/8 --rpm 60 --json",
        "token create moved --account alice --key-stdin < old-key.txt",
    )
)
@click.argument("name")
@click.option("--account", required=True, metavar="A", help="The account that pays.")
@click.option("--models", metavar="a,b", help="Only these models.")
@click.option("--budget", type=BALANCE, metavar="N", help="At most N 词元 in all.")
@click.option("--expires", metavar="DATE", help="Good until then (ISO 8601, UTC).")
@click.option("--allow-ip", multiple=True, metavar="CIDR", help="Only from there; repeatable.")
@click.option("--rpm", type=click.IntRange(1), metavar="N", help="At most N requests a minute.")
@click.option("--clamp-explicit", is_flag=True, help="Lower the client's own maximum to fit.")
@click.option("--key-stdin", is_flag=True, help="Take over an existing key, from standard input.")
@click.pass_obj
def create(
    session: Session,
    /,
    *,
    models: str | None,
    allow_ip: tuple[str, ...],
    key_stdin: bool,
    **given: Any,
) -> None:
    """Make an API token and show its key, this once."""
    document = session.call(
        "token.create",
        models=None if models is None else [name.strip() for name in models.split(",")],
        allow_ip=list(allow_ip),
        key=_read_key() if key_stdin else None,
        **given,
    )
    session.show(document, _print_key)


@token.command("list", examples=("token list --account alice",))
@click.option("--account", required=True, metavar="A", help="Whose tokens.")
@click.pass_obj
def list_of_account(session: Session, account: str) -> None:
    """List an account's tokens, without their keys."""
    session.show(session.call("token.list", account=account), _print_tokens)


@token.command(examples=("token revoke tok_…",))
@click.argument("id")
@click.pass_obj
def revoke(session: Session, id: str) -> None:  # noqa: A002 - the contract's word
    """Revoke a token at once."""
    document = session.call("token.revoke", id=id)
    session.show(document, lambda found: _print_tokens({"tokens": [found]}))


@token.command(examples=("token rotate tok_…",))
@click.argument("id")
@click.pass_obj
def rotate(session: Session, id: str) -> None:  # noqa: A002 - the contract's word
    """Give a token a new key; the old one ends at once."""
    session.show(session.call("token.rotate", id=id), _print_key)


def _read_key() -> str:
    key = sys.stdin.read(_KEY_INPUT_CHARACTERS_MAX).removesuffix("\n").removesuffix("\r")
    if not key:
        raise click.UsageError("--key-stdin: there was no key on standard input")
    return key


def _print_key(document: Json) -> None:
    from yiyuan.cli.tables import print_line  # noqa: PLC0415 - slow to import

    print_line(f"id   {document['id']}")
    print_line(f"key  {document['key']}")
    print_line("Keep the key now: it is not shown again.")


def _print_tokens(document: Json) -> None:
    from yiyuan.cli.tables import amount, print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["hint"],
            ", ".join(item["models"] or ["all"]),
            amount(item["budget"]),
            amount(item["spent"]),
            _state(item),
            item["id"],
        )
        for item in document["tokens"]
    ]
    headings = ("name", "key", "models", "budget>", "spent>", "", "id")
    print_table(headings, rows, "There is no token yet: yiyuan token create NAME --account A")


def _state(item: Json) -> str:
    if item["revoked"]:
        return "replaced" if item["replaced_by"] else "revoked"
    return f"until {item['expires']}" if item["expires"] else ""
