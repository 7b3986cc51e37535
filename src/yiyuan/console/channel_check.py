"""Asking an upstream directly: which models it lists, and whether it really answers.

Only what is stored of a channel is used (or what an operator types, for the list); the
answer's text is cut and has no key in it. A test is one tiny real request per model: it
costs the operator what such a request costs, and no customer anything.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

from yiyuan.console.model_listing import ask_models
from yiyuan.console.refusal import CommandError
from yiyuan.dialects.dialect import discover as discover_dialects
from yiyuan.providers.provider import Provider, discover
from yiyuan.upstream.channel import Channel
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.request import Call

_BODY_BYTES_MAX: Final = 4 * 1024 * 1024
_CONNECT_SECONDS = 10.0
_TEST_SECONDS = 60.0
_MESSAGE_CHARACTERS_MAX = 300
_NAME_CHARACTERS_MAX = 200
_OUTPUT_TOKENS = 16


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
    """The upstream's own list. Raises CommandError `upstream_failed`, `invalid_argument`."""
    provider = discover().get(provider_name)
    if provider is None or provider.answer is not None:
        raise CommandError(
            "invalid_argument", f"provider must be one with an address, not {provider_name}"
        )
    call = Call(
        method="GET",
        url=provider.url(base_url, "/models"),
        headers=provider.credential(key),
        allow_private=allow_private,
    )
    try:
        listing = await ask_models(client, call, _CONNECT_SECONDS)
    except (UpstreamFailure, ValueError) as error:
        raise CommandError("upstream_failed", _cut(str(error), key)) from None
    if listing.names is None:
        raise CommandError("upstream_failed", _no_list(listing.status))
    return sorted(name[:_NAME_CHARACTERS_MAX] for name in listing.names)


async def check_model(client: Client, channel: Channel, model: str) -> Checked:
    """Send one tiny request for a public model through a channel."""
    provider = channel.provider
    loop = asyncio.get_running_loop()
    began = loop.time()
    key = channel.keys[0].secret if channel.keys else ""
    body = {
        "model": channel.models[model],
        "messages": [{"role": "user", "content": "ping"}],
        "max_tokens": _OUTPUT_TOKENS,
    }
    if provider.answer is not None:
        answer = b"".join([piece async for piece in provider.answer(body)])
        return _checked(model, 200, answer, 0, 0, key)
    try:
        status, text, first_ms = await _call(client, _test_call(provider, channel, key, body))
    except (UpstreamFailure, ValueError) as error:
        ms = round((loop.time() - began) * 1000)
        return Checked(model=model, is_ok=False, ms=ms, message=_cut(str(error), key))
    ms = round((loop.time() - began) * 1000)
    return _checked(model, status, text, ms, first_ms, key)


def _test_call(provider: Provider, channel: Channel, key: str, body: dict[str, Any]) -> Call:
    return Call(
        method="POST",
        url=provider.url(channel.base_url, discover_dialects()[provider.generation].upstream_path),
        headers=[
            ("content-type", "application/json"),
            *provider.credential(key),
            *channel.headers,
        ],
        body=json.dumps(body).encode(),
        proxy=channel.proxy,
        allow_private=channel.allow_private,
        connect_timeout=_CONNECT_SECONDS,
        first_byte_timeout=_TEST_SECONDS,
        idle_timeout=_TEST_SECONDS,
    )


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
        usage = document.get("usage")
        is_ok = is_ok and ("choices" in document or "content" in document)
    except (ValueError, AttributeError, RecursionError):
        is_ok = False
    return Checked(
        model=model,
        is_ok=is_ok,
        status=status,
        ms=ms,
        first_byte_ms=first_ms,
        input_tokens=_count(usage, "prompt_tokens", "input_tokens"),
        output_tokens=_count(usage, "completion_tokens", "output_tokens"),
        message=None if is_ok else _cut(_text(body), key),
    )


def _no_list(status: int) -> str:
    if status in (401, 403):
        return f"status {status}: the key was refused"
    if status == 200:
        return "status 200: the answer is not a list of models"
    return f"status {status}: there is no list of models at this address"


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
