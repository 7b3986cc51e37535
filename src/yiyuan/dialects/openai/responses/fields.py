"""The fields of Responses, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, WHOLE, Fields, Kinds, plain

BOOKKEEPING = frozenset(
    {
        "background",
        "client_metadata",
        "include",
        "metadata",
        "prompt_cache_key",
        "prompt_cache_retention",
        "safety_identifier",
        "store",
        "stream_options",
    }
)
"""Fields that say nothing to the model: other formats do without them, and no word of it."""

TEXT_PARTS = frozenset(
    {"input_text", "output_text", "text", "refusal", "summary_text", "reasoning_text"}
)
TEXT_ITEMS = frozenset(
    {
        "message",
        "function_call",
        "function_call_output",
        "custom_tool_call",
        "custom_tool_call_output",
        "local_shell_call",
        "local_shell_call_output",
        "apply_patch_call",
        "apply_patch_call_output",
        "reasoning",
        "web_search_call",
    }
)
"""Kinds that are no longer than they look."""
_DEFERRED = plain("defer_loading")
_FUNCTION = Fields(
    carried={**plain("type", "name", "description", "strict"), "parameters": WHOLE},
    harmless=_DEFERRED,
)
_CUSTOM = Fields(
    carried={
        **plain("type", "name", "description"),
        "format": Fields(carried=plain("type", "syntax", "definition")),
    },
    harmless=_DEFERRED,
)
_ONLY_TYPE = Fields(carried=plain("type"))
_LOCAL = Kinds(
    by_kind={
        "local": Fields(
            carried={"type": None, "skills": Fields(carried=plain("name", "description", "path"))}
        )
    },
    unlisted="refuse",
    usual="container_auto",
)
"""Where a shell runs: any other place is a container of the vendor's, which costs extra."""
TOOLS = Kinds(
    by_kind={
        "function": _FUNCTION,
        "custom": _CUSTOM,
        "namespace": Fields(
            carried={
                **plain("type", "name", "description"),
                "tools": Kinds(
                    by_kind={"function": _FUNCTION, "custom": _CUSTOM}, unlisted="refuse"
                ),
            }
        ),
        "local_shell": _ONLY_TYPE,
        "shell": Fields(carried={"type": None, "environment": _LOCAL}),
        "apply_patch": _ONLY_TYPE,
    },
    left_out=("web_search", "image_generation"),
    unlisted="refuse",
)
"""Tools that the client runs. Codex offers `web_search` beside them in every request, Cline
`image_generation`, needed or not: left out there, which costs the client nothing but that tool."""

_NAMED = dict.fromkeys(TOOLS.by_kind, Fields(carried=plain("type", "name", "namespace")))
CHOICES = Kinds(
    by_kind={
        **_NAMED,
        "allowed_tools": Fields(
            carried={"type": None, "mode": None, "tools": Kinds(by_kind=_NAMED, unlisted="refuse")}
        ),
    },
    unlisted="refuse",
)
"""A choice of a tool that the vendor runs asks for what costs extra: see docs/adr/0016."""

