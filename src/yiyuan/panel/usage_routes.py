"""What an account used: sums by model, token, outcome, endpoint or day; the same as CSV."""

from collections.abc import AsyncIterator
from typing import Literal

from yiyuan.console.arguments import Arguments
from yiyuan.kernel.calendar import DAY_MS, day_text
from yiyuan.kernel.clock import iso
from yiyuan.panel.csv_lines import csv_pieces
from yiyuan.panel.route import MEMBER_READS, Download, Route
from yiyuan.panel.shapes import Asked, Shown
from yiyuan.panel.visit import Visit
from yiyuan.store import usage_reports as reports
from yiyuan.store.api_tokens import of_account
from yiyuan.store.usage_reports import Filters, Sums

DEFAULT_DAYS = 30
By = Literal["model", "token", "status", "day", "endpoint"]


class UsageQuery(Asked):
    """A range of times (the last 30 days if absent) and what to sum by."""

    since: str | None = None
    until: str | None = None
    by: By = "model"
    model: str | None = None
    token: str | None = None
    outcome: str | None = None
    endpoint: str | None = None


class UsageSums(Shown):
    """Counts, and the charge in 词元."""

    requests: int
    errors: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge: int


class UsageGroup(UsageSums):
    """The sums of one group; `label` is for people."""

    key: str
    label: str


class UsageDay(Shown):
    """One group on one UTC day."""

    day: str
    key: str
    charge: int
    requests: int


class UsageReport(Shown):
    """`previous` is the span of the same length before."""

    since: str
    until: str
    total: UsageSums
    previous: UsageSums
    groups: list[UsageGroup]
    days: list[UsageDay]


async def show(visit: Visit, asked: UsageQuery) -> UsageReport:
    """Sums over a range, and the range before."""
    database, filters = visit.desk.database, usage_filters(visit, asked)
    span = filters.until_ms - filters.since_ms
    before = filters._replace(since_ms=filters.since_ms - span, until_ms=filters.since_ms)
    labels = await _labels(visit, asked.by)
    return UsageReport(
        since=iso(filters.since_ms),
        until=iso(filters.until_ms),
        total=_sums(await reports.totals(database, filters)),
        previous=_sums(await reports.totals(database, before)),
        groups=[
            UsageGroup(key=_key(key, asked.by), label=labels.get(key, _key(key, asked.by)), **s)
            for key, sums in await reports.sums_by(database, filters, asked.by)
            for s in [sums._asdict()]
        ],
        days=[
            UsageDay(day=day_text(day), key=_key(key, asked.by), charge=charge, requests=count)
            for day, key, charge, count in await reports.charges_by_day(database, filters, asked.by)
        ],
    )


async def download(visit: Visit, asked: UsageQuery) -> Download:
    """The same groups as CSV."""
    filters = usage_filters(visit, asked)
    labels = await _labels(visit, asked.by)
    groups = await reports.sums_by(visit.desk.database, filters, asked.by)

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        yield [(labels.get(key, _key(key, asked.by)), *sums) for key, sums in groups]

    return Download("usage.csv", csv_pieces((asked.by, *Sums._fields), pages()))


def usage_filters(visit: Visit, asked: UsageQuery) -> Filters:
    """The filters of a query; without a range, the last days up to now."""
    times = Arguments({"since": asked.since, "until": asked.until})
    now = visit.desk.clock.wall_ms()
    until = times.optional_time("until")
    since = times.optional_time("since")
    until = now + 1 if until is None else until
    if since is None:
        since = (until // DAY_MS - DEFAULT_DAYS + 1) * DAY_MS
    return Filters(
        account_id=visit.account_id,
        since_ms=min(since, until),
        until_ms=until,
        model=asked.model,
        api_token_id=asked.token,
        outcome=asked.outcome,
        endpoint=asked.endpoint,
    )


def _key(key: object, by: By) -> str:
    return day_text(int(str(key))) if by == "day" else str(key)


async def _labels(visit: Visit, by: By) -> dict[object, str]:
    """The names of tokens; other groups are their own names."""
    if by != "token":
        return {}
    found = await of_account(visit.desk.database, visit.account_id)
    return {view.row.id: view.row.name for view in found}


def _sums(sums: Sums) -> UsageSums:
    return UsageSums(**sums._asdict())


ROUTES = (
    Route("GET", "/api/accounts/{account}/usage", MEMBER_READS, show, UsageReport, UsageQuery),
    Route("GET", "/api/accounts/{account}/usage.csv", MEMBER_READS, download, Download, UsageQuery),
)
