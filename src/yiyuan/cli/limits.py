"""`yiyuan limits`"""

from typing import Any

import click

from yiyuan.cli.options import Command
from yiyuan.cli.session import Session
from yiyuan.cli.token_tables import budget_line

Json = dict[str, Any]


@click.command(
    cls=Command, examples=("limits alice gpt-4", "limits alice gpt-4 --token tok_… --json")
)
@click.argument("account")
@click.argument("model")
@click.option("--token", "api_token_id", metavar="ID", help="With this token's limit and budgets.")
@click.pass_obj
def limits(session: Session, account: str, model: str, api_token_id: str | None) -> None:
    """Show the limit that applies to an account and a model, and why."""
    document = session.call("limits.show", account=account, model=model, token=api_token_id)
    session.show(document, _print_limits)


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
            *_of_token(document["api_token"]),
            ("why", document["reason"]),
        ]
    )


def _of_token(api_token: Json | None) -> list[tuple[str, str | None]]:
    if api_token is None:
        return []
    name = api_token["name"] + ("" if api_token["may_use"] else " (refused)")
    return [
        ("with the token", name),
        ("its requests a minute", _limit(api_token["requests_per_minute"])),
        *(("its budget", budget_line(budget)) for budget in api_token["budgets"]),
    ]


def _limit(limit: Json | None) -> str | None:
    if limit is None:
        return None
    text = f"{limit['limit']:,}"
    if limit["used"] is not None:
        text += f" ({limit['used']:,} used, {limit['remaining']:,} left)"
    return text
