"""The fields of legacy completions, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields

FIELDS = Fields(
    carried={
        "model": None,
        "prompt": None,
        "best_of": None,
        "echo": None,
        "frequency_penalty": None,
        "logit_bias": None,
        "logprobs": None,
        "max_tokens": None,
        "n": None,
        "presence_penalty": None,
        "seed": None,
        "stop": None,
        "stream": None,
        "stream_options": Fields(
            carried={"include_usage": None}, harmless=frozenset({"include_obfuscation"})
        ),
        "suffix": None,
        "temperature": None,
        "top_k": None,
        "top_p": None,
        "user": None,
    },
    harmless=frozenset({"min_p", "repetition_penalty"}),
    left_out={
        "service_tier": frozenset({"auto", "default", "standard"}),
        "speed": frozenset({"standard", "normal"}),
    },
    refused={"plugins": FREE_ALWAYS, "web_search_options": FREE_ALWAYS},
)
