"""`yiyuan limits`"""

from typing import Any

import click

from yiyuan.cli.options import Command
from yiyuan.cli.session import Session

Json = dict[str, Any]


@click.command(cls=Command, examples=("limits alice gpt-4", "limits alice gpt-4 --json"))
@click.argument("account")
@click.argument("model")
@click.pass_obj
def limits(session: Session, account: str, model: str) -> None:
    """Show the limit that applies to an account and a model, and why."""
    session.show(session.call("limits.show", account=account, model=model), _print_limits)


def _print_limits(document: Json) -> None:
    from yiyuan.cli.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    tier = document["tier"]
    print_fields(
        [
            ("account", document["account"]["name"]),
            ("balance", amount(document["account"]["balance"])),
            ("tier", f"from {amount(tier['min_balance'])}: ×{tier['rate']}" if tier else None),
            ("model", document["model"] + ("" if document["enabled"] else " (disabled)")),
            ("requests a minute", _limit(document["requests_per_minute"])),
            ("tokens a minute", _limit(document["tokens_per_minute"])),
            ("open at once", document["concurrency"]),
            *(
                (f"token {token['name']}", f"{token['requests_per_minute']:,} requests a minute")
                for token in document["api_tokens"]
            ),
            ("why", document["reason"]),
        ]
    )


def _limit(limit: Json | None) -> str | None:
    if limit is None:
        return None
    text = f"{limit['limit']:,}"
    if limit["used"] is not None:
        text += f" ({limit['used']:,} used, {limit['remaining']:,} left)"
    return text
