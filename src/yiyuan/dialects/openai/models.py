"""What the upstream's model name tells about servers that speak like OpenAI.

A family's later models are taken for what its latest are. Unknown names get the plain,
oldest form of every field.
"""

import re
from functools import lru_cache

_REASONING = re.compile(
    r"(?:^|/)(?:o\d+|gpt-(?!35)(?:[5-9]|[1-9]\d+))(?:[^a-z0-9]|$)", re.IGNORECASE
)
_OPENAIS = re.compile(
    r"(?:^|/)(?:o\d+|(?:chat)?gpt-(?!oss)[a-z0-9]+)(?:[^a-z0-9]|$)", re.IGNORECASE
)
_REASONING_BACK = re.compile(r"(?:^|/)(?:deepseek|kimi|glm|minimax|mimo)", re.IGNORECASE)


@lru_cache(1024)
def is_reasoning_model(model: str) -> bool:
    """Whether it is one of OpenAI's o-series, or gpt-5 and later.

    They take `max_completion_tokens` and `reasoning_effort`, and refuse
    sampling parameters other than their defaults.
    """
    return _REASONING.search(model) is not None


@lru_cache(1024)
def is_openai_model(model: str) -> bool:
    """Whether OpenAI's own servers have it, as far as its name tells."""
    return _OPENAIS.search(model) is not None


def wants_reasoning_back(model: str) -> bool:
    """Whether its server wants earlier `reasoning_content` back (and does not refuse it).

    DeepSeek and others answer 400 when a thinking model's turns with tool calls
    come back without it; OpenAI's own servers refuse the field.
    """
    return _REASONING_BACK.search(model) is not None


def effort_of(thinking_budget: int) -> str:
    """The effort that is nearest to Anthropic's budget in tokens."""
    if thinking_budget <= 2048:
        return "low"
    return "medium" if thinking_budget <= 8192 else "high"
