"""`yiyuan identity …`: services by which people sign in."""

from typing import Any

import click

from yiyuan.cli.shared.fields import assigned, secrets_from_stdin
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.group(
    cls=Group,
    examples=(
        "identity add github --preset github --set client_id=Iv1 --secrets-stdin < secrets.json",
        "identity list",
    ),
)
def identity() -> None:
    """Sign-in services: OpenID Connect, GitHub, and others."""


@identity.command(
    examples=(
        "identity add github --preset github --set client_id=Iv1 --secrets-stdin < secrets.json",
        "identity add corp --set mail_domains=corp.example",
    )
)
@click.argument("name")
@click.option("--preset", metavar="PRESET", help="Kind of service; cannot be changed later.")
@click.option(
    "--set", "assignments", multiple=True, metavar="FIELD=VALUE", help="A field; may be repeated."
)
@click.option("--secrets-stdin", is_flag=True, help="Read secret fields as JSON from stdin.")
@click.pass_obj
def add(
    session: Invocation,
    /,
    *,
    name: str,
    preset: str | None,
    assignments: tuple[str, ...],
    secrets_stdin: bool,
) -> None:
    """Add a service, or change the one with this name."""
    document = session.call(
        "identity.add",
        name=name,
        preset=preset,
        fields=assigned(assignments),
        secrets=secrets_from_stdin() if secrets_stdin else {},
        allow_private=True,
    )
    session.show(document, _print_service)


@identity.command("list", examples=("identity list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List all services."""
    session.show(session.call("identity.list"), _print_services)


@identity.command(examples=("identity disable github",))
@click.argument("name")
@click.pass_obj
def disable(session: Invocation, name: str) -> None:
    """Stop sign-in with a service; identities stay linked."""
    session.show(session.call("identity.disable", name=name), _print_service)


@identity.command(examples=("identity enable github",))
@click.argument("name")
@click.pass_obj
def enable(session: Invocation, name: str) -> None:
    """Allow sign-in with a service again."""
    session.show(session.call("identity.enable", name=name), _print_service)


def _print_service(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        [
            ("name", document["name"]),
            ("preset", document["preset"]),
            ("title", document["title"]),
            ("enabled", words("yes") if document["enabled"] else words("no")),
            ("callback address", document["callback_url"]),
        ]
    )


def _print_services(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["preset"],
            item["title"],
            "" if item["enabled"] else words("disabled"),
            item["callback_url"],
        )
        for item in document["identities"]
    ]
    hint = "There is no sign-in service yet: yiyuan identity add NAME --preset PRESET"
    print_table(("name", "preset", "title", "", "callback address"), rows, hint)
