"""What the upstream's model name tells about servers that speak like OpenAI.

Only conversions need it: a client that speaks OpenAI's format itself chooses
its fields itself. Unknown names get the plain, oldest form of every field.
"""

import re

_REASONING = re.compile(r"(?:^|/)(?:o[134]|gpt-5)(?:[^a-z0-9]|$)", re.IGNORECASE)
_REASONING_BACK = re.compile(r"(?:^|/)(?:deepseek|kimi|glm|minimax|mimo)", re.IGNORECASE)


def is_reasoning_model(model: str) -> bool:
    """Whether it is one of OpenAI's o1, o3, o4 or gpt-5 families.

    They take `max_completion_tokens` and `reasoning_effort`, and refuse
    sampling parameters other than their defaults.
    """
    return _REASONING.search(model) is not None


def wants_reasoning_back(model: str) -> bool:
    """Whether its server wants earlier `reasoning_content` back (and does not refuse it).

    DeepSeek and others answer 400 when a thinking model's turns with tool calls
    come back without it; OpenAI's own servers refuse the field.
    """
    return _REASONING_BACK.search(model) is not None
