"""The fields of Anthropic's messages, and what becomes of each; see `request_fields.py`."""

from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields, Kinds

CACHE = frozenset({"cache_control"})
TEXT = Fields(carried={"type": None, "text": None}, harmless=CACHE | {"citations"})
IMAGE = Fields(
    carried={
        "type": None,
        "source": Fields(
            carried={"type": None, "media_type": None, "data": None, "url": None, "file_id": None}
        ),
    },
    harmless=CACHE,
)
RESULT_PARTS = Kinds(by_kind={"text": TEXT, "image": IMAGE})
BLOCKS = Kinds(
    by_kind={
        "text": TEXT,
        "image": IMAGE,
        "tool_use": Fields(
            carried={"type": None, "id": None, "name": None, "input": None},
            harmless=CACHE | {"caller"},
        ),
        "tool_result": Fields(
            carried={
                "type": None,
                "tool_use_id": None,
                "content": RESULT_PARTS,
                "is_error": None,
            },
            harmless=CACHE,
        ),
        "thinking": Fields(carried={"type": None, "thinking": None, "signature": None}),
        "redacted_thinking": Fields(carried={"type": None, "data": None}),
    }
)
"""Other blocks go whole to upstreams of the same format, and count as a whole context."""

TEXTS = frozenset(
    {
        "text",
        "tool_use",
        "tool_result",
        "thinking",
        "redacted_thinking",
        "server_tool_use",
        "web_search_tool_result",
    }
)
"""Kinds of blocks that are no longer than they look."""
MESSAGE = Fields(carried={"role": None, "content": BLOCKS})
TOOLS = Kinds(
    by_kind={
        "custom": Fields(
            carried={
                "type": None,
                "name": None,
                "description": None,
                "input_schema": None,
                "strict": None,
            },
            harmless=CACHE | {"eager_input_streaming", "input_examples", "defer_loading"},
        )
    },
    prefixes=("bash_", "text_editor_", "memory_"),
    unlisted_pass=False,
    usual="custom",
)
"""Tools that the client runs; what the vendor runs costs extra."""

FIELDS = Fields(
    carried={
        "model": None,
        "messages": MESSAGE,
        "system": BLOCKS,
        "max_tokens": None,
        "metadata": Fields(carried={"user_id": None}),
        "stop_sequences": None,
        "stream": None,
        "temperature": None,
        "top_k": None,
        "top_p": None,
        "tools": TOOLS,
        "tool_choice": Fields(
            carried={"type": None, "name": None, "disable_parallel_tool_use": None}
        ),
        "thinking": Fields(
            carried={"type": None, "budget_tokens": None}, harmless=frozenset({"display"})
        ),
        "output_config": Fields(
            carried={"effort": None, "format": None}, harmless=frozenset({"task_budget"})
        ),
    },
    harmless=CACHE | {"context_management", "output_format"},
    left_out={
        "service_tier": frozenset({"auto", "standard_only", "standard"}),
        "speed": frozenset({"standard"}),
    },
    refused={
        "container": FREE_ALWAYS,
        "inference_geo": frozenset({"global"}),
        "mcp_servers": FREE_ALWAYS,
    },
)


PAID_FLAGS = {"anthropic-beta": ("context-1m", "context-2m")}
"""A longer context has a higher price."""


def contents_of(body: Json) -> Contents:
    """The pictures and the parts of unseen size in a body of this format."""
    found = Contents()
    for holder in (*objects(body.get("messages")), {"content": body.get("system")}):
        _add_blocks(holder.get("content"), found)
    return found


def _add_blocks(content: Any, found: Contents) -> None:
    for block in objects(content):
        kind = block.get("type")
        source = block.get("source")
        origin = source.get("type") if type(source) is dict else None
        if kind == "image" and type(source) is dict and origin in ("base64", "url", "file"):
            found.images += 1
            data = source.get("data")
            is_picture = str(source.get("media_type")).startswith("image/")
            if origin == "base64" and type(data) is str and is_picture:
                found.inline.append(data)
        elif kind == "tool_result":
            _add_blocks(block.get("content"), found)
        elif kind == "document" and origin == "text":
            continue
        elif kind == "document" and type(source) is dict and origin == "content":
            _add_blocks(source.get("content"), found)
        elif kind not in TEXTS:
            found.opaque.append(str(kind))
