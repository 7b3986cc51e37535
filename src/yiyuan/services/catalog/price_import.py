"""Reads a price list that the operator has, and says what it would change: nothing is applied.

Two forms are known: LiteLLM's `model_prices_and_context_window.json` ($ per token) and
models.dev's `api.json` ($ per million tokens). A model of the list is taken for ours by our
public name, or by the upstream's. What comes out is a piece of a catalog file with the
changes, to be looked at and applied; numbers are never floats on the way.
"""

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from yiyuan.i18n.message import Message
from yiyuan.pricing.price import parse_price, to_json
from yiyuan.services.catalog.document import CatalogDocument
from yiyuan.services.catalog.export import catalog_values, to_toml
from yiyuan.services.catalog.stored import StoredCatalog, StoredChannel, read_stored
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, invalid

MILLION = 1_000_000
_FACTOR_MAX = Decimal(1_000_000)
_PRICE_MAX = Decimal(1_000_000_000)
_PLACES = Decimal("0.000001")
_JUMP = 2
_LITELLM = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cached_input": "cache_read_input_token_cost",
    "cache_write": "cache_creation_input_token_cost",
    "cache_write_1h": "cache_creation_input_token_cost_above_1hr",
}
_MODELS_DEV = {
    "input": "input",
    "output": "output",
    "cached_input": "cache_read",
    "cache_write": "cache_write",
}


class ImportPrices(Request):
    """The list's text and form; what a dollar is in 元, what comes on top, and for what."""

    text: str
    form: Literal["litellm", "models-dev"]
    currency_rate: str = "1"
    markup: str = "1"
    kind: Literal["price", "cost"] = "price"


class Listed(NamedTuple):
    """A model of the list: 元 per million tokens as decimal strings, and its sizes."""

    price: dict[str, str]
    context_tokens: int | None
    max_output_tokens: int | None


class Comparison(NamedTuple):
    """What would change, by name as `apply` says it, and the catalog's lines for it."""

    created: list[str]
    changed: list[str]
    toml: str
    warnings: list[str]


@command("prices.import", reads=True)
async def import_prices(context: ServiceContext, request: ImportPrices) -> Json:
    """`created`, `changed`, `left` as `catalog.apply` has them, `toml`, and `warnings`."""
    stored = await read_stored(context)
    # A long list must not hold up those who wait for answers.
    found = await asyncio.to_thread(_compare, request, stored)
    return {
        "created": found.created,
        "changed": found.changed,
        "left": [],
        "toml": found.toml,
        "warnings": found.warnings,
    }


def _compare(request: ImportPrices, stored: StoredCatalog) -> Comparison:
    """What the list would change. Raises ServiceError."""
    factor = _factor("currency_rate", request.currency_rate)
    if request.kind == "price":
        factor *= _factor("markup", request.markup)
    listed = dict(_listed(request, factor))
    if not listed:
        raise ServiceError("invalid_argument", "the file has no model with a price per token")
    if request.kind == "cost":
        return _costs(stored, listed)
    return _prices(stored, listed)


def _prices(stored: StoredCatalog, listed: dict[str, Listed]) -> Comparison:
    """`[[model]]` tables: of ours whose price is another, and of those that are new."""
    upstream, tables = _upstream_names(stored), list[Json]()
    changed, warnings = list[str](), list[str]()
    for name, model in stored.models.items():
        names = (name, *upstream.get(name, ()))
        found = next((listed[each] for each in names if each in listed), None)
        if found is None or not model.is_enabled:
            continue
        table = catalog_values(CatalogDocument(models=(model.document,)))["model"][0]
        before = table["price"]
        if "steps" in before or "hours" in before:
            warnings.append(f"model {name}: its price has steps or hours and is left as it is")
            continue
        price = {**found.price, **{k: v for k, v in before.items() if k == "request"}}
        if parse_price(price) == model.document.price:
            continue
        changed.append(f"model {name}")
        warnings += _jumps(name, before, price)
        tables.append({**table, "price": price})
    taken = {*stored.models, *(each for names in upstream.values() for each in names)}
    new = {name: found for name, found in listed.items() if name not in taken}
    tables += [_new_model(name, found) for name, found in new.items()]
    created = [f"model {name}" for name in new]
    return Comparison(created, changed, to_toml({"model": tables}), warnings)


