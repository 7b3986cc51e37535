"""OpenAI's moderations: passed on with the model renamed, passed back with the charge.

Vendors do not bill them; a model's `request` price is what a call costs here. Who
names no model means OpenAI's own default.
"""

from typing import Any

from yiyuan.dialects.canonical import Json, Reply, Target
from yiyuan.dialects.canonical_scores import ModerationRequest, ModerationResponse
from yiyuan.dialects.contract import Dialect, MalformedUpstream
from yiyuan.dialects.openai.content import read_items
from yiyuan.dialects.openai.errors import openai_error
from yiyuan.dialects.request_fields import Fields, Kinds, plain, screened
from yiyuan.dialects.shared import fields
from yiyuan.dialects.shared.conversion import pass_on
from yiyuan.dialects.shared.ids import response_id, upstream_id
from yiyuan.dialects.shared.upstream_error import list_of, read_problem
from yiyuan.kernel.usage import Usage

NAME = "openai_moderations"
PARTS = Kinds(
    by_kind={
        "text": Fields(carried=plain("type", "text")),
        "image_url": Fields(carried={"type": None, "image_url": Fields(carried=plain("url"))}),
    }
)
FIELDS = Fields(carried={"model": None, "input": PARTS}, harmless=plain("user"))
ID_PREFIX = "modr-"
MODEL_DEFAULT = "omni-moderation-latest"
INPUT_TYPES = "string | string[] | object[]"


def read_request(body: Json) -> ModerationRequest:
    """Read a client's body. Raises InvalidRequest naming the parameter."""
    dropped = screened(body, FIELDS)
    if body.get("model") is None:
        body = body | {"model": MODEL_DEFAULT}
    return ModerationRequest(
        model=fields.read_model(body),
        inputs=_inputs(body.get("input")),
        source=NAME,
        raw=body,
        dropped=dropped,
    )


def _inputs(value: Any) -> list[Any]:
    items = read_items(value, "input", INPUT_TYPES)
    if not all(type(item) is str for item in items) and not all(
        type(item) is dict for item in items
    ):
        raise fields.wrong_type("input", INPUT_TYPES)
    return items


def write_request(request: ModerationRequest, target: Target) -> Json:
    """Make the upstream's body."""
    return pass_on(request, target, FIELDS) | {"model": target.model}


def read_response(body: Json) -> ModerationResponse:
    """Read an upstream's answer; raises UpstreamStreamError for an error in a 200."""
    results = list_of(body, "results", "results")
    if not all(type(r) is dict and type(r.get("flagged")) is bool for r in results):
        raise MalformedUpstream("a result does not say whether it is flagged")
    return ModerationResponse(
        raw=body,
        usage=Usage(),
        raw_dialect=NAME,
        upstream_id=upstream_id(body),
    )


def write_response(response: ModerationResponse, reply: Reply, _usage: Usage, charge: int) -> Json:
    """Make the client's body; `usage` tells only the charge, since nothing was counted."""
    head = {"id": response_id(reply, ID_PREFIX), "model": reply.model}
    return response.raw | head | {"usage": {"charge": charge}}


DIALECT = Dialect(
    name=NAME,
    operation="moderation",
    fields=FIELDS,
    client_path="/moderations",
    upstream_path="/moderations",
    id_prefix=ID_PREFIX,
    many_conversations=True,
    read_request=read_request,
    write_request=write_request,
    read_response=read_response,
    write_response=write_response,
    read_error=read_problem,
    write_error=openai_error,
)