_CITED = Fields(
    carried={
        **plain("type", "start_index", "end_index", "url", "title", "index", "file_id"),
        **plain("filename", "container_id"),
    }
)
_TOKEN = plain("token", "logprob", "bytes")
_LOGPROBS = Fields(carried={**_TOKEN, "top_logprobs": Fields(carried=_TOKEN)})
_TEXT = Fields(
    carried=plain("type", "text"), harmless={"annotations": _CITED, "logprobs": _LOGPROBS}
)
PARTS = Kinds(
    by_kind={
        **dict.fromkeys(("input_text", "output_text", "text"), _TEXT),
        **dict.fromkeys(("summary_text", "reasoning_text"), Fields(carried=plain("type", "text"))),
        "refusal": Fields(carried=plain("type", "refusal")),
        "input_image": Fields(carried=plain("type", "image_url", "detail", "file_id")),
        "input_file": Fields(
            carried=plain("type", "file_id", "file_data", "file_url", "filename", "detail")
        ),
        "input_audio": Fields(
            carried={"type": None, "input_audio": Fields(carried=plain("data", "format"))}
        ),
    }
)
_ABOUT = plain("type", "id", "status")
_CALL = {**_ABOUT, "call_id": None}
_RESULT = {**_CALL, "output": PARTS}
_RUN = Fields(
    carried={
        **plain("type", "command", "commands", "timeout_ms", "working_directory", "user"),
        "max_output_length": None,
        "env": WHOLE,
    }
)
_RAN = Fields(
    carried={
        **plain("stdout", "stderr", "created_by"),
        "outcome": Fields(carried=plain("type", "exit_code")),
    }
)
_SEARCH = Fields(
    carried={
        **plain("type", "query", "queries", "url", "pattern"),
        "sources": Fields(carried=plain("type", "url")),
    }
)
_PATCH = Fields(carried=plain("type", "path", "diff"))
_SHOWN = Fields(carried=plain("type", "text"))
ITEMS = Kinds(
    by_kind={
        "message": Fields(
            carried={**_ABOUT, "role": None, "content": PARTS}, harmless=plain("phase")
        ),
        "function_call": Fields(
            carried={**_CALL, **plain("name", "namespace"), "arguments": WHOLE}
        ),
        "function_call_output": Fields(carried=_RESULT),
        "custom_tool_call": Fields(carried={**_CALL, **plain("name", "namespace", "input")}),
        "custom_tool_call_output": Fields(carried=_RESULT),
        "reasoning": Fields(
            carried={**_ABOUT, "summary": _SHOWN, "content": _SHOWN, "encrypted_content": None}
        ),
        "local_shell_call": Fields(carried={**_CALL, "action": _RUN}),
        "local_shell_call_output": Fields(carried=_RESULT),
        "shell_call": Fields(
            carried={**_CALL, "action": _RUN, "environment": _LOCAL, "created_by": None}
        ),
        "shell_call_output": Fields(
            carried={**_CALL, "output": _RAN, **plain("max_output_length", "created_by")}
        ),
        "apply_patch_call": Fields(carried={**_CALL, "operation": _PATCH, "created_by": None}),
        "apply_patch_call_output": Fields(carried={**_RESULT, "created_by": None}),
        "web_search_call": Fields(carried={**_CALL, "action": _SEARCH}),
    },
    usual="message",
)
"""Other items go whole to upstreams of the same format, and count as a whole context."""
FORMATS = Kinds(
    by_kind={
        "text": _ONLY_TYPE,
        "json_object": _ONLY_TYPE,
        "json_schema": Fields(
            carried={**plain("type", "name", "description", "strict"), "schema": WHOLE}
        ),
    },
    unlisted="refuse",
)

FIELDS = Fields(
    carried={
        **plain(*sorted(BOOKKEEPING)),
        **dict.fromkeys(("client_metadata", "metadata"), WHOLE),
        **plain("instructions", "max_output_tokens", "model", "parallel_tool_calls", "stream"),
        **plain("temperature", "top_logprobs", "top_p", "truncation", "user"),
        "stream_options": Fields(carried=plain("include_obfuscation", "include_usage")),
        "input": ITEMS,
        "reasoning": Fields(carried=plain("effort", "summary", "generate_summary")),
        "text": Fields(carried={"format": FORMATS, "verbosity": None}),
        "tool_choice": CHOICES,
        "tools": TOOLS,
    },
    harmless=dict.fromkeys(("conversation", "previous_response_id", "prompt"), WHOLE),
    left_out={
        "service_tier": frozenset({"auto", "default", "standard"}),
        "speed": frozenset({"standard", "normal"}),
    },
    refused={
        "audio": FREE_ALWAYS,
        "container": FREE_ALWAYS,
        "inference_geo": FREE_ALWAYS,
        "mcp_servers": FREE_ALWAYS,
        "modalities": frozenset({"text"}),
        "plugins": FREE_ALWAYS,
        "web_search_options": FREE_ALWAYS,
    },
)


def contents_of(body: Json) -> Contents:
    """The pictures and the parts of unseen size in a body of this format."""
    found = Contents()
    for item in objects(body.get("input")):
        if item.get("type", "message") not in TEXT_ITEMS:
            found.opaque.append(str(item.get("type")))
        for name in ("content", "output"):
            for part in objects(item.get(name)):
                _add_part(part, found)
    return found


def _add_part(part: Json, found: Contents) -> None:
    kind = part.get("type")
    if kind == "input_image":
        found.add_picture(part.get("image_url"))
    elif kind not in TEXT_PARTS:
        found.opaque.append(str(kind))
