"""What `serve --starter` puts into an empty database, so that a request can be sent.

One account with a little money, the three models of the documentation with
their limits and prices, tiers, one API token, and the `demo` channel. For each
vendor whose key is in the environment there is a real channel too: the public
names are long retired at the vendors, so they become aliases of models that the
vendor lists today. If the list cannot be had, the demo answers and a message
says why; starting never fails for that.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call
from yiyuan.i18n.message import Message
from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.registry import discover
from yiyuan.services.accounts import accounts
from yiyuan.services.catalog.catalog import apply_text
from yiyuan.services.catalog.export import to_toml
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.tokens import tokens
from yiyuan.store.queries.accounts import is_empty

NAME = "starter"
BALANCE_MICROS = 10_000_000
_LIST_BYTES_MAX = 4 * 1024 * 1024
_TIMEOUT_SECONDS = 10.0

_CATALOG: Final = Path(__file__).with_name("starter.toml").read_text(encoding="utf-8")


@dataclass(slots=True, frozen=True)
class _Vendor:
    """A vendor whose key may be in the environment, and what its models could stand for.

    `wishes`: public name → patterns of the vendor's names, best first; the
    newest match of the first pattern that matches anything is taken.
    """

    provider: str
    key_variable: str
    url_variable: str
    base_url: str
    wishes: Mapping[str, tuple[str, ...]]


# Models that answer at once come before those that reason first: the examples
# of the documentation ask for 100 tokens, and reasoning would use them up.
_VENDORS: Final = (
    _Vendor(
        provider="openai",
        key_variable="OPENAI_API_KEY",
        url_variable="OPENAI_BASE_URL",
        base_url="https://api.openai.com/v1",
        wishes=MappingProxyType(
            {
                "gpt-4": (r"gpt-4", r"gpt-4(\.\d+|o)", r"gpt-\d+(\.\d+)?", r"(?!.*mini)gpt-.*"),
                "gpt-3.5-turbo": (
                    r"gpt-3\.5-turbo",
                    r"gpt-4(\.\d+|o)-mini",
                    r"gpt-\d+(\.\d+)?-mini",
                    r"gpt-.*(mini|nano).*",
                ),
            }
        ),
    ),
    _Vendor(
        provider="anthropic",
        key_variable="ANTHROPIC_API_KEY",
        url_variable="ANTHROPIC_BASE_URL",
        base_url="https://api.anthropic.com",
        wishes=MappingProxyType({"claude-2": (r"claude-2", r"claude-.*sonnet.*", r"claude-.*")}),
    ),
)
# What the patterns above must not take: other kinds of models under the same names.
_UNSUITABLE: Final = re.compile(
    r"audio|realtime|image|tts|transcribe|search|codex|instruct|embed|moderation|-pro|vision|live"
)


@dataclass(slots=True, frozen=True)
class Starter:
    """What was made: the token's key, to be shown once, and what a person should know."""

    key: str
    messages: tuple[str | Message, ...]


async def seed(context: ServiceContext, client: Client) -> Starter | None:
    """Fill an empty database; None, and nothing changes, if it holds anything already."""
    if not await is_empty(context.database):
        return None
    channels, messages, environment = [], [], {}
    for vendor in _VENDORS:
        key = (context.settings.variable(vendor.key_variable) or "").strip()
        if not key:
            continue
        channel, message = await _channel(context, client, vendor, key)
        messages.append(message)
        if channel is not None:
            channels.append(channel)
            environment[vendor.key_variable] = key
    try:
        await apply_text(context, _CATALOG + to_toml({"channel": channels}), "starter", environment)
    except ServiceError as error:  # an address that works, but cannot be a channel's
        messages.append(Message("{error}; the demo answers instead.", error=error.said))
        await apply_text(context, _CATALOG, "starter", {})
    await accounts.create(context, accounts.Create(name=NAME, balance=BALANCE_MICROS))
    made = await tokens.create(context, tokens.Create(name=NAME, account=NAME))
    return Starter(made["key"], tuple(messages))


def curl_line(api_url: str, key: str) -> str:
    """The first request, ready to be pasted into a shell."""
    body = {"model": "gpt-4", "prompt": "Hello, world!", "max_tokens": 100}
    return (
        f"curl {api_url}/v1/completions -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(body)}'"
    )


async def _channel(
    context: ServiceContext, client: Client, vendor: _Vendor, key: str
) -> tuple[dict[str, Any] | None, str | Message]:
    """A `[[channel]]` for a vendor if it lists anything of use, and what to say of it."""
    base_url = context.settings.variable(vendor.url_variable) or vendor.base_url
    provider = discover()[vendor.provider]
    try:
        listed = await _list_models(client, provider, base_url, key)
    except (UpstreamFailure, ValueError) as error:
        return None, Message(
            "{variable}: its list of models could not be had ({error}); the demo answers instead.",
            variable=vendor.key_variable,
            error=error,
        )
    models = choose_models(listed, vendor.wishes)
    if not models:
        return None, Message(
            "{variable}: it lists no suitable model; the demo answers instead.",
            variable=vendor.key_variable,
        )
    channel = {
        "name": vendor.provider,
        "provider": vendor.provider,
        "base_url": base_url,
        "api_key": {"env": vendor.key_variable},
        "models": models,
    }
    aliases = ", ".join(f"{public} → {upstream}" for public, upstream in models.items())
    return channel, f"{vendor.key_variable}: {aliases}"


async def _list_models(
    client: Client, provider: Provider, base_url: str, key: str
) -> list[dict[str, Any]]:
    """What the upstream lists. Raises UpstreamFailure, or ValueError saying what it did."""
    response = await client.send(
        Call(
            method="GET",
            url=provider.models_url(base_url),
            headers=provider.credential(key),
            allow_private=True,
            connect_timeout=_TIMEOUT_SECONDS,
            first_byte_timeout=_TIMEOUT_SECONDS,
            idle_timeout=_TIMEOUT_SECONDS,
        )
    )
    try:
        body = await response.read(_LIST_BYTES_MAX)
    finally:
        response.close()
    if response.status != 200:
        message = f"status {response.status}"
        raise ValueError(message)
    try:
        found = json.loads(body)["data"]
        return [item for item in found if isinstance(item["id"], str)]
    except (KeyError, TypeError, ValueError, RecursionError):
        message = "the answer is not a list of models"
        raise ValueError(message) from None


def choose_models(
    listed: list[dict[str, Any]], wishes: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Public name → the newest listed model that may stand for it."""
    newest_first = [
        str(item["id"]) for item in sorted(listed, key=_created) if _is_suitable(item["id"])
    ][::-1]
    chosen = {}
    for public, patterns in wishes.items():
        matches = (
            name for pattern in patterns for name in newest_first if re.fullmatch(pattern, name)
        )
        name = next(matches, None)
        if name is not None:
            chosen[public] = name
    return chosen


def _is_suitable(name: str) -> bool:
    return not _UNSUITABLE.search(name) and len(name) <= 200 and not re.search(r"[\s,]", name)


def _created(item: dict[str, Any]) -> str:
    """Sorts by age: Unix seconds at one vendor, ISO 8601 at the other."""
    created = item.get("created") or item.get("created_at") or ""
    return f"{created:020d}" if isinstance(created, int) else str(created)
