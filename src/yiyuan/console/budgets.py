"""Budgets of a token, as commands name them: a period, perhaps a model, and a limit.

A token has at most one budget for each period and model; giving another limit changes
that one, and null lifts it. What is spent counts from the moment at which it is set.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from yiyuan.console.arguments import Arguments, invalid
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.budgets import PERIODS, Period, budget_id
from yiyuan.ledger.operations import SetBudget
from yiyuan.store.catalog_rows import read_catalog

_KEYS = frozenset({"period", "model", "limit"})


class Budget(NamedTuple):
    """One budget that was asked for, checked; a limit of None lifts it."""

    period: Period
    model: str | None
    limit_micros: int | None


async def read_budgets(desk: Desk, arguments: Arguments) -> list[Budget]:
    """The arguments `budget` (in total) and `budgets`. Raises CommandError."""
    total = arguments.optional_integer("budget", least=0)
    found = [] if total is None else [Budget("total", None, total)]
    found += [_budget(given) for given in arguments.objects("budgets")]
    places = [(each.period, each.model) for each in found]
    if len(set(places)) != len(places):
        raise invalid("budgets", "names the same period and model twice")
    # One for a model that is gone may still be lifted.
    models = {each.model for each in found if each.limit_micros is not None} - {None}
    if models:
        await check_models(desk, [model for model in models if model is not None])
    return found


async def set_budgets(desk: Desk, api_token_id: str, budgets: Iterable[Budget]) -> None:
    """Have the ledger keep them, from now on."""
    for each in budgets:
        await desk.book.post(
            SetBudget(
                budget_id(api_token_id, each.period, each.model),
                api_token_id,
                each.limit_micros,
                desk.clock.wall_ms(),
                each.period,
                each.model,
            )
        )


async def check_models(desk: Desk, names: Iterable[str]) -> None:
    """Refuse names that no model has."""
    known = {model.name for model in (await read_catalog(desk.database)).models}
    for name in names:
        if name not in known:
            raise CommandError("not_found", f'there is no model "{name}" in the catalog')


def _budget(given: dict[str, Any]) -> Budget:
    period, model, limit = given.get("period"), given.get("model"), given.get("limit")
    if not given.keys() <= _KEYS or "limit" not in given:
        raise invalid("budgets", "must have `period`, `limit` and perhaps `model`, nothing else")
    if period not in PERIODS:
        raise invalid("budgets", f"must have a period of {', '.join(PERIODS)}")
    if model is not None and (not isinstance(model, str) or not model):
        raise invalid("budgets", "must have a model's name as `model`, or none")
    is_whole = isinstance(limit, int) and not isinstance(limit, bool)
    if limit is not None and (not is_whole or not 0 <= limit <= MICROS_MAX):
        raise invalid("budgets", f"must have a whole number from 0 to {MICROS_MAX}, or null")
    return Budget(period, model, limit)
