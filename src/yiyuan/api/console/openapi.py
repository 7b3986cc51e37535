"""The OpenAPI 3.1 document of `/api`, made of the route table and the shapes' types.

python -m yiyuan.api.console.openapi        prints it; the console's types come from it
"""

import sys
from typing import Any, Final

import msgspec
import orjson

from yiyuan import __version__
from yiyuan.api.console.errors import Refusal
from yiyuan.api.console.registry import ROUTES
from yiyuan.api.console.route import Download, Empty, Redirect, Route, Stream

_REF = "#/components/schemas/{name}"


def document(version: str) -> bytes:
    """The whole document as JSON."""
    shapes = [route.asks for route in ROUTES] + [
        route.answers for route in ROUTES if route.answers not in (Download, Redirect, Stream)
    ]
    _, components = msgspec.json.schema_components([*shapes, Refusal], ref_template=_REF)
    asked = {route.asks.__name__ for route in ROUTES}
    for name, schema in components.items():
        _say_what_is_there(schema, is_asked=name in asked)
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    found = {
        "openapi": "3.1.0",
        "info": {"title": "yiyuan console API", "version": version},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "yiyuan_session"},
                "management_key": {"type": "http", "scheme": "bearer"},
            },
        },
    }
    return orjson.dumps(found)


def _say_what_is_there(schema: dict[str, Any], *, is_asked: bool) -> None:
    """Fields with a default may be left out when asking, and are always there in answers.

    Only what is asked refuses unknown fields. An object of any content says so, since
    tools take one that says nothing for an empty one.
    """
    properties: dict[str, Any] = schema.get("properties", {})
    if not is_asked and schema.get("additionalProperties") is not False:
        schema["required"] = list(properties)
    for shape in properties.values():
        shape.pop("default", None)
        for part in (shape, *shape.get("anyOf", ())):
            if part.get("type") == "object":
                part.setdefault("additionalProperties", True)


def _operation(route: Route, components: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name.replace(".", "_"),
        "summary": (route.handler.__doc__ or "").strip().split("\n")[0],
        "parameters": [_place(name) for name in route.places],
        "responses": {
            **_done(route),
            **{str(status): _REFUSED for status in _refusals(route)},
            "default": _REFUSED,
        },
        "x-roles": sorted(route.access.roles),
        "x-who": route.access.who,
    }
    if route.access.who != "anybody":
        keys: list[dict[str, Any]] = [{"management_key": []}] if route.access.takes_keys else []
        operation["security"] = [{"session": []}, *keys]
    if route.method == "GET":
        operation["parameters"] += _query(route, components)
    elif route.asks is not Empty:
        is_needed = bool(components[route.asks.__name__].get("required"))
        operation["requestBody"] = {"required": is_needed, "content": _json(route.asks)}
    return operation


def _refusals(route: Route) -> list[int]:
    """The statuses of what any request to a route may be refused with, whatever it is about."""
    found = []
    if route.method != "GET":
        found += [400, 403, 413, 415]  # no JSON of this shape, of another page, too large
    elif route.asks is not Empty:
        found.append(400)
    if route.access.who != "anybody":
        found += [401, 403]
    if route.places:
        found.append(404)
    return sorted(set(found))


def _done(route: Route) -> dict[str, Any]:
    """The answer of a success: a document, a file, or an address to go to."""
    if route.answers is Redirect:
        return {"303": {"description": "elsewhere, as `location` says"}}
    done = {"200": {"description": "done", "content": _content(route)}}
    if route.is_polled:
        done["304"] = {"description": "the copy that `if-none-match` names is still good"}
    return done


def _content(route: Route) -> dict[str, Any]:
    if route.answers is Download:
        return {"text/csv": {"schema": {"type": "string"}}}
    if route.answers is Stream:
        return {"application/x-ndjson": {"schema": {"type": "string"}}}
    return _json(route.answers)


def _json(shape: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    return {"application/json": {"schema": schema}}


_REFUSED: Final = {"description": "refused", "content": _json(Refusal)}


def _place(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(route: Route, components: dict[str, Any]) -> list[dict[str, Any]]:
    schema = components[route.asks.__name__]
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


if __name__ == "__main__":
    sys.stdout.write(document(__version__).decode() + "\n")
