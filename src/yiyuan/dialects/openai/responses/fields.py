"""The fields of Responses, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields, Kinds

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
_FUNCTION = Fields(
    carried={"type": None, "name": None, "description": None, "parameters": None, "strict": None},
    harmless=frozenset({"defer_loading"}),
)
_CUSTOM = Fields(
    carried={"type": None, "name": None, "description": None, "format": None},
    harmless=frozenset({"defer_loading"}),
)
_LOCAL = Kinds(
    by_kind={"local": Fields(carried={"type": None, "skills": None})},
    unlisted_pass=False,
    usual="container_auto",
)
"""Where a shell runs: any other place is a container of the vendor's, which costs extra."""
TOOLS = Kinds(
    by_kind={
        "function": _FUNCTION,
        "custom": _CUSTOM,
        "namespace": Fields(
            carried={"type": None, "name": None, "description": None, "tools": None}
        ),
        "local_shell": Fields(carried={"type": None}),
        "shell": Fields(carried={"type": None, "environment": _LOCAL}),
        "apply_patch": Fields(carried={"type": None}),
    },
    left_out=("web_search",),
    unlisted_pass=False,
)
"""Tools that the client runs. Codex offers `web_search` beside them in every request, needed
or not: it is left out there, which costs the client nothing but that tool."""

_NAMED = Kinds(by_kind={}, prefixes=tuple(TOOLS.by_kind), unlisted_pass=False)
CHOICES = Kinds(
    by_kind={"allowed_tools": Fields(carried={"type": None, "mode": None, "tools": _NAMED})},
    prefixes=_NAMED.prefixes,
    unlisted_pass=False,
)
"""A choice of a tool that the vendor runs asks for what costs extra: see docs/adr/0016."""

PARTS = Kinds(
    by_kind={
        **dict.fromkeys(
            ("input_text", "output_text", "text"),
            Fields(
                carried={"type": None, "text": None},
                harmless=frozenset({"annotations", "logprobs"}),
            ),
        ),
        "refusal": Fields(carried={"type": None, "refusal": None}),
        "input_image": Fields(
            carried={"type": None, "image_url": None, "detail": None, "file_id": None}
        ),
    }
)
_ABOUT = frozenset({"id", "status", "phase"})
ITEMS = Kinds(
    by_kind={
        "message": Fields(carried={"type": None, "role": None, "content": PARTS}, harmless=_ABOUT),
        "function_call": Fields(
            carried={"type": None, "call_id": None, "name": None, "arguments": None},
            harmless=_ABOUT | {"namespace"},
        ),
        "function_call_output": Fields(
            carried={"type": None, "call_id": None, "output": PARTS}, harmless=_ABOUT
        ),
        "reasoning": Fields(
            carried={"type": None, "summary": None, "content": None, "encrypted_content": None},
            harmless=_ABOUT,
        ),
    },
    usual="message",
)
"""Other items go whole to upstreams of the same format, and count as a whole context."""

FIELDS = Fields(
    carried={
        **dict.fromkeys(sorted(BOOKKEEPING)),
        "input": ITEMS,
        "instructions": None,
        "max_output_tokens": None,
        "model": None,
        "parallel_tool_calls": None,
        "reasoning": None,
        "stream": None,
        "temperature": None,
        "text": None,
        "tool_choice": CHOICES,
        "tools": TOOLS,
        "top_logprobs": None,
        "top_p": None,
        "truncation": None,
        "user": None,
    },
    harmless=frozenset({"conversation", "previous_response_id", "prompt"}),
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
