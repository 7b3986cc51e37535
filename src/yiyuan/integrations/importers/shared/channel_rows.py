"""Rows of an old gateway's `channels`, in the form that all importers bring them to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yiyuan.integrations.importers.contract import BadAnswer, Shop
from yiyuan.integrations.importers.shared.addresses import Vendor
from yiyuan.integrations.importers.shared.names import comma_list, key_list
from yiyuan.integrations.importers.shared.numbers import read_json, text, whole

NO_JSON = "its {column} is no JSON, and is left out"


@dataclass(slots=True, frozen=True, kw_only=True)
class ChannelRow:
    """One row of an old gateway's table, its texts read but not judged yet."""

    id: str
    name: str
    type: int
    keys: tuple[str, ...] = field(repr=False)
    address: str
    models: tuple[str, ...]
    mapping: Mapping[str, str]
    groups: frozenset[str]
    priority: int
    weight: int
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str = ""
    changes_meaning: tuple[str, ...] = ()
    """Settings without which the channel would answer otherwise."""
    not_applied: tuple[str, ...] = ()
    """Settings that are lost without harm."""
    azure_version: str = ""
    """The version in which Azure is called there."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """Where a cloud is asked for a model, by its public name; `""` for all others."""
    project: str = ""
    """Whose a cloud's models are, where the key does not say it."""
    is_api_key: bool = False
    """Whether a cloud's key is just a key, not an account's JSON."""
    vendor: Vendor | None = None
    """Where it leads, once a cloud's address was made; else the type and the address say it."""
    offered: tuple[str, ...] = ()
    """All public names of the row that this is a part of."""
    drops_dots: bool = True
    """Whether Azure's deployments are called there by the model's name without dots."""
    key_name: str = ""
    """The name under which rows of several keys belong together."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Habits:
    """How a program treats its channels."""

    types: Mapping[int, Vendor]
    titles: Mapping[int, str]
    """Names of those types that are not spoken to here."""
    follows_chains: bool = False
    breaks_on_slash: bool = False
    """Whether an address with a slash at its end was called with two."""


def common_row(shop: Shop, row: Mapping[str, Any]) -> ChannelRow:
    """What stands in the columns that the quota gateways have in common."""
    mapping = read_object(shop, row, "model_mapping")
    return ChannelRow(
        id=str(row["id"]),
        name=text(row.get("name")),
        type=whole(row.get("type")),
        keys=key_list(text(row.get("key"))),
        address=text(row.get("base_url")),
        models=comma_list(text(row.get("models"))),
        mapping={str(name): text(value) for name, value in mapping.items()},
        groups=frozenset(g.strip() for g in comma_list(text(row.get("group"))) if g.strip()),
        priority=whole(row.get("priority")),
        weight=whole(row.get("weight")),
        status=whole(row.get("status")),
        azure_version=text(row.get("other")),
        key_name=text(row.get("name")),
    )


def subject_of(row: Mapping[str, Any]) -> str:
    """How notes name the channel of a row."""
    return f"channel {row['id']} {text(row.get('name'))}"


def read_object(shop: Shop, row: Mapping[str, Any], column: str) -> dict[str, Any]:
    """A column's JSON object; what is no JSON counts as not there, and is listed."""
    try:
        found = read_json(row.get(column), column)
    except BadAnswer:
        shop.note("channel_setting", subject_of(row), NO_JSON, column=column)
        return {}
    return dict(found) if isinstance(found, Mapping) else {}
