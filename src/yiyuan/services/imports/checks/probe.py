"""Asking each channel of the other shop for its list of models, which costs nothing.

It tells before the move which addresses and keys are dead. Nothing of an answer is kept
but its status and which of the channel's models it does not list.
"""

import asyncio
from typing import Any, Final

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.integrations.importers.contract import Channel, Shop
from yiyuan.integrations.providers.registry import provider_at
from yiyuan.services.channels.model_listing import ask_models
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.imports.shop_catalog import channel_document

Json = dict[str, Any]
AT_ONCE: Final = 8
SECONDS: Final = 10.0
MISSING_SHOWN: Final = 20


async def probe_channels(settings: ImportSettings, shop: Shop) -> list[Json]:
    """One line a channel: `status` as HTTP tells it, or `error` where nothing answers."""
    client, limit = Client(), asyncio.Semaphore(AT_ONCE)

    async def one(channel: Channel) -> Json:
        async with limit:
            found = await _probe(settings, client, channel)
        return {"channel": channel.source_id, "name": channel.name, **found}

    try:
        return list(await asyncio.gather(*(one(channel) for channel in shop.channels)))
    finally:
        client.close()


async def _probe(settings: ImportSettings, client: Client, channel: Channel) -> Json:
    document = channel_document(channel)
    provider = provider_at(document["provider"], channel.base_url)
    if provider is None or not channel.keys:
        return {"status": None, "error": "has no key"}
    key = channel.keys[0]
    if provider.session is not None and provider.session.applies(key):
        return {"status": None, "error": "its secret has to be traded for a token first"}
    call = Call(
        method="GET",
        url=provider.models_url(channel.base_url or provider.base_url),
        headers=[*provider.credential(key), *channel.headers],
        proxy=channel.proxy,
        allow_private=settings.allow_private,
    )
    try:
        listing = await ask_models(client, call, SECONDS)
    except (UpstreamFailure, ValueError) as error:
        return {"status": None, "error": str(error).replace(key, "…")[:200]}
    if listing.names is None:
        return {"status": listing.status}
    listed = set(listing.names)
    missing = sorted({up for up in document["models"].values() if up not in listed})
    return {"status": listing.status, "missing": missing[:MISSING_SHOWN]}
