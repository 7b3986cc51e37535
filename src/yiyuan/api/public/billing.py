"""Balance and spend as a client sees them: `/v1/key` and the billing pair of old.

NextChat and others read a balance from two paths that OpenAI once had. Their
figures are called dollars there; here they are 元 (`hard_limit_usd`) and 分
(`total_usage`). All of it is free and outside the limits.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import orjson

from yiyuan.api.public.models import usable_models
from yiyuan.auth.api_token import ApiToken
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.request.limit_verdicts import rate_windows
from yiyuan.kernel.calendar import month_start
from yiyuan.kernel.clock import Clock, iso, parse_time
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.money import format_millionths
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.rules.views import budget_document
from yiyuan.pricing.model import tier_for
from yiyuan.ratelimit.contract import Limiter
from yiyuan.ratelimit.window import Allowed, Limited
from yiyuan.routing.catalog import Catalog

SpentMicros = Callable[[str, int, int], Awaitable[int]]
_FAR_FUTURE_SECONDS = 4_102_444_800  # 2100-01-01


class Billing:
    """Reads balances."""

    def __init__(
        self,
        admission: Admission,
        ledger: Ledger,
        limiter: Limiter,
        clock: Clock,
        spent_micros: SpentMicros,
    ) -> None:
        """`spent_micros(account_id, since_ms, until_ms)` sums an account's spend."""
        self._admission = admission
        self._book = ledger
        self._limiter = limiter
        self._clock = clock
        self._spent_micros = spent_micros

    async def subscription(self, api_token: ApiToken) -> dict[str, Any]:
        """What is left plus what was used this month."""
        account = await self._admission.account(api_token)
        since, until = self._this_month()
        used = await self._spent_micros(account.id, since, until)
        total = _json_number(account.balance_micros + used)
        expires = api_token.expires_at_ms
        return {
            "object": "billing_subscription",
            "has_payment_method": True,
            "soft_limit_usd": total,
            "hard_limit_usd": total,
            "system_hard_limit_usd": total,
            "access_until": _FAR_FUTURE_SECONDS if expires is None else expires // 1000,
        }

    async def usage(self, api_token: ApiToken, query: str) -> dict[str, Any]:
        """The spend of the asked range, in 分."""
        account = await self._admission.account(api_token)
        since, until = self._this_month()
        asked = parse_qs(query[:2000])
        since = _date(asked, "start_date", since)
        until = _date(asked, "end_date", until)
        used = await self._spent_micros(account.id, since, until)
        return {"object": "list", "daily_costs": [], "total_usage": _json_number(used * 100)}

    async def key(self, api_token: ApiToken, catalog: Catalog) -> dict[str, Any]:
        """The token's own view: balance, budget and limits as of now."""
        account = await self._admission.account(api_token)
        promised_micros = api_token.promised_balance_micros
        tier = tier_for(catalog.tiers, account.balance_micros, promised_micros)
        limits = []
        for model in usable_models(api_token, catalog):
            windows = rate_windows(api_token, model, tier)
            if windows:
                limits.append(_limit(model.name, await self._limiter.peek(windows)))
        expires, budgets = api_token.expires_at_ms, await self._budgets(api_token)
        return {
            "object": "key",
            "id": api_token.id,
            "name": api_token.name,
            "models": sorted(api_token.models) if api_token.models is not None else None,
            "expires_at": None if expires is None else iso(expires),
            "account": {
                "balance": account.balance_micros,
                "held": account.held_micros,
                "available": account.available_micros,
            },
            "budget": next((each for each in budgets if each["id"] == api_token.id), None),
            "budgets": budgets,
            "limits": limits,
        }

    async def _budgets(self, api_token: ApiToken) -> list[dict[str, Any]]:
        views = [await self._book.budget(key.id) for key in api_token.budgets]
        return [budget_document(view) for view in views if view is not None]

    def _this_month(self) -> tuple[int, int]:
        """From the first of this month, 00:00 UTC, up to now."""
        now_ms = self._clock.wall_ms()
        return month_start(now_ms), now_ms + 1


def _limit(name: str, state: Allowed | Limited) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "model": name,
        "requests_per_minute": state.limit,
        "remaining": state.remaining if state.limit is not None else None,
    }
    if state.tokens is not None:
        shown["tokens_per_minute"] = state.tokens.limit
        shown["remaining_tokens"] = state.tokens.remaining
    return shown


def _date(asked: dict[str, list[str]], name: str, default: int) -> int:
    if name not in asked:
        return default
    try:
        return parse_time(asked[name][0])
    except (ValueError, OverflowError) as error:
        raise InvalidRequest("invalid_value", param=name, reason="YYYY-MM-DD") from error


def _json_number(micros: int) -> orjson.Fragment:
    """Micros as 元, as an exact JSON number."""
    return orjson.Fragment(format_millionths(micros))
