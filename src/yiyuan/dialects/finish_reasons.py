"""Why a choice ended, in each format's words.

Readers accept words that no specification lists: servers that speak like OpenAI
invent their own. A word that says the upstream broke off is not an end at all.
"""

from typing import Any

from yiyuan.dialects.canon import Finish

OPENAI_WORD: dict[Finish, str] = {
    "stop": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
}

COMPLETIONS_WORD: dict[Finish, str] = OPENAI_WORD | {"tool_calls": "stop"}

ANTHROPIC_WORD: dict[Finish, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}

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

_FROM_ANTHROPIC: dict[str, Finish] = {
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def from_openai(word: Any) -> Finish | None:
    """Read `finish_reason`: None while the choice goes on, `stop` for words unknown."""
    if not word:
        return None
    return _FROM_OPENAI.get(word, "stop") if isinstance(word, str) else "stop"


def from_anthropic(word: Any) -> Finish:
    """Read `stop_reason`: `stop` for words unknown."""
    return _FROM_ANTHROPIC.get(word, "stop") if isinstance(word, str) else "stop"
