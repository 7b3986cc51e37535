"""The fields of OpenAI chat, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import UNBOUNDED, Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, WHOLE, Fields, Kinds, plain
from yiyuan.dialects.shared.cache_marks import CACHE

STANDARD_TIERS = frozenset({"auto", "default", "standard"})
STANDARD_SPEEDS = frozenset({"standard", "normal"})
MARK = {"cache_control": CACHE}

PARTS = Kinds(
    by_kind={
        "text": Fields(carried=plain("type", "text"), harmless=MARK),
        "refusal": Fields(carried=plain("type", "refusal")),
        "image_url": Fields(
            carried={"type": None, "image_url": Fields(carried=plain("url", "detail"))},
            harmless=MARK,
        ),
        "file": Fields(
            carried={
                "type": None,
                "file": Fields(carried=plain("file_data", "file_id", "filename")),
            },
            harmless=MARK,
        ),
        "input_audio": Fields(
            carried={"type": None, "input_audio": Fields(carried=plain("data", "format"))},
            harmless=MARK,
        ),
        "video_url": Fields(
            carried={"type": None, "video_url": Fields(carried=plain("url", "detail", "fps"))},
            harmless=MARK,
        ),
        "thinking": Fields(
            carried={"type": None, "thinking": Fields(carried=plain("type", "text"))},
            harmless=plain("closed", "signature"),
        ),
    }
)
"""Other parts go whole to upstreams of the same format, and count as a whole context."""

TEXTS = frozenset({"text", "refusal", "thinking"})
"""Kinds of parts that are no longer than they look."""
FUNCTION_CALL = Fields(carried={"name": None, "arguments": WHOLE})
"""Some clients write the arguments as an object."""
_GOOGLE = Fields(carried={"google": Fields(carried=plain("thought_signature"))})
TOOL_CALL = Fields(
    carried={**plain("id", "type", "index"), "function": FUNCTION_CALL},
    harmless={
        "custom": Fields(carried=plain("name", "input")),
        "extra_content": _GOOGLE,
        "thought_signature": None,
    },
)
_CITED = Fields(carried=plain("start_index", "end_index", "url", "title", "content"))
_REASONING = Fields(
    carried=plain("type", "text", "summary", "data", "signature", "id", "format", "index")
)
MESSAGE = Fields(
    carried={
        **plain("role", "name", "tool_call_id", "refusal", "reasoning_content", "reasoning"),
        "content": PARTS,
        "tool_calls": TOOL_CALL,
        "function_call": FUNCTION_CALL,
    },
    harmless={
        **MARK,
        **plain("prefix", "partial", "thinking"),
        "reasoning_details": _REASONING,
        "annotations": Fields(carried={"type": None, "url_citation": _CITED}),
    },
)
_NAMED = Fields(carried=plain("name"))
_DESCRIBED = {**plain("name", "description", "strict"), "parameters": WHOLE}
FUNCTION = Fields(carried=_DESCRIBED, harmless=MARK)
TOOLS = Kinds(
    by_kind={
        "function": Fields(
            carried={"type": None, "function": FUNCTION, **_DESCRIBED}, harmless=MARK
        ),
        "custom": Fields(
            carried={"type": None},
            harmless={
                "custom": Fields(
                    carried={
                        **plain("name", "description"),
                        "format": Fields(
                            carried={
                                **plain("type", "syntax", "definition"),
                                "grammar": Fields(carried=plain("syntax", "definition")),
                            }
                        ),
                    }
                )
            },
        ),
    },
    unlisted="refuse",
    usual="function",
)
_CHOSEN = {
    "function": Fields(carried={**plain("type", "name"), "function": _NAMED}),
    "custom": Fields(carried={**plain("type", "name"), "custom": _NAMED}),
}
CHOICES = Kinds(
    by_kind={
        **_CHOSEN,
        "allowed_tools": Fields(
            carried={
                "type": None,
                "allowed_tools": Fields(
                    carried={
                        "mode": None,
                        "tools": Kinds(by_kind=_CHOSEN, unlisted="refuse", usual="function"),
                    }
                ),
            }
        ),
        **dict.fromkeys(("auto", "none", "required", "any"), Fields(carried=plain("type"))),
        "tool": Fields(carried=plain("type", "name")),
    },
    unlisted="refuse",
    usual="function",
)
"""The last words are those of other vendors, which some servers of this format take."""
RESPONSE_FORMAT = Fields(
    carried={
        "type": None,
        "json_schema": Fields(carried={**plain("name", "description", "strict"), "schema": WHOLE}),
    },
    harmless={"schema": WHOLE},
)
STREAM_OPTIONS = Fields(carried=plain("include_usage"), harmless=plain("include_obfuscation"))

FIELDS = Fields(
    carried={
        **plain("model", "stream", "n", "max_tokens", "max_completion_tokens", "temperature"),
        **plain("top_p", "top_k", "stop", "presence_penalty", "frequency_penalty", "seed"),
        **plain("logprobs", "top_logprobs", "parallel_tool_calls", "reasoning_effort", "user"),
        "messages": MESSAGE,
        "stream_options": STREAM_OPTIONS,
        "logit_bias": WHOLE,
        "tools": TOOLS,
        "tool_choice": CHOICES,
        "response_format": RESPONSE_FORMAT,
    },
    harmless={
        **plain("min_p", "prompt_cache_key", "prompt_cache_retention", "repetition_penalty"),
        **plain("safety_identifier", "store", "verbosity"),
        "functions": FUNCTION,
        "function_call": _NAMED,
        "metadata": WHOLE,
    },
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
    if "enable_thinking" in body or "thinking_budget" in body or "reasoning" in body:
        found.thinking_beside = _thought_beside(body)
    messages = body.get("messages")
    for message in messages if type(messages) is list else ():
        content = message.get("content") if type(message) is dict else None
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


def _thought_beside(body: Json) -> int:
    """What vendors' own fields let a model think, which their maximum need not hold."""
    is_on = body.get("enable_thinking") not in (None, False)
    reasoning = body.get("reasoning")
    inner = reasoning.get("max_tokens") if type(reasoning) is dict else None
    budgets = [budget for budget in (body.get("thinking_budget"), inner) if budget is not None]
    if not all(type(budget) is int for budget in budgets) or (is_on and not budgets):
        return UNBOUNDED
    return sum(budget for budget in budgets if budget > 0)
