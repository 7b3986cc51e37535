"""Models with their prices, tiers, and which limit applies to whom."""

from typing import Any

import msgspec

from yiyuan.console import catalog_edit, limits
from yiyuan.console.arguments import Arguments
from yiyuan.console.refusal import CommandError
from yiyuan.console.stored_catalog import StoredModel, read_stored
from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import format_millionths
from yiyuan.panel.route import MONEY, OPERATOR_READS, OWNER, Access, Nothing, Route
from yiyuan.panel.shapes import Amount, Asked, Line, Page, Positive, Shown
from yiyuan.panel.visit import Visit, not_found
from yiyuan.pricing.price import to_document
from yiyuan.store import price_changes, shop_reports

Price = dict[str, Any]


class ModelChannel(Shown):
    """A channel that serves the model."""

    channel_id: str
    name: str
    upstream_model: str


class NextPrice(Shown):
    """A price that is to hold from a later time on."""

    effective_at: str
    price: Price


class Margin(Shown):
    """What came in this month, and what it cost as far as that is known."""

    revenue: int
    cost: int | None


class OperatorModel(Shown):
    """A model; `price` is as in the catalog file: 元 per million tokens, decimal strings."""

    name: str
    is_enabled: bool
    rpm: int | None
    tpm: int | None
    concurrency: int | None
    context_tokens: int | None
    max_output_tokens: int | None
    price: Price
    next_price: NextPrice | None
    margin_month: Margin
    channels: list[ModelChannel]


class ModelChange(Asked):
    """What is absent stays, null lifts a limit; a price of later has `effective_at`."""

    rpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    tpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    concurrency: Positive | msgspec.UnsetType | None = msgspec.UNSET
    context_tokens: Positive | msgspec.UnsetType | None = msgspec.UNSET
    max_output_tokens: Positive | msgspec.UnsetType | None = msgspec.UNSET
    price: Price | msgspec.UnsetType = msgspec.UNSET
    effective_at: str | None = None
    is_enabled: bool | msgspec.UnsetType = msgspec.UNSET


class PriceVersion(Shown):
    """A price that the model has, had, or will have."""

    price_id: str
    price: Price
    created: str
    effective_at: str
    is_waiting: bool
    is_current: bool


class Tier(Asked):
    """From a balance on, limits × `rate` and prices × `price_factor`, decimal strings."""

    min_balance: Amount
    rate: str = "1"
    price_factor: str = "1"


class Tiers(Asked):
    """All tiers."""

    tiers: list[Tier]


class LimitsQuery(Asked):
    """An account's name or id, and a model."""

    account: Line
    model: Line


class LimitsReport(Shown):
    """The document of `yiyuan limits`."""

    document: dict[str, Any]


async def list_models(visit: Visit, _: Nothing) -> Page[OperatorModel]:
    """All models, those out of service included."""
    stored = await read_stored(visit.desk)
    return Page(items=await _shown(visit, list(stored.models.values())))


async def put_model(visit: Visit, asked: ModelChange) -> OperatorModel:
    """Make or change a model; a changed price is a new version, the old one stays."""
    name, given = visit.places["model"], msgspec.to_builtins(asked)
    is_enabled, effective_at = given.pop("is_enabled", None), given.pop("effective_at", None)
    stored = (await read_stored(visit.desk)).models.get(name)
    if visit.visitor.role not in OWNER and given.keys() - {"price"}:
        raise CommandError("not_allowed", "your role may change prices only")
    if stored is not None:
        visit.details["before"] = {"price": to_document(stored.document.price)}
    if effective_at is not None and "price" in given:
        at = Arguments({"effective_at": effective_at}).optional_time("effective_at")
        assert at is not None
        await catalog_edit.schedule_price(visit.desk, name, given.pop("price"), at)
    if given or is_enabled or stored is None:
        await catalog_edit.put_model(visit.desk, name, given)
    is_off = is_enabled is False or (
        is_enabled is None and stored is not None and not stored.is_enabled
    )
    if is_off:
        await catalog_edit.switch_off_model(visit.desk, name)
    (shown,) = await _shown(visit, [(await read_stored(visit.desk)).models[name]])
    return shown


