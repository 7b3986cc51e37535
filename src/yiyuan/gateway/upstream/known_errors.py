"""What an upstream's error means by its code or its words, whoever the vendor is.

Two codes are worth more to a client than ours: programs shorten a conversation at one
and tell their reader at the other. Many servers say the first in words alone. And an
operator's arrears or wrong key come as a 400 from some: that is no fault of the
customer's. Words count only where the vendor's own sentence begins with them, since
further on an error may quote what a customer wrote.
"""

import re

from yiyuan.dialects.canonical import UpstreamProblem

CONTEXT = "context_length_exceeded"
FILTER = "content_filter"
_KEPT = {
    CONTEXT: CONTEXT,
    "context_window_exceeded": CONTEXT,
    "exceed_context_size_error": CONTEXT,
    "model_context_window_exceeded": CONTEXT,
    FILTER: FILTER,
    "content_policy_violation": FILTER,
    "data_inspection_failed": FILTER,
    "DataInspectionFailed": FILTER,
    "moderation_blocked": FILTER,
}
_ARREARS = frozenset(
    {
        *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
        *("account_deactivated", "access_terminated", "Arrearage", "AccountOverdueError"),
        *("exceeded_current_quota_error", "insufficient_balance", "billing_error"),
        # Other gateways, as a channel that resells: one-api, new-api.
        *("insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_credits"),
    }
)
_BAD_KEY = frozenset(
    {
        *("invalid_api_key", "API_KEY_INVALID", "API_KEY_SERVICE_BLOCKED", "invalid_key"),
        *("incorrect_api_key_error", "authentication_error", "invalid_authentication_error"),
        *("InvalidApiKey", "AuthenticationError"),
    }
)
_ACCOUNT_CODES = _ARREARS | _BAD_KEY
_ACCOUNT_WORDS = re.compile(
    r"(your )?credit balance is too low"
    r"|you exceeded your current quota"
    r"|incorrect api key"
    r"|invalid api[ -]?key"
    r"|api key (not valid|not found|expired)"
    r"|authentication fails"
    r"|access denied, please make sure your account is in good standing"
    r"|(your )?account (is|has been) (overdue|suspended|deactivated|in arrears)"
    r"|insufficient (account )?balance"
    r"|(sorry, )?your account balance is insufficient",
    re.IGNORECASE,
)
_CONTEXT_WORDS = re.compile(
    r"prompt is too long"
    r"|input is too long for requested model"
    r"|(this|the) (endpoint|model)'?s? maximum context length"
    r"|requested token count exceeds the model'?s maximum context length"
    r"|your input exceeds the context window"
    r"|the input token count .{0,40}exceeds the maximum number of tokens"
    r"|input length (and `max_tokens` )?exceed"
    r"|input validation error: `inputs` tokens"
    r"|the request exceeds the available context size"
    r"|range of input length should be"
    r"|total tokens of (image and )?(text|prompt).{0,20} exceed"
    r"|please reduce the length of the (messages|prompt|input)",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"(error code: \d{3} - |\w{0,60}error[\w.]{0,60}: |\w{0,60}exception: |<\d+> )*", re.IGNORECASE
)
"""What proxies and frameworks put before the vendor's sentence."""


def kept_code(problem: UpstreamProblem) -> str | None:
    """The code that a client should see of a request that was refused; None: ours."""
    for told in (problem.code, problem.type):
        if told in _KEPT:
            return _KEPT[told]
    return CONTEXT if _begins(_CONTEXT_WORDS, problem.message) else None


def blames_account(problem: UpstreamProblem) -> bool:
    """Whether it speaks of the operator's arrears or key."""
    if problem.code in _ACCOUNT_CODES or problem.type in _ACCOUNT_CODES:
        return True
    return _begins(_ACCOUNT_WORDS, problem.message)


def _begins(words: re.Pattern[str], message: str) -> bool:
    lead = _LEAD.match(message)
    return words.match(message, lead.end() if lead else 0) is not None
