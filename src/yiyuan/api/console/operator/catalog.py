"""Models with their prices, tiers, and which limit applies to whom."""

from typing import Any, Final, Literal

import msgspec

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import FINANCE_ROLES, OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Amount, Line, Page, Positive, RequestBody, ResponseBody
from yiyuan.kernel.money import format_millionths
from yiyuan.pricing.price import to_document
from yiyuan.services.accounts import effective_limits
from yiyuan.services.accounts.margins import NO_MARGIN, Margin, margins_of_month
from yiyuan.services.catalog import edit
from yiyuan.services.catalog.prices import (
    NextPrice,
    Price,
    PriceVersion,
    next_prices,
    price_versions,
)
from yiyuan.services.catalog.stored import StoredModel, read_stored
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import time_of

GROUP: Final = "catalog"
"""What its routes are called in the audit log and in the OpenAPI document."""


class ModelChannel(ResponseBody):
    """A channel that serves the model."""

    channel_id: str
    name: str
    upstream_model: str


Affinity = Literal["auto", "off"]
"""Whether a conversation stays where its cache is."""


class OperatorModel(ResponseBody):
    """A model; `price` is as in the catalog file: 元 per million tokens, decimal strings."""

    name: str
    is_enabled: bool
    rpm: int | None
    tpm: int | None
    concurrency: int | None
    context_tokens: int | None
    max_output_tokens: int | None
    fallback: list[str]
    """Models that may answer instead."""
    affinity: Affinity
    modalities: list[str] | None
    """Null: not said, as for the next two."""
    supports: list[str] | None
    shutdown_date: str | None
    price: Price
    next_price: NextPrice | None
    margin_month: Margin
    channels: list[ModelChannel]


Modality = Literal["text", "image", "audio", "video", "file"]
Capability = Literal["tools", "json_schema", "reasoning", "caching"]


class ModelChange(RequestBody):
    """What is absent stays, null lifts a limit or says nothing; a later price: `effective_at`."""

    rpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    tpm: Positive | msgspec.UnsetType | None = msgspec.UNSET
    concurrency: Positive | msgspec.UnsetType | None = msgspec.UNSET
    context_tokens: Positive | msgspec.UnsetType | None = msgspec.UNSET
    max_output_tokens: Positive | msgspec.UnsetType | None = msgspec.UNSET
    fallback: list[Line] | msgspec.UnsetType = msgspec.UNSET
    affinity: Affinity | msgspec.UnsetType = msgspec.UNSET
    modalities: list[Modality] | msgspec.UnsetType | None = msgspec.UNSET
    supports: list[Capability] | msgspec.UnsetType | None = msgspec.UNSET
    shutdown_date: str | msgspec.UnsetType | None = msgspec.UNSET
    price: Price | msgspec.UnsetType = msgspec.UNSET
    effective_at: str | None = None
    is_enabled: bool | msgspec.UnsetType = msgspec.UNSET


_LIMITS: Final = ("rpm", "tpm", "concurrency", "context_tokens", "max_output_tokens")


class Tier(RequestBody):
    """From a balance on, limits × `rate` and prices × `price_factor`, decimal strings."""

    min_balance: Amount
    rate: str = "1"
    price_factor: str = "1"


class Tiers(RequestBody):
    """All tiers."""

    tiers: list[Tier]


class LimitsQuery(RequestBody):
    """An account's name or id, and a model."""

    account: Line
    model: Line


class LimitsReport(ResponseBody):
    """The document of `yiyuan limits`."""

    document: dict[str, Any]


async def list_models(visit: ConsoleRequest, _: Empty) -> Page[OperatorModel]:
    """All models, those out of service included."""
    stored = await read_stored(visit.context)
    return Page(items=await _shown(visit, list(stored.models.values())))


