"""Every error a client can be answered with, one class per code.

```
ApiError
├─ InvalidRequest            400  its own codes; names the parameter
├─ InvalidApiKey             401  invalid_api_key
├─ InsufficientBalance       402  insufficient_balance
│  └─ BalanceIsEmpty         402  the same, of an account without any money
├─ TokenBudgetExceeded       402  token_budget_exceeded
│  └─ MemberBudgetExceeded   402  the same, of what all tokens of a member share
├─ ShortfallLimitExceeded    402  shortfall_limit_exceeded
├─ ModelNotAllowed           403  model_not_allowed
├─ IpNotAllowed              403  ip_not_allowed
├─ AccountSuspended          403  account_suspended
│  └─ AccountOwes            403  the same, for a debt that can be paid
├─ HostNotAllowed            421  host_not_allowed
├─ ModelNotFound             404  model_not_found
├─ RouteNotFound             404  not_found
├─ MethodNotAllowed          405  method_not_allowed
├─ RequestTimeout            408  request_timeout
├─ RequestTooLarge           413  request_too_large
├─ UpgradeRefused            426  upgrade_refused
├─ HeadersTooLarge           431  headers_too_large
├─ RateLimitExceeded         429  rate_limit_exceeded
│  ├─ TokenRateLimitExceeded 429  the same, of tokens
│  │  └─ RequestOverTokenLimit 429  the same, of a request that never fits
│  ├─ RefusedTooOften        429  the same, of requests that were refused
│  └─ CountedTooOften        429  the same, of countings of tokens
├─ ConcurrencyLimitExceeded  429  concurrency_limit_exceeded
│  └─ TooMuchAtOnce          429  the same, of one account's large bodies
├─ TooManyConnections        429  too_many_connections
├─ InternalError             500  internal_error
├─ UpstreamError             502  upstream_error
├─ NoChannelAvailable        503  no_channel_available
├─ Overloaded                503  overloaded
└─ UpstreamTimeout           504  upstream_timeout
```

The public text comes from `i18n/api_texts.py` by key, in the reader's language;
what only the operator may see goes to the log, never into an `ApiError`.
Dialects render an error in their own shape.
"""

from typing import Any, ClassVar

from yiyuan.i18n.api_texts import message

Header = tuple[str, str]


class ApiError(Exception):
    """An answer that refuses: status, stable code, and a text in two languages."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = "server_error"
    default_code: ClassVar[str] = "internal_error"

    def __init__(
        self,
        key: str | None = None,
        *,
        param: str | None = None,
        headers: tuple[Header, ...] = (),
        details: dict[str, Any] | None = None,
        **fields: object,
    ) -> None:
        """`key` is code and text key in one; `fields` fill the text's places.

        `details` become further keys of the error object, `headers` go with
        the response.
        """
        self.code = key or self.default_code
        self.param = param
        self.headers = headers
        self.details = details or {}
        self.fields = fields if param is None else {"param": param, **fields}
        super().__init__(self.code)

    def message(self, language: str) -> str:
        """The text for people, in `language` (`en` or `zh`).

        It is the code's own, unless a kind of the same code has one: its `text_key`.
        """
        key: str = getattr(self, "text_key", self.code)
        return message(key, language, **self.fields)


class InvalidRequest(ApiError):
    """The request cannot be honoured as it is; `key` says why, `param` where."""

    status = 400
    type = "invalid_request_error"
    default_code = "invalid_request"


class UpstreamRejected(InvalidRequest):
    """An upstream judged the request wrong (its 400, 413 or 422); text redacted."""

    default_code = "upstream_rejected"


class InvalidApiKey(ApiError):
    """No, unknown, revoked or expired API token."""

    status = 401
    type = "invalid_request_error"
    default_code = "invalid_api_key"


class InsufficientBalance(ApiError):
    """The request's upper bound is more than what is left."""

    status = 402
    type = "insufficient_balance"
    default_code = "insufficient_balance"


