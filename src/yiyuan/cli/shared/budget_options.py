"""What the options of `yiyuan token …` mean: budgets, and `none` to lift a rule."""

from collections.abc import Iterable
from typing import Any

import click

from yiyuan.cli.shared.options import BALANCE

Json = dict[str, Any]

NOTHING = "none"
_PERIODS = ("total", "day", "month")


class NONE(click.ParamType[Any]):
    """A value of another type, or the word `none`."""

    name = "value"

    def __init__(self, kind: click.ParamType[Any]) -> None:
        """`kind` reads everything else."""
        self._kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See `click.ParamType.convert`."""
        return value if value == NOTHING else self._kind.convert(value, param, ctx)


class _Budget(click.ParamType[Any]):
    """`MODEL=N`, `MODEL=N/day`, `MODEL=none/month`."""

    name = "budget"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The budget as the use-case takes it; a name may have `=` and `/` in itself."""
        model, equals, amount = value.rpartition("=")
        amount, slash, period = amount.partition("/")
        if not model or not equals or (slash and period not in _PERIODS):
            self.fail("must look like gpt-4=2000000/month (or /day, /total)", param, ctx)
        limit = NONE(BALANCE).convert(amount, param, ctx)
        return _budget(period or "total", limit, model)


BUDGET = _Budget()


def budgets_of(total: Any, day: Any, month: Any, of_models: Iterable[Json]) -> list[Json]:
    """All budgets that were given."""
    periods = {"total": total, "day": day, "month": month}
    found = [_budget(period, limit) for period, limit in periods.items() if limit is not None]
    return [*found, *of_models]


def changes_of(given: Json) -> Json:
    """The parameters of `token.set`: what is given, and in `clear` what `none` lifts."""
    budgets = budgets_of(
        given.pop("budget"),
        given.pop("budget_day"),
        given.pop("budget_month"),
        given.pop("model_budgets"),
    )
    models, networks = given.pop("models"), list(given.pop("allow_ip"))
    if models is not None:
        given["models"] = NOTHING if models == NOTHING else _split(models)
    if networks:
        given["allow_ip"] = NOTHING if networks == [NOTHING] else networks
    cleared = [name for name, value in given.items() if value == NOTHING and name != "name"]
    kept = {name: value for name, value in given.items() if name not in cleared}
    return {**kept, "clear": cleared or None, "budgets": budgets or None}


def _split(models: str) -> list[str]:
    return [name.strip() for name in models.split(",")]


def _budget(period: str, limit: Any, model: str | None = None) -> Json:
    return {"period": period, "model": model, "limit": None if limit == NOTHING else limit}
