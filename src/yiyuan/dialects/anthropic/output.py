"""The form that an answer is to have, written for an upstream of Anthropic's format.

A schema is asked for where the model takes one. Any JSON object, or a schema at an older
model, is asked for in words, and the gateway looks whether the answer is one.
"""

import orjson

from yiyuan.dialects.anthropic.models import TAKES_SCHEMA, version_of
from yiyuan.dialects.anthropic.schema import strict_schema
from yiyuan.dialects.canonical import GenerationRequest, Json, Target
from yiyuan.dialects.shared.conversion import unsupported_value

ASKED = (
    "Answer with one JSON object and nothing else: no words before or after it, "
    "and no code fence around it."
)
KNOWN = "text, json_object, json_schema"


def convert_output(request: GenerationRequest, target: Target, body: Json) -> None:
    """Say in `body` what form is wanted; its system text is there already."""
    wanted = request.response_format
    if wanted is None:
        return
    kind = wanted.get("type")
    if kind == "json_object":
        _instruct(body, ASKED)
        return
    if kind != "json_schema":
        raise unsupported_value("response_format", "value_known", value=kind, known=KNOWN)
    schema = (wanted.get("json_schema") or {}).get("schema") or {}
    version = version_of(target.model)
    if version is not None and version < TAKES_SCHEMA:
        said = orjson.dumps(schema).decode()
        _instruct(body, f"{ASKED} It must conform to this JSON Schema: {said}")
        return
    own = body.get("output_config") or {}
    form = {"type": "json_schema", "schema": strict_schema(schema)}
    body["output_config"] = own | {"format": form}


def _instruct(body: Json, words: str) -> None:
    """Add to the system text, which may be a string or blocks."""
    system = body.get("system")
    if type(system) is list:
        body["system"] = [*system, {"type": "text", "text": words}]
    else:
        body["system"] = f"{system}\n\n{words}" if system else words
