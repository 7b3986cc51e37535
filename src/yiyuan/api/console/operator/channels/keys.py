"""One key of a channel at a time: add one, let it run dry, end it, take it away."""

from typing import Final

import msgspec

from yiyuan.api.console.operator.channels.channels import ChannelView, find_channel, view_of
from yiyuan.api.console.request import ConsoleRequest, not_found
from yiyuan.api.console.route import OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import RequestBody
from yiyuan.services.channels import keys

GROUP: Final = "channel_keys"
"""What its routes are called in the audit log and in the OpenAPI document."""


class NewChannelKey(RequestBody):
    """A key in clear, and when it ends (ISO 8601), if it does."""

    key: str
    expires_at: str | None = None


class ChannelKeyChange(RequestBody):
    """What is absent stays; a draining key is used only where no other can be."""

    is_draining: bool | msgspec.UnsetType = msgspec.UNSET
    expires_at: str | msgspec.UnsetType | None = msgspec.UNSET


async def add(visit: ConsoleRequest, asked: NewChannelKey) -> ChannelView:
    """Use one more key; the others stay as they are."""
    channel = await find_channel(visit, visit.places["channel"])
    visit.subject = channel.row.id
    request = keys.AddKey(name=channel.row.id, key=asked.key, expires=asked.expires_at)
    added = await keys.add(visit.context, request)
    visit.details["hint"] = added["hint"]
    return await view_of(visit, channel.row.id)


async def change(visit: ConsoleRequest, asked: ChannelKeyChange) -> ChannelView:
    """Let a key run dry, or use it as before; set or lift the time of its end."""
    channel_id, key_id = await _find(visit)
    if asked.is_draining is not msgspec.UNSET:
        drained = keys.DrainKey(name=channel_id, key=key_id, draining=asked.is_draining)
        await keys.drain(visit.context, drained)
    if asked.expires_at is not msgspec.UNSET:
        ended = keys.ExpireKey(name=channel_id, key=key_id, expires=asked.expires_at)
        await keys.expire(visit.context, ended)
    return await view_of(visit, channel_id)


async def remove(visit: ConsoleRequest, _: Empty) -> ChannelView:
    """Forget a key; requests that are under way keep theirs."""
    channel_id, key_id = await _find(visit)
    await keys.remove(visit.context, keys.OneKey(name=channel_id, key=key_id))
    return await view_of(visit, channel_id)


async def _find(visit: ConsoleRequest) -> tuple[str, str]:
    """The ids of the channel and of the key that the path names; both go to the audit log."""
    channel = await find_channel(visit, visit.places["channel"])
    visit.subject = channel.row.id
    for row in channel.keys:
        if row.id == visit.places["key"]:
            visit.details["hint"] = row.hint
            return channel.row.id, row.id
    raise not_found("key")


_KEYS = "/api/operator/channels/{channel}/keys"
_OWNER = Access("operator", OWNER)

ROUTES = (
    Route("POST", _KEYS, _OWNER, add, ChannelView, NewChannelKey),
    Route("PATCH", f"{_KEYS}/{{key}}", _OWNER, change, ChannelView, ChannelKeyChange),
    Route("DELETE", f"{_KEYS}/{{key}}", _OWNER, remove, ChannelView),
)
