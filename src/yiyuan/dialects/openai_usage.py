"""Token counts as OpenAI writes them, and as those who speak like it do.

`prompt_tokens` includes what came from a cache and what was written to one,
`completion_tokens` includes the reasoning. Read strictly, because money follows
from it: a count that is negative, a float, a string or a boolean, or parts that
are more than the whole, make the whole usage worthless, and None is returned.
"""

from typing import Any

from yiyuan.dialects.canon import Json
from yiyuan.kernel.usage import TOKENS_MAX, Usage


def read_usage(value: Any) -> Usage | None:
    """Read a usage object; None when it is absent or malformed."""
    if type(value) is not dict:
        return None
    prompt, completion = value.get("prompt_tokens"), value.get("completion_tokens")
    if type(prompt) is not int or type(completion) is not int:
        return None
    prompt_details = value.get("prompt_tokens_details") or {}
    completion_details = value.get("completion_tokens_details") or {}
    if type(prompt_details) is not dict or type(completion_details) is not dict:
        return None
    cached = _part(prompt_details, "cached_tokens")
    if cached is None:
        # DeepSeek's and Moonshot's places for the same figure.
        cached = _part(value, "prompt_cache_hit_tokens") or _part(value, "cached_tokens")
    written = _part(prompt_details, "cache_write_tokens") or 0
    reasoning = _part(completion_details, "reasoning_tokens") or 0
    if reasoning and value.get("total_tokens") == prompt + completion + reasoning:
        completion += reasoning  # xAI counts the reasoning beside the completion
    usage = Usage(prompt, completion, cached or 0, written, 0, reasoning)
    return usage if usage.is_consistent() and reasoning <= completion else None


def read_embeddings_usage(value: Any) -> Usage | None:
    """Read the usage of embeddings, which have no completion; None when malformed."""
    count = value.get("prompt_tokens") if type(value) is dict else None
    return Usage(count) if type(count) is int and 0 <= count <= TOKENS_MAX else None


def write_usage(usage: Usage, charge_micros: int) -> Json:
    """The usage object for a client, with what was charged in micros."""
    written = usage.cache_write_tokens + usage.cache_write_1h_tokens
    prompt_details = {"cached_tokens": usage.cached_input_tokens}
    if written:
        prompt_details["cache_write_tokens"] = written
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": prompt_details,
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "charge": charge_micros,
    }


def _part(details: Json, name: str) -> int | None:
    """A part's count; -1, which no consistent usage has, when it is malformed."""
    count = details.get(name)
    if count is None:
        return None
    return count if type(count) is int else -1
