"""Channels: rows of three programs into one form, with what cannot come along listed.

Rows that differ in their key alone are one channel with several keys. A channel that
would behave otherwise here than there (a system prompt, overridden parameters) comes
switched off: whoever switches it on has seen the note.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from yiyuan.integrations.importers.contract import Channel, Shop
from yiyuan.integrations.importers.shared.addresses import (
    AZURE,
    AddressUnclear,
    Vendor,
    base_url,
    vendor_of_host,
)
from yiyuan.integrations.importers.shared.channel_rows import ChannelRow, Habits
from yiyuan.integrations.importers.shared.clouds import parts_of, renames, served, service_account
from yiyuan.integrations.importers.shared.names import is_model_name, printable_name, unique

_KEY = re.compile(r"[\x21-\x7e]{1,8192}")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,2000}[\x21-\x7e])?")
_PROXY = re.compile(r"(https?|socks5h?)://[^/@?#\s]+/?")
UNSUPPORTED = "{type} is not spoken to here; its models: {models}"
UNKNOWN_TYPE = "its type {type} is not known; its models: {models}"
NO_NAME = '"{model}" cannot be a name, and is left out'
_OWN_HEADERS = frozenset(
    ("authorization", "x-api-key", "proxy-authorization", "host", "content-length",
     "content-type", "accept-encoding", "connection", "transfer-encoding", "expect")
)  # fmt: skip


def build_channels(
    shop: Shop, rows: Iterable[ChannelRow], habits: Habits
) -> list[tuple[Channel, int]]:
    """The channels that can come along, each with its old type; the rest is listed."""
    kept = [
        part for row in _joined(rows) for part in parts_of(shop, row, habits.types.get(row.type))
    ]
    names = unique((row.id, printable_name(row.name, f"channel {row.id}")) for row in kept)
    highest = max((row.priority for row in kept), default=0)
    found = []
    for row in kept:
        channel = _channel(shop, row, habits, names[row.id], highest)
        if channel is not None:
            found.append((channel, row.type))
    return found


def _joined(rows: Iterable[ChannelRow]) -> Iterable[ChannelRow]:
    groups: dict[tuple[object, ...], ChannelRow] = {}
    for row in rows:
        same = (
            row.key_name, row.type, row.address, row.models, tuple(sorted(row.mapping.items())),
            row.groups, row.priority, row.status, tuple(row.headers.items()), row.proxy,
            row.changes_meaning, row.not_applied, row.azure_version, row.is_api_key,
            row.project, tuple(row.regions.items()),
        )  # fmt: skip
        first = groups.get(same)
        if first is None or not row.key_name:
            groups[same if first is None else (row.id,)] = row
        else:
            keys = tuple(dict.fromkeys((*first.keys, *row.keys)))
            groups[same] = replace(first, keys=keys, weight=first.weight + row.weight)
    return groups.values()


def _channel(
    shop: Shop, row: ChannelRow, habits: Habits, name: str, highest: int
) -> Channel | None:
    subject = f"channel {row.id} {name}"
    vendor = _vendor(shop, row, habits, subject)
    if vendor is None:
        return None
    try:
        address = base_url(row.address, vendor, row.azure_version.strip())
    except AddressUnclear as error:
        shop.note("channel_unsupported", subject, str(error), models=_list(row.models))
        return None
    _list_row(shop, row, habits, vendor, address, subject)
    keys = _keys(shop, row, subject)
    models = served(shop, subject, vendor, _models(shop, row, habits, subject))
    renamed = vendor is not AZURE or (row.drops_dots and habits.types.get(row.type) is AZURE)
    return Channel(
        source_id=row.id,
        name=name,
        provider=vendor.provider or "openai",
        base_url=address,
        keys=keys,
        models=models,
        renames=renames(vendor, address, models.values()) if renamed else {},
        speaks=vendor.speaks,
        priority=highest - row.priority,
        weight=min(max(row.weight, 1), 1_000_000),
        is_enabled=row.status != 2 and not row.changes_meaning and bool(keys),
        headers=_headers(shop, row, subject),
        proxy=_proxy(shop, row, subject),
        groups=row.groups,
    )


def _list_row(
    shop: Shop, row: ChannelRow, habits: Habits, vendor: Vendor, address: str, subject: str
) -> None:
    """What an operator has to know of a channel that comes along."""
    if habits.breaks_on_slash and row.address.strip().endswith("/"):
        shop.note("channel_address", subject, "its address ended in / and may not have worked")
    if vendor.is_compatible_door:
        template = "{vendor} is called at {address}: test it"
        shop.note("channel_untested", subject, template, vendor=vendor.name, address=address)
    if row.not_applied:
        settings = ", ".join(row.not_applied)
        shop.note("channel_setting", subject, "not applied: {settings}", settings=settings)
    if row.changes_meaning:
        template = "switched off, because it would answer otherwise: {settings}"
        settings = ", ".join(row.changes_meaning)
        shop.note("channel_disabled", subject, template, settings=settings)
    if row.status not in (1, 2):
        shop.note("channel_was_off", subject, "the old gateway had switched it off by itself")


def _vendor(shop: Shop, row: ChannelRow, habits: Habits, subject: str) -> Vendor | None:
    if row.vendor is not None:
        return row.vendor
    by_type = habits.types.get(row.type)
    by_host = vendor_of_host(row.address)
    if by_host is not None and "/anthropic" in row.address:
        by_host = None
    vendor = by_type
    if by_host is not None and (by_type is None or by_host.name != by_type.name):
        if by_type is None or by_type.base or by_type.provider != by_host.provider:
            title = by_type.name if by_type else habits.titles.get(row.type, f"type {row.type}")
            template = "its type says {type}, its address {vendor}: the address counts"
            shop.note("channel_address_wins", subject, template, type=title, vendor=by_host.name)
        vendor = by_host
    if vendor is None or vendor.provider is None:
        known = vendor.name if vendor is not None else habits.titles.get(row.type)
        template = UNKNOWN_TYPE if known is None else UNSUPPORTED
        named = known or row.type
        shop.note("channel_unsupported", subject, template, type=named, models=_list(row.models))
        return None
    return vendor


def _keys(shop: Shop, row: ChannelRow, subject: str) -> tuple[str, ...]:
    keys = tuple(dict.fromkeys(key.strip() for key in row.keys if key.strip()))
    good = tuple(key for key in keys if _KEY.fullmatch(key) or service_account(key))
    if len(good) != len(keys):
        shop.note("channel_key", subject, "a key with spaces or letters beyond ASCII is left out")
    if not good:
        shop.note("channel_key", subject, "has no key that can be used, and comes switched off")
    return good


def _models(shop: Shop, row: ChannelRow, habits: Habits, subject: str) -> dict[str, str]:
    models: dict[str, str] = {}
    for public in dict.fromkeys(row.models):
        upstream = _mapped(public, row.mapping, follow=habits.follows_chains)
        if upstream is None:
            shop.note(
                "model_loop", subject, 'the mapping of "{model}" goes in a circle', model=public
            )
        elif not is_model_name(public) or not is_model_name(upstream):
            shop.note("model_name", subject, NO_NAME, model=public)
        else:
            models[public] = upstream
    unused = [name for name in row.mapping if name not in (row.offered or row.models)]
    targets = set(row.mapping.values())
    if strays := [name for name in unused if name not in targets]:
        shop.note(
            "model_mapping", subject, "maps what it does not offer: {models}", models=_list(strays)
        )
    return models


def _mapped(public: str, mapping: Mapping[str, str], *, follow: bool) -> str | None:
    """The upstream's name; None where the mapping goes in a circle."""
    upstream = mapping.get(public, public) or public
    if not follow:
        return upstream
    seen = {public}
    while upstream in mapping and upstream != mapping[upstream]:
        if upstream in seen:
            return None
        seen.add(upstream)
        upstream = mapping[upstream] or upstream
    return None if upstream in seen and upstream != public else upstream


def _headers(shop: Shop, row: ChannelRow, subject: str) -> tuple[tuple[str, str], ...]:
    good = []
    for name, value in row.headers.items():
        is_ours = name.lower() in _OWN_HEADERS
        if is_ours or "{" in value or not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            shop.note(
                "channel_header", subject, "the header {header} is not sent here", header=name
            )
        else:
            good.append((name, value))
    return tuple(good)


def _proxy(shop: Shop, row: ChannelRow, subject: str) -> str | None:
    proxy = row.proxy.strip()
    if not proxy:
        return None
    if not _PROXY.fullmatch(proxy):
        shop.note("channel_proxy", subject, "its proxy has a form that is not taken over")
        return None
    return proxy.rstrip("/")


def _list(names: Iterable[str]) -> str:
    shown = list(names)
    more = f" and {len(shown) - 20} more" if len(shown) > 20 else ""
    return ", ".join(shown[:20]) + more
