"""Token counts as OpenAI writes them, and as those who speak like it do.

`prompt_tokens` includes what came from a cache and what was written to one,
`completion_tokens` includes the reasoning. How they are read: `shared/stated_usage.py`.
"""

from typing import Any

from yiyuan.dialects import usage_names
from yiyuan.dialects.canonical import Json
from yiyuan.dialects.shared import stated_usage
from yiyuan.kernel.usage import Usage


def read_usage(value: Any) -> Usage | None:
    """Read the usage of chat, completions or Responses; None when it tells nothing."""
    return stated_usage.read(value, usage_names.OPENAI)


def read_embeddings_usage(value: Any) -> Usage | None:
    """Read the usage of embeddings, which have no completion; None when it tells nothing."""
    return stated_usage.read(value, usage_names.EMBEDDINGS)


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
