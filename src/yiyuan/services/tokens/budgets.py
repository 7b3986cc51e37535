"""Budgets of a token, as commands name them: a period, perhaps a model, and a limit.

A token has at most one budget for each period and model; giving another limit changes
that one, and null lifts it. What is spent counts from the moment at which it is set.
"""

from collections.abc import Iterable
from typing import Annotated, NamedTuple

from msgspec import Meta

from yiyuan.auth.api_token import matches
from yiyuan.i18n.message import Message
from yiyuan.ledger.budgets import Period, budget_id
from yiyuan.ledger.operations import SetBudget
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Request, invalid
from yiyuan.store.tables.catalog import read_catalog


class BudgetRequest(Request):
    """At most `limit` micros in a period, perhaps of one model; null lifts the budget."""

    period: Period
    limit: Amount | None
    model: Annotated[str, Meta(min_length=1)] | None = None


class Budget(NamedTuple):
    """One budget that was asked for, checked; a limit of None lifts it."""

    period: Period
    model: str | None
    limit_micros: int | None


async def read_budgets(
    context: ServiceContext, total: int | None, budgets: Iterable[BudgetRequest]
) -> list[Budget]:
    """The one in total, if there is one, and the others. Raises ServiceError."""
    found = [] if total is None else [Budget("total", None, total)]
    found += [Budget(each.period, each.model, each.limit) for each in budgets]
    places = [(each.period, each.model) for each in found]
    if len(set(places)) != len(places):
        raise invalid("budgets", "names the same period and model twice")
    # One for a model that is gone may still be lifted.
    models = {each.model for each in found if each.limit_micros is not None} - {None}
    if models:
        await check_models(context, [model for model in models if model is not None])
    return found


async def set_budgets(
    context: ServiceContext, api_token_id: str, budgets: Iterable[Budget]
) -> None:
    """Have the ledger keep them, from now on."""
    for each in budgets:
        await context.ledger.post(
            SetBudget(
                budget_id(api_token_id, each.period, each.model),
                api_token_id,
                each.limit_micros,
                context.clock.wall_ms(),
                each.period,
                each.model,
            )
        )


async def check_models(
    context: ServiceContext, names: Iterable[str], *, may_match: bool = False
) -> None:
    """Refuse names that no model has, or, where a `*` may stand for any text, none matches."""
    known = {model.name for model in (await read_catalog(context.database)).models}
    for name in names:
        is_met = may_match and any(matches(name, model) for model in known)
        if name not in known and not is_met:
            raise ServiceError(
                "not_found", Message('there is no model "{name}" in the catalog', name=name)
            )
