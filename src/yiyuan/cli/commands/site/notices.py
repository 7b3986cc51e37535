"""`yiyuan notices …`: where accounts and operators are told what happens."""

from typing import Any

import click

from yiyuan.cli.shared.budget_options import NONE, NOTHING
from yiyuan.cli.shared.fields import assigned, secrets_from_stdin
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import BALANCE, Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]

_ACCOUNT = click.option("--account", metavar="A", help="Of this account; default: the operators'.")
_SETTINGS = (
    click.option("--name", metavar="TEXT", help="Name of the destination."),
    click.option(
        "--set", "fields", multiple=True, metavar="FIELD=VALUE", help="A field; may be repeated."
    ),
    click.option("--secrets-stdin", is_flag=True, help="Read secret fields as JSON from stdin."),
    click.option("--events", metavar="a,b", help="Only these events; default: the usual ones."),
    click.option(
        "--language", type=click.Choice(("en", "zh")), help="Language of the notifications."
    ),
    _ACCOUNT,
)


def _settings(command: Any) -> Any:
    for option in reversed(_SETTINGS):
        command = option(command)
    return command


@click.group(cls=Group, examples=("notices kinds", "notices add feishu --set url=https://…"))
def notices() -> None:
    """Notification destinations of accounts and operators."""


@notices.command(examples=("notices kinds --json",))
@click.pass_obj
def kinds(session: Invocation) -> None:
    """Show the kinds of destinations with their fields, and all events."""
    session.show(session.call("notices.kinds"), _print_kinds)


@notices.command("list", examples=("notices list --account alice",))
@_ACCOUNT
@click.pass_obj
def list_all(session: Invocation, /, *, account: str | None) -> None:
    """List destinations, without their secrets."""
    session.show(session.call("notices.list", account=account), _print_places)


@notices.command(examples=("notices add webhook --set url=https://ops.example/hook",))
@click.argument("kind")
@_settings
@click.pass_obj
def add(session: Invocation, /, *, kind: str, **given: Any) -> None:
    """Add a destination; a webhook's signing secret is shown only once."""
    session.show(session.call("notices.add", kind=kind, **_wish(**given)), _print_made)


@notices.command(
    examples=("notices change snk_… --events low_balance", "notices change snk_… --off")
)
@click.argument("id")
@_settings
@click.option("--on/--off", "is_enabled", default=None, help="Turn the destination on or off.")
@click.pass_obj
def change(session: Invocation, /, *, is_enabled: bool | None, **given: Any) -> None:
    """Change the given options and keep the rest; failed notifications are retried."""
    document = session.call("notices.change", is_enabled=is_enabled, **_wish(**given))
    session.show(document, _print_place)


@notices.command(examples=("notices remove snk_…",))
@click.argument("id")
@_ACCOUNT
@click.pass_obj
def remove(session: Invocation, /, **given: Any) -> None:
    """Remove a destination."""
    session.show(session.call("notices.remove", **given), _print_removed)


@notices.command(examples=("notices test snk_…",))
@click.argument("id")
@_ACCOUNT
@click.pass_obj
def test(session: Invocation, /, **given: Any) -> int:
    """Send a test notification now; exit 1 if it does not arrive."""
    document = session.call("notices.test", **given)
    session.show(document, _print_tried)
    return 0 if document["ok"] else 1


@notices.command(examples=("notices secret snk_…",))
@click.argument("id")
@_ACCOUNT
@click.pass_obj
def secret(session: Invocation, /, **given: Any) -> None:
    """Create a new signing secret for a webhook; the previous one also signs."""
    session.show(session.call("notices.secret", **given), _print_secret)


@notices.command(examples=("notices log --account alice",))
@_ACCOUNT
@click.pass_obj
def log(session: Invocation, /, *, account: str | None) -> None:
    """Show recent notifications, including those that failed."""
    session.show(session.call("notices.log", account=account), _print_deliveries)


@notices.command(examples=("notices threshold alice 5000000", "notices threshold alice none"))
@click.argument("account")
@click.argument("low_balance", type=NONE(BALANCE), metavar="N")
@click.pass_obj
def threshold(session: Invocation, /, *, account: str, low_balance: Any) -> None:
    """Set the balance below which an account is warned; `none`: a tenth of its last top-up."""
    limit = None if low_balance == NOTHING else low_balance
    document = session.call("notices.threshold", account=account, low_balance=limit)
    session.show(document, _print_threshold)


def _wish(
    *, fields: tuple[str, ...], secrets_stdin: bool, events: str | None, **given: Any
) -> Json:
    values = assigned(fields) | (secrets_from_stdin() if secrets_stdin else {})
    names = None if events is None else [name.strip() for name in events.split(",")]
    return {**given, "fields": values or None, "events": names}


def _print_kinds(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["kind"], ", ".join(field["name"] for field in item["fields"]))
        for item in document["kinds"]
    ]
    print_table(("kind", "fields"), rows, "")
    events = [(item["name"], item["audience"]) for item in document["events"]]
    print_table(("event", "audience"), events, "")


def _print_places(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["kind"],
            ", ".join(item["events"]),
            "" if item["is_enabled"] else words("disabled"),
            item["id"],
        )
        for item in document["places"]
    ]
    print_table(
        ("name", "kind", "events", "", "id"), rows, "There are no notification destinations yet."
    )


def _print_place(document: Json) -> None:
    _print_places({"places": [document]})


def _print_made(document: Json) -> None:
    _print_place(document["sink"])
    if document["secret"]:
        _print_secret(document)


def _print_secret(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_line  # noqa: PLC0415 - slow to import

    print_line(document["secret"])


def _print_tried(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_line  # noqa: PLC0415 - slow to import

    print_line(words("ok") if document["ok"] else document["reason"])


def _print_removed(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("removed: {what}", what=document["removed"])


def _print_deliveries(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (item["at"], item["event"], item["sink"], item["state"], item["reason"])
        for item in document["deliveries"]
    ]
    print_table(("at", "event", "place", "state", "reason"), rows, "No notifications yet.")


def _print_threshold(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_line  # noqa: PLC0415 - slow to import

    print_line(amount(document["low_balance"]))
