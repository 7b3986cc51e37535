"""`yiyuan usage`"""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.command(
    cls=Command,
    examples=("usage alice --since 2026-11-01", "usage alice --json"),
)
@click.argument("name")
@click.option("--since", metavar="D", help="From this time on (ISO 8601, UTC).")
@click.pass_obj
def usage(session: Invocation, name: str, since: str | None) -> None:
    """Show an account's usage by day and model."""
    session.show(session.call("usage.by_day", name=name, since=since), _print_usage)


def _print_usage(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table  # noqa: PLC0415 - slow to import

    def cells(line: Json) -> tuple[str, ...]:
        tokens = (line["input_tokens"], line["cached_input_tokens"], line["output_tokens"])
        return (f"{line['requests']:,}", *(f"{n:,}" for n in tokens), amount(line["charge"]))

    rows = [(line["day"], line["model"], *cells(line)) for line in document["usage"]]
    if rows:
        rows.append((words("total"), "", *cells(document["total"])))
    headings = ("day (UTC)", "model", "requests>", "input>", "of it cached>", "output>", "charge>")
    print_table(headings, rows, "No requests in this time.")
