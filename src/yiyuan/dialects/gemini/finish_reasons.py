"""Why a candidate ended, in Google's words and in ours.

A word that says the model went astray is an end where something was said, and a
failed attempt where nothing was: another channel may do better, and nobody pays.
"""

from typing import Any

from yiyuan.dialects.canonical import Finish

GOOGLE_WORD: dict[Finish, str] = {
    "stop": "STOP",
    "stop_sequence": "STOP",
    "length": "MAX_TOKENS",
    "tool_calls": "STOP",
    "content_filter": "SAFETY",
}

ASTRAY = frozenset(
    {
        *("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"),
        *("OTHER", "NO_IMAGE", "MALFORMED_RESPONSE", "MISSING_THOUGHT_SIGNATURE"),
    }
)

_FILTERED = frozenset(
    {
        *("SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"),
        *("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "IMAGE_OTHER"),
    }
)


def from_google(word: Any, *, called_tools: bool) -> Finish | None:
    """Read `finishReason`: None while it goes on, `stop` for words unknown."""
    if not word or word == "FINISH_REASON_UNSPECIFIED":
        return None
    if word == "MAX_TOKENS":
        return "length"
    if word in _FILTERED:
        return "content_filter"
    return "tool_calls" if called_tools else "stop"
