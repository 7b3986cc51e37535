"""A channel's keys, one at a time: add one, let one run dry, end one, take one away.

A draining key gets a request only where no other key can, so it can be taken away at the
vendor as soon as it is idle; requests that are under way keep theirs.
"""

from yiyuan.auth.encryption import encrypt
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.channels.channels import get_channel, key_of
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request, time_of
from yiyuan.store.database import Statement
from yiyuan.store.tables import catalog as rows
from yiyuan.store.tables.catalog import ChannelKeyRow

KEY_CHARACTERS_MAX = 4_096


class AddKey(Request):
    """A channel by name or id, and a key in clear; `expires` is ISO 8601."""

    name: str
    key: str
    expires: str | None = None


class OneKey(Request):
    """A channel by name or id, and a key by its id or the end of it that is shown."""

    name: str
    key: str


class DrainKey(OneKey):
    """Whether the key is used last, or as before."""

    draining: bool = True


class ExpireKey(OneKey):
    """From when on the key is not used (ISO 8601); None: it does not end."""

    expires: str | None = None


@command("channel.key_add")
async def add(context: ServiceContext, request: AddKey) -> Json:
    """Use one more key; the channel and its id: `{"channel", "id", "hint", "expires_at"}`."""
    channel, key = await get_channel(context, request.name), request.key
    if not 0 < len(key) <= KEY_CHARACTERS_MAX or not key.isprintable() or key != key.strip():
        raise ServiceError("invalid_argument", "the key must be printable, without white space")
    if any(document.secret == key for document in channel.document.keys):
        raise ServiceError("already_exists", "the channel has this key already")
    row = ChannelKeyRow(
        id=new_id("key"),
        channel_id=channel.row.id,
        position=max((known.position for known in channel.keys), default=-1) + 1,
        sealed=encrypt(context.secrets.seal_key, key, channel.row.id),
        source=None,
        hint=rows.key_hint(key),
        expires_at=time_of("expires", request.expires),
    )
    await _write(context, rows.add_key(row))
    until = None if row.expires_at is None else iso(row.expires_at)
    return {"channel": channel.row.name, "id": row.id, "hint": row.hint, "expires_at": until}


@command("channel.key_drain")
async def drain(context: ServiceContext, request: DrainKey) -> Json:
    """Use a key only where no other can be used; `{"channel", "id", "hint", "draining"}`."""
    channel = await get_channel(context, request.name)
    key, draining = key_of(channel, request.key), request.draining
    await _write(context, rows.change_key(key.id, "draining", int(draining)))
    return {"channel": channel.row.name, "id": key.id, "hint": key.hint, "draining": draining}


@command("channel.key_expire")
async def expire(context: ServiceContext, request: ExpireKey) -> Json:
    """Say when a key ends; `{"channel", "id", "hint", "expires_at"}`."""
    channel = await get_channel(context, request.name)
    key, ends = key_of(channel, request.key), time_of("expires", request.expires)
    await _write(context, rows.change_key(key.id, "expires_at", ends))
    until = None if ends is None else iso(ends)
    return {"channel": channel.row.name, "id": key.id, "hint": key.hint, "expires_at": until}


@command("channel.key_remove")
async def remove(context: ServiceContext, request: OneKey) -> Json:
    """Forget a key: nothing new goes out with it; `{"channel", "id", "hint"}`."""
    channel = await get_channel(context, request.name)
    key = key_of(channel, request.key)
    if len(channel.keys) == 1 and channel.is_enabled:
        message = "this is the channel's last key: add another first, or switch the channel off"
        raise ServiceError("last_key", message)
    await _write(context, rows.delete_key(key.id))
    return {"channel": channel.row.name, "id": key.id, "hint": key.hint}


async def _write(context: ServiceContext, statement: Statement) -> None:
    await context.database.write([statement, rows.new_version()])
    await context.reload()
