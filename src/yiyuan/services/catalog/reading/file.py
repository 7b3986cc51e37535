"""The catalog file: TOML text → checked documents.

A file is read as a whole or refused as a whole, and the first fault is named
with file, line and field. What only the database can tell (a model that is
there already, a key that is stored already) is left to `apply.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from yiyuan.integrations.providers.registry import discover
from yiyuan.kernel.money import MICROS_MAX, PPM
from yiyuan.services.catalog.document import (
    CatalogDocument,
    GroupDocument,
    ModelDocument,
    TierDocument,
)
from yiyuan.services.catalog.reading.channel_fields import read_channel, read_keys
from yiyuan.services.catalog.reading.model_choices import read_choices
from yiyuan.services.catalog.reading.price_field import read_price
from yiyuan.services.catalog.reading.toml_fields import LIMIT_MAX, Source, Table
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import model_name_fault

_Item = TypeVar("_Item")


def references(text: str) -> list[str]:
    """The environment variables that a file's keys name; none if the file is wrong."""
    try:
        source = Source(text, "")
        channels = source.values.get("channel", [])
        found = [
            key.source
            for index, values in enumerate(channels)
            for key in read_keys(Table(source, ("channel", index), values), {})
        ]
    except (ServiceError, TypeError):
        return []
    return [name for name in dict.fromkeys(found) if name is not None]


def read_catalog(source: Source, environment: Mapping[str, str]) -> CatalogDocument:
    """Check a whole file. Raises ServiceError `invalid_catalog`.

    `environment` has the values of the variables that the keys name; a key
    whose variable is absent or empty has no secret yet.
    """
    root = Table(source, (), source.values)
    models = tuple(_each(source, root, "model", _model))
    providers = discover()
    channels = tuple(
        _each(source, root, "channel", lambda table: read_channel(table, providers, environment))
    )
    tiers = tuple(_each(source, root, "tier", _tier))
    groups = tuple(_each(source, root, "group", _group))
    root.finish()
    _refuse_twice(source, "model", "name", [model.name for model in models])
    _refuse_twice(source, "channel", "name", [channel.name for channel in channels])
    _refuse_twice(source, "tier", "min_balance", [tier.min_balance_micros for tier in tiers])
    _refuse_twice(source, "group", "name", [group.name for group in groups])
    return CatalogDocument(channels=channels, models=models, tiers=tiers, groups=groups)


def _each(
    source: Source, root: Table, name: str, read: Callable[[Table], _Item]
) -> Iterable[_Item]:
    tables = root.take(name, [])
    if not isinstance(tables, list):
        raise source.problem((name,), "is a list of tables: write [[{name}]]", name=name)
    for index, values in enumerate(tables):
        table = Table(source, (name, index), values)
        yield read(table)
        table.finish()


def _refuse_twice(source: Source, table: str, field: str, values: list[Any]) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            template = 'there is another {table} "{name}"'
            raise source.problem((table, index, field), template, table=table, name=value)


def _model(table: Table) -> ModelDocument:
    name: str = table.text("name")
    fault = model_name_fault(name)
    if fault is not None:
        raise table.problem("name", fault)
    return ModelDocument(
        name=name,
        price=read_price(table, ("price",), table.take("price")),
        rpm=table.integer("rpm", None, most=LIMIT_MAX),
        tpm=table.integer("tpm", None, most=MICROS_MAX),
        concurrency=table.integer("concurrency", None, most=LIMIT_MAX),
        context_tokens=table.integer("context_tokens", None, most=LIMIT_MAX),
        max_output_tokens=table.integer("max_output_tokens", None, most=LIMIT_MAX),
        image_tokens=table.integer("image_tokens", 6000, least=0, most=LIMIT_MAX),
        input_factor_ppm=table.factor_ppm("input_factor", PPM, least_ppm=1),
        **read_choices(table, name),
        path=table.path,
    )


def _group(table: Table) -> GroupDocument:
    name: str = table.text("name")
    fault = model_name_fault(name, 100)
    if fault is not None:
        raise table.problem("name", fault)
    names = table.texts("channels", None)
    return GroupDocument(
        name=name,
        price_factor_ppm=table.factor_ppm("price_factor", PPM, least_ppm=0),
        channels=names,
        path=table.path,
    )


def _tier(table: Table) -> TierDocument:
    return TierDocument(
        min_balance_micros=table.integer("min_balance", least=0, most=MICROS_MAX),
        rate_ppm=table.factor_ppm("rate", least_ppm=1),
        price_factor_ppm=table.factor_ppm("price_factor", PPM, least_ppm=0),
    )
