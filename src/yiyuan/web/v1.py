"""The public API: path → operation.

Each wire format brings its own metered path; the free paths are listed here.
Paths answer with `/v1`, without it and with `/v1/v1`, because half of all
clients add it and half do not; none redirects. Every answer here, errors and
streams included, may be read from any origin: credentials are bearer tokens,
never cookies. Errors are OpenAI's object, on `/messages` Anthropic's.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from yiyuan.dialects.dialect import Dialect
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.billing import Billing
from yiyuan.gateway.count_tokens import CountTokens
from yiyuan.gateway.model_list import (
    anthropic_list,
    anthropic_model,
    openai_list,
    openai_model,
    usable_models,
)
from yiyuan.gateway.parse import parse_body
from yiyuan.gateway.relay import Relay
from yiyuan.gateway.respond import JSON_TYPE, language_of, refuse
from yiyuan.kernel.errors import ApiError, MethodNotAllowed, ModelNotFound, RouteNotFound
from yiyuan.upstream.catalog import Catalog
from yiyuan.web.exchange import Exchange, encode_headers

_EXPOSED = (
    "x-request-id",
    "request-id",
    "retry-after",
    "retry-after-ms",
    "x-should-retry",
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-yiyuan-charge",
    "x-yiyuan-max-tokens-clamped",
    "x-yiyuan-budget-remaining",
    "x-yiyuan-budget-resets-at",
    "x-yiyuan-dropped-params",
)
_ACCEPTED = (
    "authorization",  # the wildcard does not cover it
    "content-type",
    "accept",
    "x-api-key",
    "anthropic-version",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "*",
)
CORS_HEADERS = encode_headers(
    (
        ("access-control-allow-origin", "*"),
        ("access-control-expose-headers", ", ".join(_EXPOSED)),
    )
)
PREFLIGHT_HEADERS = (
    ("access-control-allow-methods", "GET, POST, HEAD, OPTIONS"),
    ("access-control-allow-headers", ", ".join(_ACCEPTED)),
    ("access-control-max-age", "86400"),
)

MESSAGES = "/messages"


@dataclass(slots=True, frozen=True)
class ApiParts:
    """What the public API works with; built in `app.py`."""

    relay: Relay
    admission: Admission
    billing: Billing
    count_tokens: CountTokens
    dialects: dict[str, Dialect]
    catalog: Callable[[], Catalog]
    default_language: str
    body_bytes_max: int
    created: int
    """Unix seconds, for the models' objects."""


Operation = Callable[[Exchange], Awaitable[None]]


def normal_path(path: str) -> str:
    """`path` without its `/v1` prefixes and without a slash at its end."""
    for _ in range(2):
        if path.startswith("/v1/"):
            path = path[3:]
    return path.rstrip("/") if len(path) > 1 else path


class Api:
    """Serves the public API's paths."""

    def __init__(self, parts: ApiParts) -> None:
        """Routes are fixed here, once."""
        self._parts = parts
        self._metered = {dialect.client_path: dialect for dialect in parts.dialects.values()}
        self._free: dict[str, tuple[str, Operation]] = {
            "/messages/count_tokens": ("POST", self._count_tokens),
            "/models": ("GET", self._models),
            "/models/": ("GET", self._model),
            "/key": ("GET", self._key),
            "/dashboard/billing/subscription": ("GET", self._subscription),
            "/dashboard/billing/usage": ("GET", self._usage),
        }

    def serves(self, path: str) -> bool:
        """Whether `path` (as it came) belongs to the public API."""
        if path == "/v1" or path.startswith("/v1/"):
            return True
        path = normal_path(path)
        return path in self._metered or path in self._free or path.startswith("/models/")

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request to the public API."""
        exchange.shared_headers = CORS_HEADERS
        path = normal_path(exchange.path)
        if exchange.method == "OPTIONS":
            exchange.respond(204, PREFLIGHT_HEADERS)
            return
        dialect = self._metered.get(path)
        if dialect is not None and exchange.method == "POST":
            await self._parts.relay.relay(exchange, dialect, path)
            return
        try:
            await self._route(exchange, path)
        except ApiError as error:
            self._refuse(exchange, path, error)

    async def _route(self, exchange: Exchange, path: str) -> None:
        method = "GET" if exchange.method == "HEAD" else exchange.method
        if path in self._metered:
            raise _not_allowed(exchange, "POST")
        if path.startswith("/models/"):
            path = "/models/"
        if path not in self._free:
            raise RouteNotFound(method=exchange.method, path=exchange.path[:200])
        allowed, operation = self._free[path]
        if method != allowed:
            raise _not_allowed(exchange, allowed)
        await operation(exchange)

    async def _models(self, exchange: Exchange) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        catalog = parts.catalog()
        make = anthropic_list if "anthropic-version" in exchange.headers else openai_list
        _send(exchange, make(usable_models(api_token, catalog), catalog, parts.created))

    async def _model(self, exchange: Exchange) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        catalog = parts.catalog()
        name = normal_path(exchange.path).removeprefix("/models/")
        found = [m for m in usable_models(api_token, catalog) if m.name == name]
        if not found:
            raise ModelNotFound(param="model", model=name[:200])
        make = anthropic_model if "anthropic-version" in exchange.headers else openai_model
        _send(exchange, make(found[0], catalog, parts.created))

    async def _key(self, exchange: Exchange) -> None:
        api_token = await self._parts.admission.identify(exchange)
        _send(exchange, await self._parts.billing.key(api_token, self._parts.catalog()))

    async def _subscription(self, exchange: Exchange) -> None:
        api_token = await self._parts.admission.identify(exchange)
        _send(exchange, await self._parts.billing.subscription(api_token))

    async def _usage(self, exchange: Exchange) -> None:
        api_token = await self._parts.admission.identify(exchange)
        _send(exchange, await self._parts.billing.usage(api_token, exchange.query))

    async def _count_tokens(self, exchange: Exchange) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        body = parse_body(await exchange.body(parts.body_bytes_max), exchange.headers)
        catalog = parts.catalog()
        request = parts.count_tokens.read(body)
        parts.admission.model(api_token, request.model, catalog)
        counted = await parts.count_tokens.count(request, body, catalog)
        _send(exchange, {"input_tokens": counted})

    def _refuse(self, exchange: Exchange, path: str, error: ApiError) -> None:
        is_anthropic = path.startswith(MESSAGES) or "anthropic-version" in exchange.headers
        name = "anthropic_messages" if is_anthropic else "openai_chat"
        language = language_of(exchange, self._parts.default_language)
        if not exchange.is_started:
            refuse(exchange, self._parts.dialects[name], error, language)


def _not_allowed(exchange: Exchange, allowed: str) -> ApiError:
    return MethodNotAllowed(
        headers=(("allow", f"{allowed}, OPTIONS"),),
        method=exchange.method,
        path=exchange.path[:200],
        allowed=allowed,
    )


def _send(exchange: Exchange, document: dict[str, Any]) -> None:
    exchange.respond(200, (JSON_TYPE,), orjson.dumps(document))
