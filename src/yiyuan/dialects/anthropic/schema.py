"""JSON Schema as Anthropic takes it for structured output and strict tools.

Every object says that it has no further properties; keywords that are not known there
would refuse the whole request, so they move into the description, where the model reads
them. What has no type is given the one that its keywords mean.
"""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Json

DEPTH_MAX = 100
_KEPT_FORMATS = frozenset(
    {
        *("date-time", "time", "date", "duration", "email", "hostname"),
        *("uri", "ipv4", "ipv6", "uuid"),
    }
)
_TYPES = ("object", "array", "string", "integer", "number", "boolean", "null")
_NOTES = ("title", "description")
_SILENT = frozenset({"$schema", "$id", "$comment", "strict", "nullable", "additionalProperties"})
"""Keywords that say nothing to a model, or are taken care of here."""


def strict_schema(schema: Any, depth: int = 0) -> Json:
    """The schema with what Anthropic refuses said in words. Does not modify `schema`."""
    if type(schema) is not dict or depth > DEPTH_MAX:
        return {"type": "string"}
    rest: Json = dict(schema)
    found: Json = {}
    for name in ("$defs", "definitions"):
        inner = rest.pop(name, None)
        if type(inner) is dict:
            defs = found.setdefault("$defs", {})
            defs |= {key: strict_schema(value, depth + 1) for key, value in inner.items()}
    reference = rest.pop("$ref", None)
    if type(reference) is str:
        return found | {"$ref": reference.replace("#/definitions/", "#/$defs/")}
    found |= {name: rest.pop(name) for name in _NOTES if type(rest.get(name)) is str}
    if not _choices(rest, found, depth):
        _typed(rest, found, depth)
    _say(found, {name: value for name, value in rest.items() if name not in _SILENT})
    return found


def _choices(rest: Json, found: Json, depth: int) -> bool:
    """Take what names values or alternatives; whether there is such."""
    if "const" in rest and _is_plain(rest["const"]):
        found["const"] = rest.pop("const")
    values = rest.get("enum")
    if type(values) is list and values and all(_is_plain(value) for value in values):
        found["enum"] = rest.pop("enum")
    if "const" in found or "enum" in found:
        rest.pop("type", None)
        return True
    kinds = rest.get("type")
    if type(kinds) is list:
        del rest["type"]
        own = dict(rest)
        rest.clear()
        found["anyOf"] = [strict_schema(_of_kind(own, kind), depth + 1) for kind in kinds]
        return True
    for name in ("anyOf", "oneOf", "allOf"):
        several = rest.get(name)
        if type(several) is list and several:
            inner = [strict_schema(one, depth + 1) for one in rest.pop(name)]
            found["allOf" if name == "allOf" else "anyOf"] = inner
            rest.pop("type", None)
            return True
    return False


def _of_kind(schema: Json, kind: Any) -> Json:
    """What of a schema for several types is about one of them."""
    if kind == "object":
        return schema | {"type": kind}
    without = {"properties", "required"} | (set() if kind == "array" else {"items"})
    return {name: value for name, value in schema.items() if name not in without} | {"type": kind}


def _typed(rest: Json, found: Json, depth: int) -> None:
    kind = rest.pop("type", None)
    if kind not in _TYPES:
        kind = "array" if "items" in rest else "object" if "properties" in rest else None
    if kind is None:  # anything at all, which is said type by type
        found["anyOf"] = [{"type": name} for name in ("string", "number", "boolean", "null")]
        return
    found["type"] = kind
    if kind == "object":
        _object(rest, found, depth)
    elif kind == "array":
        if "items" in rest:
            found["items"] = strict_schema(rest.pop("items"), depth + 1)
        if rest.get("minItems") in (0, 1):
            found["minItems"] = rest.pop("minItems")
    elif kind == "string" and rest.get("format") in _KEPT_FORMATS:
        found["format"] = rest.pop("format")


def _object(rest: Json, found: Json, depth: int) -> None:
    properties = rest.pop("properties", None)
    properties = properties if type(properties) is dict else {}
    found["properties"] = {n: strict_schema(value, depth + 1) for n, value in properties.items()}
    found["additionalProperties"] = False
    required = rest.pop("required", None)
    if type(required) is list:
        found["required"] = [name for name in required if name in properties]
    others = rest.get("additionalProperties")
    if type(others) is dict and others:
        rest["other properties"] = others


def _say(found: Json, unknown: Json) -> None:
    """Put keywords that are not known there into the description."""
    if not unknown:
        return
    said = ", ".join(f"{name}: {_words(value)}" for name, value in unknown.items())
    before = found.get("description")
    found["description"] = f"{before}\n\n{{{said}}}" if before else f"{{{said}}}"


def _words(value: Any) -> str:
    return value if type(value) is str else orjson.dumps(value).decode()


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)
