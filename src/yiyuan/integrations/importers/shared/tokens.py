"""Keys of the quota gateways."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from yiyuan.integrations.importers.contract import Person, Shop, Source, Token
from yiyuan.integrations.importers.shared.names import printable_name
from yiyuan.integrations.importers.shared.numbers import TIME_MAX, is_true, text, whole
from yiyuan.integrations.importers.shared.people import is_deleted

_ON, _EXHAUSTED = 1, 4
_KEY = re.compile(r"[\x21-\x7e]{20,256}")
NO_KEY = "switched off: its key does not have 20 to 256 printable characters"


def read_token(shop: Shop, row: Mapping[str, Any], now: int) -> Token:
    """One row of `tokens`, without its limits on models, addresses and group.

    An end after the year 9999 (milliseconds that were taken for seconds) is none.
    """
    expires = whole(row.get("expired_time"))
    status = whole(row.get("status"))
    is_over = expires != -1 and expires <= now
    is_unlimited = is_true(row.get("unlimited_quota"))
    remain = max(whole(row.get("remain_quota")), 0)
    name = printable_name(text(row.get("name")), f"token {row['id']}")
    key = "sk-" + text(row["key"]).strip()
    is_key = _KEY.fullmatch(key) is not None
    if not is_key:
        shop.note("token_key", f"token {row['id']} {name}", NO_KEY)
    return Token(
        source_id=str(row["id"]),
        owner=str(row.get("user_id")),
        name=name,
        key=key,
        budget_units=None if is_unlimited else Fraction(0 if status == _EXHAUSTED else remain),
        expires_at=None if is_over or expires == -1 or expires > TIME_MAX else expires,
        is_disabled=is_over or status not in (_ON, _EXHAUSTED) or not is_key,
    )


def owned_rows(shop: Shop, source: Source) -> Iterator[tuple[Mapping[str, Any], Person]]:
    """The rows of `tokens` with their owners; those without one, or deleted, are counted."""
    rows = source.tables.get("tokens", ())
    shop.counted["tokens"] = len(rows)
    owners = {person.source_id: person for person in shop.people}
    for row in rows:
        owner = owners.get(str(row["user_id"]))
        if is_deleted(row) or owner is None:
            shop.counted["tokens_deleted"] = shop.counted.get("tokens_deleted", 0) + 1
            continue
        yield row, owner


def offered_models(shop: Shop) -> set[str]:
    """The public names that some channel offers."""
    return {name for channel in shop.channels for name in channel.models}


def with_networks(shop: Shop, api_token: Token, networks: tuple[str, ...] | None) -> Token:
    """The key with its addresses; None is a list in which no line was one."""
    if networks is None:
        subject = f"token {api_token.source_id} {api_token.name}"
        detail = "switched off: no line of its list of addresses can be read"
        shop.note("token_addresses", subject, detail)
        return replace(api_token, is_disabled=True)
    return replace(api_token, networks=networks)


def with_models(shop: Shop, api_token: Token, models: tuple[str, ...], offered: set[str]) -> Token:
    """The key with its models, exactly as they stand; what nobody offers is listed."""
    strange = [name for name in models if name not in offered]
    if strange:
        subject = f"token {api_token.source_id} {api_token.name}"
        shown = ", ".join(f'"{name}"' for name in strange[:10])
        shop.note("token_models", subject, "no channel offers {models}", models=shown)
    return replace(api_token, models=models)
