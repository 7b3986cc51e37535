"""Why a choice ended, in OpenAI's words.

Readers accept words that no specification lists: servers that speak like OpenAI
invent their own. A word that says the upstream broke off is not an end at all.
"""

from typing import Any

from yiyuan.dialects.canonical import Finish

OPENAI_WORD: dict[Finish, str] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
}

COMPLETIONS_WORD: dict[Finish, str] = OPENAI_WORD | {"tool_calls": "stop"}

BROKEN_OFF = frozenset({"error", "abort", "network_error", "insufficient_system_resource"})
"""OpenRouter's, vLLM's, Zhipu's and DeepSeek's words for an answer that broke off."""

_FROM_OPENAI: dict[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "sensitive": "content_filter",
}


def from_openai(word: Any) -> Finish | None:
    """Read `finish_reason`: None while the choice goes on, `stop` for words unknown."""
    if not word:
        return None
    return _FROM_OPENAI.get(word, "stop") if type(word) is str else "stop"
