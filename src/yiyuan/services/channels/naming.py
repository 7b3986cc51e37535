"""A channel's name, and its end: what it did stays under its id.

A group names its channels, so it follows. A removed channel loses keys, headers and models
and gives its name free; its row stays for the requests that went over it.
"""

import json

from yiyuan.i18n.message import Message
from yiyuan.services.catalog.channel_headers import seal_headers
from yiyuan.services.catalog.stored import read_stored
from yiyuan.services.channels.channels import get_channel
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request
from yiyuan.services.shared.validation import check_name
from yiyuan.store.database import Statement
from yiyuan.store.tables import catalog as rows


class NewName(Request):
    """A channel by name or id, and what it is to be called."""

    name: str
    new_name: str


class OneChannel(Request):
    """A channel by name or id."""

    name: str


@command("channel.rename")
async def rename(context: ServiceContext, request: NewName) -> Json:
    """Call a channel by another name, in groups too: `{"id", "name", "before"}`."""
    async with context.catalog_lock:
        channel, name = await get_channel(context, request.name), check_name(request.new_name)
        before = channel.row.name
        if name != before:
            if name in (await read_stored(context)).channels:
                raise ServiceError("already_exists", "there is a channel of this name")
            change = rows.rename_channel(channel.row.id, name)
            await _write(context, [change, *await _in_groups(context, before, name)])
    return {"id": channel.row.id, "name": name, "before": before}


@command("channel.remove")
async def remove(context: ServiceContext, request: OneChannel) -> Json:
    """Forget a channel, its keys and its models; `{"id", "name"}`. Its history stays."""
    async with context.catalog_lock:
        row = (await get_channel(context, request.name)).row
        groups = await _in_groups(context, row.name, None)
        headers = seal_headers(context.secrets.seal_key, (), row.id)
        await _write(
            context,
            [
                *rows.put_keys(row.id, ()),
                *rows.put_channel_models(row.id, ()),
                rows.set_headers(row.id, headers),
                rows.remove_channel(row.id, f"{row.name} #{row.id[-6:]}", context.clock.wall_ms()),
                *groups,
            ],
        )
    return {"id": row.id, "name": row.name}


async def _in_groups(context: ServiceContext, name: str, new_name: str | None) -> list[Statement]:
    """The groups that name a channel, with its new name or without it.

    Raises ServiceError where a group has no other: its tokens would have no channel.
    """
    changed = []
    for group in (await rows.read_catalog(context.database)).groups:
        channels = json.loads(group.channels or "[]")
        if name not in channels:
            continue
        left = [new_name if each == name else each for each in channels]
        named = [each for each in left if each is not None]
        if not named:
            message = Message('the group "{group}" has no other channel', group=group.name)
            raise ServiceError("last_channel", message)
        changed.append(rows.put_group(group._replace(channels=json.dumps(named))))
    return changed


async def _write(context: ServiceContext, statements: list[Statement]) -> None:
    await context.database.write([*statements, rows.new_version()])
    await context.reload()
