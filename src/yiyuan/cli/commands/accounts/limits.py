"""`yiyuan limits`"""

from typing import Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command
from yiyuan.cli.shared.token_tables import budget_line
from yiyuan.i18n.locale_env import is_chinese, words

Json = dict[str, Any]


@click.command(
    cls=Command, examples=("limits alice gpt-4", "limits alice gpt-4 --token tok_… --json")
)
@click.argument("account")
@click.argument("model")
@click.option("--token", "api_token_id", metavar="ID", help="With this token's limit and budgets.")
@click.pass_obj
def limits(session: Invocation, account: str, model: str, api_token_id: str | None) -> None:
    """Show the limit that applies to an account and a model, and why."""
    # `reason` is a text for people: programs get it in the language of the settings.
    language = "zh" if is_chinese() and not session.is_json else None
    document = session.call(
        "limits.show", account=account, model=model, token=api_token_id, language=language
    )
    session.show(document, _print_limits)


def _print_limits(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_fields  # noqa: PLC0415 - slow to import

    tier = document["tier"]
    print_fields(
        [
            ("account", document["account"]["name"]),
            ("balance", amount(document["account"]["balance"])),
            ("tier", _tier(tier)),
            ("model", _model(document)),
            ("requests a minute", _limit(document["requests_per_minute"])),
            ("tokens a minute", _limit(document["tokens_per_minute"])),
            ("open at once", document["concurrency"]),
            *(
                (
                    words("token {name}", **token),
                    words("{requests_per_minute:,} requests a minute", **token),
                )
                for token in document["api_tokens"]
            ),
            *_of_token(document["api_token"]),
            ("why", document["reason"]),
        ]
    )


def _tier(tier: Json | None) -> str | None:
    from yiyuan.cli.shared.tables import amount  # noqa: PLC0415 - slow to import

    if tier is None:
        return None
    return words("from {amount}: ×{rate}", amount=amount(tier["min_balance"]), rate=tier["rate"])


def _model(document: Json) -> str:
    name: str = document["model"]
    return name if document["enabled"] else words("{name} (disabled)", name=name)


def _of_token(api_token: Json | None) -> list[tuple[str, str | None]]:
    if api_token is None:
        return []
    name = api_token["name"]
    if not api_token["may_use"]:
        name = words("{name} (refused)", name=name)
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
        text += words(" ({used:,} used, {remaining:,} left)", **limit)
    return text
