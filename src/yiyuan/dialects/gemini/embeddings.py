"""Google's embeddings: `:batchEmbedContents` for many texts, `:embedContent` for one.

Google tells no usage there; what was sent is counted here. The route says by
`single` which of the two a client asked for.
"""

import base64
import struct
from typing import Any

from yiyuan.dialects.canonical import EmbeddingsRequest, EmbeddingsResponse, Json, Reply, Target
from yiyuan.dialects.contract import Dialect, MalformedUpstream
from yiyuan.dialects.gemini.errors import google_error, read_error
from yiyuan.dialects.gemini.fields import EMBEDDINGS_FIELDS
from yiyuan.dialects.gemini.spelling import camel_case
from yiyuan.dialects.gemini.usage import read_embeddings_usage
from yiyuan.dialects.request_fields import screened
from yiyuan.dialects.shared.conversion import drop, pass_on, unsupported_value
from yiyuan.dialects.shared.fields import entries, integer, mapping, missing, read_model, text
from yiyuan.dialects.shared.upstream_error import list_of
from yiyuan.kernel.usage import Usage

NAME = "gemini_embeddings"
FLOAT_MAX = 3.4028e38
"""What a 32-bit float holds."""
INPUTS_MAX = 100
"""Google takes no more texts in one batch."""


def read_request(body: Json) -> EmbeddingsRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    body = camel_case(body)
    dropped = screened(body, EMBEDDINGS_FIELDS)
    model = read_model(body)
    if body.get("requests") is None:
        inputs = [_text_of(body, "")]
    else:
        found = entries(body, "requests")
        if not found:
            raise missing("requests")
        inputs = [_text_of(request, at + ".") for at, request in found]
    return EmbeddingsRequest(model=model, inputs=inputs, source=NAME, raw=body, dropped=dropped)


def _text_of(request: Json, at: str) -> str:
    integer(request, "outputDimensionality", 1)
    text(request, "taskType", at)
    content = mapping(request, "content", at)
    if content is None:
        raise missing(at + "content")
    parts = [text(part, "text", path + ".") for path, part in entries(content, "parts", at)]
    if not parts or None in parts:
        raise unsupported_value(at + "content", "value_not_text", kind="part")
    return "\n".join(part for part in parts if part is not None)


def write_request(request: EmbeddingsRequest, target: Target) -> Json:
    """Make the upstream's body, always a batch. Raises InvalidRequest."""
    name = f"models/{target.model}"
    if request.source == NAME:
        body = pass_on(request, target, EMBEDDINGS_FIELDS)
        single = {k: v for k, v in body.items() if k not in ("model", "single", "requests")}
        requests: list[Any] = body.get("requests") or [single]
        return {"requests": [item | {"model": name} for item in requests]}
    if len(request.inputs) > INPUTS_MAX:
        raise unsupported_value("input", "value_at_most", count=INPUTS_MAX)
    dimensions = request.raw.get("dimensions")
    if request.raw.get("user"):
        drop(request, "user")
    requests = []
    for item in request.inputs:
        if not isinstance(item, str):
            raise unsupported_value("input", "value_token_ids")
        entry: Json = {"model": name, "content": {"parts": [{"text": item}]}}
        if dimensions is not None:
            entry["outputDimensionality"] = dimensions
        requests.append(entry)
    return {"requests": requests}


def read_response(body: Json) -> EmbeddingsResponse:
    """Read an upstream's answer; raises UpstreamStreamError for an error in a 200."""
    vectors = list_of(body, "embeddings", "embeddings")
    return EmbeddingsResponse(
        raw=body,
        usage=read_embeddings_usage(body.get("usageMetadata")),
        raw_dialect=NAME,
        vectors=[_values(vector) for vector in vectors],
    )


def _values(vector: Any) -> list[float]:
    values = vector.get("values") if type(vector) is dict else None
    if type(values) is not list or not all(map(_is_float, values)):
        raise MalformedUpstream("an embedding is not a list of 32-bit floats")
    return values


def _is_float(item: Any) -> bool:
    return type(item) in (int, float) and -FLOAT_MAX <= item <= FLOAT_MAX


def _floats(vector: Any) -> list[float]:
    """OpenAI's form of a vector: numbers, or 32-bit floats as base64."""
    if type(vector) is str:
        packed = base64.b64decode(vector)
        count = len(packed) // 4
        return list(struct.unpack(f"<{count}f", packed[: count * 4]))
    return vector if type(vector) is list else []  # as it was read: nothing else comes here


def write_response(response: EmbeddingsResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    """Make the client's body: one embedding where it asked for one."""
    written = {"promptTokenCount": usage.input_tokens, "charge": charge}
    found = response.vectors
    if found is None:
        found = [_floats(item.get("embedding")) for item in response.raw["data"]]
    vectors = [{"values": values} for values in found]
    if reply.request.raw.get("requests") is None:
        return {"embedding": vectors[0], "usageMetadata": written}
    return {"embeddings": vectors, "usageMetadata": written}


DIALECT = Dialect(
    name=NAME,
    fields=EMBEDDINGS_FIELDS,
    operation="embeddings",
    client_path="/models/{model}:embedContent",
    upstream_path="/models/{model}:batchEmbedContents",
    many_conversations=True,
    read_request=read_request,
    write_request=write_request,
    read_response=read_response,
    write_response=write_response,
    read_error=read_error,
    write_error=google_error,
)
