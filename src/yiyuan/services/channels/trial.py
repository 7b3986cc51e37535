"""Trying a channel: one tiny real request per model, which costs what such a request costs."""

from dataclasses import asdict

from yiyuan.i18n.message import Message
from yiyuan.routing.channel import Channel
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.services.channels.channels import get_channel
from yiyuan.services.channels.check import check_model
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.outbound import client_of
from yiyuan.services.shared.request import Request

MODELS_MAX = 20


class Check(Request):
    """A channel by name or id, and perhaps one of its models."""

    name: str
    model: str | None = None


@command("channel.check", reads=True)
async def check(context: ServiceContext, request: Check) -> Json:
    """`{"channel", "ok", "results": […]}`, a line for each model that was tried."""
    channel = await _loaded(context, request.name)
    if request.model is not None and request.model not in channel.models:
        raise ServiceError(
            "not_found", Message('the channel has no model "{name}"', name=request.model)
        )
    names = [request.model] if request.model is not None else list(channel.models)[:MODELS_MAX]
    async with client_of(context) as client:
        found = [await check_model(client, channel, name) for name in names]
    results = [{"ok": each.is_ok, **asdict(each)} for each in found]
    for line in results:
        del line["is_ok"]
    return {"channel": channel.name, "ok": all(each.is_ok for each in found), "results": results}


async def _loaded(context: ServiceContext, name: str) -> Channel:
    channel_id = (await get_channel(context, name)).row.id
    catalog = await load_catalog(context)
    return next(channel for channel in catalog.channels if channel.id == channel_id)
