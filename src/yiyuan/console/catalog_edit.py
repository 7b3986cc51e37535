"""Changes of single channels, models and tiers, as the console makes them.

Each becomes a small catalog file and goes the way of `apply`, so that one set of rules
holds for both. A channel's keys stay by reference while it leads to the same place; who
changes its address must give them again, so that nobody learns a key by an address.
Addresses in private networks are refused here unless the operator says otherwise.
"""

from typing import Any

from yiyuan.console.catalog import apply_text
from yiyuan.console.catalog_document import CatalogDocument
from yiyuan.console.catalog_export import catalog_values, to_toml
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.console.stored_catalog import StoredCatalog, StoredChannel, StoredModel, read_stored
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.pricing.price import PriceError, parse_price, to_json
from yiyuan.store import price_changes
from yiyuan.store.catalog_rows import (
    PriceRow,
    add_price,
    delete_tier,
    disable_channel,
    disable_model,
    new_version,
)

Json = dict[str, Any]

_SOURCE = "console"


async def put_channel(desk: Desk, name: str, changes: Json) -> StoredChannel:
    """Make or change a channel; fields as in the catalog file, None is the default.

    `api_key` is a list of keys, only when they are new. Raises CommandError.
    """
    stored = await read_stored(desk)
    _check_models(stored, changes)
    before = stored.channels.get(name)
    table: Json = {"name": name, "allow_private": False}
    if before is not None:
        document = CatalogDocument(channels=(before.document,))
        table = {"allow_private": True, **catalog_values(document)["channel"][0]}
        _check_keys(before, changes)
    table = _overlaid(table, changes)
    await _apply(desk, {"channel": [table]})
    return (await read_stored(desk)).channels[name]


async def put_model(desk: Desk, name: str, changes: Json) -> StoredModel:
    """Make or change a model; fields as in the catalog file, None is the default."""
    stored = await read_stored(desk)
    before = stored.models.get(name)
    table: Json = {"name": name}
    if before is not None:
        table = catalog_values(CatalogDocument(models=(before.document,)))["model"][0]
    await _apply(desk, {"model": [_overlaid(table, changes)]})
    return (await read_stored(desk)).models[name]


async def put_tiers(desk: Desk, tiers: list[Json]) -> StoredCatalog:
    """Replace all tiers."""
    balances = {tier["min_balance"] for tier in tiers}
    stored = await read_stored(desk)
    if len(balances) != len(tiers):
        raise CommandError("invalid_argument", "tiers: two begin at the same balance")
    if tiers:
        await _apply(desk, {"tier": tiers})
    gone = [delete_tier(balance) for balance in stored.tiers if balance not in balances]
    if gone:
        await desk.database.write([*gone, new_version()])
        await desk.reload()
    return await read_stored(desk)


async def switch_off_channel(desk: Desk, channel_id: str) -> None:
    """Take a channel out of service: it gets nothing new, open requests go on."""
    await desk.database.write([disable_channel(channel_id), new_version()])
    await desk.reload()


async def switch_off_model(desk: Desk, name: str) -> None:
    """Take a model out of service."""
    await desk.database.write([disable_model(name), new_version()])
    await desk.reload()


async def schedule_price(desk: Desk, model: str, price: object, effective_at: int) -> str:
    """Keep a price that a model is to have from a later time on; its id."""
    stored = await read_stored(desk)
    if model not in stored.models:
        raise CommandError("not_found", f'there is no model "{model}" in the catalog')
    if not desk.clock.wall_ms() < effective_at <= MICROS_MAX:
        raise CommandError("invalid_argument", "effective_at must be in the future")
    try:
        parsed = parse_price(price)
    except PriceError as error:
        raise CommandError("invalid_argument", str(error)) from None
    row = PriceRow(new_id("price"), model, to_json(parsed), desk.clock.wall_ms())
    await desk.database.write(
        [add_price(row), price_changes.schedule(model, row.id, effective_at), new_version()]
    )
    await desk.reload()
    return row.id


async def apply_due_prices(desk: Desk) -> int | None:
    """Put prices in force whose time has come; when the next one is due (ms), if any.

    Any node may do it: the change and the note that it was made are one transaction.
    """
    now = desk.clock.wall_ms()
    following: int | None = None
    for change in await price_changes.waiting(desk.database):
        if change.effective_at > now:
            following = min(change.effective_at, following or change.effective_at)
            continue
        await desk.database.write([*price_changes.take_effect(change, now), new_version()])
    return following


def _check_keys(before: StoredChannel, changes: Json) -> None:
    """Another address or provider needs its keys again."""
    document = before.document
    moves = any(
        name in changes and changes[name] != getattr(document, name)
        for name in ("base_url", "provider", "proxy")
    )
    if moves and document.keys and not changes.get("api_key"):
        message = "api_keys: a channel that leads elsewhere needs its keys again"
        raise CommandError("invalid_argument", message)


def _overlaid(table: Json, changes: Json) -> Json:
    merged = {**table, **changes}
    return {name: value for name, value in merged.items() if value is not None}


def _check_models(stored: StoredCatalog, changes: Json) -> None:
    """Who fills a form in is told which page comes first, not which line of a file."""
    for name in changes.get("models") or ():
        if name not in stored.models or not stored.models[name].is_enabled:
            raise CommandError(
                "model_not_offered",
                f'there is no model "{name}" on offer: add it under Models and pricing first',
            )


async def _apply(desk: Desk, values: dict[str, list[Json]]) -> None:
    try:
        await apply_text(desk, to_toml(values), _SOURCE, {})
    except CommandError as error:
        if error.code != "invalid_catalog":
            raise
        raise CommandError("invalid_argument", _without_place(error.message)) from None


def _without_place(message: str) -> str:
    """The error without the line of a file that nobody wrote."""
    return message.split(": ", 1)[-1] if message.startswith(f"{_SOURCE}:") else message
