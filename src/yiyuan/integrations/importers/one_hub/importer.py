"""one-hub: users, tokens, channels, prices, groups and codes.

Learnt from the running program: charges go by the mapped upstream name; a group's ratio
of nothing was kept as 1; a channel of several keys is several rows, the later ones with
`_2`, `_3` behind their name; keys have 59 characters, `-` and `_` among them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers import contract
from yiyuan.integrations.importers.one_hub.channel_types import TITLES, TYPES
from yiyuan.integrations.importers.one_hub.prices import Prices
from yiyuan.integrations.importers.shared.channel_rows import (
    ChannelRow,
    Habits,
    common_row,
    read_object,
)
from yiyuan.integrations.importers.shared.channels import build_channels
from yiyuan.integrations.importers.shared.codes import read_codes
from yiyuan.integrations.importers.shared.groups import Groups
from yiyuan.integrations.importers.shared.networks import address_lines, networks_of
from yiyuan.integrations.importers.shared.numbers import (
    fraction_or_none,
    is_true,
    moment,
    read_json,
    text,
    whole,
)
from yiyuan.integrations.importers.shared.options import Options, answer_data
from yiyuan.integrations.importers.shared.people import is_deleted, list_people, read_person
from yiyuan.integrations.importers.shared.prices import by_upstream_name, drop_unpriced
from yiyuan.integrations.importers.shared.tokens import (
    offered_models,
    owned_rows,
    read_token,
    with_models,
    with_networks,
)

TABLES: Final = frozenset(
    {"users", "tokens", "channels", "options", "redemptions", "prices", "user_groups", "orders"}
)
_SECOND_GROUP: Final = 'the second group "{group}" is not taken over'
_NUMBERED = re.compile(r"_\d+$")
_MEANING: Final = ("custom_parameter", "plugin")
_HARMLESS: Final = ("test_model", "disabled_stream")


def recognises(schema: contract.Schema) -> bool:
    """A table of prices and one of groups: nobody else has both."""
    return "prices" in schema and "user_groups" in schema and "setting" in schema.get("tokens", ())


def read(source: contract.Source) -> contract.Shop:
    """Everything that there is. Raises BadAnswer."""
    options = Options(source)
    shop = contract.Shop(
        program="one-hub",
        units_per_dollar=options.quota_per_unit(),
        rounding="up",
        proposed_rate=options.rate("PaymentUSDRate"),
    )
    rows = [row for row in source.tables.get("channels", ()) if not is_deleted(row)]
    shop.counted["channels"] = len(source.tables.get("channels", ()))
    habits = Habits(types=TYPES, titles=TITLES)
    found = build_channels(shop, [_channel_row(shop, row) for row in rows], habits)
    prices = Prices(shop, _price_rows(source))
    shop.channels, shop.models = by_upstream_name(shop, found, prices.price)
    drop_unpriced(shop)
    users = _read_people(shop, source)
    groups = Groups(_factors(source))
    _read_tokens(shop, source, groups)
    shop.groups = groups.build(shop.channels)
    read_codes(shop, list(source.tables.get("redemptions", ())), source.now)
    _read_orders(shop, source, users)
    return shop


def _price_rows(source: contract.Source) -> Iterable[Mapping[str, Any]]:
    answered = answer_data(source, "prices")
    if answered is None:
        return source.tables.get("prices", ())
    if isinstance(answered, Mapping):
        answered = answered.get("data", ())
    if not all(isinstance(each, Mapping) and "model" in each for each in answered):
        raise contract.BadAnswer("the answer `prices` is not a list of prices")
    rows: list[Mapping[str, Any]] = list(answered)
    return rows


def _factors(source: contract.Source) -> dict[str, Fraction]:
    """The groups that are switched on, from the table or the administrators' answer."""
    answered = answer_data(source, "groups")
    rows: Any = source.tables.get("user_groups", ()) if answered is None else answered
    if isinstance(rows, Mapping):
        rows = rows.get("data", rows.values())
    found: dict[str, Fraction] = {}
    for row in rows:
        if not isinstance(row, Mapping) or "symbol" not in row:
            raise contract.BadAnswer("the answer `groups` is not a list of groups")
        ratio = fraction_or_none(row.get("ratio"))
        if ratio is not None and is_true(row.get("enable", True)):
            found[text(row["symbol"])] = ratio
    return found or {"default": Fraction(1)}


