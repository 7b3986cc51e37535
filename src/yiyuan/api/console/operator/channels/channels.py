"""Channels: what leads to upstreams. Secrets go in and never come out again."""

from typing import Any, Final, Literal, NamedTuple

import msgspec

from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Line, Page, RequestBody, ResponseBody
from yiyuan.kernel.clock import iso
from yiyuan.services.accounts.margins import NO_MARGIN, Margin, margins_of_month
from yiyuan.services.catalog import edit
from yiyuan.services.catalog.stored import StoredChannel, read_stored
from yiyuan.services.channels import naming
from yiyuan.services.channels.channels import Paused, paused_of
from yiyuan.services.channels.health import ChannelHour, Health, health_of, last_hour
from yiyuan.services.channels.history import ChannelHistory, channel_histories
from yiyuan.services.shared.errors import ServiceError

GROUP: Final = "channels"
"""What its routes are called in the audit log and in the OpenAPI document."""


class KeyView(ResponseBody):
    """An upstream key: what may be shown of it; a draining one is used last."""

    id: str
    hint: str
    is_draining: bool
    expires_at: str | None
    """From then on it is not used."""
    paused: list[Paused]
    """Where a breaker keeps requests away from it on this node."""


class ChannelModel(ResponseBody):
    """A model that the channel serves; `cost` in 元 per million, as in the catalog file."""

    model: str
    upstream_model: str
    native_completions: bool
    cost: dict[str, Any] | None


class ChannelView(ResponseBody):
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
    margin_month: Margin
    requests_hour: int
    errors_hour: int


class ModelLink(RequestBody):
    """A public name and the upstream's; `cost` is what the operator pays."""

    model: Line
    upstream_model: Line
    native_completions: bool = False
    cost: dict[str, Any] | None = None


class DatedKey(RequestBody):
    """A key that is not used from a time on (ISO 8601)."""

    key: str
    expires_at: str | None = None


class ChannelChange(RequestBody):
    """What is absent stays. Another address, provider or proxy needs `api_keys` again."""

    name: Line | msgspec.UnsetType = msgspec.UNSET
    provider: Line | msgspec.UnsetType = msgspec.UNSET
    base_url: str | msgspec.UnsetType = msgspec.UNSET
    api_keys: list[str | DatedKey] | msgspec.UnsetType = msgspec.UNSET
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


_NOTED: Final = ChannelChange.__struct_fields__
"""What the audit log keeps of a channel as it was; nothing secret is shown of one."""


class NewChannel(ChannelChange, kw_only=True):
    """A channel, under a name that is free."""

    name: Line


async def list_channels(visit: ConsoleRequest, _: Empty) -> Page[ChannelView]:
    """All channels, those out of service included."""
    stored = await read_stored(visit.context)
    figures = await _figures(visit)
    return Page(items=[_shown(visit, channel, figures) for channel in stored.channels.values()])


async def list_histories(visit: ConsoleRequest, _: Empty) -> Page[ChannelHistory]:
    """The last 24 hours of all channels by the hour, and the last error of each."""
    return Page(items=await channel_histories(visit.context))


async def create(visit: ConsoleRequest, asked: NewChannel) -> ChannelView:
    """Add a channel; it serves as soon as this is answered."""
    stored = await read_stored(visit.context)
    if asked.name in stored.channels:
        raise ServiceError("already_exists", "there is a channel of this name")
    made = await edit.put_channel(visit.context, asked.name, _fields(asked))
    visit.subject = made.row.id
    return _shown(visit, made, await _figures(visit))


async def change(visit: ConsoleRequest, asked: ChannelChange) -> ChannelView:
    """Change a channel; requests that are under way keep the old one."""
    before = await find_channel(visit, visit.places["channel"])
    shown = msgspec.to_builtins(_shown(visit, before, _Figures({}, {})))
    visit.details["before"] = {name: shown[name] for name in _NOTED if name in shown}
    fields = _fields(asked)
    name = before.document.name
    if asked.name is not msgspec.UNSET:
        new_name = naming.NewName(name=before.row.id, new_name=asked.name)
        name = (await naming.rename(visit.context, new_name))["name"]
    if fields or asked.is_enabled is True:
        await edit.put_channel(visit.context, name, fields)
    if asked.is_enabled is False or (asked.is_enabled is msgspec.UNSET and not before.is_enabled):
        await edit.switch_off_channel(visit.context, before.row.id)
    return await view_of(visit, before.row.id)


async def remove(visit: ConsoleRequest, _: Empty) -> Empty:
    """Remove a channel, its keys and its models; its requests and costs stay."""
    found = await find_channel(visit, visit.places["channel"])
    visit.details["before"] = {"name": found.row.name}
    await naming.remove(visit.context, naming.OneChannel(name=found.row.id))
    return Empty()


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
        fields["api_key"] = [_key(each) for each in given["api_keys"]]
    if asked.models is not msgspec.UNSET:
        fields["models"] = {link.model: link.upstream_model for link in asked.models}
        fields["native_completions"] = [m.model for m in asked.models if m.native_completions]
        fields["cost"] = {link.model: link.cost for link in asked.models if link.cost}
    return fields


def _key(given: Any) -> Any:
    """A key as a catalog file has it."""
    if isinstance(given, dict) and given["expires_at"] is None:
        return given["key"]
    return given


async def view_of(visit: ConsoleRequest, channel_id: str) -> ChannelView:
    """A channel by its id, as it is now."""
    return _shown(visit, await find_channel(visit, channel_id), await _figures(visit))


async def find_channel(visit: ConsoleRequest, channel_id: str) -> StoredChannel:
    """A channel by its id. Raises what is answered with 404."""
    for channel in (await read_stored(visit.context)).channels.values():
        if channel.row.id == channel_id:
            return channel
    raise not_found("channel")


class _Figures(NamedTuple):
    """By channel: this month's margin, and the tries of the last hour."""

    month: dict[str, Margin]
    hour: dict[str, ChannelHour]


async def _figures(visit: ConsoleRequest) -> _Figures:
    month = await margins_of_month(visit.context, "channel")
    return _Figures(month, await last_hour(visit.context))


def _shown(visit: ConsoleRequest, channel: StoredChannel, figures: _Figures) -> ChannelView:
    row, document = channel.row, channel.document
    hour = figures.hour.get(row.id, ChannelHour(row.id, 0, 0))
    paused = paused_of(visit.house.router, row.id)
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
        health=health_of(visit.house.router, row.id),
        keys=_keys(channel, paused),
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
        margin_month=figures.month.get(row.id, NO_MARGIN),
        requests_hour=hour.requests,
        errors_hour=hour.errors,
    )


def _keys(channel: StoredChannel, paused: list[Paused]) -> list[KeyView]:
    return [
        KeyView(
            id=row.id,
            hint=row.hint,
            is_draining=bool(row.draining),
            expires_at=None if row.expires_at is None else iso(row.expires_at),
            paused=[each for each in paused if each.key_id == row.id],
        )
        for row in channel.keys
    ]


_CHANNELS = "/api/operator/channels"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("GET", _CHANNELS, OPERATOR_READS, list_channels, Page[ChannelView]),
    Route("GET", f"{_CHANNELS}-history", OPERATOR_READS, list_histories, Page[ChannelHistory]),
    Route("POST", _CHANNELS, _OWNER, create, ChannelView, NewChannel),
    Route("PATCH", f"{_CHANNELS}/{{channel}}", _OWNER, change, ChannelView, ChannelChange),
    Route("DELETE", f"{_CHANNELS}/{{channel}}", _OWNER, remove, Empty),
)
