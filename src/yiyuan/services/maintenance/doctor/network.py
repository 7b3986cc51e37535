"""What `yiyuan doctor` asks of others: the channels' upstreams, and Valkey.

Upstreams are asked for their lists of models, with their keys, at once and with short
time-outs. What comes back is never shown but for the names of models.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from yiyuan.auth.encryption import SealError, decrypt
from yiyuan.auth.secret_key import SecretKeys
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.i18n.message import Message
from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.registry import discover
from yiyuan.services.catalog.channel_headers import open_headers
from yiyuan.services.catalog.document import Pairs
from yiyuan.services.channels.model_listing import Listing, ask_models
from yiyuan.services.maintenance.doctor.check import Check, skipped
from yiyuan.store.tables.catalog import CatalogRows, ChannelRow

UPSTREAM_SECONDS: Final = 5.0


async def check_channels(client: Client, catalog: CatalogRows, secrets: SecretKeys) -> list[Check]:
    """Every enabled channel: reached, and the key taken."""
    providers = discover()
    enabled = [channel for channel in catalog.channels if channel.enabled]
    return list(
        await asyncio.gather(
            *(
                _check_channel(client, row, providers.get(row.provider), catalog, secrets)
                for row in enabled
            )
        )
    )


async def _check_channel(
    client: Client,
    row: ChannelRow,
    provider: Provider | None,
    catalog: CatalogRows,
    secrets: SecretKeys,
) -> Check:
    name = Message("channel {name}", name=row.name)
    if provider is None:
        advice = "run the release that created this channel"
        detail = Message("unknown provider {provider}", provider=row.provider)
        return Check(name, is_ok=False, detail=detail, advice=advice)
    if provider.answer is not None:
        return Check(name, is_ok=True, detail="built in")
    call = Call(
        method="GET",
        url=provider.models_url(row.base_url or provider.base_url),
        headers=[
            *_headers(row, secrets),
            *provider.credential(_first_key(row, catalog, secrets)),
        ],
        proxy=row.proxy,
        allow_private=bool(row.allow_private),
    )
    try:
        answer = await ask_models(client, call, UPSTREAM_SECONDS)
    except UpstreamFailure as failure:
        advice = "check the address, the network and the proxy; nothing is charged meanwhile"
        detail = Message("{address}: {failure}", address=row.base_url, failure=failure)
        return Check(name, is_ok=False, detail=detail, advice=advice)
    wanted = [m.upstream_model for m in catalog.channel_models if m.channel_id == row.id]
    return _judge(name, answer, wanted)


def _judge(name: Message, answer: Listing, wanted: Sequence[str]) -> Check:
    status = answer.status
    if status in (401, 403):
        advice = "apply the catalog with a key that works"
        detail = Message("rejects the key ({status})", status=status)
        return Check(name, is_ok=False, detail=detail, advice=advice)
    if status >= 500:
        advice = "contact its operator; requests go to other channels meanwhile"
        detail = Message("returns {status}", status=status)
        return Check(name, is_ok=False, detail=detail, advice=advice)
    if answer.names is None:
        detail = Message("reachable; it has no list of models ({status})", status=status)
        return Check(name, is_ok=True, detail=detail)
    missing = sorted(set(wanted) - set(answer.names))
    if missing:
        advice = "it may serve them anyway; if not, correct the channel's models"
        detail = Message("does not list {names}", names=", ".join(missing))
        return Check(name, is_ok=True, detail=detail, advice=advice)
    return Check(name, is_ok=True, detail="reachable, lists all required models")


def _headers(row: ChannelRow, secrets: SecretKeys) -> Pairs:
    """The extra headers, if they open."""
    try:
        return open_headers(secrets.seal_key, row.headers, row.id)
    except SealError:
        return ()


def _first_key(row: ChannelRow, catalog: CatalogRows, secrets: SecretKeys) -> str:
    """A key that opens; those that do not have a check of their own."""
    for key in (key for key in catalog.keys if key.channel_id == row.id):
        try:
            return decrypt(secrets.seal_key, key.sealed, row.id)
        except SealError:
            continue
    return ""


async def check_valkey(url: str | None) -> Check:
    """The server of shared limits, if one is configured."""
    if url is None:
        return skipped("valkey", "not configured")
    from yiyuan.ratelimit.valkey.pipeline import Away, Pipeline  # noqa: PLC0415 - only with a Valkey
    from yiyuan.ratelimit.valkey.resp import pack  # noqa: PLC0415 - the same

    try:
        pipe = await Pipeline.open(url, lambda: None)
        try:
            await pipe.call(pack(b"PING"), UPSTREAM_SECONDS).future
        finally:
            pipe.close()
    except Away as error:
        advice = "start it, or correct YIYUAN_REDIS_URL; meanwhile each node enforces its share"
        return Check("valkey", is_ok=False, detail=str(error), advice=advice)
    return Check("valkey", is_ok=True, detail="reached")