async def put_model(visit: ConsoleRequest, asked: ModelChange) -> OperatorModel:
    """Make or change a model; a changed price is a new version, the old one stays."""
    name, given = visit.places["model"], msgspec.to_builtins(asked)
    is_enabled, effective_at = given.pop("is_enabled", None), given.pop("effective_at", None)
    stored = (await read_stored(visit.context)).models.get(name)
    if visit.visitor.role not in OWNER and given.keys() - {"price"}:
        raise ServiceError("not_allowed", "your role may change prices only")
    if stored is not None:
        visit.details["before"] = _before(stored)
    if effective_at is not None and "price" in given:
        at = time_of("effective_at", effective_at)
        assert at is not None
        await edit.schedule_price(visit.context, name, given.pop("price"), at)
    if given or is_enabled or stored is None:
        await edit.put_model(visit.context, name, given)
    is_off = is_enabled is False or (
        is_enabled is None and stored is not None and not stored.is_enabled
    )
    if is_off:
        await edit.switch_off_model(visit.context, name)
    (shown,) = await _shown(visit, [(await read_stored(visit.context)).models[name]])
    return shown


def _before(stored: StoredModel) -> dict[str, Any]:
    row = stored.row
    return {
        "price": to_document(stored.document.price),
        "is_enabled": stored.is_enabled,
        **{name: getattr(row, name) for name in _LIMITS},
        **_choices(stored),
    }


def _choices(stored: StoredModel) -> dict[str, Any]:
    """Who may answer instead, and what is told of the model."""
    document = stored.document
    about = document.about
    return {
        "fallback": list(document.fallback),
        "affinity": document.affinity,
        "modalities": None if about.modalities is None else list(about.modalities),
        "supports": None if about.supports is None else list(about.supports),
        "shutdown_date": about.shutdown_date,
    }


async def list_prices(visit: ConsoleRequest, _: Empty) -> Page[PriceVersion]:
    """Every price of a model, the latest first."""
    name = visit.places["model"]
    stored = (await read_stored(visit.context)).models.get(name)
    if stored is None:
        raise not_found("model")
    versions = await price_versions(visit.context, name, stored.row.price_id)
    return Page(items=versions)


async def show_tiers(visit: ConsoleRequest, _: Empty) -> Tiers:
    """All tiers, by the balance that they begin at."""
    stored = await read_stored(visit.context)
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


async def put_tiers(visit: ConsoleRequest, asked: Tiers) -> Tiers:
    """Replace all tiers."""
    before = await show_tiers(visit, Empty())
    visit.details["before"] = msgspec.to_builtins(before)
    await edit.put_tiers(visit.context, msgspec.to_builtins(asked)["tiers"])
    return await show_tiers(visit, Empty())


async def show_limits(visit: ConsoleRequest, asked: LimitsQuery) -> LimitsReport:
    """Which limits apply to an account and a model, and why; nothing is counted by asking."""
    request = effective_limits.Show(
        account=asked.account, model=asked.model, language=visit.language
    )
    return LimitsReport(document=await effective_limits.show(visit.context, request))


async def _shown(visit: ConsoleRequest, models: list[StoredModel]) -> list[OperatorModel]:
    """Models with what came in this month, and the price that each is to have next."""
    margins = await margins_of_month(visit.context, "model")
    following = await next_prices(visit.context)
    return [
        _one(visit, model, margins.get(model.row.name, NO_MARGIN), following) for model in models
    ]


def _one(
    visit: ConsoleRequest,
    model: StoredModel,
    margin: Margin,
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
        **_choices(model),
        price=to_document(model.document.price),
        next_price=following.get(row.name),
        margin_month=margin,
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
        Access("operator", FINANCE_ROLES),
        put_model,
        OperatorModel,
        ModelChange,
    ),
    Route("GET", f"{_MODELS}/{{model}}/prices", OPERATOR_READS, list_prices, Page[PriceVersion]),
    Route("GET", "/api/operator/tiers", OPERATOR_READS, show_tiers, Tiers),
    Route("PUT", "/api/operator/tiers", _OWNER, put_tiers, Tiers, Tiers),
    Route("GET", "/api/operator/limits", OPERATOR_READS, show_limits, LimitsReport, LimitsQuery),
)
