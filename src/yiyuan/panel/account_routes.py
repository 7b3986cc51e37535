"""An account at a glance: overview, models with its own limits, top-up, playground, members."""

from typing import Any

from yiyuan.console import codes, playground
from yiyuan.console.refusal import CommandError
from yiyuan.console.sign_in import check_backoff
from yiyuan.kernel.calendar import DAY_MS, day_text, month_start
from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import format_millionths
from yiyuan.ledger.statement import entry_document
from yiyuan.panel.route import MEMBER_READS, MEMBER_WRITES, Access, Nothing, Route
from yiyuan.panel.shapes import Account, Asked, Entry, Line, Page, Shown, shown_entry
from yiyuan.panel.usage_routes import UsageDay
from yiyuan.panel.visit import Visit, not_found
from yiyuan.pricing.model import Model, Tier, effective_limit, tier_for
from yiyuan.pricing.price import to_document
from yiyuan.store import usage_reports as reports
from yiyuan.store.api_tokens import of_account
from yiyuan.store.reports import find_account
from yiyuan.store.site_settings import promised_balance
from yiyuan.store.usage_reports import Filters

PLAYGROUND_SECONDS = 3600
_PACE_DAYS = 7


class Spend(Shown):
    """词元 since midnight UTC, in 7 days, and in this month."""

    today: int
    week: int
    month: int


class TierView(Shown):
    """From `min_balance` on limits are × `rate`, a decimal string."""

    min_balance: int
    rate: str


class LimitView(Shown):
    """Requests per minute of one model, in this tier and in the next."""

    model: str
    limit_rpm: int | None
    base_rpm: int | None
    next_rpm: int | None


class Checklist(Shown):
    """The first steps, each true once done."""

    has_balance: bool
    has_token: bool
    has_request: bool


class Overview(Shown):
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


class ModelPrice(Shown):
    """元 per million tokens, as decimal strings; `request` in 词元, `factor` of the tier."""

    input: str
    cached_input: str
    cache_write: str
    cache_write_1h: str
    output: str
    request: str
    factor: str
    has_steps: bool
    has_hours: bool


class ModelView(Shown):
    """A model as this account may use it."""

    name: str
    price: ModelPrice
    context_tokens: int | None
    max_output_tokens: int | None
    limit_rpm: int | None
    limit_tpm: int | None
    concurrency: int | None
    is_available: bool


class RedeemAsk(Asked):
    """A redemption code, however it was typed."""

    code: Line


class Redeemed(Shown):
    """The money is there: how much, its entry, and the account now."""

    amount: int
    entry: Entry
    account: Account


class PlaygroundKey(Shown):
    """A key for this page, good for an hour; shown nowhere else."""

    key: str
    expires: str


async def overview(visit: Visit, _: Nothing) -> Overview:
    """Balance, spend, limits, and the first steps."""
    desk, database = visit.desk, visit.desk.database
    account = await shown_account(visit, visit.account_id)
    now = desk.clock.wall_ms()
    today, month = now // DAY_MS * DAY_MS, month_start(now)
    whole = Filters(visit.account_id)
    totals = {
        since: await reports.totals(database, whole._replace(since_ms=since))
        for since in {today, today - (_PACE_DAYS - 1) * DAY_MS, month}
    }
    week = totals[today - (_PACE_DAYS - 1) * DAY_MS].charge
    days = await reports.charges_by_day(
        database, whole._replace(since_ms=today - 29 * DAY_MS), "model"
    )
    tiers, balance = visit.house.catalog().tiers, await _tier_balance(visit, account)
    tier = tier_for(tiers, balance)
    following = min(
        (t for t in tiers if t.min_balance_micros > balance),
        key=lambda t: t.min_balance_micros,
        default=None,
    )
    user = visit.visitor.user
    own = None if user is None else user.low_balance
    return Overview(
        account=account,
        spend=Spend(today=totals[today].charge, week=week, month=totals[month].charge),
        requests_month=totals[month].requests,
        errors_month=totals[month].errors,
        median_ms=await reports.median_ms(database, visit.account_id, now - 7 * DAY_MS),
        days_left=account.available * _PACE_DAYS // week if week else None,
        days=[UsageDay(day=day_text(d), key=str(k), charge=c, requests=n) for d, k, c, n in days],
        tier=_tier(tier) if tier in tiers else None,
        next_tier=None if following is None else _tier(following),
        limits=[_limit(model, tier, following) for model in _models(visit)],
        checklist=await _checklist(visit, account),
        low_balance=visit.house.site().low_balance if own is None else own,
    )


