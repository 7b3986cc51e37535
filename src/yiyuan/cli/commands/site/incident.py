"""`yiyuan incident …`: what customers read on the status page when something is wrong."""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]

_STATES = ("investigating", "identified", "monitoring", "resolved")
_TEXTS = (
    click.option(
        "--state", type=click.Choice(_STATES), help="State of the incident; `resolved` ends it."
    ),
    click.option("--text", metavar="TEXT", help="Text of the incident."),
    click.option("--text-zh", metavar="TEXT", help="The text in Chinese, if different."),
    click.option("--title-zh", metavar="TEXT", help="The title in Chinese, if different."),
    click.option("--models", metavar="a,b", help="Affected models."),
)


def _texts(command: Any) -> Any:
    for option in reversed(_TEXTS):
        command = option(command)
    return command


@click.group(
    cls=Group,
    examples=(
        'incident create "Slow answers" --models gpt-4 --text "We are looking into it."',
        "incident update inc_… --state resolved",
    ),
)
def incident() -> None:
    """Incidents on the status page."""


@incident.command(
    examples=('incident create "Slow answers" --models gpt-4 --text "We are looking into it."',)
)
@click.argument("title")
@_texts
@click.option("--began", metavar="TIME", help="When it began (ISO 8601, UTC); default: now.")
@click.pass_obj
def create(session: Invocation, /, *, models: str | None, **given: Any) -> None:
    """Create an incident; customers see it immediately."""
    document = session.call("incident.create", models=_names(models), **given)
    session.show(document, _print_incident)


@incident.command(
    examples=(
        'incident update inc_… --state identified --text "The provider is down."',
        "incident update inc_… --state resolved",
    )
)
@click.argument("id")
@_texts
@click.option("--title", metavar="TEXT", help="New title.")
@click.pass_obj
def update(session: Invocation, /, *, models: str | None, **given: Any) -> None:
    """Add an update, end the incident, or correct its text."""
    document = session.call("incident.update", models=_names(models), **given)
    session.show(document, _print_incident)


@incident.command("list", examples=("incident list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List incidents, latest first."""
    session.show(session.call("incident.list"), _print_incidents)


@incident.command(examples=("incident remove inc_…",))
@click.argument("id")
@click.pass_obj
def remove(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """Delete an incident written by mistake; resolved ones can stay."""
    session.show(session.call("incident.remove", id=id), _print_removed)


def _names(models: str | None) -> list[str] | None:
    """Names with commas between them; an empty text is no model at all."""
    if models is None:
        return None
    return [name.strip() for name in models.split(",") if name.strip()]


def _print_incident(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_fields  # noqa: PLC0415 - slow to import

    print_fields(
        (
            ("id", document["id"]),
            ("title", document["title"]),
            ("state", words(document["state"])),
            ("models", ", ".join(document["models"]) or None),
            ("began", document["began"]),
            ("resolved at", document["resolved"]),
        )
    )


def _print_incidents(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["title"],
            words(item["state"]),
            ", ".join(item["models"]) or None,
            item["began"],
            item["resolved"],
            item["id"],
        )
        for item in document["incidents"]
    ]
    headings = ("title", "state", "models", "began", "resolved at", "id")
    print_table(headings, rows, "There are no incidents: yiyuan incident create")


def _print_removed(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("removed: {what}", what=document["removed"])
