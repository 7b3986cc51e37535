"""`yiyuan token …`"""

import sys
from typing import Any

import click

from yiyuan.cli.shared.budget_options import BUDGET, NONE, budgets_of, changes_of
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import BALANCE, Group
from yiyuan.cli.shared.token_tables import print_tokens

Json = dict[str, Any]

_KEY_INPUT_CHARACTERS_MAX = 1024


@click.group(
    cls=Group,
    examples=(
        "token create laptop --account alice",
        "token create intern --account alice --models gpt-3.5-turbo --budget 2000000",
        "token list --account alice",
    ),
)
def token() -> None:
    """API tokens: the keys that clients send. A key is shown once."""


@token.command(
    examples=(
        "token create laptop --account alice",
        "token create intern --account alice --models gpt-4,claude-2 --expires 2027-01-01",
        "token create ci --account alice --allow-ip 10.0.0.0/8 --rpm 60 --json",
        "token create bot --account alice --budget-day 500000 --model-budget gpt-4=2000000/month",
        "token create reseller --account alice --group vip",
        "token create moved --account alice --key-stdin < old-key.txt",
    )
)
@click.argument("name")
@click.option("--account", required=True, metavar="A", help="The account that pays.")
@click.option("--models", metavar="a,b", help="Only these models.")
@click.option("--budget", type=BALANCE, metavar="N", help="At most N 词元 in total.")
@click.option("--budget-day", type=BALANCE, metavar="N", help="At most N 词元 per day (UTC).")
@click.option("--budget-month", type=BALANCE, metavar="N", help="At most N 词元 per month (UTC).")
@click.option(
    *("--model-budget", "model_budgets"),
    multiple=True,
    type=BUDGET,
    metavar="M=N[/day]",
    help="At most N 词元 for the model M: /day, /month or in total; repeatable.",
)
@click.option("--expires", metavar="DATE", help="Valid until (ISO 8601, UTC).")
@click.option(
    "--allow-ip", multiple=True, metavar="CIDR", help="Only from these addresses; repeatable."
)
@click.option("--rpm", type=click.IntRange(1), metavar="N", help="At most N requests per minute.")
@click.option("--group", metavar="NAME", help="Its price factor and its channels.")
@click.option(
    "--clamp-explicit", is_flag=True, help="Lower the client's own maximum to fit the balance."
)
@click.option("--key-stdin", is_flag=True, help="Take over an existing key, from standard input.")
@click.pass_obj
def create(
    session: Invocation,
    /,
    *,
    models: str | None,
    allow_ip: tuple[str, ...],
    key_stdin: bool,
    budget_day: int | None,
    budget_month: int | None,
    model_budgets: tuple[Json, ...],
    **given: Any,
) -> None:
    """Create an API token and show its key, only once."""
    budgets = budgets_of(None, budget_day, budget_month, model_budgets)
    document = session.call(
        "token.create",
        models=None if models is None else [name.strip() for name in models.split(",")],
        allow_ip=list(allow_ip),
        key=_read_key() if key_stdin else None,
        budgets=budgets or None,
        **given,
    )
    session.show(document, _print_key)


@token.command("list", examples=("token list --account alice",))
@click.option("--account", required=True, metavar="A", help="Whose tokens.")
@click.pass_obj
def list_of_account(session: Invocation, account: str) -> None:
    """List an account's tokens, without their keys."""
    session.show(session.call("token.list", account=account), print_tokens)


@token.command(
    "set",
    examples=(
        "token set tok_… --name desktop --models gpt-4,claude-2",
        "token set tok_… --budget-day 500000 --model-budget gpt-4=none/month",
        "token set tok_… --rpm none --expires none",
    ),
)
@click.argument("id")
@click.option("--name", metavar="NAME", help="What it is called.")
@click.option("--models", metavar="a,b", help="Only these models; none: all.")
@click.option(
    "--allow-ip", multiple=True, metavar="CIDR", help="Only from these addresses; none: anywhere."
)
@click.option("--rpm", type=NONE(click.IntRange(1)), metavar="N", help="Requests per minute.")
@click.option("--expires", type=NONE(click.STRING), metavar="DATE", help="Valid until.")
@click.option("--budget", type=NONE(BALANCE), metavar="N", help="At most N 词元 in total.")
@click.option("--budget-day", type=NONE(BALANCE), metavar="N", help="At most N 词元 per day.")
@click.option("--budget-month", type=NONE(BALANCE), metavar="N", help="At most N 词元 per month.")
@click.option(
    *("--model-budget", "model_budgets"),
    multiple=True,
    type=BUDGET,
    metavar="M=N[/day]",
    help="At most N 词元 for the model M; repeatable.",
)
@click.option("--group", type=NONE(click.STRING), metavar="NAME", help="Its group.")
@click.option("--clamp-explicit/--no-clamp-explicit", default=None, help="As in `create`.")
@click.pass_obj
def change(session: Invocation, /, id: str, **given: Any) -> None:  # noqa: A002 - the contract's word
    """Change a token's name, rules and budgets; `none` removes one. The rest stays.

    A new budget counts from now on; changing a limit keeps what has been spent.
    """
    session.show(session.call("token.set", id=id, **changes_of(given)), _print_one)


@token.command(examples=("token disable tok_…",))
@click.argument("id")
@click.pass_obj
def disable(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Disable a token until it is enabled again."""
    session.show(session.call("token.disable", id=id), _print_one)


@token.command(examples=("token enable tok_…",))
@click.argument("id")
@click.pass_obj
def enable(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Enable a disabled token again."""
    session.show(session.call("token.enable", id=id), _print_one)


@token.command(examples=("token revoke tok_…",))
@click.argument("id")
@click.pass_obj
def revoke(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Revoke a token immediately."""
    session.show(session.call("token.revoke", id=id), _print_one)


@token.command(examples=("token rotate tok_…", "token rotate tok_… --overlap 24h"))
@click.argument("id")
@click.option(
    "--overlap",
    type=click.Choice(["0", "1h", "24h", "7d"]),
    help="How long the old key stays valid alongside the new one.",
)
@click.pass_obj
def rotate(session: Invocation, id: str, overlap: str | None) -> None:  # noqa: A002 - the contract's word
    """Give a token a new key; the old one stops working immediately or after the overlap."""
    session.show(session.call("token.rotate", id=id, overlap=overlap), _print_key)


def _read_key() -> str:
    key = sys.stdin.read(_KEY_INPUT_CHARACTERS_MAX).removesuffix("\n").removesuffix("\r")
    if not key:
        raise click.UsageError("--key-stdin: there was no key on standard input")
    return key


def _print_key(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    say("id   {id}", **document)
    say("key  {key}", **document)
    say("Keep the key now: it is not shown again.")
    if "old_key_until" in document:
        say("The old key is good until {old_key_until}.", **document)


def _print_one(document: Json) -> None:
    print_tokens({"tokens": [document]})
