"""`yiyuan operator …` and `yiyuan codes …`: who may use the console, and codes to sell."""

import sys
from typing import Any

import click

from yiyuan.cli.language import words
from yiyuan.cli.options import BALANCE, Group
from yiyuan.cli.session import Session

Json = dict[str, Any]

_PASSWORD_CHARACTERS_MAX = 1024


@click.group(
    cls=Group,
    examples=("operator link", "operator create --email me@example.com < password.txt"),
)
def operator() -> None:
    """Operators of the console. There is no default password."""


@operator.command(examples=("operator link",))
@click.pass_obj
def link(session: Session) -> None:
    """Make a one-time link to the console, good for 30 minutes."""
    session.show(session.call("operator.link"), print_url)


@operator.command(examples=("operator create --email me@example.com < password.txt",))
@click.option("--email", required=True, metavar="E", help="By which the operator signs in.")
@click.option("--role", metavar="ROLE", help="owner (default), finance, support or readonly.")
@click.pass_obj
def create(session: Session, /, *, email: str, role: str | None) -> None:
    """Make an operator whose password is read from standard input."""
    if sys.stdin.isatty():
        password = _ask_password()
    else:
        text = sys.stdin.read(_PASSWORD_CHARACTERS_MAX)
        password = text.removesuffix("\n").removesuffix("\r")
    document = session.call("operator.create", email=email, password=password, role=role)
    session.show(document, _print_operator)


@click.group(cls=Group, examples=("codes create --value 10000000 --count 20",))
def codes() -> None:
    """Redemption codes: each credits one account once."""


@codes.command("create", examples=("codes create --value 10000000 --count 20 --json",))
@click.option("--value", required=True, type=BALANCE, metavar="N", help="词元 per code.")
@click.option("--count", required=True, type=click.IntRange(1), metavar="N", help="How many.")
@click.option("--expires", metavar="DATE", help="Good until then (ISO 8601, UTC).")
@click.option("--name", metavar="TEXT", help="What the batch is called.")
@click.option(
    "--per-account", type=click.IntRange(1), metavar="N", help="At most N for one account."
)
@click.pass_obj
def create_codes(session: Session, /, **given: Any) -> None:
    """Make redemption codes and show them, this once."""
    session.show(session.call("codes.create", **given), _print_codes)


def _ask_password() -> str:
    again = words("Repeat for confirmation")
    password: str = click.prompt(
        words("Password"), hide_input=True, confirmation_prompt=again, err=True
    )
    return password


def print_url(document: Json) -> None:
    """A link on a line of its own."""
    from yiyuan.cli.tables import print_line, say  # noqa: PLC0415 - slow to import

    print_line(document["url"])
    say("It works once. Open it yourself, or give it to whom it is for.")


def _print_operator(document: Json) -> None:
    from yiyuan.cli.tables import say  # noqa: PLC0415 - slow to import

    say("{email} is an operator ({role})", **document)


def _print_codes(document: Json) -> None:
    from yiyuan.cli.tables import print_line  # noqa: PLC0415 - slow to import

    for code in document["codes"]:
        print_line(code)
