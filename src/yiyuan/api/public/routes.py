"""The public API: path → operation.

Each wire format brings its own metered path; the free paths are listed here.
Paths answer with `/v1`, without it and with `/v1/v1`, because half of all
clients add it and half do not; none redirects. Every answer here, errors and
streams included, may be read from any origin: credentials are bearer tokens,
never cookies. Errors are OpenAI's object, on `/messages` Anthropic's.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import orjson

from yiyuan.api.methods import not_allowed
from yiyuan.api.public.billing import Billing
from yiyuan.api.public.count_tokens import CountTokens
from yiyuan.api.public.google import (
    COUNT,
    PREFIX,
    Verb,
    google_list,
    google_model,
    is_google,
    take_key,
    verb_of,
)
from yiyuan.api.public.models import (
    Offer,
    anthropic_list,
    anthropic_model,
    openai_list,
    openai_model,
    usable_models,
)
from yiyuan.dialects.canonical import Json, Request
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.delivery.respond import JSON_TYPE, language_of, refuse
from yiyuan.gateway.relay import Relay
from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.status_lines import encode_headers
from yiyuan.kernel.errors import (
    ApiError,
    ModelNotFound,
    RouteNotFound,
    UpgradeRefused,
)
from yiyuan.routing.catalog import Catalog

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
    "x-yiyuan-model",
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

_GOOGLE_PATHS = ("/models", PREFIX)
_SLASHES = re.compile("/{2,}")
MESSAGES = "/messages"
RERANK = "/rerank"


@dataclass(slots=True, frozen=True)
class PublicApiDependencies:
    """What the public API works with; built in `app/process.py`."""

    relay: Relay
    admission: Admission
    billing: Billing
    count_tokens: CountTokens
    dialects: dict[str, Dialect]
    catalog: Callable[[], Catalog]
    default_language: str
    created: int
    """Unix seconds, for the models' objects."""


Operation = Callable[[Exchange], Awaitable[None]]


def with_single_slashes(path: str) -> str:
    """`path` as it is meant: many a base address ends in a slash."""
    return path if "//" not in path else _SLASHES.sub("/", path)


def normal_path(path: str) -> str:
    """`path` without its `/v1` prefixes (or `/v1beta`) and without a slash at its end."""
    path = path.removeprefix(PREFIX) if path.startswith(PREFIX + "/") else path
    for _ in range(2):
        if path.startswith("/v1/"):
            path = path[3:]
    path = path.rstrip("/") if len(path) > 1 else path
    return RERANK if path == f"/v2{RERANK}" else path


