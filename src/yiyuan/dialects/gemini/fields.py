"""The fields of Google's formats, and what becomes of each; see `request_fields.py`."""

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contents import Contents, objects
from yiyuan.dialects.request_fields import FREE_ALWAYS, Fields

TOOLS = Fields(
    carried={"functionDeclarations": None},
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
FIELDS = Fields(
    carried={
        "model": None,
        "stream": None,
        "alt": None,
        "contents": None,
        "systemInstruction": None,
        "tools": TOOLS,
        "toolConfig": None,
        "generationConfig": CONFIG,
        "safetySettings": None,
    },
    harmless=frozenset({"labels"}),
    left_out={"serviceTier": frozenset({"standard", "SERVICE_TIER_STANDARD"})},
    refused={"cachedContent": FREE_ALWAYS},
)
EMBEDDINGS_FIELDS = Fields(
    carried=dict.fromkeys(("model", "single", "content", "requests")),
    harmless=frozenset({"outputDimensionality", "taskType", "title"}),
)


def contents_of(body: Json) -> Contents:
    """The pictures and the parts of unseen size in a body of this format."""
    found = Contents()
    for content in (*objects(body.get("contents")), *objects([body.get("systemInstruction")])):
        for part in objects(content.get("parts")):
            _add_part(part, found)
    return found


def _add_part(part: Json, found: Contents) -> None:
    blob = part.get("inlineData")
    if type(blob) is dict:
        data = blob.get("data")
        if type(data) is str and str(blob.get("mimeType")).startswith("image/"):
            found.images += 1
            found.inline.append(data)
        else:
            found.opaque.append("inlineData")
    if part.get("fileData") is not None:
        found.opaque.append("fileData")