def _channel_row(shop: contract.Shop, row: Mapping[str, Any]) -> ChannelRow:
    common = common_row(shop, row)
    region, _, project = text(row.get("other")).partition("|")
    changes = tuple(column for column in _MEANING if _is_set(row.get(column)))
    lost = tuple(column for column in _HARMLESS if _is_set(row.get(column)))
    headers = read_object(shop, row, "model_headers")
    return replace(
        common,
        headers={str(key): text(value) for key, value in headers.items()},
        proxy=text(row.get("proxy")),
        changes_meaning=changes,
        regions={"": region},
        project=project,
        not_applied=lost,
        key_name=_NUMBERED.sub("", common.name) + "\n" + text(row.get("tag")),
    )


def _is_set(value: object) -> bool:
    return text(value).strip() not in ("", "{}", "[]", "null")


def _read_people(shop: contract.Shop, source: contract.Source) -> dict[str, contract.Person]:
    rows = source.tables.get("users", ())
    kept = [row for row in rows if not is_deleted(row)]
    shop.counted["users"] = len(rows)
    shop.counted["users_deleted"] = len(rows) - len(kept)
    shop.people = [read_person(row) for row in kept]
    list_people(shop, kept, source)
    return {person.source_id: person for person in shop.people}


def _read_tokens(shop: contract.Shop, source: contract.Source, groups: Groups) -> None:
    offered = offered_models(shop)
    for row, owner in owned_rows(shop, source):
        api_token = _limited(shop, read_token(shop, row, source.now), row, offered)
        if backup := text(row.get("backup_group")).strip():
            subject = f"token {api_token.source_id} {api_token.name}"
            shop.note("token_group", subject, _SECOND_GROUP, group=backup)
        group = text(row.get("group")).strip()
        shop.tokens.append(groups.place(shop, api_token, owner.group, group))


def _limited(
    shop: contract.Shop, api_token: contract.Token, row: Mapping[str, Any], offered: set[str]
) -> contract.Token:
    limits = (read_json(row.get("setting"), "setting") or {}).get("limits") or {}
    models = limits.get("limit_model_setting") or {}
    if models.get("enabled"):
        names = tuple(text(name) for name in models.get("models") or ())
        api_token = with_models(shop, api_token, names, offered)
    addresses = limits.get("limits_ip_setting") or {}
    if addresses.get("enabled"):
        lines = [line for each in addresses.get("whitelist") or () for line in address_lines(each)]
        api_token = with_networks(shop, api_token, networks_of(lines))
    return api_token


def _read_orders(
    shop: contract.Shop, source: contract.Source, users: Mapping[str, contract.Person]
) -> None:
    for row in source.tables.get("orders", ()):
        if str(row.get("user_id")) not in users or is_deleted(row):
            continue
        currency = text(row.get("order_currency"))
        shop.orders.append(
            contract.Order(
                source_id=str(row["id"]),
                owner=str(row["user_id"]),
                number=text(row.get("trade_no")),
                paid=f"{text(row.get('order_amount'))} {currency}".strip(),
                units=Fraction(whole(row.get("quota"))),
                state=text(row.get("status")),
                at=moment(row.get("created_at")),
            )
        )


IMPORTER: Final = contract.Importer(
    name="one-hub",
    title="one-hub",
    tables=TABLES,
    recognises=recognises,
    read=read,
    answers={"option": "/api/option/", "prices": "/api/prices", "groups": "/api/user_group/"},
)
