"""In which windows a request counts, and how their verdict is told: headers and the 429."""

import math
from functools import lru_cache

from yiyuan.auth.api_token import ApiToken
from yiyuan.kernel.errors import (
    ApiError,
    Header,
    RateLimitExceeded,
    RequestOverTokenLimit,
    TokenRateLimitExceeded,
    retry_headers,
)
from yiyuan.pricing.model import Model, Tier
from yiyuan.ratelimit.rules import account_windows, api_token_window
from yiyuan.ratelimit.window import Allowed, Limited, State, Window


def rate_windows(api_token: ApiToken, model: Model, tier: Tier, tokens: int = 0) -> list[Window]:
    """The windows that a request counts in: account × model, and the token's own."""
    windows = account_windows(api_token.account_id, model, tier, tokens)
    if api_token.rpm is not None:
        windows.append(api_token_window(api_token.id, api_token.rpm))
    return windows


def limit_headers(verdict: Allowed | Limited) -> tuple[Header, ...]:
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


def over_the_limit(
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


@lru_cache(1024)
def duration(seconds: float) -> str:
    """A duration as OpenAI writes it: `120ms`, `1.5s`, `6m0s`."""
    milliseconds = math.ceil(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    text = f"{rest / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{minutes}m{text}s" if minutes else f"{text}s"
