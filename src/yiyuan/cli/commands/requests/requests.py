"""`yiyuan requests …`"""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command, Group

Json = dict[str, Any]


@click.group(
    cls=Group,
    examples=("requests list --account alice --errors", "requests show ex_01a2…"),
)
def requests() -> None:
    """Find requests, including rejected ones."""


@requests.command(
    "list",
    cls=Command,
    examples=(
        "requests list --account alice --since 2026-11-01",
        "requests list --status 5xx --channel openai",
        "requests list --code insufficient_balance --json",
    ),
)
@click.option("--account", metavar="A", help="A name or part of it, a member's e-mail, or an id.")
@click.option("--token", metavar="T", help="A token's name, the end of its key, or its id.")
@click.option("--model", metavar="M", help="The requested model.")
@click.option("--channel", metavar="C", help="A channel that was tried, by name or id.")
@click.option("--status", metavar="S", help="An HTTP status, such as 429 or 5xx.")
@click.option("--code", metavar="C", help="An error code, such as insufficient_balance.")
@click.option("--since", metavar="D", help="From this time on (ISO 8601, UTC).")
@click.option("--until", metavar="D", help="Before this time (ISO 8601, UTC).")
@click.option("--errors", is_flag=True, help="Only failed or rejected requests.")
@click.option("--limit", type=int, metavar="N", help="Maximum number to list (50).")
@click.pass_obj
def list_requests(session: Invocation, /, **filters: Any) -> None:
    """List requests, latest first."""
    session.show(session.call("requests.list", **filters), _print_requests)


@requests.command("show", cls=Command, examples=("requests show ex_01a2… --json",))
@click.argument("request_id", metavar="ID")
@click.pass_obj
def show_request(session: Invocation, request_id: str) -> None:
    """Show everything stored about one request."""
    session.show(session.call("requests.show", request_id=request_id), _print_request)


def _print_requests(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            line["at"],
            line["request_id"],
            line["status"],
            line["code"],
            line["account"],
            line["token"],
            line["model"],
            line["channel"],
            amount(line["charge"]),
        )
        for line in document["requests"]
    ]
    headings = ("time (UTC)", "request", "status", "code", "account", "token", "model", "channel")
    print_table((*headings, "charge>"), rows, "No such requests.")


def _print_request(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    amounts = ("charge", "hold", "shortfall", "upstream_cost")
    lists = ("entries", "attempts")
    fields: list[tuple[str, object]] = [
        (name, amount(value) if name in amounts else value)
        for name, value in document.items()
        if name not in lists
    ]
    fields += [
        ("entry", f"{entry['kind']} {amount(entry['amount'])} {entry['at']}")
        for entry in document["entries"]
    ]
    fields += [
        ("attempt", f"{one['channel_id']} {one['outcome']} {one['status']} {one['ms']} ms")
        for one in document["attempts"]
    ]
    print_fields(fields)
