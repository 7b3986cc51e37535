"""Asking an upstream directly: which models it lists, and whether it really answers.

Only what is stored of a channel is used (or what an operator types, for the list); the
answer's text is cut and has no key in it. A test is one tiny real request per model: it
costs the operator what such a request costs, and no customer anything.
"""

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import Any, Final

from yiyuan.dialects.canonical import Target
from yiyuan.dialects.contract import discover as discover_dialects
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.i18n.message import Message
from yiyuan.integrations.providers.contract import Destination
from yiyuan.integrations.providers.registry import discover
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.routing.channel import Channel, UpstreamKey
from yiyuan.routing.own_call import own_call
from yiyuan.routing.sessions import CredentialFailed, Sessions
from yiyuan.services.channels.model_listing import ask_models
from yiyuan.services.shared.errors import ServiceError

_BODY_BYTES_MAX: Final = 4 * 1024 * 1024
_CONNECT_SECONDS = 10.0
_JSON = ("content-type", "application/json")
_TEST_SECONDS = 60.0
_MESSAGE_CHARACTERS_MAX = 300
_NAME_CHARACTERS_MAX = 200
_OUTPUT_TOKENS = 16
_ANSWERS = frozenset({"choices", "content", "output", "candidates"})
"""What an answer of one of the formats has."""


@dataclass(slots=True, kw_only=True)
class Checked:
    """How one model of a channel answered."""

    model: str
    is_ok: bool
    status: int | None = None
    ms: int
    first_byte_ms: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    message: str | None = None


async def list_models(
    client: Client, provider_name: str, base_url: str, key: str, *, allow_private: bool
) -> list[str]:
    """The upstream's own list. Raises ServiceError `upstream_failed`, `invalid_argument`."""
    provider = discover().get(provider_name)
    if provider is None or provider.answer is not None:
        raise ServiceError(
            "invalid_argument",
            Message("provider must be one with an address, not {name}", name=provider_name),
        )
    call = Call(
        method="GET",
        url=provider.models_url(base_url or provider.base_url),
        headers=provider.credential(key),
        allow_private=allow_private,
    )
    try:
        listing = await ask_models(client, call, _CONNECT_SECONDS)
    except (UpstreamFailure, ValueError) as error:
        raise ServiceError("upstream_failed", _cut(str(error), key)) from None
    if listing.names is None:
        raise ServiceError("upstream_failed", _no_list(listing.status))
    return sorted(name[:_NAME_CHARACTERS_MAX] for name in listing.names)


async def check_model(
    client: Client, channel: Channel, model: str, own_key: UpstreamKey | None = None
) -> Checked:
    """Send one tiny request for a public model through a channel, with its first key or another."""
    if own_key is not None:
        channel = replace(channel, keys=(own_key,) if own_key.id else ())
    loop = asyncio.get_running_loop()
    began = loop.time()
    key = channel.keys[0].secret if channel.keys else ""
    body = {
        "model": channel.models[model],
        "messages": [{"role": "user", "content": "ping"}],
        "max_tokens": _OUTPUT_TOKENS,
    }
    answers = channel.provider.answer
    if answers is not None:
        answer = b"".join(answers(body))
        return _checked(model, 200, answer, 0, 0, key)
    try:
        call = await _test_call(client, channel, model, body)
        status, text, first_ms = await _call(client, call)
    except (UpstreamFailure, CredentialFailed, InvalidRequest, ValueError) as error:
        ms = round((loop.time() - began) * 1000)
        return Checked(model=model, is_ok=False, ms=ms, message=_cut(str(error), key))
    ms = round((loop.time() - began) * 1000)
    return _checked(model, status, text, ms, first_ms, key)


async def _test_call(client: Client, channel: Channel, model: str, body: dict[str, Any]) -> Call:
    """The request as a customer's would go out: format, quirks and credential included."""
    endpoint = channel.endpoint("openai_chat", "generation", model)
    if endpoint is None:
        raise ValueError("no format that this channel speaks is for this model")
    dialects = discover_dialects()
    upstream = channel.models[model]
    request = dialects["openai_chat"].read_request(body)
    target = Target(
        model=upstream,
        public_model=model,
        quirks=channel.quirks.get(model),
        default_max_output_tokens=_OUTPUT_TOKENS,
    )
    written = dialects[endpoint.dialect].write_request(request, target)
    destination = Destination(channel.base_url, upstream)
    if endpoint.wrap is not None:
        written = endpoint.wrap(written, destination)
    secret = ""
    if channel.keys:
        sessions = Sessions(client, time.monotonic, lambda: round(time.time() * 1000))
        secret = await sessions.secret_of(channel, channel.keys[0])
    headers = [_JSON, *endpoint.credential(secret), *channel.headers]
    url, sent = endpoint.url(destination), json.dumps(written).encode()
    call = own_call(channel, "POST", url, headers, sent, _TEST_SECONDS)
    call.connect_timeout = _CONNECT_SECONDS
    return call


async def _call(client: Client, call: Call) -> tuple[int, bytes, int]:
    """Status, body, and milliseconds to the head. Raises UpstreamFailure."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    response = await client.send(call)
    first_ms = round((loop.time() - began) * 1000)
    try:
        return response.status, await response.read(_BODY_BYTES_MAX), first_ms
    finally:
        response.close()


def _checked(model: str, status: int, body: bytes, ms: int, first_ms: int, key: str) -> Checked:
    is_ok, usage = status == 200, {}
    try:
        document = json.loads(body)
        usage = document.get("usage") or document.get("usageMetadata")
        is_ok = is_ok and not _ANSWERS.isdisjoint(document)
    except (ValueError, AttributeError, RecursionError):
        is_ok = False
    return Checked(
        model=model,
        is_ok=is_ok,
        status=status,
        ms=ms,
        first_byte_ms=first_ms,
        input_tokens=_count(usage, "prompt_tokens", "input_tokens", "promptTokenCount"),
        output_tokens=_count(usage, "completion_tokens", "output_tokens", "candidatesTokenCount"),
        message=None if is_ok else _cut(_text(body), key),
    )


def _no_list(status: int) -> str | Message:
    if status in (401, 403):
        return Message("status {status}: the key was refused", status=status)
    if status == 200:
        return "status 200: the answer is not a list of models"
    return Message("status {status}: there is no list of models at this address", status=status)


def _count(usage: Any, *names: str) -> int | None:
    if not isinstance(usage, dict):
        return None
    return next((usage[name] for name in names if isinstance(usage.get(name), int)), None)


def _text(body: bytes) -> str:
    """The sentence in an error that has one, as both APIs write it; else the beginning."""
    try:
        said = json.loads(body)["error"]["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        said = None
    return said if isinstance(said, str) and said else body[:4096].decode(errors="replace")


def _cut(text: str, key: str) -> str:
    """What may be shown of an upstream's words: short, printable, without the key."""
    shown = text.replace(key, "***") if key else text
    return "".join(c if c.isprintable() else " " for c in shown)[:_MESSAGE_CHARACTERS_MAX]
