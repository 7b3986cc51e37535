"""The fields of OpenAI chat, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields, Kinds

STANDARD_TIERS = frozenset({"auto", "default", "standard"})
STANDARD_SPEEDS = frozenset({"standard", "normal"})
WHOLE = frozenset({"cache_control"})

PARTS = Kinds(
    by_kind={
        "text": Fields(carried={"type": None, "text": None}, harmless=WHOLE),
        "refusal": Fields(carried={"type": None, "refusal": None}),
        "image_url": Fields(
            carried={
                "type": None,
                "image_url": Fields(carried={"url": None, "detail": None}),
            },
            harmless=WHOLE,
        ),
    }
)
"""Other parts go whole to upstreams of the same format, and count as a whole context."""

TEXTS = frozenset({"text", "refusal", "thinking"})
"""Kinds of parts that are no longer than they look."""
FUNCTION_CALL = Fields(carried={"name": None, "arguments": None})
TOOL_CALL = Fields(
    carried={"id": None, "type": None, "index": None, "function": FUNCTION_CALL},
    harmless=frozenset({"custom", "extra_content", "thought_signature"}),
)
MESSAGE = Fields(
    carried={
        "role": None,
        "content": PARTS,
        "name": None,
        "tool_calls": TOOL_CALL,
        "tool_call_id": None,
        "refusal": None,
        "reasoning_content": None,
        "reasoning": None,
        "function_call": FUNCTION_CALL,
    },
    harmless=WHOLE | {"reasoning_details", "annotations", "prefix", "partial", "thinking"},
)
FUNCTION = Fields(
    carried={"name": None, "description": None, "parameters": None, "strict": None},
    harmless=WHOLE,
)
FLAT_FUNCTION = Fields(
    carried={
        "type": None,
        "function": FUNCTION,
        "name": None,
        "description": None,
        "parameters": None,
        "strict": None,
    },
    harmless=WHOLE,
)
TOOLS = Kinds(
    by_kind={
        "function": FLAT_FUNCTION,
        "custom": Fields(carried={"type": None}, harmless=frozenset({"custom"})),
    },
    unlisted_pass=False,
    usual="function",
)
RESPONSE_FORMAT = Fields(
    carried={
        "type": None,
        "json_schema": Fields(
            carried={"name": None, "description": None, "schema": None, "strict": None}
        ),
    },
    harmless=frozenset({"schema"}),
)

FIELDS = Fields(
    carried={
        "model": None,
        "messages": MESSAGE,
        "stream": None,
        "stream_options": Fields(
            carried={"include_usage": None}, harmless=frozenset({"include_obfuscation"})
        ),
        "n": None,
        "max_tokens": None,
        "max_completion_tokens": None,
        "temperature": None,
        "top_p": None,
        "top_k": None,
        "stop": None,
        "presence_penalty": None,
        "frequency_penalty": None,
        "logit_bias": None,
        "seed": None,
        "logprobs": None,
        "top_logprobs": None,
        "tools": TOOLS,
        "tool_choice": None,
        "parallel_tool_calls": None,
        "response_format": RESPONSE_FORMAT,
        "reasoning_effort": None,
        "user": None,
    },
    harmless=frozenset(
        {
            "functions",
            "function_call",
            "metadata",
            "min_p",
            "prompt_cache_key",
            "prompt_cache_retention",
            "repetition_penalty",
            "safety_identifier",
            "store",
            "verbosity",
        }
    ),
    left_out={
        "service_tier": STANDARD_TIERS,
        "speed": STANDARD_SPEEDS,
        # Its rejected tokens are charged as output.
        "prediction": FREE_ALWAYS,
    },
    refused={
        "audio": FREE_ALWAYS,
        "container": FREE_ALWAYS,
        "enable_search": FREE_ALWAYS,
        "inference_geo": FREE_ALWAYS,
        "mcp_servers": FREE_ALWAYS,
        "modalities": frozenset({"text"}),
        "plugins": FREE_ALWAYS,
        "search_parameters": FREE_ALWAYS,
        "web_search": FREE_ALWAYS,
        "web_search_options": FREE_ALWAYS,
    },
)


def contents_of(body: Json) -> Contents:
    """The pictures and the parts of unseen size in a body of this format."""
    found = Contents()
    for message in objects(body.get("messages")):
        content = message.get("content")
        if type(content) is str:
            continue
        for part in objects(content):
            kind = part.get("type")
            if kind == "image_url":
                picture = part.get("image_url")
                found.add_picture(picture.get("url") if type(picture) is dict else picture)
            elif kind not in TEXTS:
                found.opaque.append(str(kind))
    return found