class PublicApi:
    """Serves the public API's paths."""

    def __init__(self, parts: PublicApiDependencies) -> None:
        """Routes are fixed here, once."""
        self._parts = parts
        self._metered = {dialect.client_path: dialect for dialect in parts.dialects.values()}
        self._straight = {
            f"{prefix}{path}": dialect
            for path, dialect in self._metered.items()
            for prefix in ("/v1", "")
            if not path.startswith(_GOOGLE_PATHS)
        }
        """Paths as nearly every client writes them: nothing of them has to be looked at."""
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
        if path in self._straight:
            return True
        path = with_single_slashes(path)
        if path in ("/v1", PREFIX) or path.startswith(("/v1/", PREFIX + "/")):
            return True
        path = normal_path(path)
        return path in self._metered or path in self._free or path.startswith("/models/")

    def handle(self, exchange: Exchange) -> Awaitable[None]:
        """Answer one request to the public API, once this is awaited."""
        exchange.shared_headers = CORS_HEADERS
        straight = self._straight.get(exchange.path)
        if straight is not None and exchange.method == "POST":
            return self._parts.relay.relay(exchange, straight, straight.client_path)
        return self._find(exchange)

    async def _find(self, exchange: Exchange) -> None:
        exchange.path = with_single_slashes(exchange.path)
        path = normal_path(exchange.path)
        dialect = self._metered.get(path)
        if exchange.method == "OPTIONS":
            exchange.respond(204, PREFLIGHT_HEADERS)
        elif is_google(exchange, exchange.path if exchange.path.startswith(PREFIX) else path):
            await self._google(exchange, path)
        elif dialect is not None and exchange.method == "POST":
            await self._parts.relay.relay(exchange, dialect, path)
        else:
            try:
                await self._route(exchange, path)
            except ApiError as error:
                self._refuse(exchange, path, error)

    async def _google(self, exchange: Exchange, path: str) -> None:
        """Google's addresses, answered in Google's form."""
        take_key(exchange)
        verb = verb_of(path, exchange.query) if exchange.method == "POST" else None
        if verb is not None and verb.dialect is not None:
            dialect = self._parts.dialects[verb.dialect]
            endpoint = f"/models:{verb.name}"
            await self._parts.relay.relay(exchange, dialect, endpoint, verb.fields)
            return
        try:
            if verb is not None and verb.name == COUNT:
                await self._google_count(exchange, verb)
            elif exchange.method in ("GET", "HEAD") and path.startswith("/models"):
                await self._google_models(exchange, path)
            else:
                raise RouteNotFound(method=exchange.method, path=exchange.path[:200])
        except ApiError as error:
            language = language_of(exchange, self._parts.default_language)
            if not exchange.is_started:
                refuse(exchange, self._parts.dialects["gemini"], error, language)

    async def _google_models(self, exchange: Exchange, path: str) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        offer = Offer(parts.catalog(), parts.created, api_token.group)
        models = usable_models(api_token, offer.catalog)
        name = path.removeprefix("/models").removeprefix("/")
        if not name:
            _send(exchange, google_list(models, offer))
            return
        found = next((model for model in models if model.name == name), None)
        if found is None:
            raise ModelNotFound(param="model", model=name[:200])
        _send(exchange, google_model(found, offer))

    async def _google_count(self, exchange: Exchange, verb: Verb) -> None:
        def read(body: Json) -> Request:
            inner = body.get("generateContentRequest")
            asked = inner if isinstance(inner, dict) else body
            return self._parts.dialects["gemini"].read_request(asked | verb.fields)

        counted = await self._parts.count_tokens.serve(exchange, read, is_local=True)
        _send(exchange, {"totalTokens": counted})

    async def _route(self, exchange: Exchange, path: str) -> None:
        if exchange.headers.get("upgrade", "").lower() == "websocket":
            exchange.close_after()
            raise UpgradeRefused(path=exchange.path[:200])
        method = "GET" if exchange.method == "HEAD" else exchange.method
        if path in self._metered:
            raise not_allowed(exchange, "POST", "OPTIONS")
        if path.startswith("/models/"):
            path = "/models/"
        if path not in self._free:
            raise RouteNotFound(method=exchange.method, path=exchange.path[:200])
        allowed, operation = self._free[path]
        if method != allowed:
            raise not_allowed(exchange, allowed, "OPTIONS")
        await operation(exchange)

    async def _models(self, exchange: Exchange) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        catalog = parts.catalog()
        make = anthropic_list if "anthropic-version" in exchange.headers else openai_list
        offer = Offer(catalog, parts.created, api_token.group)
        _send(exchange, make(usable_models(api_token, catalog), offer))

    async def _model(self, exchange: Exchange) -> None:
        parts = self._parts
        api_token = await parts.admission.identify(exchange)
        catalog = parts.catalog()
        name = normal_path(exchange.path).removeprefix("/models/")
        found = [m for m in usable_models(api_token, catalog) if m.name == name]
        if not found:
            raise ModelNotFound(param="model", model=name[:200])
        make = anthropic_model if "anthropic-version" in exchange.headers else openai_model
        _send(exchange, make(found[0], Offer(catalog, parts.created, api_token.group)))

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
        count_tokens = self._parts.count_tokens
        counted = await count_tokens.serve(exchange, count_tokens.read)
        _send(exchange, {"input_tokens": counted})

    def _refuse(self, exchange: Exchange, path: str, error: ApiError) -> None:
        is_anthropic = path.startswith(MESSAGES) or "anthropic-version" in exchange.headers
        name = "anthropic_messages" if is_anthropic else "openai_chat"
        language = language_of(exchange, self._parts.default_language)
        if not exchange.is_started:
            refuse(exchange, self._parts.dialects[name], error, language)


def _send(exchange: Exchange, document: dict[str, Any]) -> None:
    exchange.respond(200, (JSON_TYPE,), orjson.dumps(document))