async def list_models(visit: Visit, _: Nothing) -> Page[ModelView]:
    """Models with the prices and limits that apply to this account."""
    catalog = visit.house.catalog()
    account = await shown_account(visit, visit.account_id)
    tier = tier_for(catalog.tiers, await _tier_balance(visit, account))
    return Page(
        items=[
            ModelView(
                name=model.name,
                price=model_price(model, tier),
                context_tokens=model.context_tokens,
                max_output_tokens=model.max_output_tokens,
                limit_rpm=None if model.rpm is None else effective_limit(model.rpm, tier),
                limit_tpm=None if model.tpm is None else effective_limit(model.tpm, tier),
                concurrency=model.concurrency,
                is_available=bool(catalog.channels_for(model.name)),
            )
            for model in _models(visit)
        ]
    )


async def redeem(visit: Visit, asked: RedeemAsk) -> Redeemed:
    """Credit the account with the value of a code."""
    backoff = visit.house.code_backoff
    keys = (f"account {visit.account_id}", f"address {visit.address}")
    check_backoff(backoff, *keys)
    try:
        entry = await codes.redeem(visit.desk, visit.account_id, asked.code)
    except CommandError:
        backoff.failed(*keys)
        raise
    backoff.succeeded(keys[0])
    account = await shown_account(visit, visit.account_id)
    return Redeemed(amount=entry.amount, entry=shown_entry(entry_document(entry)), account=account)


async def make_playground_key(visit: Visit, _: Nothing) -> PlaygroundKey:
    """A short-lived key, so that the page need not know any of the account's."""
    expires = visit.desk.clock.wall_ms() + PLAYGROUND_SECONDS * 1000
    key = await playground.make_key(visit.desk, visit.account_id, expires)
    return PlaygroundKey(key=key, expires=iso(expires))


async def shown_account(visit: Visit, account_id: str) -> Account:
    """An account as the console shows it. Raises CommandError `not_found`."""
    row = await find_account(visit.desk.database, account_id)
    view = await visit.desk.book.account(account_id)
    if row is None or view is None:
        raise not_found("account")
    return Account(
        id=row.id,
        name=row.name,
        balance=view.balance_micros,
        held=view.held_micros,
        available=view.available_micros,
        is_suspended=view.is_suspended,
        created=iso(row.created_at),
    )


def model_price(model: Model, tier: Tier) -> ModelPrice:
    """A price with its defaults filled in."""
    document: dict[str, Any] = to_document(model.price)
    fresh = str(document["input"])
    return ModelPrice(
        input=fresh,
        cached_input=str(document.get("cached_input", fresh)),
        cache_write=str(document.get("cache_write", fresh)),
        cache_write_1h=str(document.get("cache_write_1h", fresh)),
        output=str(document["output"]),
        request=str(document.get("request", "0")),
        factor=format_millionths(tier.price_factor_ppm),
        has_steps=bool(model.price.steps),
        has_hours=bool(model.price.hours),
    )


async def _tier_balance(visit: Visit, account: Account) -> int:
    """The balance that decides the tier: the real one, or one that was promised."""
    return max(account.balance, await promised_balance(visit.desk.database, account.id))


def _models(visit: Visit) -> list[Model]:
    return [m for _, m in sorted(visit.house.catalog().models.items()) if m.enabled]


def _tier(tier: Tier) -> TierView:
    return TierView(min_balance=tier.min_balance_micros, rate=format_millionths(tier.rate_ppm))


def _limit(model: Model, tier: Tier, following: Tier | None) -> LimitView:
    base = model.rpm
    return LimitView(
        model=model.name,
        base_rpm=base,
        limit_rpm=None if base is None else effective_limit(base, tier),
        next_rpm=None if base is None or following is None else effective_limit(base, following),
    )


async def _checklist(visit: Visit, account: Account) -> Checklist:
    database = visit.desk.database
    return Checklist(
        has_balance=account.balance > 0,
        has_token=bool(await of_account(database, visit.account_id)),
        has_request=await reports.has_request(database, visit.account_id),
    )


_ACCOUNT = "/api/accounts/{account}"
MEMBERS_ONLY = Access("member", takes_keys=False)

ROUTES = (
    Route("GET", f"{_ACCOUNT}/overview", MEMBER_READS, overview, Overview),
    Route("GET", f"{_ACCOUNT}/models", MEMBER_READS, list_models, Page[ModelView]),
    Route("POST", f"{_ACCOUNT}/redeem", MEMBER_WRITES, redeem, Redeemed, RedeemAsk),
    Route("POST", f"{_ACCOUNT}/playground-key", MEMBERS_ONLY, make_playground_key, PlaygroundKey),
)
