"""What an account used, for its pages: sums by model, token, outcome, endpoint or day."""

from typing import Final, Literal, NamedTuple

from yiyuan.kernel.calendar import DAY_MS, day_text
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.queries import usage as queries
from yiyuan.store.queries.usage import Filters, Sums
from yiyuan.store.tables.api_tokens import of_account

DEFAULT_DAYS: Final = 30
By = Literal["model", "token", "status", "day", "endpoint"]


class UsageQuery(Request):
    """A range of times (the last 30 days if absent) and what to sum by."""

    since: str | None = None
    until: str | None = None
    by: By = "model"
    model: str | None = None
    token: str | None = None
    outcome: str | None = None
    endpoint: str | None = None


class UsageSums(Answer):
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


class UsageDay(Answer):
    """One group on one UTC day."""

    day: str
    key: str
    charge: int
    requests: int
    errors: int
    tokens: int
    """Input and output together."""


class UsageReport(Answer):
    """`previous` is the span of the same length before."""

    since: str
    until: str
    total: UsageSums
    previous: UsageSums
    groups: list[UsageGroup]
    days: list[UsageDay]


class Scope(NamedTuple):
    """Whose usage: all of an account's, or that by one person's tokens of it."""

    account_id: str
    made_by: str | None = None


async def report(context: ServiceContext, scope: Scope, query: UsageQuery) -> UsageReport:
    """Sums over a range, and the range before. Raises ServiceError `invalid_argument`."""
    database, filters = context.database, _filters(context, scope, query)
    span = filters.until_ms - filters.since_ms
    before = filters._replace(since_ms=filters.since_ms - span, until_ms=filters.since_ms)
    return UsageReport(
        since=iso(filters.since_ms),
        until=iso(filters.until_ms),
        total=UsageSums(**(await queries.totals(database, filters))._asdict()),
        previous=UsageSums(**(await queries.totals(database, before))._asdict()),
        groups=await _groups(context, filters, query.by),
        days=await days(context, filters, query.by),
    )


async def lines(
    context: ServiceContext, scope: Scope, query: UsageQuery
) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
    """The groups of the same as a table: its head, and its rows."""
    groups = await _groups(context, _filters(context, scope, query), query.by)
    names = Sums._fields
    rows = [(group.label, *(getattr(group, name) for name in names)) for group in groups]
    return (query.by, *names), [*rows]


async def days(context: ServiceContext, filters: Filters, by: By) -> list[UsageDay]:
    """Groups by UTC day, for charts."""
    found = await queries.sums_by_day(context.database, filters, by)
    return [
        UsageDay(
            day=day_text(day),
            key=_key(key, by),
            charge=sums.charge,
            requests=sums.requests,
            errors=sums.errors,
            tokens=sums.input_tokens + sums.output_tokens,
        )
        for day, key, sums in found
    ]


async def _groups(context: ServiceContext, filters: Filters, by: By) -> list[UsageGroup]:
    names = await _names(context, filters.account_id, by)
    return [
        UsageGroup(key=_key(key, by), label=names.get(key, _key(key, by)), **sums._asdict())
        for key, sums in await queries.sums_by(context.database, filters, by)
    ]


def _filters(context: ServiceContext, scope: Scope, query: UsageQuery) -> Filters:
    """The filters of a query; without a range, the last days up to now."""
    until, since = time_of("until", query.until), time_of("since", query.since)
    until = context.clock.wall_ms() + 1 if until is None else until
    if since is None:
        since = (until // DAY_MS - DEFAULT_DAYS + 1) * DAY_MS
    return Filters(
        account_id=scope.account_id,
        since_ms=min(since, until),
        until_ms=until,
        model=query.model,
        api_token_id=query.token,
        outcome=query.outcome,
        endpoint=query.endpoint,
        made_by=scope.made_by,
    )


def _key(key: object, by: By) -> str:
    return day_text(int(str(key))) if by == "day" else str(key)


async def _names(context: ServiceContext, account_id: str, by: By) -> dict[object, str]:
    """The names of tokens; other groups are their own names."""
    if by != "token":
        return {}
    found = await of_account(context.database, account_id)
    return {view.row.id: view.row.name for view in found}
