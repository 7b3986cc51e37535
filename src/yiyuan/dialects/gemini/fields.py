"""The fields of Google's formats, and what becomes of each; see `request_fields.py`."""

from collections.abc import Iterable
from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields

TOOLS = Fields(
    carried={
        "functionDeclarations": Fields(
            carried=dict.fromkeys(("name", "description", "parameters", "parametersJsonSchema")),
            harmless=frozenset({"behavior", "response", "responseJsonSchema"}),
        )
    },
    refused=dict.fromkeys(
        (
            "codeExecution",
            "computerUse",
            "enterpriseWebSearch",
            "fileSearch",
            "googleMaps",
            "googleSearch",
            "googleSearchRetrieval",
            "mcpServers",
            "urlContext",
        ),
        FREE_ALWAYS,
    ),
)
"""What Google runs costs extra, even where its settings are empty."""

CONFIG = Fields(
    carried=dict.fromkeys(
        (
            "candidateCount",
            "frequencyPenalty",
            "logprobs",
            "maxOutputTokens",
            "presencePenalty",
            "responseJsonSchema",
            "responseLogprobs",
            "responseMimeType",
            "responseSchema",
            "seed",
            "stopSequences",
            "temperature",
            "thinkingConfig",
            "topK",
            "topP",
        )
    ),
    harmless=frozenset({"mediaResolution", "responseFormat"}),
    refused={
        "imageConfig": FREE_ALWAYS,
        "responseModalities": frozenset({"TEXT", "text"}),
        "speechConfig": FREE_ALWAYS,
    },
)
BLOB = Fields(carried={"mimeType": None, "data": None}, harmless=frozenset({"displayName"}))
FILE = Fields(carried={"mimeType": None, "fileUri": None}, harmless=frozenset({"displayName"}))
_MEDIA = Fields(carried={"inlineData": BLOB, "fileData": FILE})
PART = Fields(
    carried={
        "text": None,
        "thought": None,
        "thoughtSignature": None,
        "inlineData": BLOB,
        "fileData": FILE,
        "functionCall": Fields(carried={"id": None, "name": None, "args": None}),
        "functionResponse": Fields(
            carried={"id": None, "name": None, "response": None, "parts": _MEDIA},
            harmless=frozenset({"willContinue", "scheduling"}),
        ),
    },
    harmless=frozenset({"executableCode", "codeExecutionResult", "mediaResolution"})
    | {"partMetadata", "videoMetadata"},
)
CONTENT = Fields(carried={"role": None, "parts": PART})
TOOL_CONFIG = Fields(
    carried={
        "functionCallingConfig": Fields(
            carried={"mode": None, "allowedFunctionNames": None},
            harmless=frozenset({"streamFunctionCallArguments"}),
        )
    },
)

FIELDS = Fields(
    carried={
        "model": None,
        "stream": None,
        "alt": None,
        "contents": CONTENT,
        "systemInstruction": CONTENT,
        "tools": TOOLS,
        "toolConfig": TOOL_CONFIG,
        "generationConfig": CONFIG,
        "safetySettings": None,
    },
    harmless=frozenset({"labels"}),
    left_out={"serviceTier": frozenset({"standard", "SERVICE_TIER_STANDARD"})},
    refused={"cachedContent": FREE_ALWAYS},
)
TEXT = Fields(carried={"role": None, "parts": Fields(carried={"text": None})})
"""Vectors are made of text alone here: what else a part had would be read unpaid."""
_SETTINGS = frozenset({"outputDimensionality", "taskType", "title"})
EMBEDDINGS_FIELDS = Fields(
    carried={
        "model": None,
        "single": None,
        "content": TEXT,
        "requests": Fields(carried={"model": None, "content": TEXT}, harmless=_SETTINGS),
    },
    harmless=_SETTINGS,
)


def contents_of(body: Json) -> Contents:
    """The pictures and the parts of unseen size in a body of this format."""
    found = Contents()
    for content in (*_each(body.get("contents")), *_each(body.get("systemInstruction"))):
        for part in _each(content.get("parts")):
            _add_part(part, found)
    return found


def _each(value: Any) -> Iterable[Json]:
    """The objects of a list, or the one that stands in its place."""
    return (value,) if type(value) is dict else objects(value)


def _add_part(part: Json, found: Contents) -> None:
    for blob in _each(part.get("inlineData")):
        data = blob.get("data")
        if type(data) is str and str(blob.get("mimeType")).startswith("image/"):
            found.images += 1
            found.inline.append(data)
        else:
            found.opaque.append("inlineData")
    if part.get("fileData") is not None:
        found.opaque.append("fileData")
    for answer in _each(part.get("functionResponse")):
        for inner in _each(answer.get("parts")):
            _add_part(inner, found)