def _costs(stored: StoredCatalog, listed: dict[str, Listed]) -> Comparison:
    """`[[channel]]` tables whose `cost` is the list's, by the upstream's names."""
    tables, changed, warnings = list[Json](), list[str](), list[str]()
    for channel in stored.channels.values():
        document = channel.document
        costs = {
            public: listed[upstream].price
            for public, upstream in document.models.items()
            if upstream in listed and channel.is_enabled
        }
        after = {public: to_json(parse_price(cost)) for public, cost in costs.items()}
        if after == {public: document.costs.get(public) for public in after}:
            continue
        changed.append(f"channel {channel.row.name}")
        table = catalog_values(CatalogDocument(channels=(document,)))["channel"][0]
        before = table.get("cost", {})
        for public, cost in costs.items():
            warnings += _jumps(f"{channel.row.name}/{public}", before.get(public, cost), cost)
        tables.append({**table, "cost": {**before, **costs}})
    return Comparison([], changed, to_toml({"channel": tables}), warnings)


def _upstream_names(stored: StoredCatalog) -> dict[str, list[str]]:
    """What upstreams call a model, by its public name."""
    names: dict[str, list[str]] = {}
    enabled: Iterator[StoredChannel] = (c for c in stored.channels.values() if c.is_enabled)
    for channel in enabled:
        for public, upstream in channel.document.models.items():
            names.setdefault(public, []).append(upstream)
    return names


def _new_model(name: str, found: Listed) -> Json:
    table: Json = {"name": name, "price": found.price}
    if found.context_tokens is not None:
        table["context_tokens"] = found.context_tokens
    if found.max_output_tokens is not None:
        table["max_output_tokens"] = found.max_output_tokens
    return table


def _jumps(name: str, before: Json, after: Json) -> list[str]:
    """What somebody should look at twice: from free to paid, or much more or less than before."""
    found = []
    for kind in ("input", "output"):
        old, new = Decimal(str(before[kind])), Decimal(str(after[kind]))
        if old != new and (0 in (old, new) or not old / _JUMP <= new <= old * _JUMP):
            found.append(f"{name}: {kind} {old} → {new}")
    return found


def _listed(request: ImportPrices, factor: Decimal) -> Iterator[tuple[str, Listed]]:
    """Every model of the list that has prices per token. Raises ServiceError."""
    try:
        document = json.loads(request.text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ServiceError(
            "invalid_argument", Message("the file is not JSON: {error}", error=error)
        ) from None
    if not isinstance(document, dict):
        raise ServiceError("invalid_argument", "the file is no price list of this form")
    read = _of_litellm if request.form == "litellm" else _of_models_dev
    return read(document, factor)


def _of_litellm(document: Json, factor: Decimal) -> Iterator[tuple[str, Listed]]:
    for name, entry in document.items():
        if name == "sample_spec" or not isinstance(entry, dict) or not _is_name(name):
            continue
        price = _price(entry, _LITELLM, factor * MILLION)
        if price is not None:
            sizes = (entry.get("max_input_tokens"), entry.get("max_output_tokens"))
            yield name, Listed(price, *map(_size, sizes))


def _of_models_dev(document: Json, factor: Decimal) -> Iterator[tuple[str, Listed]]:
    for provider in document.values():
        models = provider.get("models") if isinstance(provider, dict) else None
        for name, entry in models.items() if isinstance(models, dict) else ():
            cost, limit = entry.get("cost"), entry.get("limit") or {}
            price = _price(cost, _MODELS_DEV, factor) if isinstance(cost, dict) else None
            if price is not None and _is_name(name):
                yield name, Listed(price, _size(limit.get("context")), _size(limit.get("output")))


def _price(entry: Json, fields: dict[str, str], factor: Decimal) -> dict[str, str] | None:
    """The kinds of token that an entry names; None without input or output."""
    found = {kind: _decimal(entry.get(field)) for kind, field in fields.items()}
    if found["input"] is None or found["output"] is None:
        return None
    scaled = {kind: value * factor for kind, value in found.items() if value is not None}
    if any(not 0 <= value <= _PRICE_MAX for value in scaled.values()):
        return None
    return {kind: _text(value) for kind, value in scaled.items()}


def _text(value: Decimal) -> str:
    """At most six places, as prices have them; more are rounded up, never below the cost."""
    rounded = value.quantize(_PLACES, rounding="ROUND_CEILING")
    return format(rounded.normalize(), "f")


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _factor(name: str, text: str) -> Decimal:
    found = _decimal(text)
    if found is None or not 0 < found <= _FACTOR_MAX:
        raise invalid(name, "must be a number such as 7.1")
    return found


def _size(value: Any) -> int | None:
    is_count = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_count else None


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 200 and name.isprintable() and not set(" ,\u3000") & set(name)


def _no_number(text: str) -> None:
    message = f"{text} is no number"
    raise ValueError(message)
