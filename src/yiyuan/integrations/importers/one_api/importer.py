"""one-api: users, tokens, channels, prices, groups and codes.

Learnt from the running program: charges go by the mapped upstream name and are rounded
up; a deleted user has status 3 and another name; keys know networks only; each user has
an unlimited key `default`.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers import contract
from yiyuan.integrations.importers.one_api.channel_types import TITLES, TYPES
from yiyuan.integrations.importers.one_api.prices import Prices
from yiyuan.integrations.importers.shared.channel_rows import ChannelRow, Habits, common_row
from yiyuan.integrations.importers.shared.channels import build_channels
from yiyuan.integrations.importers.shared.codes import read_codes
from yiyuan.integrations.importers.shared.groups import Groups
from yiyuan.integrations.importers.shared.names import comma_list, key_list
from yiyuan.integrations.importers.shared.networks import address_lines, networks_of
from yiyuan.integrations.importers.shared.numbers import read_json, text, whole
from yiyuan.integrations.importers.shared.options import Options
from yiyuan.integrations.importers.shared.people import list_people, read_person
from yiyuan.integrations.importers.shared.prices import by_upstream_name, drop_unpriced
from yiyuan.integrations.importers.shared.tokens import (
    offered_models,
    owned_rows,
    read_token,
    with_models,
    with_networks,
)

_DELETED: Final = 3
_ONE: Final = Fraction(1)
TABLES: Final = frozenset({"users", "tokens", "channels", "options", "redemptions"})


def recognises(schema: contract.Schema) -> bool:
    """Keys with a `subnet`: nobody else has them."""
    return "subnet" in schema.get("tokens", ()) and "setups" not in schema


def read(source: contract.Source) -> contract.Shop:
    """Everything that there is. Raises BadAnswer."""
    options = Options(source)
    shop = contract.Shop(
        program="one-api",
        units_per_dollar=options.quota_per_unit(),
        rounding="up",
        proposed_rate=options.rate("USD2RMB"),
    )
    options.note_missing(shop)
    rows = source.tables.get("channels", ())
    shop.counted["channels"] = len(rows)
    habits = Habits(types=TYPES, titles=TITLES, breaks_on_slash=True)
    found = build_channels(shop, [_channel_row(shop, row) for row in rows], habits)
    prices = Prices(shop, options)
    shop.channels, shop.models = by_upstream_name(shop, found, prices.price)
    drop_unpriced(shop)
    _read_people(shop, source)
    ratios = options.ratios("GroupRatio")
    groups = Groups(ratios or {"default": _ONE})
    _read_tokens(shop, source, groups)
    shop.groups = groups.build(shop.channels)
    read_codes(shop, list(source.tables.get("redemptions", ())), source.now)
    return shop


def _channel_row(shop: contract.Shop, row: Mapping[str, Any]) -> ChannelRow:
    changes = ("system_prompt",) if text(row.get("system_prompt")).strip() else ()
    try:
        config = read_json(row.get("config"), "config") or {}
    except contract.BadAnswer:
        config = {}
    return replace(
        common_row(shop, row),
        keys=key_list(text(config.get("vertex_ai_adc")) or text(row.get("key"))),
        weight=1,  # one-api never looked at it
        changes_meaning=changes,
        azure_version=text(config.get("api_version")) or text(row.get("other")),
        regions={"": text(config.get("region"))},
        project=text(config.get("vertex_ai_project_id")),
    )


def _read_people(shop: contract.Shop, source: contract.Source) -> None:
    rows = source.tables.get("users", ())
    kept = [row for row in rows if whole(row.get("status")) != _DELETED]
    shop.counted["users"] = len(rows)
    shop.counted["users_deleted"] = len(rows) - len(kept)
    shop.people = [read_person(row) for row in kept]
    list_people(shop, kept, source)


def _read_tokens(shop: contract.Shop, source: contract.Source, groups: Groups) -> None:
    offered = offered_models(shop)
    for row, owner in owned_rows(shop, source):
        api_token = read_token(shop, row, source.now)
        names = comma_list(text(row.get("models")))
        if names:  # an empty list is every model here
            api_token = with_models(shop, api_token, names, offered)
        lines = address_lines(text(row.get("subnet")))
        if lines:
            api_token = with_networks(shop, api_token, networks_of(lines, cidr_only=True))
        shop.tokens.append(groups.place(shop, api_token, owner.group, ""))


IMPORTER: Final = contract.Importer(
    name="one-api",
    title="one-api",
    tables=TABLES,
    recognises=recognises,
    read=read,
    answers={"option": "/api/option/"},
)
