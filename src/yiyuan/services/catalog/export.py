"""The catalog as TOML that `apply` takes back and finds nothing to change.

Fields at their default are left out, as a person would. Keys and the values of
headers are written as references only: to the variable they came from or, if they were given
themselves, to a name that stands for the stored key (`placeholder`).
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import tomli_w

from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import PPM, format_millionths
from yiyuan.pricing.price import to_document
from yiyuan.services.catalog import document
from yiyuan.services.catalog.channel_headers import reference

Json = dict[str, Any]

_FIELD = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_CHANNEL_DEFAULTS: Final[Mapping[str, object]] = MappingProxyType(
    {
        "base_url": "",
        "api_key": [],
        "native_completions": [],
        "priority": 0,
        "weight": 1,
        "timeout": 600,
        "proxy": None,
        "headers": {},
        "allow_private": True,
        "on_disconnect": "cancel",
        "stream_usage": True,
        "cost": {},
        "speaks": [],
        "quirks": {},
        "pass_fields": [],
    }
)

_MODEL_DEFAULTS: Final[Mapping[str, object]] = MappingProxyType(
    {
        **dict.fromkeys(("rpm", "tpm", "concurrency", "context_tokens", "max_output_tokens")),
        "image_tokens": 6000,
        "input_factor": "1",
        "fallback": [],
        "affinity": "auto",
        **dict.fromkeys(("modalities", "supports", "shutdown_date")),
    }
)


def catalog_values(catalog: document.CatalogDocument) -> dict[str, list[Json]]:
    """The catalog file's content as plain values."""
    return {
        "channel": [_channel(channel) for channel in catalog.channels],
        "model": [_model(model) for model in catalog.models],
        "tier": [_tier(tier) for tier in catalog.tiers],
        "group": [_group(group) for group in catalog.groups],
    }


def to_toml(values: dict[str, list[Json]]) -> str:
    """The text of the file, laid out as the documentation shows it."""
    blocks = [
        "\n".join(
            [f"[[{name}]]", *(f"{_key(key)} = {_inline(item)}" for key, item in table.items())]
        )
        for name, tables in values.items()
        for table in tables
    ]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _channel(channel: document.ChannelDocument) -> Json:
    references = [
        _reference(channel.name, key, position) for position, key in enumerate(channel.keys)
    ]
    values = {
        "name": channel.name,
        "provider": channel.provider,
        "base_url": channel.base_url,
        "api_key": references[0] if len(references) == 1 else references,
        "models": channel.models,
        "native_completions": sorted(channel.native_completions),
        "priority": channel.priority,
        "weight": channel.weight,
        "timeout": _shortest(channel.timeout_seconds),
        "proxy": channel.proxy,
        "headers": {name: {"env": reference(channel.name, name)} for name, _ in channel.headers},
        "allow_private": channel.allow_private,
        "on_disconnect": channel.on_disconnect,
        "stream_usage": channel.stream_usage,
        "cost": {name: json.loads(cost) for name, cost in channel.costs.items()},
        "speaks": list(channel.speaks),
        "quirks": json.loads(channel.quirks),
        "pass_fields": list(channel.pass_fields),
    }
    return _without(values, _CHANNEL_DEFAULTS)


def _reference(channel: str, key: document.KeyDocument, position: int) -> Json:
    found = {"env": key.source or document.placeholder(channel, position)}
    if key.file is not None:
        found = {"file": key.file}
    return found if key.expires_at is None else {**found, "expires_at": iso(key.expires_at)}


def _model(model: document.ModelDocument) -> Json:
    values = {
        "name": model.name,
        "rpm": model.rpm,
        "tpm": model.tpm,
        "concurrency": model.concurrency,
        "context_tokens": model.context_tokens,
        "max_output_tokens": model.max_output_tokens,
        "image_tokens": model.image_tokens,
        "input_factor": format_millionths(model.input_factor_ppm),
        "fallback": list(model.fallback),
        "affinity": model.affinity,
        "modalities": _listed(model.about.modalities),
        "supports": _listed(model.about.supports),
        "shutdown_date": model.about.shutdown_date,
        "price": to_document(model.price),
    }
    return _without(values, _MODEL_DEFAULTS)


def _listed(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _tier(tier: document.TierDocument) -> Json:
    values = {
        "min_balance": tier.min_balance_micros,
        "rate": _factor(tier.rate_ppm),
        "price_factor": _factor(tier.price_factor_ppm),
    }
    return _without(values, {"price_factor": 1})


def _group(group: document.GroupDocument) -> Json:
    values = {
        "name": group.name,
        "price_factor": _factor(group.price_factor_ppm),
        "channels": None if group.channels is None else list(group.channels),
    }
    return _without(values, {"price_factor": 1, "channels": None})


def _without(values: Json, defaults: Mapping[str, object]) -> Json:
    missing = object()
    return {name: v for name, v in values.items() if v != defaults.get(name, missing)}


def _factor(ppm: int) -> int | str:
    return format_millionths(ppm) if ppm % PPM else ppm // PPM


def _shortest(seconds: float) -> float:
    return int(seconds) if seconds == int(seconds) else seconds


def _inline(value: object) -> str:
    """A value on one line: tables as `{ a = 1 }`, as people write them."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(item) for item in value)}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def _key(name: str) -> str:
    """Fields are bare; names of models and headers are quoted, as people write them."""
    return name if _FIELD.fullmatch(name) else _inline(name)