class TokenBudgetExceeded(ApiError):
    """The API token's own budget does not cover the request's upper bound."""

    status = 402
    type = "insufficient_balance"
    default_code = "token_budget_exceeded"


class ShortfallLimitExceeded(ApiError):
    """The account's requests to this model cost more than was held: an operator must look."""

    status = 402
    type = "insufficient_balance"
    default_code = "shortfall_limit_exceeded"


class ModelNotAllowed(ApiError):
    """The API token may not use this model."""

    status = 403
    type = "permission_error"
    default_code = "model_not_allowed"


class IpNotAllowed(ApiError):
    """The client's address is not on the API token's list."""

    status = 403
    type = "permission_error"
    default_code = "ip_not_allowed"


class AccountSuspended(ApiError):
    """The operator has suspended the account."""

    status = 403
    type = "permission_error"
    default_code = "account_suspended"


class ModelNotFound(ApiError):
    """There is no such model here."""

    status = 404
    type = "invalid_request_error"
    default_code = "model_not_found"


class RouteNotFound(ApiError):
    """There is no such path."""

    status = 404
    type = "invalid_request_error"
    default_code = "not_found"


class HostNotAllowed(ApiError):
    """The request names a host that is not served here."""

    status = 421
    type = "invalid_request_error"
    default_code = "host_not_allowed"


class MethodNotAllowed(ApiError):
    """The path exists, but not with this method."""

    status = 405
    type = "invalid_request_error"
    default_code = "method_not_allowed"


class UpgradeRefused(ApiError):
    """A websocket was asked for; clients then send the same by POST and get events."""

    status = 426
    type = "invalid_request_error"
    default_code = "upgrade_refused"


class RequestTimeout(ApiError):
    """The client was too slow in sending its request."""

    status = 408
    type = "invalid_request_error"
    default_code = "request_timeout"


class RequestTooLarge(ApiError):
    """The body is over the limit."""

    status = 413
    type = "invalid_request_error"
    default_code = "request_too_large"


class HeadersTooLarge(ApiError):
    """The request's head is over the limit."""

    status = 431
    type = "invalid_request_error"
    default_code = "headers_too_large"


class RateLimitExceeded(ApiError):
    """As many requests as the limit allows were admitted in the last 60 seconds."""

    status = 429
    type = "requests"
    default_code = "rate_limit_exceeded"


class TokenRateLimitExceeded(RateLimitExceeded):
    """With this request's tokens there would be more than the limit in 60 seconds."""

    type = "tokens"
    text_key = "token_rate_limit_exceeded"


class RequestOverTokenLimit(TokenRateLimitExceeded):
    """The request alone brings more tokens than the limit."""

    text_key = "tokens_over_limit"


class ConcurrencyLimitExceeded(ApiError):
    """As many requests as allowed are open at this moment."""

    status = 429
    type = "requests"
    default_code = "concurrency_limit_exceeded"


class InternalError(ApiError):
    """A fault of ours; the log has the details under the request's id."""

    default_code = "internal_error"


class UpstreamError(ApiError):
    """Every channel that was tried failed."""

    status = 502
    type = "upstream_error"
    default_code = "upstream_error"


class NoChannelAvailable(ApiError):
    """No channel for the model can take a request now."""

    status = 503
    type = "server_error"
    default_code = "no_channel_available"


class Overloaded(ApiError):
    """A bounded queue of ours is full, or the server is about to stop."""

    status = 503
    type = "server_error"
    default_code = "overloaded"


class UpstreamTimeout(ApiError):
    """The upstream did not answer in time."""

    status = 504
    type = "upstream_error"
    default_code = "upstream_timeout"


def retry_headers(seconds: float) -> tuple[Header, ...]:
    """`Retry-After` in whole seconds (1 to 60) and `retry-after-ms`, both true."""
    milliseconds = min(60_000, max(1, int(seconds * 1000 + 0.999)))
    return (
        ("retry-after", str(-(-milliseconds // 1000))),
        ("retry-after-ms", str(milliseconds)),
    )
