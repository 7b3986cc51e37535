"""The fields of Anthropic's messages, and what becomes of each; see `request_fields.py`."""

from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, WHOLE, Fields, Kinds, plain
from yiyuan.dialects.shared.cache_marks import CACHE

COMPACTS = "compact_"
"""What has a conversation summed up before it is answered begins so."""
SUMMED_UP_FROM = 50_000
"""Tokens: no lower trigger is taken."""
MARK = {"cache_control": CACHE}
CITATION = Fields(
    carried={
        **plain("type", "cited_text", "document_index", "document_title", "title", "url"),
        **plain("start_char_index", "end_char_index", "start_page_number", "end_page_number"),
        **plain("start_block_index", "end_block_index", "search_result_index", "source"),
        **plain("encrypted_index", "file_id", "enabled"),
    }
)
"""What a text quotes, and whether a document is to be quoted."""
CITED = MARK | {"citations": CITATION}
TEXT = Fields(carried=plain("type", "text"), harmless=CITED)
IMAGE = Fields(
    carried={
        "type": None,
        "source": Fields(carried=plain("type", "media_type", "data", "url", "file_id")),
    },
    harmless=MARK,
)
_INSIDE = Kinds(by_kind={"text": TEXT, "image": IMAGE})
DOCUMENT = Fields(
    carried={
        "type": None,
        "source": Fields(
            carried={**plain("type", "media_type", "data", "url", "file_id"), "content": _INSIDE}
        ),
    },
    harmless={**CITED, **plain("title", "context")},
)
FOUND = Fields(carried={**plain("type", "source", "title"), "content": _INSIDE}, harmless=CITED)
RESULT_PARTS = Kinds(
    by_kind={
        "text": TEXT,
        "image": IMAGE,
        "document": DOCUMENT,
        "search_result": FOUND,
        "tool_reference": Fields(carried=plain("type", "tool_name"), harmless=MARK),
    }
)
_CALLER = Fields(carried=plain("type", "tool_id"))
_SEARCHED = Fields(carried=plain("type", "url", "title", "encrypted_content", "page_age"))
BLOCKS = Kinds(
    by_kind={
        "text": TEXT,
        "image": IMAGE,
        "document": DOCUMENT,
        "search_result": FOUND,
        "tool_use": Fields(
            carried={**plain("type", "id", "name"), "input": WHOLE},
            harmless=MARK | {"caller": _CALLER},
        ),
        "tool_result": Fields(
            carried={**plain("type", "tool_use_id", "is_error"), "content": RESULT_PARTS},
            harmless=MARK,
        ),
        "thinking": Fields(carried=plain("type", "thinking", "signature")),
        "redacted_thinking": Fields(carried=plain("type", "data")),
        "server_tool_use": Fields(
            carried={**plain("type", "id", "name"), "input": WHOLE, "caller": _CALLER},
            harmless=MARK,
        ),
        "web_search_tool_result": Fields(
            carried={
                **plain("type", "tool_use_id"),
                "content": Fields(carried={**_SEARCHED.carried, "error_code": None}),
                "caller": _CALLER,
            },
            harmless=MARK,
        ),
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
_OPTIONS = {"defer_loading": None, "input_examples": WHOLE}
_CLIENTS_OWN = Fields(
    carried=plain("type", "name", "max_characters", "strict"), harmless={**MARK, **_OPTIONS}
)
TOOLS = Kinds(
    by_kind={
        "custom": Fields(
            carried={**plain("type", "name", "description", "strict"), "input_schema": WHOLE},
            harmless={**MARK, **_OPTIONS, "eager_input_streaming": None},
        )
    },
    prefixes=dict.fromkeys(("bash_", "text_editor_", "memory_"), _CLIENTS_OWN),
    unlisted="refuse",
    usual="custom",
)
"""Tools that the client runs; what the vendor runs costs extra."""

_AMOUNT = Fields(carried=plain("type", "value"))
EDITS = Kinds(
    by_kind={},
    prefixes={
        "clear_tool_uses_": Fields(
            carried={
                **plain("type", "exclude_tools", "clear_tool_inputs"),
                **dict.fromkeys(("trigger", "keep", "clear_at_least"), _AMOUNT),
            }
        ),
        "clear_thinking_": Fields(carried={"type": None, "keep": _AMOUNT}),
        COMPACTS: Fields(
            carried={**plain("type", "instructions", "pause_after_compaction"), "trigger": _AMOUNT}
        ),
    },
    unlisted="drop",
)
_FORM = Fields(carried={**plain("type", "name"), "schema": WHOLE})

FIELDS = Fields(
    carried={
        **plain("model", "max_tokens", "stop_sequences", "stream", "temperature", "top_k", "top_p"),
        "messages": MESSAGE,
        "system": BLOCKS,
        "metadata": Fields(carried=plain("user_id")),
        "tools": TOOLS,
        "tool_choice": Fields(carried=plain("type", "name", "disable_parallel_tool_use")),
        "thinking": Fields(carried=plain("type", "budget_tokens"), harmless=plain("display")),
        "output_config": Fields(
            carried={"effort": None, "format": _FORM},
            harmless={"task_budget": Fields(carried=plain("type", "total", "remaining"))},
        ),
    },
    harmless={
        **MARK,
        "context_management": Fields(carried={"edits": EDITS}),
        "output_format": _FORM,
    },
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
    if "context_management" in body and _is_summed_up(body["context_management"]):
        found.summed_up_from = SUMMED_UP_FROM
    for holder in (*objects(body.get("messages")), {"content": body.get("system")}):
        _add_blocks(holder.get("content"), found)
    return found


def _is_summed_up(managed: Any) -> bool:
    edits = objects(managed.get("edits")) if type(managed) is dict else ()
    return any(str(edit.get("type")).startswith(COMPACTS) for edit in edits)


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
