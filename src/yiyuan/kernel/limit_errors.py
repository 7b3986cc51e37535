"""Kinds of refusals that share a code, and those that keep one client from slowing the others.

Their tree is in `errors.py`.
"""

from typing import Any

from yiyuan.kernel.errors import (
    AccountSuspended,
    ApiError,
    ConcurrencyLimitExceeded,
    InsufficientBalance,
    RateLimitExceeded,
    TokenBudgetExceeded,
    retry_headers,
)


class BalanceIsEmpty(InsufficientBalance):
    """Nothing is left, so that the request need not be looked at."""

    text_key = "balance_is_empty"


class FileMayNeedMore(InsufficientBalance):
    """A part whose size cannot be seen is held for as the model's whole context."""

    text_key = "file_may_need"


class MemberBudgetExceeded(TokenBudgetExceeded):
    """A token's budget is not enough: that which all tokens of a member of the account share."""

    text_key = "member_budget_exceeded"


class AccountOwes(AccountSuspended):
    """A refund or dispute has left a debt, which the next top-up pays."""

    text_key = "account_owes"


class RefusedTooOften(RateLimitExceeded):
    """So many of the account's requests were refused that the next is not looked at."""

    text_key = "refused_too_often"


class CountedTooOften(RateLimitExceeded):
    """As many countings of tokens as are allowed were asked for in the last 60 seconds."""

    text_key = "counted_too_often"


class TooMuchAtOnce(ConcurrencyLimitExceeded):
    """The account's open requests take as much of the server as one account may."""

    def __init__(self, **fields: Any) -> None:
        """`fields` fill the text's places."""
        super().__init__(headers=retry_headers(1.0), **fields)


class LargeRequestsWaiting(TooMuchAtOnce):
    """As many of its large requests as may wait to be read."""

    text_key = "large_requests_waiting"


class BodiesTooLargeAtOnce(TooMuchAtOnce):
    """As much memory as the bodies of one account may take."""

    text_key = "bodies_too_large_at_once"


class TooManyConnections(ApiError):
    """One address has as many connections open as it may."""

    status = 429
    type = "requests"
    default_code = "too_many_connections"
