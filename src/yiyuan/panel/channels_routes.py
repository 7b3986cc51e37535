"""Channels: what leads to upstreams. Secrets go in and never come out again."""

from typing import Any, Literal

import msgspec

from yiyuan.console import catalog_edit
from yiyuan.console.refusal import CommandError
from yiyuan.console.stored_catalog import StoredChannel, read_stored
from yiyuan.panel.operator_home_routes import Health, channel_health
from yiyuan.panel.route import OPERATOR_READS, OWNER, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Line, Page, Shown
from yiyuan.panel.visit import Visit, not_found


class KeyView(Shown):
    """An upstream key: what may be shown of it."""

    id: str
    hint: str


class ChannelModel(Shown):
    """A model that the channel serves; `cost` in 元 per million, as in the catalog file."""

    model: str
    upstream_model: str
    native_completions: bool
    cost: dict[str, Any] | None


class ChannelView(Shown):
    """A channel, without its secrets; names of extra headers only."""

    id: str
    name: str
    provider: str
    base_url: str
    priority: int
    weight: int
    timeout_seconds: int
    has_proxy: bool
    header_names: list[str]
    allow_private: bool
    on_disconnect: Literal["cancel", "drain"]
    stream_usage: bool
    is_enabled: bool
    health: Health
    keys: list[KeyView]
    models: list[ChannelModel]


class ModelLink(Asked):
    """A public name and the upstream's; `cost` is what the operator pays."""

    model: Line
    upstream_model: Line
    native_completions: bool = False
    cost: dict[str, Any] | None = None


class ChannelChange(Asked):
    """What is absent stays. Another address, provider or proxy needs `api_keys` again."""

    provider: Line | msgspec.UnsetType = msgspec.UNSET
    base_url: str | msgspec.UnsetType = msgspec.UNSET
    api_keys: list[str] | msgspec.UnsetType = msgspec.UNSET
    models: list[ModelLink] | msgspec.UnsetType = msgspec.UNSET
    priority: int | msgspec.UnsetType = msgspec.UNSET
    weight: int | msgspec.UnsetType = msgspec.UNSET
    timeout_seconds: int | msgspec.UnsetType = msgspec.UNSET
    proxy: str | msgspec.UnsetType | None = msgspec.UNSET
    headers: dict[str, str] | msgspec.UnsetType = msgspec.UNSET
    allow_private: bool | msgspec.UnsetType = msgspec.UNSET
    on_disconnect: Literal["cancel", "drain"] | msgspec.UnsetType = msgspec.UNSET
    stream_usage: bool | msgspec.UnsetType = msgspec.UNSET
    is_enabled: bool | msgspec.UnsetType = msgspec.UNSET


class NewChannel(ChannelChange, kw_only=True):
    """A channel's name does not change later."""

    name: Line


async def list_channels(visit: Visit, _: Nothing) -> Page[ChannelView]:
    """All channels, those out of service included."""
    stored = await read_stored(visit.desk)
    return Page(items=[_shown(visit, channel) for channel in stored.channels.values()])


async def create(visit: Visit, asked: NewChannel) -> ChannelView:
    """Add a channel; it serves as soon as this is answered."""
    stored = await read_stored(visit.desk)
    if asked.name in stored.channels:
        raise CommandError("already_exists", "there is a channel of this name")
    made = await catalog_edit.put_channel(visit.desk, asked.name, _fields(asked))
    visit.subject = made.row.id
    return _shown(visit, made)


async def change(visit: Visit, asked: ChannelChange) -> ChannelView:
    """Change a channel; requests that are under way keep the old one."""
    before = await _find(visit, visit.places["channel"])
    name, fields = before.document.name, _fields(asked)
    if asked.is_enabled is not False or fields:
        await catalog_edit.put_channel(visit.desk, name, fields)
    if asked.is_enabled is False or (asked.is_enabled is msgspec.UNSET and not before.is_enabled):
        await catalog_edit.switch_off_channel(visit.desk, before.row.id)
    return _shown(visit, await _find(visit, before.row.id))


def _fields(asked: ChannelChange) -> dict[str, Any]:
    """The fields of a `[[channel]]` that were given; null is the default."""
    given = msgspec.to_builtins(asked)
    fields = {
        name: given[name]
        for name in (
            *("provider", "base_url", "priority", "weight", "proxy", "headers"),
            *("allow_private", "on_disconnect", "stream_usage"),
        )
        if name in given
    }
    if "timeout_seconds" in given:
        fields["timeout"] = given["timeout_seconds"]
    if "api_keys" in given:
        fields["api_key"] = given["api_keys"]
    if asked.models is not msgspec.UNSET:
        fields["models"] = {link.model: link.upstream_model for link in asked.models}
        fields["native_completions"] = [m.model for m in asked.models if m.native_completions]
        fields["cost"] = {link.model: link.cost for link in asked.models if link.cost}
    return fields


async def _find(visit: Visit, channel_id: str) -> StoredChannel:
    for channel in (await read_stored(visit.desk)).channels.values():
        if channel.row.id == channel_id:
            return channel
    raise not_found("channel")


def _shown(visit: Visit, channel: StoredChannel) -> ChannelView:
    row, document = channel.row, channel.document
    return ChannelView(
        id=row.id,
        name=row.name,
        provider=row.provider,
        base_url=row.base_url,
        priority=row.priority,
        weight=row.weight,
        timeout_seconds=int(row.timeout_seconds),
        has_proxy=row.proxy is not None,
        header_names=[name for name, _ in document.headers],
        allow_private=document.allow_private,
        on_disconnect="drain" if document.on_disconnect == "drain" else "cancel",
        stream_usage=document.stream_usage,
        is_enabled=channel.is_enabled,
        health=channel_health(visit, row.id),
        keys=[KeyView(id=key.id, hint=key.hint) for key in channel.keys],
        models=[
            ChannelModel(
                model=public,
                upstream_model=upstream,
                native_completions=public in document.native_completions,
                cost=msgspec.json.decode(document.costs[public])
                if public in document.costs
                else None,
            )
            for public, upstream in document.models.items()
        ],
    )


_CHANNELS = "/api/operator/channels"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("GET", _CHANNELS, OPERATOR_READS, list_channels, Page[ChannelView]),
    Route("POST", _CHANNELS, _OWNER, create, ChannelView, NewChannel),
    Route("PATCH", f"{_CHANNELS}/{{channel}}", _OWNER, change, ChannelView, ChannelChange),
)
