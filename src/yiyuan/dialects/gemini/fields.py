"""The fields of Google's formats, and what becomes of each; see `request_fields.py`."""

from collections.abc import Iterable
from typing import Any

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, WHOLE, Fields, plain

TOOLS = Fields(
    carried={
        "functionDeclarations": Fields(
            carried={
                **plain("name", "description"),
                **dict.fromkeys(("parameters", "parametersJsonSchema"), WHOLE),
            },
            harmless={
                "behavior": None,
                **dict.fromkeys(("response", "responseJsonSchema"), WHOLE),
            },
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
    carried={
        **plain("candidateCount", "frequencyPenalty", "logprobs", "maxOutputTokens", "seed"),
        **plain("presencePenalty", "responseLogprobs", "responseMimeType", "stopSequences"),
        **plain("temperature", "topK", "topP"),
        **dict.fromkeys(("responseJsonSchema", "responseSchema"), WHOLE),
        "thinkingConfig": Fields(
            carried=plain("includeThoughts", "thinkingBudget", "thinkingLevel")
        ),
    },
    harmless={
        "mediaResolution": None,
        "responseFormat": Fields(
            carried={"text": Fields(carried={"mimeType": None, "schema": WHOLE})}
        ),
    },
    refused={
        "imageConfig": FREE_ALWAYS,
        "responseModalities": frozenset({"TEXT", "text"}),
        "speechConfig": FREE_ALWAYS,
    },
)
BLOB = Fields(carried=plain("mimeType", "data"), harmless=plain("displayName"))
FILE = Fields(carried=plain("mimeType", "fileUri"), harmless=plain("displayName"))
_MEDIA = Fields(carried={"inlineData": BLOB, "fileData": FILE})
PART = Fields(
    carried={
        **plain("text", "thought", "thoughtSignature"),
        "inlineData": BLOB,
        "fileData": FILE,
        "functionCall": Fields(carried={**plain("id", "name"), "args": WHOLE}),
        "functionResponse": Fields(
            carried={**plain("id", "name"), "response": WHOLE, "parts": _MEDIA},
            harmless=plain("willContinue", "scheduling"),
        ),
    },
    harmless={
        "executableCode": Fields(carried=plain("id", "language", "code")),
        "codeExecutionResult": Fields(carried=plain("id", "outcome", "output")),
        "mediaResolution": Fields(carried=plain("level", "numTokens")),
        "partMetadata": WHOLE,
        "videoMetadata": Fields(carried=plain("startOffset", "endOffset", "fps")),
    },
)
CONTENT = Fields(carried={"role": None, "parts": PART})
TOOL_CONFIG = Fields(
    carried={
        "functionCallingConfig": Fields(
            carried=plain("mode", "allowedFunctionNames"),
            harmless=plain("streamFunctionCallArguments"),
        )
    },
)

FIELDS = Fields(
    carried={
        **plain("model", "stream", "alt"),
        "contents": CONTENT,
        "systemInstruction": CONTENT,
        "tools": TOOLS,
        "toolConfig": TOOL_CONFIG,
        "generationConfig": CONFIG,
        "safetySettings": Fields(carried=plain("category", "threshold", "method")),
    },
    harmless={"labels": WHOLE},
    left_out={"serviceTier": frozenset({"standard", "SERVICE_TIER_STANDARD"})},
    refused={"cachedContent": FREE_ALWAYS},
)
TEXT = Fields(carried={"role": None, "parts": Fields(carried={"text": None})})
"""Vectors are made of text alone here: what else a part had would be read unpaid."""
_SETTINGS = plain("outputDimensionality", "taskType", "title")
EMBEDDINGS_FIELDS = Fields(
    carried={
        **plain("model", "single"),
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
