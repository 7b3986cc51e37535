"""OpenAI's embeddings: passed on with the model renamed, passed back with the charge.

The vectors stay as the upstream sent them, numbers or base64. There is no
stream.
"""

from typing import Any, Literal

from yiyuan.dialects.canon import (
    EmbeddingsRequest,
    EmbeddingsResponse,
    Json,
    Reply,
    Target,
    UpstreamProblem,
)
from yiyuan.dialects.conversion import pass_on
from yiyuan.dialects.dialect import (
    Dialect,
    MalformedUpstream,
    Request,
    Response,
    StreamReader,
    StreamWriter,
    UpstreamStreamError,
)
from yiyuan.dialects.fields import (
    INTEGER_MAX,
    integer,
    missing,
    read_model,
    text,
    unknown_value,
    wrong_type,
    wrong_value,
)
from yiyuan.dialects.openai_errors import openai_error
from yiyuan.dialects.openai_usage import read_embeddings_usage
from yiyuan.dialects.upstream_problem import problem_of, read_problem
from yiyuan.kernel.errors import ApiError
from yiyuan.kernel.usage import Usage

NAME = "openai_embeddings"
INPUT_TYPES = "string | string[] | integer[] | integer[][]"


class OpenAIEmbeddings:
    """`POST /embeddings`; see `Dialect`."""

    name = NAME
    operation: Literal["generation", "embeddings"] = "embeddings"
    client_path = "/embeddings"
    upstream_path = "/embeddings"
    many_conversations = True
    many_choices = False

    def read_request(self, body: Json) -> Request:
        """See `Dialect.read_request`."""
        model = read_model(body)
        encoding = text(body, "encoding_format")
        if encoding not in (None, "float", "base64"):
            raise unknown_value("encoding_format", encoding, "float, base64")
        integer(body, "dimensions", 1)
        text(body, "user")
        return EmbeddingsRequest(
            model=model, inputs=_read_inputs(body.get("input")), source=NAME, raw=body
        )

    def write_request(self, request: Request, target: Target) -> Json:
        """See `Dialect.write_request`."""
        assert isinstance(request, EmbeddingsRequest)
        body = pass_on(request)
        body["model"] = target.model
        return body

    def read_response(self, body: Json) -> Response:
        """See `Dialect.read_response`; raises UpstreamStreamError for an error in a 200."""
        if type(body) is not dict:
            raise MalformedUpstream("the body is not an object")
        vectors = body.get("data")
        if body.get("error") and not vectors:
            raise UpstreamStreamError(problem_of(body))
        if type(vectors) is not list or not vectors:
            raise MalformedUpstream("the body has no embeddings")
        upstream_id = body.get("id")
        return EmbeddingsResponse(
            raw=body,
            usage=read_embeddings_usage(body.get("usage")),
            raw_dialect=NAME,
            upstream_id=upstream_id if type(upstream_id) is str else None,
        )

    def write_response(self, response: Response, reply: Reply, usage: Usage, charge: int) -> Json:
        """See `Dialect.write_response`."""
        assert isinstance(response, EmbeddingsResponse)
        written = {
            "prompt_tokens": usage.input_tokens,
            "total_tokens": usage.input_tokens,
            "charge": charge,
        }
        return response.raw | {"model": reply.model, "usage": written}

    def stream_reader(self) -> StreamReader:
        """Embeddings do not stream."""
        raise NotImplementedError

    def stream_writer(self, reply: Reply) -> StreamWriter:
        """Embeddings do not stream."""
        raise NotImplementedError

    def read_error(self, body: bytes) -> UpstreamProblem:
        """See `Dialect.read_error`."""
        return read_problem(body)

    def write_error(self, error: ApiError, language: str, request_id: str) -> Json:
        """See `Dialect.write_error`."""
        return openai_error(error, language, request_id)


def _read_inputs(value: Any) -> list[str] | list[list[int]]:
    if value is None:
        raise missing("input")
    if type(value) is str:
        return [value]
    if type(value) is not list:
        raise wrong_type("input", INPUT_TYPES)
    if not value:
        raise wrong_value("input", "value_empty")
    if all(type(item) is str for item in value):
        return value
    if all(type(item) is int for item in value):
        return [_checked_ids(value)]
    if all(type(item) is list for item in value):
        return [_checked_ids(ids) for ids in value]
    raise wrong_type("input", INPUT_TYPES)


def _checked_ids(ids: list[Any]) -> list[int]:
    if not ids:
        raise wrong_value("input", "value_empty")
    if not all(type(item) is int for item in ids):
        raise wrong_type("input", INPUT_TYPES)
    if not all(0 <= item <= INTEGER_MAX for item in ids):
        raise wrong_value("input", "value_between", low=0, high=INTEGER_MAX)
    return ids


DIALECT: Dialect = OpenAIEmbeddings()
