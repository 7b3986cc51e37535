"""One spelling of Google's fields: camelCase, as its documentation has them.

Google reads snake_case as well, and its own SDK writes some nested fields so.
What is free text of others (schemas, arguments, answers of functions) is left
alone. A key that is there in both spellings keeps the documented one.
"""

import re
from typing import Any

from yiyuan.dialects.canonical import Json

DEPTH_MAX = 200
_FREE = frozenset(
    {
        *("args", "response", "parameters", "parametersJsonSchema", "responseSchema"),
        *("responseJsonSchema", "schema", "labels", "partMetadata"),
    }
)
_MAPS = frozenset({"properties", "defs", "$defs"})
_INNER = frozenset({"items", "anyOf", "oneOf", "allOf", "additionalProperties", "prefixItems"})
_COUNTS = frozenset(
    {
        *("minLength", "maxLength", "minItems", "maxItems"),
        *("minProperties", "maxProperties"),
    }
)
_NAMES = {"defs": "$defs", "ref": "$ref"}
_UNDERSCORE = re.compile(r"_([a-z0-9])")


def camel_case(body: Json) -> Json:
    """A copy of a request with every key in Google's documented spelling."""
    converted = _convert(body, 0)
    assert type(converted) is dict
    return converted


def _convert(value: Any, depth: int) -> Any:
    if depth > DEPTH_MAX:
        return value  # refused where it is written again
    if type(value) is list:
        return [_convert(item, depth + 1) for item in value]
    if type(value) is not dict:
        return value
    found: Json = {}
    for key, item in value.items():
        name = _camel(key)
        if name != key and name in value:
            continue
        found[name] = item if name in _FREE else _convert(item, depth + 1)
    return found


def json_schema(schema: Any) -> Any:
    """Google's own schema (types in capitals, `nullable`, either spelling) as JSON Schema."""
    if type(schema) is list:
        return [json_schema(item) for item in schema]
    if type(schema) is not dict:
        return schema
    found: Json = {}
    for key, value in schema.items():
        name = _camel(key)
        if name not in ("nullable", "propertyOrdering") and (name == key or name not in schema):
            found[_NAMES.get(name, name)] = _keyword(name, value)
    if schema.get("nullable") is True and type(found.get("type")) is str:
        found["type"] = [found["type"], "null"]
    return found


def _keyword(name: str, value: Any) -> Any:
    """The value of one keyword, whose name is in the documented spelling."""
    if name == "type" and type(value) is str:
        return value.lower()
    if name in _MAPS and type(value) is dict:
        return {key: json_schema(item) for key, item in value.items()}
    if name in _INNER:
        return json_schema(value)
    if name in _COUNTS and type(value) is str and value.isdecimal():
        return int(value[:18])  # JSON of Google's has 64 bits as text
    if name == "ref" and type(value) is str:
        return value.replace("#/defs/", "#/$defs/")
    return value


def _camel(key: str) -> str:
    return _UNDERSCORE.sub(lambda match: match[1].upper(), key) if "_" in key else key
