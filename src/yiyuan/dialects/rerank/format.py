"""The request and the answer of a reranking, read and written.

Makers differ in where they tell the usage (`usage.total_tokens`, or
`meta.tokens.input_tokens`) and in whether they send the documents back. A client
gets both places, so that programs written for either find theirs.
"""

from typing import Any

from yiyuan.dialects import usage_names
from yiyuan.dialects.canonical import Json, Reply, Target
from yiyuan.dialects.canonical_scores import RerankRequest, RerankResponse
from yiyuan.dialects.contract import Dialect, MalformedUpstream, UpstreamStreamError
from yiyuan.dialects.request_fields import Fields, plain, screened
from yiyuan.dialects.shared import stated_usage
from yiyuan.dialects.shared.client_error import openai_error
from yiyuan.dialects.shared.conversion import pass_on
from yiyuan.dialects.shared.fields import (
    flag,
    integer,
    listing,
    missing,
    read_model,
    text,
    wrong_type,
    wrong_value,
)
from yiyuan.dialects.shared.ids import upstream_id
from yiyuan.dialects.shared.upstream_error import problem_of, read_problem
from yiyuan.kernel.usage import Usage

NAME = "rerank"
_TEXT = Fields(carried=plain("text"))
"""What else a document had would be read unpaid."""
FIELDS = Fields(
    carried={
        **plain("model", "top_n", "return_documents"),
        **dict.fromkeys(("query", "documents"), _TEXT),
    },
    harmless=plain("max_chunks_per_doc", "max_tokens_per_doc", "overlap_tokens", "truncation"),
)
DOCUMENTS_MAX = 2048


def read_request(body: Json) -> RerankRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    dropped = screened(body, FIELDS)
    query = body.get("query")
    if type(query) is dict:
        query = query.get("text")
    if query is None:
        raise missing("query")
    if type(query) is not str:
        raise wrong_type("query", "string")
    if body.get("documents") is None:
        raise missing("documents")
    documents = [
        _document(item, f"documents[{place}]")
        for place, item in enumerate(listing(body, "documents"))
    ]
    if not documents:
        raise wrong_value("documents", "value_empty")
    if len(documents) > DOCUMENTS_MAX:
        raise wrong_value("documents", "value_at_most", count=DOCUMENTS_MAX)
    flag(body, "return_documents")
    return RerankRequest(
        model=read_model(body),
        query=query,
        documents=documents,
        top_n=integer(body, "top_n", 1),
        source=NAME,
        raw=body,
        dropped=dropped,
    )


def _document(item: Any, at: str) -> str:
    if type(item) is str:
        return item
    if type(item) is dict:
        found = text(item, "text", at + ".")
        if found is not None:
            return found
    raise wrong_type(at, "string | {text}")


def write_request(request: RerankRequest, target: Target) -> Json:
    """Make the upstream's body: the client's own, with the model renamed."""
    return pass_on(request, target, FIELDS) | {"model": target.model}


def read_response(body: Json) -> RerankResponse:
    """Read an upstream's answer; raises UpstreamStreamError for an error in a 200."""
    if type(body) is not dict:
        raise MalformedUpstream("the body is not an object")
    results = body.get("results")
    if results is None and (body.get("error") or body.get("message") or body.get("detail")):
        raise UpstreamStreamError(problem_of(body))
    if type(results) is not list:
        raise MalformedUpstream("the body has no results")
    for result in results:
        if type(result) is not dict or type(result.get("index")) is not int:
            raise MalformedUpstream("a result has no index")
        if type(result.get("relevance_score")) not in (int, float):
            raise MalformedUpstream("a result has no relevance_score")
    return RerankResponse(
        raw=body,
        usage=stated_usage.read(body, usage_names.RERANK),
        raw_dialect=NAME,
        upstream_id=upstream_id(body),
    )


def write_response(response: RerankResponse, reply: Reply, usage: Usage, charge: int) -> Json:
    """Make the client's body: results, and the usage in both of its places."""
    tokens = usage.input_tokens
    meta = response.raw.get("meta")
    kept = meta if type(meta) is dict else {}
    return {
        "id": reply.id.removeprefix("ex_"),
        "model": reply.model,
        "results": response.raw["results"],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens, "charge": charge},
        "meta": kept | {"tokens": {"input_tokens": tokens, "output_tokens": 0}},
    }


DIALECT = Dialect(
    name=NAME,
    operation="rerank",
    fields=FIELDS,
    client_path="/rerank",
    upstream_path="/rerank",
    many_conversations=True,
    read_request=read_request,
    write_request=write_request,
    read_response=read_response,
    write_response=write_response,
    read_error=read_problem,
    write_error=openai_error,
)
