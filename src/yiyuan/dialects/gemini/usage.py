"""Token counts as Google writes them.

`promptTokenCount` includes what came from a cache, but neither the results of
tools that Google ran itself nor, on the other side, the thoughts: these are
counts of their own, and Google bills both. How they are read: `shared/stated_usage.py`.
"""

from typing import Any

from yiyuan.dialects import usage_names
from yiyuan.dialects.canonical import Json
from yiyuan.dialects.shared import stated_usage
from yiyuan.kernel.usage import Usage


def read_usage(value: Any) -> Usage | None:
    """Read `usageMetadata`; None when it tells nothing."""
    return stated_usage.read(value, usage_names.GOOGLE)


def read_embeddings_usage(value: Any) -> Usage | None:
    """Read the usage of embeddings, where Google tells it at all."""
    return stated_usage.read(value, usage_names.GOOGLE_EMBEDDINGS)


def write_usage(usage: Usage, charge_micros: int) -> Json:
    """`usageMetadata` for a client, with what was charged in micros."""
    written: Json = {
        "promptTokenCount": usage.input_tokens,
        "candidatesTokenCount": usage.output_tokens - usage.reasoning_tokens,
        "totalTokenCount": usage.input_tokens + usage.output_tokens,
    }
    if usage.reasoning_tokens:
        written["thoughtsTokenCount"] = usage.reasoning_tokens
    if usage.cached_input_tokens:
        written["cachedContentTokenCount"] = usage.cached_input_tokens
    return written | {"charge": charge_micros}
