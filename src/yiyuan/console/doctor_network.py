"""What `yiyuan doctor` asks of others: upstreams, and model servers on this machine.

Each is asked for its list of models, with its key, at once and with short time-outs.
Listing costs nothing anywhere. What comes back is bounded and never shown but for the
names of models.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from yiyuan.access.seal import SealError, unseal
from yiyuan.access.secret_key import Secrets
from yiyuan.console.catalog_export import to_toml
from yiyuan.console.checks import Check, skipped
from yiyuan.console.names import model_name_fault
from yiyuan.providers.provider import Provider, discover
from yiyuan.store.catalog_rows import CatalogRows, ChannelRow
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.request import Call

Json = dict[str, Any]

UPSTREAM_SECONDS: Final = 5.0
LOCAL_SECONDS: Final = 1.0
LOCAL_SERVERS: Final = (
    ("ollama", 11434),
    ("llama-cpp", 8080),
    ("vllm", 8000),
    ("lm-studio", 1234),
)
_LIST_BYTES_MAX = 4 * 1024 * 1024
_MODELS_SHOWN_MAX = 50


class _Answer(NamedTuple):
    """A status, and the names of models if it was a list."""

    status: int
    models: list[str] | None


async def check_channels(client: Client, catalog: CatalogRows, secrets: Secrets) -> list[Check]:
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
    secrets: Secrets,
) -> Check:
    name = f"channel {row.name}"
    if provider is None:
        advice = "run the release that made this channel"
        return Check(name, is_ok=False, detail=f"unknown provider {row.provider}", advice=advice)
    if provider.answer is not None:
        return Check(name, is_ok=True, detail="built in")
    call = Call(
        method="GET",
        url=provider.url(row.base_url, "/models"),
        headers=[
            *json.loads(row.headers).items(),
            *provider.credential(_first_key(row, catalog, secrets)),
        ],
        proxy=row.proxy,
        allow_private=bool(row.allow_private),
    )
    try:
        answer = await _ask(client, call, UPSTREAM_SECONDS)
    except UpstreamFailure as failure:
        advice = "look at the address, the network and the proxy; nothing is charged meanwhile"
        return Check(name, is_ok=False, detail=f"{row.base_url}: {failure}", advice=advice)
    wanted = [m.upstream_model for m in catalog.channel_models if m.channel_id == row.id]
    return _judge(name, answer, wanted)


def _judge(name: str, answer: _Answer, wanted: Sequence[str]) -> Check:
    status = answer.status
    if status in (401, 403):
        advice = "apply the catalog with a key that works"
        return Check(name, is_ok=False, detail=f"refuses the key ({status})", advice=advice)
    if status >= 500:
        advice = "ask its operator; requests go to other channels meanwhile"
        return Check(name, is_ok=False, detail=f"answers {status}", advice=advice)
    if answer.models is None:
        return Check(name, is_ok=True, detail=f"reached; it has no list of models ({status})")
    missing = sorted(set(wanted) - set(answer.models))
    if missing:
        advice = "it may serve them all the same; if not, correct the channel's models"
        return Check(name, is_ok=True, detail=f"does not list {', '.join(missing)}", advice=advice)
    return Check(name, is_ok=True, detail="reached, lists what is asked of it")


def _first_key(row: ChannelRow, catalog: CatalogRows, secrets: Secrets) -> str:
    """A key that opens; those that do not have a check of their own."""
    for key in (key for key in catalog.keys if key.channel_id == row.id):
        try:
            return unseal(secrets.seal_key, key.sealed, row.id)
        except SealError:
            continue
    return ""


async def find_local_servers(
    client: Client,
    catalog: CatalogRows | None,
    servers: Sequence[tuple[str, int]] = LOCAL_SERVERS,
) -> list[Json]:
    """Model servers on loopback that no channel names yet, with lines for the catalog."""
    named = {urlsplit(row.base_url).port for row in catalog.channels} if catalog else set()
    asked = [(name, port) for name, port in servers if port not in named]
    found = await asyncio.gather(*(_local_models(client, port) for _, port in asked))
    return [
        _offer(name, port, models, catalog)
        for (name, port), models in zip(asked, found, strict=True)
        if models
    ]


async def _local_models(client: Client, port: int) -> list[str]:
    call = Call(
        method="GET",
        url=f"http://127.0.0.1:{port}/v1/models",
        allow_private=True,
    )
    try:
        answer = await _ask(client, call, LOCAL_SECONDS)
    except UpstreamFailure:
        return []
    names = answer.models or [] if answer.status == 200 else []
    return [name for name in names if model_name_fault(name) is None]


def _offer(name: str, port: int, models: list[str], catalog: CatalogRows | None) -> Json:
    known = {row.name for row in catalog.models} if catalog else set()
    base_url = f"http://127.0.0.1:{port}/v1"
    free: Json = {"input": "0", "output": "0"}
    shown = models[:_MODELS_SHOWN_MAX]
    channel = {
        "name": name,
        "provider": "openai",
        "base_url": base_url,
        "models": {model: model for model in shown},
    }
    offered: list[Json] = [{"name": m, "price": free} for m in shown if m not in known]
    lines = to_toml({"channel": [channel], "model": offered})
    return {"name": name, "base_url": base_url, "models": shown, "catalog": lines}


async def check_valkey(url: str | None) -> Check:
    """The server of shared limits, if one is configured."""
    if url is None:
        return skipped("valkey", "not configured")
    from yiyuan.limits.pipe import Away, Pipe  # noqa: PLC0415 - only with a Valkey
    from yiyuan.limits.resp import pack  # noqa: PLC0415 - the same

    try:
        pipe = await Pipe.open(url, lambda: None)
        try:
            await pipe.call(pack(b"PING"), UPSTREAM_SECONDS).future
        finally:
            pipe.close()
    except Away as error:
        advice = "start it, or correct YIYUAN_REDIS_URL; meanwhile each node keeps its share"
        return Check("valkey", is_ok=False, detail=str(error), advice=advice)
    return Check("valkey", is_ok=True, detail="reached")


async def _ask(client: Client, call: Call, seconds: float) -> _Answer:
    """Send and read. Raises UpstreamFailure, also when all of it takes too long."""
    call.connect_timeout = call.first_byte_timeout = call.idle_timeout = seconds
    try:
        async with asyncio.timeout(2 * seconds):
            response = await client.send(call)
            try:
                body = await response.read(_LIST_BYTES_MAX)
            finally:
                response.close()
    except TimeoutError:
        raise UpstreamFailure(
            "timeout_first_byte", "no whole answer in time", request_was_written=True
        ) from None
    return _Answer(response.status, _model_names(body) if response.status == 200 else None)


def _model_names(body: bytes) -> list[str] | None:
    try:
        items = json.loads(body)["data"]
        return [str(item["id"]) for item in items]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
