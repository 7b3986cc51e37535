"""Why an answer ended, in Anthropic's words."""

from typing import Any

from yiyuan.dialects.canonical import Finish

ANTHROPIC_WORD: dict[Finish, str] = {
    "stop": "end_turn",
    "stop_sequence": "stop_sequence",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}

_FROM_ANTHROPIC: dict[str, Finish] = {
    "stop_sequence": "stop_sequence",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


def from_anthropic(word: Any) -> Finish:
    """Read `stop_reason`: `stop` for words unknown."""
    return _FROM_ANTHROPIC.get(word, "stop") if isinstance(word, str) else "stop"
