"""Changes of single channels, models and tiers, as the console makes them.

Each becomes a small catalog file and goes the way of `apply`, so that one set of rules
holds for both. A channel's keys stay by reference while it leads to the same place; who
changes its address must give them again, so that nobody learns a key by an address.
Addresses in private networks are refused here unless the operator says otherwise.
"""

from typing import Any

from yiyuan.i18n.message import Message
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.pricing.price import PriceError, parse_price, to_json
from yiyuan.services.catalog.catalog import apply_text
from yiyuan.services.catalog.channel_headers import is_sealed, open_headers, seal_headers
from yiyuan.services.catalog.document import CatalogDocument
from yiyuan.services.catalog.export import catalog_values, to_toml
from yiyuan.services.catalog.stored import StoredCatalog, StoredChannel, StoredModel, read_stored
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import invalid
from yiyuan.store.tables import price_changes
from yiyuan.store.tables.catalog import (
    PriceRow,
    add_price,
    delete_tier,
    disable_channel,
    disable_model,
    new_version,
    read_catalog,
    set_headers,
)

Json = dict[str, Any]

_SOURCE = "console"


async def put_channel(context: ServiceContext, name: str, changes: Json) -> StoredChannel:
    """Make or change a channel; fields as in the catalog file, None is the default.

    `api_key` is a list of keys, only when they are new. Raises ServiceError.
    """
    stored = await read_stored(context)
    _check_models(stored, changes)
    before = stored.channels.get(name)
    table: Json = {"name": name, "allow_private": False}
    environment: dict[str, str] = {}
    if before is not None:
        document = CatalogDocument(channels=(before.document,))
        table = {"allow_private": True, **catalog_values(document)["channel"][0]}
        if _leads_elsewhere(before, changes):
            _check_keys(before, changes)
            table.pop("headers", None)  # they may hold secrets of the address before
        # A key that a file took from a variable stays, though that is not set here.
        keys = (key for key in document.channels[0].keys if key.source and key.secret)
        environment = {str(key.source): str(key.secret) for key in keys}
    table = _overlaid(table, changes)
    await _apply(context, {"channel": [table]}, environment)
    return (await read_stored(context)).channels[name]


async def put_model(context: ServiceContext, name: str, changes: Json) -> StoredModel:
    """Make or change a model; fields as in the catalog file, None is the default."""
    stored = await read_stored(context)
    before = stored.models.get(name)
    table: Json = {"name": name}
    if before is not None:
        table = catalog_values(CatalogDocument(models=(before.document,)))["model"][0]
    await _apply(context, {"model": [_overlaid(table, changes)]})
    return (await read_stored(context)).models[name]


async def put_tiers(context: ServiceContext, tiers: list[Json]) -> StoredCatalog:
    """Replace all tiers."""
    balances = {tier["min_balance"] for tier in tiers}
    stored = await read_stored(context)
    if len(balances) != len(tiers):
        raise ServiceError("invalid_argument", "tiers: two begin at the same balance")
    if tiers:
        await _apply(context, {"tier": tiers})
    gone = [delete_tier(balance) for balance in stored.tiers if balance not in balances]
    if gone:
        await context.database.write([*gone, new_version()])
        await context.reload()
    return await read_stored(context)


async def switch_off_channel(context: ServiceContext, channel_id: str) -> None:
    """Take a channel out of service: it gets nothing new, open requests go on."""
    await context.database.write([disable_channel(channel_id), new_version()])
    await context.reload()


async def switch_off_model(context: ServiceContext, name: str) -> None:
    """Take a model out of service."""
    await context.database.write([disable_model(name), new_version()])
    await context.reload()


async def schedule_price(
    context: ServiceContext, model: str, price: object, effective_at: int
) -> str:
    """Keep a price that a model is to have from a later time on; its id."""
    stored = await read_stored(context)
    if model not in stored.models:
        raise ServiceError(
            "not_found", Message('there is no model "{name}" in the catalog', name=model)
        )
    if not context.clock.wall_ms() < effective_at <= MICROS_MAX:
        raise invalid("effective_at", "must be in the future")
    try:
        parsed = parse_price(price)
    except PriceError as error:
        raise ServiceError("invalid_argument", error.said) from None
    row = PriceRow(new_id("price"), model, to_json(parsed), context.clock.wall_ms())
    await context.database.write(
        [add_price(row), price_changes.schedule(model, row.id, effective_at), new_version()]
    )
    await context.reload()
    return row.id


async def seal_old_headers(context: ServiceContext) -> None:
    """Seal the headers that an older release stored in clear."""
    rows = (await read_catalog(context.database)).channels
    key = context.secrets.seal_key
    clear = [
        set_headers(row.id, seal_headers(key, open_headers(key, row.headers, row.id), row.id))
        for row in rows
        if not is_sealed(row.headers)
    ]
    if clear:
        await context.database.write(clear)


async def apply_due_prices(context: ServiceContext) -> int | None:
    """Put prices in force whose time has come; when the next one is due (ms), if any.

    Any node may do it: the change and the note that it was made are one transaction.
    """
    now = context.clock.wall_ms()
    following: int | None = None
    for change in await price_changes.waiting(context.database):
        if change.effective_at > now:
            following = min(change.effective_at, following or change.effective_at)
            continue
        await context.database.write([*price_changes.take_effect(change, now), new_version()])
    return following


def _leads_elsewhere(before: StoredChannel, changes: Json) -> bool:
    """Whether a change sends what a channel sends to somebody else."""
    return any(
        name in changes and changes[name] != getattr(before.document, name)
        for name in ("base_url", "provider", "proxy")
    )


def _check_keys(before: StoredChannel, changes: Json) -> None:
    """Another address or provider needs its keys again."""
    if before.document.keys and not changes.get("api_key"):
        message = "api_keys: a channel that leads elsewhere needs its keys again"
        raise ServiceError("invalid_argument", message)


def _overlaid(table: Json, changes: Json) -> Json:
    merged = {**table, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _check_models(stored: StoredCatalog, changes: Json) -> None:
    """Who fills a form in is told which page comes first, not which line of a file."""
    for name in changes.get("models") or ():
        if name not in stored.models or not stored.models[name].is_enabled:
            raise ServiceError(
                "model_not_offered",
                Message(
                    'there is no model "{name}" on offer: add it under Models and pricing first',
                    name=name,
                ),
            )


async def _apply(
    context: ServiceContext,
    values: dict[str, list[Json]],
    environment: dict[str, str] | None = None,
) -> None:
    try:
        await apply_text(context, to_toml(values), _SOURCE, environment or {})
    except ServiceError as error:
        if error.code != "invalid_catalog":
            raise
        raise ServiceError("invalid_argument", _without_place(error.said)) from None


def _without_place(said: str | Message) -> str | Message:
    """The error without the line of a file that nobody wrote."""
    if isinstance(said, Message) and "reason" in said.fields:
        field, reason = said.fields["field"], said.fields["reason"]
        return Message("{field}: {reason}", field=field, reason=reason)
    return str(said).removeprefix(f"{_SOURCE}: ")
