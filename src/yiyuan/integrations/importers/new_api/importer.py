"""new-api: users, tokens, channels, prices, groups and codes, of 2025 and of 2026.

Learnt from the running programs (tests/unit/integrations/importers against their
databases): charges go by the name that was asked for, rounded half up; a user's quota can
be negative, an unlimited key has a negative remainder; only 2026 follows mappings over
more than one step, and reads networks as well as single addresses.
"""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final

from yiyuan.integrations.importers import contract
from yiyuan.integrations.importers.new_api.channel_types import TITLES, TYPES
from yiyuan.integrations.importers.new_api.channels import read_row
from yiyuan.integrations.importers.new_api.prices import Prices
from yiyuan.integrations.importers.shared.channel_rows import Habits
from yiyuan.integrations.importers.shared.channels import build_channels
from yiyuan.integrations.importers.shared.codes import read_codes
from yiyuan.integrations.importers.shared.groups import Groups
from yiyuan.integrations.importers.shared.names import comma_list
from yiyuan.integrations.importers.shared.networks import address_lines, networks_of
from yiyuan.integrations.importers.shared.numbers import (
    fraction_or_none,
    is_true,
    moment,
    text,
    whole,
)
from yiyuan.integrations.importers.shared.options import Options
from yiyuan.integrations.importers.shared.people import is_deleted, list_people, read_person
from yiyuan.integrations.importers.shared.prices import by_public_name, drop_unpriced
from yiyuan.integrations.importers.shared.tokens import (
    offered_models,
    owned_rows,
    read_token,
    with_models,
    with_networks,
)

TABLES: Final = frozenset(
    {
        "users", "tokens", "channels", "options", "redemptions", "top_ups", "setups",
        "two_fas", "user_subscriptions", "passkey_credentials",
    }
)  # fmt: skip


def recognises(schema: contract.Schema) -> bool:
    """`setups` and limits of models on keys: nobody else has both."""
    return "setups" in schema and "model_limits_enabled" in schema.get("tokens", ())


def is_of_2026(schema: contract.Schema) -> bool:
    """Whether the program follows chains of names and knows networks."""
    return "header_override" in schema.get("channels", ())


def read(source: contract.Source) -> contract.Shop:
    """Everything that there is. Raises BadAnswer."""
    options = Options(source)
    shop = contract.Shop(
        program="new-api",
        version="2026" if is_of_2026(source.schema) else "2025",
        units_per_dollar=options.quota_per_unit(),
        rounding="half_up",
        proposed_rate=options.rate("Price", "USDExchangeRate"),
    )
    options.note_missing(shop)
    _read_channels(shop, source, options)
    users = _read_people(shop, source)
    groups = Groups(
        options.ratios("GroupRatio") or {"default": _ONE},
        _special(options),
        tuple(options.json("AutoGroups") or ()),
    )
    _read_tokens(shop, source, groups)
    shop.groups = groups.build(shop.channels)
    _check_user_groups(shop, groups)
    read_codes(shop, list(source.tables.get("redemptions", ())), source.now)
    _read_orders(shop, source, users)
    return shop


_ONE: Final = Fraction(1)
_SUBSCRIPTION: Final = "subscription {number} of {units} units is not taken over"
_SUBSCRIPTION_KEPT: Final = "what is left of subscription {number}, {units} units, is a grant here"
_NO_PRICE: Final = 'its group "{group}" has no price there'


def _special(options: Options) -> dict[str, dict[str, Any]]:
    found = options.json("GroupGroupRatio") or {}
    return {
        str(user): {
            str(group): ratio
            for group, value in inner.items()
            if (ratio := fraction_or_none(value)) is not None
        }
        for user, inner in found.items()
        if isinstance(inner, Mapping)
    }


def _read_channels(shop: contract.Shop, source: contract.Source, options: Options) -> None:
    is_new = is_of_2026(source.schema)
    habits = Habits(types=TYPES, titles=TITLES, follows_chains=is_new, breaks_on_slash=not is_new)
    rows = source.tables.get("channels", ())
    shop.counted["channels"] = len(rows)
    found = build_channels(shop, [read_row(shop, row) for row in rows], habits)
    prices = Prices(shop, source, options)
    shop.channels, shop.models = by_public_name(found, prices.price)
    drop_unpriced(shop)


