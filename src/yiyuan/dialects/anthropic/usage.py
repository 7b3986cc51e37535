"""Token counts as Anthropic writes them.

`input_tokens` leaves out what was read from a cache and what was written to
one: the canon's input is the sum of the three. In a stream the counts are
cumulative; `message_start` has the input and only a placeholder for the output,
`message_delta` repeats what has changed. How they are read: `shared/stated_usage.py`.
"""

from typing import Any

from yiyuan.dialects import usage_names
from yiyuan.dialects.canonical import Json
from yiyuan.dialects.shared import stated_usage
from yiyuan.kernel.usage import Usage

INPUTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
KEPT = ("server_tool_use", "service_tier")
"""Fields of an upstream's usage that are passed on to clients of the same format."""


def read_usage(value: Any) -> Usage | None:
    """Read a usage object; None when it tells nothing."""
    return stated_usage.read(value, usage_names.ANTHROPIC)


def merge_usage(known: Json, later: Any) -> Json:
    """What is known after a later event of the stream.

    An input of zeros does not replace a count: servers that speak like
    Anthropic write zeros where they have nothing to say.
    """
    if type(later) is not dict:
        return known
    tells_input = any(later.get(name) for name in INPUTS)
    return known | {
        name: count
        for name, count in later.items()
        if count is not None and (tells_input or name not in INPUTS or name not in known)
    }


def write_usage(usage: Usage, charge_micros: int) -> Json:
    """The usage object for a client, with what was charged in micros."""
    written = usage.cache_write_tokens + usage.cache_write_1h_tokens
    body: Json = {
        "input_tokens": max(0, usage.input_tokens - usage.cached_input_tokens - written),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": usage.cached_input_tokens,
        "output_tokens": usage.output_tokens,
    }
    if usage.cache_write_1h_tokens:
        body["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write_tokens,
            "ephemeral_1h_input_tokens": usage.cache_write_1h_tokens,
        }
    if usage.reasoning_tokens:
        body["output_tokens_details"] = {"thinking_tokens": usage.reasoning_tokens}
    return body | {"charge": charge_micros}


def kept_usage(value: Any) -> Json:
    """What a client gets of an upstream's own usage object."""
    return {n: value[n] for n in KEPT if n in value} if type(value) is dict else {}
