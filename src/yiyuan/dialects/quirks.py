"""What one vendor's models do differently: a closed list, pure data.

Formats consult it when they write for an upstream and when they read its errors.
A channel without a preset has none, and costs nothing. What each word means to
a vendor's request is in `openai/chat/vendor.py`; where the words come from, with
their evidence, in `integrations/providers/presets/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MaxTokens = Literal["both", "max_tokens", "max_completion_tokens"]
Thinking = Literal[
    "none",
    "reasoning_effort",
    "thinking_type",
    "enable_thinking",
    "reasoning_object",
    "template_kwargs",
]
ThinksBeside = Literal["never", "asked", "default"]
ReasoningBack = Literal["never", "with_tools", "always"]
SessionHint = Literal["none", "prompt_cache_key", "x-session-id", "x-session-affinity"]

TOOL_CHOICES = ("auto", "none", "required", "any", "named")
"""Forms of `tool_choice`; `any` is the word of some for `required`."""
FLAGS = (
    "nonstream_no_thinking",
    "reasoning_split",
    "reasoning_parsed",
    "no_tool_strict",
    "no_message_name",
    "no_json_schema",
    "cache_marks",
    "traceparent",
)
"""`nonstream_no_thinking`: unless thinking is asked for, an answer that is not streamed
must be told not to think. `reasoning_split`, `reasoning_parsed`: fields to be sent so that
reasoning comes apart from the text. `cache_marks`: it knows Anthropic's `cache_control`.
`traceparent`: it is told in which trace it is called, where requests are traced.
The rest: what a request must not hold."""


@dataclass(slots=True, frozen=True)
class ErrorPlace:
    """Where an answer with status 200 tells that it failed: `path`, with dots, is not `ok`."""

    path: str
    ok: tuple[str, ...]


@dataclass(slots=True, frozen=True, kw_only=True)
class Quirks:
    """One model of one vendor. The defaults are those of a server that does it like OpenAI."""

    max_tokens: MaxTokens = "both"
    """Which name of the maximum it knows."""
    thinking: Thinking = "reasoning_effort"
    """How it is told to think; `none`: not at all."""
    efforts: Mapping[str, str] = field(default_factory=dict)
    """Our word → its word; empty: the same. One that is absent is left out."""
    thinks_beside: ThinksBeside = "never"
    """When it may think beside the maximum of its answer: if asked to, or unless told not to."""
    thinking_off: bool = True
    """Whether thinking can be switched off."""
    reasoning_back: ReasoningBack = "never"
    """When earlier reasoning has to come back."""
    refuse: frozenset[str] = frozenset()
    """Fields that it cannot honour and that must not be lost."""
    drop: frozenset[str] = frozenset()
    """Fields that are left out, which the client is told."""
    clamp: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Field → the least and the greatest value."""
    tool_choice: frozenset[str] = frozenset(TOOL_CHOICES) - {"any"}
    """The forms that it takes; others become `auto`."""
    strict_fields: bool = False
    """Whether a field that is not OpenAI's is refused by it."""
    stream_usage: bool = True
    """Whether it takes `stream_options`."""
    usage_at: tuple[str, ...] = ()
    """Further places of the usage, as paths with dots, tried in order."""
    error_at: ErrorPlace | None = None
    account_codes: frozenset[str] = frozenset()
    """Codes, or statuses as text, that mean the operator's arrears or ban."""
    busy_codes: frozenset[str] = frozenset()
    """Codes that mean try again later, whatever the status."""
    session_hint: SessionHint = "none"
    """What keeps a conversation at its cache."""
    flags: frozenset[str] = frozenset()
