"""`yiyuan model …`"""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


@click.group(cls=Group, examples=("model list",))
def model() -> None:
    """Models: prices and limits."""


@model.command("list", examples=("model list --json",))
@click.pass_obj
def list_all(session: Invocation) -> None:
    """List models, including those out of service."""
    session.show(session.call("model.list"), _print_models)


@model.command(examples=("model prices gpt-4",))
@click.argument("name")
@click.pass_obj
def prices(session: Invocation, name: str) -> None:
    """List a model's past, current and scheduled prices, latest first."""
    session.show(session.call("model.prices", name=name), _print_prices)


def _print_prices(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["effective_at"],
            ", ".join(f"{name} {value}" for name, value in item["price"].items()),
            words("waiting") if item["is_waiting"] else words("now") if item["is_current"] else "",
        )
        for item in document["prices"]
    ]
    print_table(("from", "price", ""), rows, "It has no price.")


def _print_models(document: Json) -> None:
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            words("on" if item["enabled"] else "off"),
            item["price"]["input"],
            item["price"]["output"],
            item["rpm"],
            ", ".join(item["channels"]) or None,
        )
        for item in document["models"]
    ]
    headings = ("name", "state", "input ¥/M>", "output ¥/M>", "requests/min>", "channels")
    print_table(headings, rows, "There is no model yet: yiyuan apply FILE")
