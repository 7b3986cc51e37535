"""Who may send, and how often: 401, 403, 404 and 429.

The order is fixed: the credential before anything of the body is read, then the
model's name, then the limits. Nothing here touches money; the tier is read from
the balance that is posted at this moment.
"""

import math
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from yiyuan.auth.api_token import ApiToken, KeyHasher, hint, looks_like
from yiyuan.auth.client_address import client_address
from yiyuan.auth.credential import credential
from yiyuan.dialects.canonical import Request
from yiyuan.gateway.hold.bound import expected_tokens
from yiyuan.gateway.request.context import Admitted, RequestContext
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.gateway.request.limit_verdicts import limit_headers, over_the_limit, rate_windows
from yiyuan.gateway.request.links import Links
from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import (
    AccountSuspended,
    ApiError,
    Header,
    InvalidApiKey,
    InvalidRequest,
    IpNotAllowed,
    ModelNotAllowed,
    ModelNotFound,
    ShortfallLimitExceeded,
    retry_headers,
)
from yiyuan.kernel.limit_errors import AccountOwes, BalanceIsEmpty, CountedTooOften
from yiyuan.kernel.money import format_amount
from yiyuan.kernel.setting_readers import Network
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.rules.views import AccountView
from yiyuan.pricing.model import Model, combined_factor, tier_for
from yiyuan.ratelimit.contract import Limiter
from yiyuan.ratelimit.rules import account_windows
from yiyuan.ratelimit.window import Allowed, Limited, Slot, Window
from yiyuan.routing.catalog import Catalog

COUNTS_PER_MINUTE = 60
"""Of tokens, an account."""


class ApiTokens(Protocol):
    """Where API tokens are found by the hash of their key."""

    @property
    def known(self) -> Callable[[bytes], ApiToken | None]:
        """One that is known, and that whoever has its key may use from anywhere; or None."""
        ...

    async def find(self, key_hash: bytes, key: str = "") -> ApiToken | None:
        """Any of them, revoked and expired ones included."""
        ...


class Standing(NamedTuple):
    """What is known of an account beside its money."""

    is_stopped: Callable[[str, str], bool]
    """Whether it waits for an operator at a model."""
    owed: Callable[[str], Awaitable[int]]
    """The debt, in micros, for which it is suspended."""


