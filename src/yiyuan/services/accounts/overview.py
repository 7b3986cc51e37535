"""An account at a glance: what it spends, how long that lasts, and the first steps."""

from typing import Final

from yiyuan.kernel.calendar import DAY_MS, month_start
from yiyuan.routing.catalog import Catalog
from yiyuan.services.accounts import usage_report
from yiyuan.services.accounts.standing import LimitView, TierView, standing
from yiyuan.services.accounts.usage_report import UsageDay
from yiyuan.services.shared.answer import Account, Answer, Spend
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries import usage as queries
from yiyuan.store.queries.usage import Filters
from yiyuan.store.tables.api_tokens import of_account

_PACE_DAYS: Final = 7
_CHART_DAYS: Final = 30


class Checklist(Answer):
    """The first steps, each true once done."""

    has_balance: bool
    has_token: bool
    has_request: bool


class Overview(Answer):
    """`days_left` is how long the balance lasts at the pace of the last 7 days."""

    account: Account
    spend: Spend
    requests_month: int
    errors_month: int
    median_ms: int | None
    days_left: int | None
    days: list[UsageDay]
    tier: TierView | None
    next_tier: TierView | None
    limits: list[LimitView]
    checklist: Checklist
    low_balance: int


async def overview(
    context: ServiceContext, catalog: Catalog, account_id: str, *, low_balance: int
) -> Overview:
    """Balance, spend, limits, and the first steps; `low_balance` in micros is shown as it is.

    Raises ServiceError `not_found`.
    """
    database, now = context.database, context.clock.wall_ms()
    stands = await standing(context, catalog, account_id)
    today, month = now // DAY_MS * DAY_MS, month_start(now)
    pace = today - (_PACE_DAYS - 1) * DAY_MS
    whole = Filters(account_id)
    totals = {
        since: await queries.totals(database, whole._replace(since_ms=since))
        for since in {today, pace, month}
    }
    week = totals[pace].charge
    charted = whole._replace(since_ms=today - (_CHART_DAYS - 1) * DAY_MS)
    return Overview(
        account=stands.account,
        spend=Spend(today=totals[today].charge, week=week, month=totals[month].charge),
        requests_month=totals[month].requests,
        errors_month=totals[month].errors,
        median_ms=await queries.median_ms(database, account_id, now - _PACE_DAYS * DAY_MS),
        days_left=stands.account.available * _PACE_DAYS // week if week else None,
        days=await usage_report.days(context, charted, "model"),
        tier=stands.tier,
        next_tier=stands.next_tier,
        limits=stands.limits,
        checklist=Checklist(
            has_balance=stands.account.balance > 0,
            has_token=bool(await of_account(database, account_id)),
            has_request=await queries.has_request(database, account_id),
        ),
        low_balance=low_balance,
    )
