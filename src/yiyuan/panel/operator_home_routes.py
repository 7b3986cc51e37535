"""The operator's first page: what is owed, earned and broken, and what to set up."""

from typing import Literal

import orjson

from yiyuan.kernel.calendar import DAY_MS, day_text, month_start
from yiyuan.panel.account_routes import Spend
from yiyuan.panel.route import OPERATOR_READS, Nothing, Route
from yiyuan.panel.shapes import Shown
from yiyuan.panel.visit import Visit
from yiyuan.store import shop_reports as reports

VERIFIED_NOTE = "last_verify"
_HOUR_MS = 3_600_000
_CHART_DAYS = 30

Health = Literal["ok", "open", "unknown"]


class ChannelHealth(Shown):
    """A channel in the last hour; `open` means that a breaker keeps requests away.

    Each try at it counts, also where another channel answered in the end.
    """

    id: str
    name: str
    is_enabled: bool
    health: Health
    requests_hour: int
    errors_hour: int


class Verified(Shown):
    """The last time that the ledger was checked from the console."""

    at: str | None
    ok: bool | None
    problems: int


class ShopChecklist(Shown):
    """What a shop needs, each true once there."""

    has_channel: bool
    has_model: bool
    has_account: bool
    has_token: bool
    has_request: bool


class ShopDay(Shown):
    """One UTC day: what came in and, where costs are known, what it cost."""

    day: str
    revenue: int
    cost: int | None
    requests: int


class Home(Shown):
    """`refused` counts answers by status since this server's start."""

    liability: int
    held: int
    revenue: Spend
    cost_month: int | None
    requests_hour: int
    errors_hour: int
    refused: dict[str, int]
    p50_ms: int | None
    p95_ms: int | None
    channels: list[ChannelHealth]
    verified: Verified
    checklist: ShopChecklist
    days: list[ShopDay]


async def show(visit: Visit, _: Nothing) -> Home:
    """The whole shop at a glance."""
    database, now = visit.desk.database, visit.desk.clock.wall_ms()
    today, month = now // DAY_MS, month_start(now)
    since = min((today - _CHART_DAYS + 1) * DAY_MS, month)
    days = await reports.revenue_by_day(database, since)
    owed, held = await reports.liability(database)
    requests, errors = await reports.requests_since(database, now - _HOUR_MS)
    hour = await reports.channels_since(database, now - _HOUR_MS)
    times = await reports.latencies(database, now - _HOUR_MS)
    costs = [day.cost for day in days if day.cost is not None and day.day * DAY_MS >= month]
    return Home(
        liability=owed,
        held=held,
        revenue=_revenue(days, now),
        cost_month=sum(costs) if costs else None,
        requests_hour=requests,
        errors_hour=errors,
        refused=_refused(visit),
        p50_ms=_quantile(times, 50),
        p95_ms=_quantile(times, 95),
        channels=_channels(visit, hour),
        verified=await last_verified(visit),
        checklist=ShopChecklist(
            **dict(
                zip(
                    ShopChecklist.__struct_fields__,
                    await reports.first_steps(database),
                    strict=True,
                )
            )
        ),
        days=[
            ShopDay(day=day_text(day.day), revenue=day.charge, cost=day.cost, requests=day.requests)
            for day in days
        ],
    )


def _revenue(days: list[reports.Revenue], now: int) -> Spend:
    today, month = now // DAY_MS, month_start(now)
    return Spend(
        today=sum(day.charge for day in days if day.day == today),
        week=sum(day.charge for day in days if day.day > today - 7),
        month=sum(day.charge for day in days if day.day * DAY_MS >= month),
    )


async def last_verified(visit: Visit) -> Verified:
    """When the ledger was last checked here, and what was found."""
    text = await reports.read_note(visit.desk.database, VERIFIED_NOTE)
    if text is None:
        return Verified(at=None, ok=None, problems=0)
    note = orjson.loads(text)
    return Verified(at=note["at"], ok=note["ok"], problems=note["problems"])


def channel_health(visit: Visit, channel_id: str) -> Health:
    """Whether a breaker of the channel keeps requests away on this node.

    One whose time is over lets a single request try, and nobody knows yet how that ends.
    """
    states = {v.state for v in visit.house.router.snapshot() if v.channel_id == channel_id}
    return "open" if states & {"open", "half_open"} else "ok"


def _channels(visit: Visit, hour: list[reports.ChannelHour]) -> list[ChannelHealth]:
    counts = {channel.channel_id: channel for channel in hour}
    empty = reports.ChannelHour("", 0, 0)
    return [
        ChannelHealth(
            id=channel.id,
            name=channel.name,
            is_enabled=channel.enabled,
            health=channel_health(visit, channel.id),
            requests_hour=counts.get(channel.id, empty).requests,
            errors_hour=counts.get(channel.id, empty).errors,
        )
        for channel in visit.house.catalog().channels
    ]


def _refused(visit: Visit) -> dict[str, int]:
    return {code: count for (code,), count in visit.house.metrics.counts("yiyuan_refusals")}


def _quantile(ordered: list[int], percent: int) -> int | None:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else None


ROUTES = (Route("GET", "/api/operator/home", OPERATOR_READS, show, Home),)
