"""OpenAI's embeddings: passed on with the model renamed, passed back with the charge.

The vectors stay as the upstream sent them, numbers or base64. There is no
stream.
"""

import base64
import struct
from typing import Any

from yiyuan.dialects.canonical import EmbeddingsRequest, EmbeddingsResponse, Json, Reply, Target
from yiyuan.dialects.contract import Dialect, MalformedUpstream
from yiyuan.dialects.openai.content import read_items
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.openai.usage import read_embeddings_usage
from yiyuan.dialects.request_fields import WHOLE, Fields, plain, screened
from yiyuan.dialects.shared.conversion import pass_on
from yiyuan.dialects.shared.fields import (
    INTEGER_MAX,
    integer,
    read_model,
    text,
    unknown_value,
    wrong_type,
    wrong_value,
)
from yiyuan.dialects.shared.ids import upstream_id
from yiyuan.dialects.shared.upstream_error import list_of, read_problem
from yiyuan.kernel.usage import Usage

NAME = "openai_embeddings"
FIELDS = Fields(
    carried={**plain("model", "encoding_format", "dimensions", "user"), "input": WHOLE},
    harmless=plain("input_type", "task", "truncate"),
    left_out={
        "service_tier": frozenset({"auto", "default", "standard"}),
        "speed": frozenset({"standard", "normal"}),
    },
)
INPUT_TYPES = "string | string[] | integer[] | integer[][]"


def _read_request(body: Json) -> EmbeddingsRequest:
    dropped = screened(body, FIELDS)
    model = read_model(body)
    encoding = text(body, "encoding_format")
    if encoding not in (None, "float", "base64"):
        raise unknown_value("encoding_format", encoding, "float, base64")
    integer(body, "dimensions", 1)
    text(body, "user")
    return EmbeddingsRequest(
        model=model, inputs=_read_inputs(body.get("input")), source=NAME, raw=body, dropped=dropped
    )


def _write_request(request: EmbeddingsRequest, target: Target) -> Json:
    if request.source != NAME:
        return {"model": target.model, "input": request.inputs}
    return pass_on(request, target, FIELDS) | {"model": target.model}


def _read_response(body: Json) -> EmbeddingsResponse:
    if not all(map(_is_vector, list_of(body, "data", "embeddings"))):
        raise MalformedUpstream("an embedding is neither a list nor base64")
    return EmbeddingsResponse(
        raw=body,
        usage=read_embeddings_usage(body.get("usage")),
        raw_dialect=NAME,
        upstream_id=upstream_id(body),
    )


def _is_vector(item: Any) -> bool:
    """Whether it is an embedding that can be written in any format."""
    vector = item.get("embedding") if type(item) is dict else None
    if type(vector) is not str:
        return type(vector) is list
    try:
        base64.b64decode(vector, validate=True)
    except ValueError:
        return False
    return True


def _write_response(response: EmbeddingsResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    written = {
        "prompt_tokens": usage.input_tokens,
        "total_tokens": usage.input_tokens,
        "charge": charge,
    }
    if response.vectors is None:
        return response.raw | {"model": reply.model, "usage": written}
    as_text = reply.request.raw.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": place, "embedding": _packed(vector) if as_text else vector}
        for place, vector in enumerate(response.vectors)
    ]
    return {"object": "list", "data": data, "model": reply.model, "usage": written}


def _packed(vector: list[float]) -> str:
    """Little-endian 32-bit floats as base64, as OpenAI's SDKs ask for them."""
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _read_inputs(value: Any) -> list[str] | list[list[int]]:
    items = read_items(value, "input", INPUT_TYPES)
    if all(type(item) is str for item in items):
        return items
    if all(type(item) is int for item in items):
        return [_checked_ids(items)]
    if all(type(item) is list for item in items):
        return [_checked_ids(ids) for ids in items]
    raise wrong_type("input", INPUT_TYPES)


def _checked_ids(ids: list[Any]) -> list[int]:
    if not ids:
        raise wrong_value("input", "value_empty")
    if not all(type(item) is int for item in ids):
        raise wrong_type("input", INPUT_TYPES)
    if not all(0 <= item <= INTEGER_MAX for item in ids):
        raise wrong_value("input", "value_between", low=0, high=INTEGER_MAX)
    return ids


DIALECT = Dialect(
    name=NAME,
    fields=FIELDS,
    operation="embeddings",
    client_path="/embeddings",
    upstream_path="/embeddings",
    many_conversations=True,
    read_request=_read_request,
    write_request=_write_request,
    read_response=_read_response,
    write_response=_write_response,
    read_error=read_problem,
    write_error=openai_error,
)