class Admission:
    """Checks credential, model and limits on every path of the public API."""

    def __init__(
        self,
        *,
        pepper: bytes,
        api_tokens: ApiTokens,
        ledger: Ledger,
        limiter: Limiter,
        clock: Clock,
        links: Links,
        trusted_proxies: tuple[Network, ...],
        standing: Standing,
    ) -> None:
        """`pepper` keys the hash by which `api_tokens` knows a key."""
        self._hasher = KeyHasher(pepper)
        self._known_api_token = api_tokens.known
        self._find_api_token = api_tokens.find
        self._book = ledger
        self._limiter = limiter
        self._clock = clock
        self._trusted_proxies = trusted_proxies
        self._standing = standing
        self.links = links

    def recognise(self, exchange: Exchange) -> ApiToken | None:
        """Whose request this is, where that is known at once; None: `identify` it."""
        found = exchange.derived.get(self._hasher)
        return None if found is None else self._known_api_token(found[1])

    async def identify(self, exchange: Exchange) -> ApiToken:
        """Whose request this is. Raises 401 and, for addresses, 403."""
        key, key_hash = exchange.derived.get(self._hasher) or self._read_key(exchange)
        api_token = await self._find_api_token(key_hash, key)
        if api_token is None:
            raise self._refused(looks_like(key))
        if api_token.may_be_refused:
            refusal = api_token.refusal(self._clock.wall_ms(), hint(key))
            if refusal is not None:
                raise self._refused(refusal)
        if api_token.networks is not None:
            self._check_address(exchange, api_token)
        return api_token

    def _read_key(self, exchange: Exchange) -> tuple[str, bytes]:
        """The key and its hash, which follow from the head; raises 401 where there is none."""
        key = credential(exchange.headers)
        if key is None:
            raise self._refused(Phrase("key_missing"))
        found = exchange.derived[self._hasher] = key, self._hasher.hash(key)
        return found

    async def account(self, api_token: ApiToken) -> AccountView:
        """The account behind a token. Raises 403 when it is suspended."""
        account = await self._book.account(api_token.account_id)
        if account is None:
            raise self._refused(Phrase("key_missing"))
        if account.is_suspended:
            raise await self._suspended(account)
        return account

    async def _suspended(self, account: AccountView) -> AccountSuspended:
        owed = await self._standing.owed(account.id)
        if not owed:
            return AccountSuspended()
        url = self.links.topup_url
        details = {"owed": owed, "topup_url": url}
        return AccountOwes(details=details, owed=format_amount(owed), topup_url=url)

    async def check_not_empty(self, api_token: ApiToken) -> int:
        """An account's balance in micros, before a large body is read. Raises 402 for none, 403."""
        account = await self.account(api_token)
        if account.balance_micros <= 0:
            raise BalanceIsEmpty(
                headers=(("x-should-retry", "false"),),
                details={
                    "required": 1,
                    "available": account.available_micros,
                    "held": account.held_micros,
                    "affordable_max_tokens": 0,
                    "topup_url": self.links.topup_url,
                },
                topup_url=self.links.topup_url,
            )
        return account.balance_micros

    async def admit(
        self, context: RequestContext, api_token: ApiToken, request: Request, catalog: Catalog
    ) -> Admitted:
        """Check model and limits; counts the request. Raises 402, 403, 404, 429."""
        account = self._book.account_at_once(api_token.account_id)
        if account is None or account.is_suspended:
            account = await self.account(api_token)
        model = self.model(api_token, request.model, catalog)
        if self._standing.is_stopped(api_token.account_id, model.name):
            raise ShortfallLimitExceeded(headers=(("x-should-retry", "false"),), model=model.name)
        if context.dialect.paid_flags:
            _check_flags(context, model.name)
        promised_micros, tokens = api_token.promised_balance_micros, 0
        tier = tier_for(catalog.tiers, account.balance_micros, promised_micros)
        if model.tpm is not None:
            tokens = await context.run(expected_tokens, context.operation, request)
        windows = rate_windows(api_token, model, tier, tokens)
        headers: tuple[Header, ...] = ()
        slot: Slot | None = None
        if windows:
            verdict = await self._limiter.admit(windows)
            headers = limit_headers(verdict)
            if isinstance(verdict, Limited):
                raise over_the_limit(model.name, windows[verdict.window], verdict, headers)
            slot = verdict.slot
        group = api_token.group
        found = catalog.groups.get(group) if group is not None else None
        return Admitted(
            context=context,
            request=request,
            api_token=api_token,
            catalog=catalog,
            model=model,
            price_factor_ppm=combined_factor(tier, found),
            available_micros=account.available_micros,
            posted_micros=account.balance_micros,
            headers=headers,
            slot=slot,
            group=group,
        )

    def other(self, admitted: Admitted, name: str) -> Admitted | None:
        """The same request to another model; None where this token may not use that one."""
        api_token, request = admitted.api_token, admitted.request
        try:
            model = self.model(api_token, name, admitted.catalog)
        except (ModelNotFound, ModelNotAllowed):
            return None
        if self._standing.is_stopped(api_token.account_id, name):
            return None
        asked = replace(request, model=name, dropped=list(request.dropped))
        return replace(admitted, model=model, request=asked, headers=(), slot=None)

    async def count_other(self, other: Admitted) -> bool:
        """Count a request to another model in that one's limits; False where they are reached.

        The token's own limit has counted it already.
        """
        api_token, model = other.api_token, other.model
        promised_micros = api_token.promised_balance_micros
        tier = tier_for(other.catalog.tiers, other.posted_micros, promised_micros)
        tokens, context = 0, other.context
        if model.tpm is not None:
            tokens = await context.run(expected_tokens, context.operation, other.request)
        windows = account_windows(api_token.account_id, model, tier, tokens)
        if windows:
            verdict = await self._limiter.admit(windows)
            if isinstance(verdict, Limited):
                return False
            other.headers, other.slot = limit_headers(verdict), verdict.slot
        return True

    async def admit_count(self, api_token: ApiToken) -> None:
        """Count one counting of tokens, which is free but not without limit. Raises 429."""
        window = Window(f"count {api_token.account_id}", COUNTS_PER_MINUTE)
        verdict = await self._limiter.admit([window])
        if isinstance(verdict, Limited):
            seconds = min(60, math.ceil(verdict.retry_seconds))
            raise CountedTooOften(
                headers=retry_headers(verdict.retry_seconds),
                limit=COUNTS_PER_MINUTE,
                retry_seconds=seconds,
            )

    async def may_count_upstream(
        self, api_token: ApiToken, model: Model, *, is_new: bool = False
    ) -> bool:
        """Whether an upstream may count; what is new was not counted by `admit_count`."""
        account = f"count {api_token.account_id}"
        windows = [Window(account, COUNTS_PER_MINUTE)] if is_new else []
        if model.rpm is not None:
            windows.append(Window(f"{account} {model.name}", model.rpm))
        return not windows or isinstance(await self._limiter.admit(windows), Allowed)

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


def _check_flags(context: RequestContext, model: str) -> None:
    """400 for a flag in a header that makes a request dearer than the model's price."""
    for name, beginnings in context.dialect.paid_flags.items():
        for flag in context.exchange.headers.get(name, "").split(","):
            if flag.strip().lower().startswith(beginnings):
                param = f"{name}: {flag.strip()[:80]}"
                raise InvalidRequest("unsupported_parameter", param=param, model=model)
