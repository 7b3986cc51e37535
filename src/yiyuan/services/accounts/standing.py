"""Where an account stands: its tier, and the limits and prices of models that follow from it."""

from typing import Any

from yiyuan.kernel.money import format_millionths
from yiyuan.pricing.model import Model, Tier, effective_limit, tier_for
from yiyuan.pricing.price import to_document
from yiyuan.routing.catalog import Catalog
from yiyuan.services.accounts.accounts import view_account
from yiyuan.services.shared.answer import Account, Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.site_settings import promised_balance


class TierView(Answer):
    """From `min_balance` on limits are × `rate`, a decimal string."""

    min_balance: int
    rate: str


class LimitView(Answer):
    """Requests per minute of one model, in this tier and in the next."""

    model: str
    limit_rpm: int | None
    base_rpm: int | None
    next_rpm: int | None


class ModelPrice(Answer):
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


class ModelView(Answer):
    """A model as this account may use it."""

    name: str
    price: ModelPrice
    context_tokens: int | None
    max_output_tokens: int | None
    limit_rpm: int | None
    limit_tpm: int | None
    concurrency: int | None
    is_available: bool


class Standing(Answer):
    """The tier that the balance decides, the one after it, and each model's limit in both."""

    account: Account
    tier: TierView | None
    next_tier: TierView | None
    limits: list[LimitView]


async def standing(context: ServiceContext, catalog: Catalog, account_id: str) -> Standing:
    """Which tier an account is in, and what the next would give. Raises `not_found`."""
    account = await view_account(context, account_id)
    balance = await _deciding_balance(context, account)
    tier = tier_for(catalog.tiers, balance)
    following = min(
        (tier for tier in catalog.tiers if tier.min_balance_micros > balance),
        key=lambda tier: tier.min_balance_micros,
        default=None,
    )
    return Standing(
        account=account,
        tier=tier_view(tier) if tier in catalog.tiers else None,
        next_tier=None if following is None else tier_view(following),
        limits=[_limit(model, tier, following) for model in _models(catalog)],
    )


async def models_for(context: ServiceContext, catalog: Catalog, account_id: str) -> list[ModelView]:
    """Models with the prices and limits that apply to an account. Raises `not_found`."""
    account = await view_account(context, account_id)
    tier = tier_for(catalog.tiers, await _deciding_balance(context, account))
    return [
        ModelView(
            name=model.name,
            price=_price(model, tier),
            context_tokens=model.context_tokens,
            max_output_tokens=model.max_output_tokens,
            limit_rpm=None if model.rpm is None else effective_limit(model.rpm, tier),
            limit_tpm=None if model.tpm is None else effective_limit(model.tpm, tier),
            concurrency=model.concurrency,
            is_available=bool(catalog.channels_for(model.name)),
        )
        for model in _models(catalog)
    ]


def tier_view(tier: Tier) -> TierView:
    """A tier as it is shown."""
    return TierView(min_balance=tier.min_balance_micros, rate=format_millionths(tier.rate_ppm))


async def _deciding_balance(context: ServiceContext, account: Account) -> int:
    """The balance that decides the tier: the real one, or one that was promised."""
    return max(account.balance, await promised_balance(context.database, account.id))


def _price(model: Model, tier: Tier) -> ModelPrice:
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


def _models(catalog: Catalog) -> list[Model]:
    return [model for _, model in sorted(catalog.models.items()) if model.enabled]


def _limit(model: Model, tier: Tier, following: Tier | None) -> LimitView:
    base = model.rpm
    return LimitView(
        model=model.name,
        base_rpm=base,
        limit_rpm=None if base is None else effective_limit(base, tier),
        next_rpm=None if base is None or following is None else effective_limit(base, following),
    )
