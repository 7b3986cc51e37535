"""Who may send, and how often: 401, 403, 404 and 429.

The order is fixed: the credential before anything of the body is read, then the
model's name, then the limits. Nothing here touches money; the tier is read from
the balance that is posted at this moment.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from yiyuan.access.api_token import ApiToken, KeyHasher, hint, looks_like
from yiyuan.access.client_address import client_address
from yiyuan.access.credentials import credential
from yiyuan.dialects.dialect import Request
from yiyuan.gateway.bound import expected_tokens
from yiyuan.gateway.exchange import Exchange
from yiyuan.gateway.job import Admitted
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import (
    AccountSuspended,
    ApiError,
    Header,
    InvalidApiKey,
    IpNotAllowed,
    ModelNotAllowed,
    ModelNotFound,
    RateLimitExceeded,
    RequestOverTokenLimit,
    TokenRateLimitExceeded,
    retry_headers,
)
from yiyuan.kernel.setting_readers import Network
from yiyuan.kernel.text import Phrase
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.ledger import Ledger
from yiyuan.ledger.views import AccountView
from yiyuan.limits.limiter import Limiter
from yiyuan.limits.rules import account_windows, api_token_window
from yiyuan.limits.window import Admitted as InLimits
from yiyuan.limits.window import Limited, Slot, State, Window
from yiyuan.pricing.model import Model, Tier, tier_for
from yiyuan.upstream.catalog import Catalog

FindApiToken = Callable[[bytes], Awaitable[ApiToken | None]]


@dataclass(slots=True)
class Links:
    """Addresses that error texts point to."""

    console_url: str
    topup_url: str
    """Changes when the operator sets another place to pay."""


class Admission:
    """The doorkeeper of every `/v1` path."""

    def __init__(
        self,
        *,
        pepper: bytes,
        find_api_token: FindApiToken,
        book: Ledger,
        limiter: Limiter,
        clock: Clock,
        links: Links,
        trusted_proxies: tuple[Network, ...],
    ) -> None:
        """`find_api_token` looks a key's hash up, cached; `pepper` keys the hash."""
        self._hasher = KeyHasher(pepper)
        self._find_api_token = find_api_token
        self._book = book
        self._limiter = limiter
        self._clock = clock
        self._trusted_proxies = trusted_proxies
        self.links = links

    async def identify(self, exchange: Exchange) -> ApiToken:
        """Whose request this is. Raises 401 and, for addresses, 403."""
        key = credential(exchange.headers)
        if key is None:
            raise self._refused(Phrase("key_missing"))
        api_token = await self._find_api_token(self._hasher.hash(key))
        if api_token is None:
            raise self._refused(looks_like(key))
        if api_token.may_be_refused:
            refusal = api_token.refusal(self._clock.wall_ms(), hint(key))
            if refusal is not None:
                raise self._refused(refusal)
        if api_token.networks is not None:
            self._check_address(exchange, api_token)
        return api_token

    async def account(self, api_token: ApiToken) -> AccountView:
        """The account behind a token. Raises 403 when it is suspended."""
        account = await self._book.account(api_token.account_id)
        if account is None:
            raise self._refused(Phrase("key_missing"))
        if account.is_suspended:
            raise AccountSuspended
        return account

    async def admit(self, api_token: ApiToken, request: Request, catalog: Catalog) -> Admitted:
        """Check model and limits; counts the request. Raises 403, 404, 429."""
        account = await self.account(api_token)
        model = self.model(api_token, request.model, catalog)
        promised_micros = api_token.promised_balance_micros
        tier = tier_for(catalog.tiers, account.balance_micros, promised_micros)
        tokens = 0 if model.tpm is None else expected_tokens(request)
        windows = rate_windows(api_token, model, tier, tokens)
        headers: tuple[Header, ...] = ()
        slot: Slot | None = None
        if windows:
            verdict = await self._limiter.admit(windows)
            headers = limit_headers(verdict)
            if isinstance(verdict, Limited):
                raise _over_the_limit(model.name, windows[verdict.window], verdict, headers)
            slot = verdict.slot
        factor = tier.price_factor_ppm
        return Admitted(api_token, catalog, model, factor, account.available_micros, headers, slot)

    def give_back(self, admitted: Admitted | None) -> None:
        """Uncount a request that was refused after all, if it was counted: it burns nothing."""
        if admitted is not None and admitted.slot is not None:
            self._limiter.give_back(admitted.slot)

    def settle(self, admitted: Admitted | None, usage: Usage | None) -> None:
        """Count the tokens that a request really used, in place of the expected ones."""
        if admitted is not None and admitted.slot is not None and admitted.model.tpm is not None:
            used = 0 if usage is None else usage.input_tokens + usage.output_tokens
            self._limiter.correct(admitted.slot, used)

    def model(self, api_token: ApiToken, name: str, catalog: Catalog) -> Model:
        """The model called `name`, if this token may use it."""
        model = catalog.models.get(name)
        if model is None or not model.enabled:
            raise ModelNotFound(param="model", model=name)
        if not api_token.allows_model(name):
            raise ModelNotAllowed(param="model", model=name)
        return model

    def _check_address(self, exchange: Exchange, api_token: ApiToken) -> None:
        forwarded = exchange.headers.get("x-forwarded-for")
        address = client_address(exchange.peer, forwarded, self._trusted_proxies)
        if not api_token.allows_address(address):
            raise IpNotAllowed(address=address)

    def _refused(self, hint: object) -> ApiError:
        return InvalidApiKey(hint=hint, console_url=self.links.console_url)


