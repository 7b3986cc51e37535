"""The whole house in figures: what is owed, earned and late, and what is still to be set up."""

from functools import reduce
from typing import Final

from yiyuan.kernel.calendar import DAY_MS, HOUR_MS, day_text, month_start
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer, Spend
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries import operator as queries
from yiyuan.store.queries.margins import Takings, takings
from yiyuan.store.tables.requests.shortfall_stops import named_stops

_CHART_DAYS: Final = 30
_WEEK_DAYS: Final = 7
STOPPED_MAX: Final = 20
"""Accounts that the home page names; there is a fault of ours where there are more."""


class SetupChecklist(Answer):
    """What a shop needs, each true once there."""

    has_channel: bool
    has_model: bool
    has_account: bool
    has_token: bool
    has_request: bool


class RevenueDay(Answer):
    """One UTC day; the margin is of the part of the revenue whose cost is known."""

    day: str
    revenue: int
    costed_revenue: int
    margin: int | None
    requests: int


class StoppedAccount(Answer):
    """An account that shortfalls stopped at a model: it waits for `account.release`."""

    id: str
    name: str
    model: str
    at: str


class HouseFigures(Answer):
    """Revenue is net of refunds; `margin_month` is of `costed_revenue_month` alone."""

    liability: int
    held: int
    revenue: Spend
    revenue_month: int
    costed_revenue_month: int
    cost_month: int
    margin_month: int | None
    requests_hour: int
    errors_hour: int
    p50_ms: int | None
    p95_ms: int | None
    checklist: SetupChecklist
    days: list[RevenueDay]
    stopped: list[StoppedAccount]


async def house_figures(context: ServiceContext) -> HouseFigures:
    """Everything of now, of the last hour, and of this month."""
    database, now = context.database, context.clock.wall_ms()
    today, month = now // DAY_MS, month_start(now) // DAY_MS
    since = min(today - _CHART_DAYS + 1, month)
    days = await takings(database, since * DAY_MS, "day")
    owed, held = await queries.liability(database)
    requests, errors = await queries.requests_since(database, now - HOUR_MS)
    times = await queries.latencies(database, now - HOUR_MS)
    of_month = _since(days, month)
    return HouseFigures(
        liability=owed,
        held=held,
        revenue=Spend(
            today=_since(days, today).revenue,
            week=_since(days, today - _WEEK_DAYS + 1).revenue,
            month=of_month.revenue,
        ),
        revenue_month=of_month.revenue,
        costed_revenue_month=of_month.costed,
        cost_month=of_month.cost,
        margin_month=of_month.margin,
        requests_hour=requests,
        errors_hour=errors,
        p50_ms=_quantile(times, 50),
        p95_ms=_quantile(times, 95),
        checklist=SetupChecklist(**(await queries.first_steps(database))._asdict()),
        days=[_day(day, days[day]) for day in sorted(days)],
        stopped=[
            StoppedAccount(
                id=stop.account_id,
                name=stop.account_name,
                model=stop.model,
                at=iso(stop.stopped_at),
            )
            for stop in await named_stops(database, STOPPED_MAX)
        ],
    )


def _since(days: dict[int, Takings], first: int) -> Takings:
    """The sums of all days from one (since 1970) on."""
    return reduce(Takings.plus, (taken for day, taken in days.items() if day >= first), Takings())


def _day(day: int, taken: Takings) -> RevenueDay:
    return RevenueDay(
        day=day_text(day),
        revenue=taken.revenue,
        costed_revenue=taken.costed,
        margin=taken.margin,
        requests=taken.requests,
    )


def _quantile(ordered: list[int], percent: int) -> int | None:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else None
