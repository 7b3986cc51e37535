"""Channels as people look at them: where they lead, what they serve, whether they are paused."""

from typing import Literal

import msgspec

from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import iso
from yiyuan.routing.router import Router
from yiyuan.services.catalog.stored import StoredChannel, read_stored
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing
from yiyuan.store.tables.catalog import ChannelKeyRow

Health = Literal["ok", "open", "unknown"]
"""`open` means that a breaker keeps requests away; where no server runs, nobody knows."""


class ChannelKey(Answer):
    """What may be shown of an upstream key; a draining one is used last, an expired one never."""

    id: str
    hint: str
    draining: bool
    expires_at: str | None = None
    file: str | None = None


class Paused(Answer):
    """A key and model of a channel that get no requests after errors, for so long yet."""

    key_id: str
    model: str
    failures: int
    retry_seconds: int


class ChannelSummary(Answer):
    """A channel, without its secrets; `models` are the upstream's names by the public ones."""

    id: str
    name: str
    provider: str
    base_url: str
    enabled: bool
    priority: int
    weight: int
    health: Health
    paused: list[Paused]
    keys: list[ChannelKey]
    models: dict[str, str]


@command("channel.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All channels, those out of service included, in the order in which they are tried."""
    stored = (await read_stored(context)).channels.values()
    ordered = sorted(stored, key=lambda each: (not each.is_enabled, each.row.priority))
    return {"channels": msgspec.to_builtins([_summary(context, each) for each in ordered])}


async def get_channel(context: ServiceContext, name: str) -> StoredChannel:
    """The channel of this name or id. Raises ServiceError `not_found`."""
    for channel in (await read_stored(context)).channels.values():
        if name in (channel.row.name, channel.row.id):
            return channel
    raise ServiceError("not_found", Message('there is no channel "{name}"', name=name))


def key_of(channel: StoredChannel, key: str) -> ChannelKey:
    """A channel's key by its id, or by the end of it that is shown. Raises ServiceError."""
    found = [row for row in channel.keys if key in (row.id, row.hint, row.hint.lstrip("*"))]
    if len(found) != 1:
        message = Message(
            'the channel "{name}" has no one key "{key}": give its id',
            name=channel.row.name,
            key=key,
        )
        raise ServiceError("not_found", message)
    return _shown(found[0])


def _shown(row: ChannelKeyRow) -> ChannelKey:
    return ChannelKey(
        id=row.id,
        hint=row.hint,
        draining=bool(row.draining),
        expires_at=None if row.expires_at is None else iso(row.expires_at),
        file=row.file,
    )


def _summary(context: ServiceContext, channel: StoredChannel) -> ChannelSummary:
    row, paused = channel.row, _paused(context, channel.row.id)
    health: Health = "unknown" if paused is None else "open" if paused else "ok"
    return ChannelSummary(
        id=row.id,
        name=row.name,
        provider=row.provider,
        base_url=row.base_url,
        enabled=channel.is_enabled,
        priority=row.priority,
        weight=row.weight,
        health=health,
        paused=paused or [],
        keys=[_shown(key) for key in channel.keys],
        models=dict(channel.document.models),
    )


def _paused(context: ServiceContext, channel_id: str) -> list[Paused] | None:
    """What its breakers keep away in this process; None without a server here."""
    return None if context.router is None else paused_of(context.router, channel_id)


def paused_of(router: Router, channel_id: str) -> list[Paused]:
    """What a channel's breakers keep away in this process."""
    return [
        Paused(
            key_id=view.key_id,
            model=view.model,
            failures=view.failures,
            retry_seconds=int(view.retry_seconds),
        )
        for view in router.snapshot()
        if view.channel_id == channel_id and view.state != "closed"
    ]