def rate_windows(api_token: ApiToken, model: Model, tier: Tier, tokens: int = 0) -> list[Window]:
    """The windows that a request counts in: account × model, and the token's own."""
    windows = account_windows(api_token.account_id, model, tier, tokens)
    if api_token.rpm is not None:
        windows.append(api_token_window(api_token.id, api_token.rpm))
    return windows


def limit_headers(verdict: InLimits | Limited) -> tuple[Header, ...]:
    """OpenAI's rate limit headers, of what is limited."""
    headers: tuple[Header, ...] = ()
    if verdict.limit is not None:
        headers = _headers_of(
            "requests", State(verdict.limit, verdict.remaining, verdict.reset_seconds)
        )
    if verdict.tokens is not None:
        headers += _headers_of("tokens", verdict.tokens)
    return headers


def _headers_of(kind: str, state: State) -> tuple[Header, ...]:
    return (
        (f"x-ratelimit-limit-{kind}", str(state.limit)),
        (f"x-ratelimit-remaining-{kind}", str(state.remaining)),
        (f"x-ratelimit-reset-{kind}", duration(state.reset_seconds)),
    )


def _over_the_limit(
    name: str, window: Window, verdict: Limited, headers: tuple[Header, ...]
) -> ApiError:
    """429 by the window that has to be waited for; one that never fits is not to be retried."""
    limit, requested = window.limit, window.tokens
    if requested is not None and requested > limit:
        headers += (("x-should-retry", "false"),)
        return RequestOverTokenLimit(headers=headers, model=name, limit=limit, requested=requested)
    headers += retry_headers(verdict.retry_seconds)
    seconds = min(60, math.ceil(verdict.retry_seconds))
    if requested is None:
        return RateLimitExceeded(headers=headers, model=name, limit=limit, retry_seconds=seconds)
    assert verdict.tokens is not None
    return TokenRateLimitExceeded(
        headers=headers,
        model=name,
        limit=limit,
        remaining=verdict.tokens.remaining,
        requested=requested,
        retry_seconds=seconds,
    )


def duration(seconds: float) -> str:
    """A duration as OpenAI writes it: `120ms`, `1.5s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{text}s" if minutes else f"{text}s"
