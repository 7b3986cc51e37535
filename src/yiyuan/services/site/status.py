"""The status page's figures: which share of its requests each model answered, by the hour.

Only shares leave this file, rounded down to whole percent for an hour and to tenths of one
for a day and a week: how many requests there were is the shop's own. An hour without a
request has no share. What is read is bounded by the models of eight days, and read at most
every few seconds, however many people look.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.site.incidents import Incident, shown_incidents
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.requests.model_hours import ModelHourRow, hours_since, sums_since

HOURS: Final = 72
"""That are shown one by one, the present one included."""
WEEK_HOURS: Final = 7 * 24
DAY_HOURS: Final = 24
NOW_HOURS: Final = 2
"""The last of them say how a model does now."""
COUNTED_SECONDS: Final = 10.0
TOLD_SECONDS: Final = 1.0
"""For so long what was read is good: figures, and incidents."""
FINE_PERCENT: Final = 99.0
FAIR_PERCENT: Final = 90.0

How = Literal["ok", "some_errors", "many_errors", "no_data"]
_WORST_FIRST: Final[tuple[How, ...]] = ("many_errors", "some_errors", "ok")


class ModelStatus(Answer):
    """One model: `hours` from `first_hour` on, in percent of its requests; null is no data.

    `state` is that of the last two hours: `ok` from 99 %, `some_errors` from 90 %,
    `many_errors`, or `no_data`.
    """

    name: str
    state: How
    day: float | None
    week: float | None
    hours: list[int | None]


class Status(Answer):
    """The whole page; `state` is the worst of the models'."""

    state: How
    updated: str
    first_hour: str
    models: list[ModelStatus]
    incidents: list[Incident]


class Shares(NamedTuple):
    """What was counted, by model: of the last hours one by one, of a week in sum."""

    now_hour: int
    updated: str
    hours: dict[str, dict[int, ModelHourRow]]
    week: dict[str, tuple[int, int]]


class StatusBoard:
    """What one process shows, read anew when it is asked for and too old."""

    def __init__(self, context: ServiceContext, models: Callable[[], Iterable[str]]) -> None:
        """`models` gives the names of those on offer now, in the order of the page."""
        self._context, self._models = context, models
        self._lock = asyncio.Lock()
        self._shares: Shares | None = None
        self._incidents: list[Incident] = []
        self._shares_until = self._incidents_until = 0.0

    async def current(self) -> Status:
        """The page as of now.

        While the database cannot be read, as it was before. Raises what reading raises
        where nothing was read yet.
        """
        async with self._lock:
            try:
                await self._refresh(self._context.clock.monotonic())
            except (LedgerUnavailable, *REFUSED):
                if self._shares is None:
                    raise
        assert self._shares is not None, "it was read, or raised"
        return status_of(self._shares, self._models(), self._incidents)

    async def _refresh(self, now: float) -> None:
        if self._shares is None or now >= self._shares_until:
            self._shares = await read_shares(self._context)
            self._shares_until = now + COUNTED_SECONDS
        if now >= self._incidents_until:
            self._incidents = await shown_incidents(self._context)
            self._incidents_until = now + TOLD_SECONDS


async def read_shares(context: ServiceContext) -> Shares:
    """What was counted of all models."""
    now_ms = context.clock.wall_ms()
    now = now_ms // HOUR_MS
    hours: dict[str, dict[int, ModelHourRow]] = defaultdict(dict)
    for row in await hours_since(context.database, now - HOURS + 1):
        hours[row.model][row.hour] = row
    sums = await sums_since(context.database, now - WEEK_HOURS + 1)
    week = {each.model: (each.answered, each.failed) for each in sums}
    return Shares(now_hour=now, updated=iso(now_ms), hours=dict(hours), week=week)


def status_of(shares: Shares, models: Iterable[str], incidents: list[Incident]) -> Status:
    """The page of some models."""
    shown = [_model(shares, name) for name in models]
    states = {model.state for model in shown}
    return Status(
        state=next((state for state in _WORST_FIRST if state in states), "no_data"),
        updated=shares.updated,
        first_hour=iso((shares.now_hour - HOURS + 1) * HOUR_MS),
        models=shown,
        incidents=incidents,
    )


def _model(shares: Shares, name: str) -> ModelStatus:
    hours, now = shares.hours.get(name, {}), shares.now_hour
    return ModelStatus(
        name=name,
        state=_how(_percent(*_sum(hours, now - NOW_HOURS + 1))),
        day=_percent(*_sum(hours, now - DAY_HOURS + 1)),
        week=_percent(*shares.week.get(name, (0, 0))),
        hours=[_whole(hours.get(hour)) for hour in range(now - HOURS + 1, now + 1)],
    )


def _sum(hours: dict[int, ModelHourRow], first: int) -> tuple[int, int]:
    """Answered and failed ones from an hour on."""
    found = [row for hour, row in hours.items() if hour >= first]
    return sum(row.answered for row in found), sum(row.failed for row in found)


def _percent(answered: int, failed: int) -> float | None:
    """In tenths of a percent, rounded down: 100 is all of them. None: there were none."""
    total = answered + failed
    return None if total == 0 else answered * 1_000 // total / 10


def _whole(row: ModelHourRow | None) -> int | None:
    share = None if row is None else _percent(row.answered, row.failed)
    return None if share is None else int(share)


def _how(share: float | None) -> How:
    if share is None:
        return "no_data"
    if share >= FINE_PERCENT:
        return "ok"
    return "some_errors" if share >= FAIR_PERCENT else "many_errors"
