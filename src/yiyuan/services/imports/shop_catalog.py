"""Channels, models and groups of the other shop as a catalog file of ours.

What the file says goes through the ordinary apply, so every rule of a catalog holds for
what is moved, too. What has not changed in the source since the last take is left as it
is here: an operator may have improved it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from yiyuan.integrations.importers.amounts import factor_ppm, price_millionths
from yiyuan.integrations.importers.contract import Channel, ModelPrice, Shop
from yiyuan.integrations.providers.presets import presets
from yiyuan.kernel.money import format_millionths
from yiyuan.services.imports.names import group_name, source_hash
from yiyuan.store.tables.imports import ImportedRow

Json = dict[str, Any]
Known = Mapping[str, ImportedRow]


@dataclass(slots=True)
class ShopCatalog:
    """The tables of the file, and what each is made of."""

    values: dict[str, list[Json]]
    hashes: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    """(kind, source id) → (our name, hash of the source)."""
    switched_off: list[str] = field(default_factory=list)
    """Channels by name that come disabled."""


def build_catalog(
    shop: Shop,
    micros_per_unit: Fraction,
    known: Mapping[str, Known],
    channels_here: frozenset[str] = frozenset(),
    *,
    allow_private: bool = True,
) -> ShopCatalog:
    """The part of the catalog that is new or has changed in the source.

    `known` has what was taken before, by kind and source id. A channel never takes the
    place of another one of its name that is here (`channels_here`): it gets a number.
    Without `allow_private` no channel may be at a private address.
    """
    foreign = channels_here - {row.our_id for row in known.get("channel", {}).values()}
    built = ShopCatalog({"model": [], "channel": [], "group": []})
    for model in shop.models:
        if model.price is None:
            continue
        document: Json = {"name": model.name}
        document["price"] = price_document(model.price, micros_per_unit)
        _add(built, known, "model", model.name, model.name, document)
    channels = _add_channels(built, shop, known, foreign, allow_private=allow_private)
    for group in shop.groups:
        document = {
            "name": group_name(group.name),
            "price_factor": format_millionths(factor_ppm(group.factor)),
            "channels": [channels[each] for each in group.channels if each in channels],
        }
        _add(built, known, "group", group.name, group.name, document)
    return built


def _add_channels(
    built: ShopCatalog,
    shop: Shop,
    known: Mapping[str, Known],
    foreign: frozenset[str],
    *,
    allow_private: bool,
) -> dict[str, str]:
    """All that can do something; their names here by source id."""
    channels: dict[str, str] = {}
    for channel in shop.channels:
        if not channel.models:
            shop.note("channel_empty", f"channel {channel.source_id} {channel.name}", NOTHING_LEFT)
            continue
        name = _free(channel.name, foreign)
        channels[channel.source_id] = name
        document = {**channel_document(channel), "name": name}
        if not allow_private:
            document["allow_private"] = False
        added = _add(built, known, "channel", channel.source_id, name, document)
        if added and not channel.is_enabled:
            built.switched_off.append(name)
    return channels


NOTHING_LEFT = "none of its models has a price, so it is left out"


def price_document(price: ModelPrice, micros_per_unit: Fraction) -> Json:
    """A price as a catalog file has it; zero where nothing is left after six places."""

    def text(units: Fraction) -> str:
        return format_millionths(price_millionths(units, micros_per_unit))

    document: Json = {"input": text(price.input), "output": text(price.output)}
    for name in ("cached_input", "cache_write", "cache_write_1h"):
        units = getattr(price, name)
        if units is not None and units != price.input:
            document[name] = text(units)
    if price.request:
        document["request"] = round(price.request * micros_per_unit)
    if price.steps:
        document["steps"] = [
            {"min_input_tokens": least, "input": text(in_), "output": text(out)}
            for least, in_, out in price.steps
        ]
    return document


def channel_document(channel: Channel) -> Json:
    """A channel as a catalog file has it; one at a vendor's own address is that vendor's."""
    document: Json = {
        "name": channel.name,
        "provider": _preset_at(channel) or channel.provider,
        "base_url": channel.base_url,
        "models": {
            public: channel.renames.get(upstream, upstream)
            for public, upstream in channel.models.items()
        },
        "priority": channel.priority,
        "weight": channel.weight,
    }
    if channel.speaks:
        document["speaks"] = list(channel.speaks)
    if channel.keys:
        document["api_key"] = list(channel.keys)
    if channel.headers:
        document["headers"] = dict(channel.headers)
    if channel.proxy:
        document["proxy"] = channel.proxy
    return document


def _preset_at(channel: Channel) -> str | None:
    """The vendor whose own address this is, and whose ways are known."""
    if channel.provider != "openai":
        return None
    base = channel.base_url.removesuffix("/v1")
    return next(
        (
            name
            for name, preset in presets().items()
            if preset.provider == "openai" and (preset.base_url or "").removesuffix("/v1") == base
        ),
        None,
    )


def _free(name: str, taken: frozenset[str]) -> str:
    number = 2
    wanted = name
    while wanted in taken:
        wanted = f"{name} {number}"
        number += 1
    return wanted


def _add(
    built: ShopCatalog,
    known: Mapping[str, Known],
    kind: str,
    source_id: str,
    name: str,
    document: Json,
) -> bool:
    """Add one table unless it stands here already as the source has it."""
    hashed = source_hash(kind, document)
    before = known.get(kind, {}).get(source_id)
    if before is not None and before.source_hash == hashed:
        return False
    built.values[kind].append(document)
    built.hashes[kind, source_id] = (name, hashed)
    return True
