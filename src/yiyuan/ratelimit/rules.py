"""Which windows a request counts in, and how high they are.

An account has one window per model for requests and one for tokens, shared by all its
API tokens; the tier that its posted balance is in multiplies both. An API token may
have a stricter one of its own, for all models together, which no tier touches.
"""

from yiyuan.pricing.model import Model, Tier, effective_limit
from yiyuan.ratelimit.window import Window


def account_windows(account_id: str, model: Model, tier: Tier, tokens: int = 0) -> list[Window]:
    """The windows of an account and a model, for a request that brings `tokens` tokens."""
    windows = []
    if model.rpm is not None:
        windows.append(Window(f"{account_id} {model.name}", effective_limit(model.rpm, tier)))
    if model.tpm is not None:
        limit = effective_limit(model.tpm, tier)
        windows.append(Window(f"tokens {account_id} {model.name}", limit, tokens))
    return windows


def api_token_window(api_token_id: str, rpm: int) -> Window:
    """The window of an API token with its own limit."""
    return Window(api_token_id, rpm)
