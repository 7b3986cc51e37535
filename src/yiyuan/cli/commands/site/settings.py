"""`yiyuan settings …`: what the console's settings page shows."""

import sys
from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group

Json = dict[str, Any]

_SECRET_CHARACTERS_MAX = 4096


@click.group(
    cls=Group,
    examples=(
        "settings list",
        "settings set smtp_host mail.example.com",
        "settings set smtp_password --secret-stdin < password.txt",
        "settings set sign_up open",
    ),
)
def settings() -> None:
    """Settings of the console: sign-up, mail, top-ups, texts."""


@settings.command("list", examples=("settings list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List all settings; for secrets, only whether they are set."""
    session.show(session.call("settings.list"), _print_all)


@settings.command(examples=("settings get sign_up",))
@click.argument("name")
@click.pass_obj
def get(session: Invocation, name: str) -> None:
    """Show one setting."""
    session.show(session.call("settings.get", name=name), _print_one)


@settings.command(
    "set",
    examples=(
        "settings set smtp_security tls",
        "settings set smtp_password --secret-stdin < password.txt",
    ),
)
@click.argument("name")
@click.argument("value", required=False, metavar="VALUE")
@click.option("--secret-stdin", is_flag=True, help="Read the value from standard input.")
@click.option("--default", "to_default", is_flag=True, help="Reset it to its default.")
@click.pass_obj
def set_one(
    session: Invocation, name: str, value: str | None, *, secret_stdin: bool, to_default: bool
) -> None:
    """Change one setting."""
    if (value is not None) + secret_stdin + to_default != 1:
        raise click.UsageError("give a VALUE, or --secret-stdin, or --default")
    given: Json = {"name": name}
    if secret_stdin:
        text = sys.stdin.read(_SECRET_CHARACTERS_MAX)
        given["secret"] = text.removesuffix("\n").removesuffix("\r")
    elif value is not None:
        given["value"] = value
    session.show(session.call("settings.set", **given), _print_one)


@settings.command("test-mail", examples=("settings test-mail me@example.com",))
@click.argument("to", metavar="ADDRESS")
@click.pass_obj
def test_mail(session: Invocation, to: str) -> None:
    """Send a test message and show the mail server's response."""
    session.show(session.call("settings.test_mail", to=to), _print_sent)


def _print_all(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (each["name"], _as_given(each["value"]), _as_given(each["default"]))
        for each in document["settings"]
    ]
    print_table(("name", "value", "default"), rows, "no settings")


def _print_one(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields([(document["name"], _as_given(document["value"]))])


def _as_given(value: object) -> object:
    """A value in the words in which `set` takes it."""
    return str(value).lower() if isinstance(value, bool) else value


def _print_sent(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("The mail server accepted the message for {to}", **document)
