"""Addresses of Google's formats, the same for its API and for Vertex below `/models`."""

from urllib.parse import quote

from yiyuan.integrations.providers.contract import Destination

COUNTED = frozenset({"contents", "systemInstruction", "tools", "generationConfig"})
"""Of a request, what `countTokens` takes on both."""
COUNT_ANSWER = "totalTokens"
VERTEX_PATH = "/publishers/google"
_STREAMED = ":streamGenerateContent?alt=sse"


def generate_path(destination: Destination) -> str:
    """`/models/{model}:generateContent`, or its stream as server-sent events."""
    verb = _STREAMED if destination.stream else ":generateContent"
    return model_path(destination.model) + verb


def embeddings_path(destination: Destination) -> str:
    """`/models/{model}:batchEmbedContents`."""
    return model_path(destination.model) + ":batchEmbedContents"


def count_path(destination: Destination) -> str:
    """`/models/{model}:countTokens`."""
    return model_path(destination.model) + ":countTokens"


def model_path(model: str) -> str:
    """`/models/{model}`; a name of one's own tuning may have its collection already."""
    name = quote(model, safe="/-._~")
    return f"/{name}" if name.startswith(("models/", "tunedModels/")) else f"/models/{name}"
