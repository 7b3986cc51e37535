"""The fields of legacy completions, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.request_fields import FREE_ALWAYS, WHOLE, Fields, plain

FIELDS = Fields(
    carried={
        **plain("model", "best_of", "echo", "frequency_penalty", "logprobs", "max_tokens", "n"),
        **plain("presence_penalty", "seed", "stop", "stream", "suffix", "temperature", "top_k"),
        **plain("top_p", "user"),
        "logit_bias": WHOLE,
        "prompt": WHOLE,
        "stream_options": Fields(
            carried=plain("include_usage"), harmless=plain("include_obfuscation")
        ),
    },
    harmless=plain("min_p", "repetition_penalty"),
    left_out={
        "service_tier": frozenset({"auto", "default", "standard"}),
        "speed": frozenset({"standard", "normal"}),
    },
    refused={"plugins": FREE_ALWAYS, "web_search_options": FREE_ALWAYS},
)