def _read_people(shop: contract.Shop, source: contract.Source) -> dict[str, contract.Person]:
    rows = source.tables.get("users", ())
    shop.counted["users"] = len(rows)
    kept = [row for row in rows if not is_deleted(row)]
    shop.counted["users_deleted"] = len(rows) - len(kept)
    codes = {
        str(row["user_id"]): row
        for row in source.tables.get("two_fas", ())
        if not is_deleted(row) and text(row.get("secret"))
    }
    bound = _groups_before_subscriptions(shop, source)
    for row in kept:
        person = read_person(row)
        code = codes.get(person.source_id)
        if code is not None:
            is_on = is_true(code.get("is_enabled"))
            person = replace(person, totp_secret=text(code["secret"]), totp_on=is_on)
            if is_on:
                detail = "make new recovery codes: the old ones cannot be taken over"
                shop.note("recovery_codes", f"user {person.source_id} {person.login_name}", detail)
        shop.people.append(replace(person, group=bound.get(person.source_id, person.group)))
    list_people(shop, kept, source)
    passkeys = [r for r in source.tables.get("passkey_credentials", ()) if not is_deleted(r)]
    for row in passkeys:
        shop.note(
            "passkey", f"user {row['user_id']}", "add the passkey again: it is bound to a site"
        )
    return {person.source_id: person for person in shop.people}


def _groups_before_subscriptions(shop: contract.Shop, source: contract.Source) -> dict[str, str]:
    """The group that a person had before a subscription moved them into another."""
    found: dict[str, str] = {}
    rows = [
        row
        for row in source.tables.get("user_subscriptions", ())
        if text(row.get("status")) == "active"
    ]
    for row in sorted(rows, key=lambda each: whole(each.get("id"))):
        owner = str(row["user_id"])
        left = max(whole(row.get("amount_total")) - whole(row.get("amount_used")), 0)
        template = _SUBSCRIPTION
        ends = whole(row.get("end_time"))
        if source.options.get("subscriptions") == "grant" and left and not 0 < ends <= source.now:
            template = _SUBSCRIPTION_KEPT
            shop.promises.append(
                contract.Promise(
                    owner=owner, kind="subscription", units=Fraction(left), until=ends or None
                )
            )
        shop.note("subscription", f"user {owner}", template, number=str(row["id"]), units=left)
        if text(row.get("upgrade_group")) and text(row.get("prev_user_group")):
            found.setdefault(owner, text(row["prev_user_group"]))
    return found


def _read_tokens(shop: contract.Shop, source: contract.Source, groups: Groups) -> None:
    offered = offered_models(shop)
    is_new = is_of_2026(source.schema)
    for row, owner in owned_rows(shop, source):
        api_token = read_token(shop, row, source.now)
        if is_true(row.get("model_limits_enabled")):
            names = comma_list(text(row.get("model_limits")))
            api_token = with_models(shop, api_token, names, offered)
        api_token = _with_addresses(shop, api_token, text(row.get("allow_ips")), is_new=is_new)
        shop.tokens.append(groups.place(shop, api_token, owner.group, text(row.get("group"))))


def _with_addresses(
    shop: contract.Shop, api_token: contract.Token, value: str, *, is_new: bool
) -> contract.Token:
    lines = address_lines(value)
    if not lines:
        return api_token
    if not is_new:
        single = [line for line in lines if "/" not in line and networks_of([line])]
        if single:  # beside an address, networks counted for nothing
            return with_networks(shop, api_token, networks_of(single))
        if networks_of(lines) is not None:
            detail = "was open to all there, as networks were not understood; it is limited now"
            shop.note("token_addresses", f"token {api_token.source_id} {api_token.name}", detail)
    return with_networks(shop, api_token, networks_of(lines))


def _check_user_groups(shop: contract.Shop, groups: Groups) -> None:
    for person in shop.people:
        if person.group not in groups.factors:
            subject = f"user {person.source_id} {person.login_name}"
            shop.note("user_group", subject, _NO_PRICE, group=person.group)


def _read_orders(
    shop: contract.Shop, source: contract.Source, users: Mapping[str, contract.Person]
) -> None:
    for row in source.tables.get("top_ups", ()):
        if str(row.get("user_id")) not in users:
            continue
        amount = fraction_or_none(row.get("amount")) or shop.units_per_dollar * 0
        shop.orders.append(
            contract.Order(
                source_id=str(row["id"]),
                owner=str(row["user_id"]),
                number=text(row.get("trade_no")),
                paid=text(row.get("money")),
                units=amount * shop.units_per_dollar,
                state=text(row.get("status")),
                at=moment(row.get("create_time")),
            )
        )


IMPORTER: Final = contract.Importer(
    name="new-api",
    title="new-api",
    tables=TABLES,
    recognises=recognises,
    read=read,
    answers={"option": "/api/option/", "pricing": "/api/pricing"},
)
