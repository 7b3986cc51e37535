"""`/openapi.json`: the public API in OpenAPI 3.1, put together from `api.toml`.

The parameters are those of the pages; what answers look like stands in
`answers.toml`. Texts are English. Unknown fields are allowed everywhere, as the API
itself allows them.
"""

import json
import re
import tomllib
from functools import cache
from typing import Any

from yiyuan import __version__
from yiyuan.documentation.content.facts import Facts
from yiyuan.documentation.content.sources import ROOM
from yiyuan.documentation.reference.operations import Operation, Parameter, operations

Json = dict[str, Any]

METERED = (
    *("completions", "chat", "messages", "responses", "embeddings"),
    *("rerank", "moderations", "generate_content", "embed_content"),
)
STREAMED = ("completions", "chat", "messages", "responses")
_LIMIT_HEADERS = {
    "x-ratelimit-limit-requests": "The limit of requests in any 60 seconds.",
    "x-ratelimit-remaining-requests": "How many more would be admitted now.",
    "x-ratelimit-reset-requests": "Until all are free again, such as `120ms` or `6m0s`.",
}
_CHARGE_HEADERS = {
    "x-yiyuan-charge": "What the request cost, in 词元; not for streams.",
    "x-yiyuan-max-tokens-clamped": "The maximum that the balance allowed, if it was lowered.",
    "x-yiyuan-model": "The model that answered, where it is not the one that was asked for.",
    "x-yiyuan-budget-remaining": "What the tightest budget of the token has left, in 词元.",
    "x-yiyuan-budget-resets-at": "When that budget begins anew.",
    "x-yiyuan-dropped-params": "Parameters that the model does not know and that were left out.",
}
_RETRY_HEADERS = {
    "retry-after": "When the request will be admitted, in whole seconds.",
    "retry-after-ms": "The same in milliseconds.",
}
REFUSALS = {
    400: "The request is wrong",
    401: "The API token is invalid",
    402: "The balance is not sufficient",
    403: "The token may not do this",
    404: "There is no such model",
    413: "The body is too large",
    429: "Rate limit exceeded",
    502: "The model's server failed",
    503: "No server is available",
    504: "The model's server did not answer in time",
}
"""What metered operations refuse with; free ones with some of it."""


def openapi(facts: Facts) -> Json:
    """The whole document."""
    paths: dict[str, Json] = {}
    for operation in operations().values():
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "yiyuan",
            "version": __version__,
            "summary": "A prepaid gateway for language models",
            "description": (
                "OpenAI's and Anthropic's API with an API token as bearer. Charges are whole "
                "词元, of which 1,000,000 are 1 yuan (CNY). Every path also answers without `/v1`."
            ),
        },
        "servers": [{"url": f"{facts.api_url}/v1"}],
        "externalDocs": {"url": f"{facts.public_url}/docs/en/"},
        "security": [{"bearer": []}, {"x-api-key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "x-api-key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            },
            "schemas": _answers(),
        },
    }


def refusals_of(operation: Operation) -> list[int]:
    """The statuses with which an operation may refuse."""
    if operation.name in METERED:
        return list(REFUSALS)
    free = [400, 401, 403, 404]  # 400 for two credentials, and for dates that are none
    return free if operation.method == "get" else [*free, 413, 429, 503]


def _operation(operation: Operation) -> Json:
    outside: list[Json] = [
        {
            "name": each.name,
            "in": "query",
            "required": each.is_required,
            "description": each.texts["en"],
            "schema": schema_of(each),
        }
        for each in operation.parameters
        if each.place == "query"
    ]
    outside += [
        {"name": name, "in": "path", "required": True, "schema": _kind("string")}
        for name in re.findall(r"\{(\w+)\}", operation.path)
    ]
    document: Json = {
        "operationId": operation.name,
        "summary": operation.titles["en"],
        "parameters": outside,
        "responses": _responses(operation),
    }
    body = [each for each in operation.parameters if each.place == "body"]
    if body:
        document["requestBody"] = {"required": True, "content": _json_content(_body_schema(body))}
    return document


def _body_schema(parameters: list[Parameter]) -> Json:
    return {
        "type": "object",
        "required": [each.name for each in parameters if each.is_required],
        "properties": {
            each.name: {**schema_of(each), "description": each.texts["en"]} for each in parameters
        },
        "additionalProperties": True,
    }


def _responses(operation: Operation) -> Json:
    is_metered = operation.name in METERED
    content = _json_content({"$ref": f"#/components/schemas/{operation.name}"})
    if operation.name in STREAMED:
        content["text/event-stream"] = {"schema": {"type": "string"}}
    found: Json = {
        "200": {
            "description": operation.titles["en"],
            "headers": _headers(_LIMIT_HEADERS | _CHARGE_HEADERS) if is_metered else {},
            "content": content,
        }
    }
    error = "anthropic_error" if operation.path.startswith("/messages") else "error"
    for status in refusals_of(operation):
        found[str(status)] = {
            "description": REFUSALS[status],
            "headers": _headers(_RETRY_HEADERS if status == 429 else {}),
            "content": _json_content({"$ref": f"#/components/schemas/{error}"}),
        }
    return found


def schema_of(parameter: Parameter) -> Json:
    """The JSON schema of a parameter."""
    schema = _type(parameter.type)
    if parameter.default is not None and parameter.default != "n":
        is_text = parameter.type.startswith("string")
        schema["default"] = parameter.default if is_text else json.loads(parameter.default)
    return schema


def _type(written: str) -> Json:
    """A type as people write it."""
    kinds = [_kind(each.strip()) for each in written.split("|")]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _kind(name: str) -> Json:
    if name.endswith("[]"):
        return {"type": "array", "items": _kind(name.removesuffix("[]"))}
    return {"type": name}


def _headers(texts: dict[str, str]) -> Json:
    return {
        name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()
    }


def _json_content(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


@cache
def _answers() -> Json:
    """What answers look like, by operation."""
    document = tomllib.loads((ROOM / "content" / "answers.toml").read_text(encoding="utf-8"))
    return {name: _answer(fields) for name, fields in document.items()}


def _answer(fields: Json) -> Json:
    """`name = "type"` becomes a property; a table becomes an object."""
    properties = {
        name: _answer(kind) if isinstance(kind, dict) else _written(kind)
        for name, kind in fields.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": True}


def _written(kind: str) -> Json:
    """A type as people write it; `=NAME` is another answer, `=NAME[]` a list of them."""
    if kind.startswith("="):
        reference = {"$ref": f"#/components/schemas/{kind[1:].removesuffix('[]')}"}
        return {"type": "array", "items": reference} if kind.endswith("[]") else reference
    return _type(kind)