async def list_prices(visit: Visit, _: Nothing) -> Page[PriceVersion]:
    """Every price of a model, the latest first."""
    name = visit.places["model"]
    stored = (await read_stored(visit.desk)).models.get(name)
    if stored is None:
        raise not_found("model")
    return Page(
        items=[
            PriceVersion(
                price_id=version.price_id,
                price=msgspec.json.decode(version.document),
                created=iso(version.created_at),
                effective_at=iso(version.effective_at),
                is_waiting=version.is_waiting,
                is_current=version.price_id == stored.row.price_id,
            )
            for version in await price_changes.versions(visit.desk.database, name)
        ]
    )


async def show_tiers(visit: Visit, _: Nothing) -> Tiers:
    """All tiers, by the balance that they begin at."""
    stored = await read_stored(visit.desk)
    return Tiers(
        tiers=[
            Tier(
                min_balance=tier.min_balance_micros,
                rate=format_millionths(tier.rate_ppm),
                price_factor=format_millionths(tier.price_factor_ppm),
            )
            for _, tier in sorted(stored.tiers.items())
        ]
    )


async def put_tiers(visit: Visit, asked: Tiers) -> Tiers:
    """Replace all tiers."""
    before = await show_tiers(visit, Nothing())
    visit.details["before"] = msgspec.to_builtins(before)
    await catalog_edit.put_tiers(visit.desk, msgspec.to_builtins(asked)["tiers"])
    return await show_tiers(visit, Nothing())


async def show_limits(visit: Visit, asked: LimitsQuery) -> LimitsReport:
    """Which limits apply to an account and a model, and why; nothing is counted by asking."""
    given = {"account": asked.account, "model": asked.model, "language": visit.language}
    return LimitsReport(document=await limits.show(visit.desk, Arguments(given)))


async def _shown(visit: Visit, models: list[StoredModel]) -> list[OperatorModel]:
    """Models with what came in this month, and the price that each is to have next."""
    database = visit.desk.database
    month = month_start(visit.desk.clock.wall_ms())
    margins = {found.model: found for found in await shop_reports.margins(database, month)}
    following: dict[str, NextPrice] = {}
    for change in await price_changes.waiting(database):
        price = msgspec.json.decode(change.document)
        next_price = NextPrice(effective_at=iso(change.effective_at), price=price)
        following.setdefault(change.model, next_price)
    return [_one(visit, model, margins.get(model.row.name), following) for model in models]


def _one(
    visit: Visit,
    model: StoredModel,
    margin: shop_reports.ModelMargin | None,
    following: dict[str, NextPrice],
) -> OperatorModel:
    row = model.row
    return OperatorModel(
        name=row.name,
        is_enabled=model.is_enabled,
        rpm=row.rpm,
        tpm=row.tpm,
        concurrency=row.concurrency,
        context_tokens=row.context_tokens,
        max_output_tokens=row.max_output_tokens,
        price=to_document(model.document.price),
        next_price=following.get(row.name),
        margin_month=Margin(
            revenue=0 if margin is None else margin.charge,
            cost=None if margin is None else margin.cost,
        ),
        channels=[
            ModelChannel(
                channel_id=channel.id, name=channel.name, upstream_model=channel.models[row.name]
            )
            for channel in visit.house.catalog().channels
            if row.name in channel.models and channel.enabled
        ],
    )


_MODELS = "/api/operator/models"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("GET", _MODELS, OPERATOR_READS, list_models, Page[OperatorModel]),
    Route(
        "PUT",
        f"{_MODELS}/{{model}}",
        Access("operator", MONEY),
        put_model,
        OperatorModel,
        ModelChange,
    ),
    Route("GET", f"{_MODELS}/{{model}}/prices", OPERATOR_READS, list_prices, Page[PriceVersion]),
    Route("GET", "/api/operator/tiers", OPERATOR_READS, show_tiers, Tiers),
    Route("PUT", "/api/operator/tiers", _OWNER, put_tiers, Tiers, Tiers),
    Route("GET", "/api/operator/limits", OPERATOR_READS, show_limits, LimitsReport, LimitsQuery),
)
