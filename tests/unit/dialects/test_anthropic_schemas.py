"""JSON Schemas as Anthropic takes them, and JSON that is asked for in words."""

import copy
from typing import Any

import pytest

from tests.unit.dialects.dialect_cases import CHAT, MESSAGES, RESPONSES, chat, responses
from yiyuan.dialects.anthropic.schema import strict_schema
from yiyuan.dialects.canonical import Choice, Delta, Target
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.gateway.upstream.json_answer import JsonAnswer, check_whole, filter_stream

STRING = {"type": "string"}
CASES: list[tuple[Any, Any]] = [
    ({"type": "object"}, {"type": "object", "properties": {}, "additionalProperties": False}),
    (
        {"properties": {"a": STRING}, "required": ["a", "b"], "additionalProperties": True},
        {
            "type": "object",
            "properties": {"a": STRING},
            "required": ["a"],
            "additionalProperties": False,
        },
    ),
    (
        {"type": "integer", "minimum": 1, "maximum": 10, "description": "A number"},
        {"type": "integer", "description": "A number\n\n{minimum: 1, maximum: 10}"},
    ),
    (
        {"type": "string", "minLength": 2, "pattern": "^a"},
        {"type": "string", "description": "{minLength: 2, pattern: ^a}"},
    ),
    ({"type": "string", "format": "email"}, {"type": "string", "format": "email"}),
    ({"type": "string", "format": "phone"}, {"type": "string", "description": "{format: phone}"}),
    (
        {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": 3},
        {
            "type": "array",
            "items": {"type": "object", "properties": {}, "additionalProperties": False},
            "minItems": 1,
            "description": "{maxItems: 3}",
        },
    ),
    (
        {"type": ["string", "null"], "maxLength": 3},
        {
            "anyOf": [
                {"type": "string", "description": "{maxLength: 3}"},
                {"type": "null", "description": "{maxLength: 3}"},
            ]
        },
    ),
    ({"oneOf": [STRING, {"const": 1}]}, {"anyOf": [STRING, {"const": 1}]}),
    ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a", "b"]}),
    (
        {"$ref": "#/definitions/A", "definitions": {"A": {"type": "object"}}},
        {
            "$ref": "#/$defs/A",
            "$defs": {"A": {"type": "object", "properties": {}, "additionalProperties": False}},
        },
    ),
    (
        {"type": "object", "additionalProperties": STRING},
        {
            "type": "object",
            "properties": {},
            "additionalProperties": False,
            "description": '{other properties: {"type":"string"}}',
        },
    ),
    ({"$schema": "x", "title": "T", "type": "boolean"}, {"title": "T", "type": "boolean"}),
]


@pytest.mark.parametrize(("schema", "expected"), CASES)
def test_a_schema(schema, expected):
    before = copy.deepcopy(schema)
    assert strict_schema(schema) == expected
    assert strict_schema(expected) == expected, "what is right stays"
    assert schema == before


def test_it_never_ends_in_a_schema_of_itself():
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(500):
        deep = {"type": "array", "items": deep}
    assert strict_schema(deep)["type"] == "array"


@pytest.mark.parametrize("strict", [True, False, None])
def test_strict_tools(strict):
    function = {"name": "f", "parameters": {"type": "object", "properties": {"a": {"minimum": 1}}}}
    body = chat(tools=[{"type": "function", "function": function | {"strict": strict}}])
    [tool] = MESSAGES.write_request(CHAT.read_request(body), Target(model="claude-opus-4-5"))[
        "tools"
    ]
    assert ("additionalProperties" in tool["input_schema"]) == bool(strict)


SCHEMA = {"type": "object", "properties": {"a": STRING}}
WANTED = {
    "openai_chat": lambda schema: chat(
        response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    ),
    "openai_responses": lambda schema: responses(
        text={"format": {"type": "json_schema", "name": "n", "schema": schema}}
    ),
}
OBJECT = {
    "openai_chat": chat(response_format={"type": "json_object"}),
    "openai_responses": responses(text={"format": {"type": "json_object"}}),
}


@pytest.mark.parametrize("source", [CHAT, RESPONSES], ids=lambda dialect: dialect.name)
def test_a_form_that_is_wanted(source):
    request = source.read_request(WANTED[source.name](SCHEMA))
    body = MESSAGES.write_request(request, Target(model="claude-opus-4-5"))
    form = body["output_config"]["format"]
    assert form == {"type": "json_schema", "schema": SCHEMA | {"additionalProperties": False}}
    older = MESSAGES.write_request(request, Target(model="claude-3-7-sonnet"))
    assert "output_config" not in older
    assert '"properties"' in older["system"]


@pytest.mark.parametrize("source", [CHAT, RESPONSES], ids=lambda dialect: dialect.name)
def test_any_object_is_asked_for_in_words(source):
    request = source.read_request(copy.deepcopy(OBJECT[source.name]))
    body = MESSAGES.write_request(request, Target(model="claude-opus-4-5"))
    assert "one JSON object" in body["system"]
    assert request.dropped == []


ANSWERS = [
    ('{"a": 1}', '{"a": 1}'),
    ('```json\n{"a": 1}\n```', '{"a": 1}'),
    ('Here you are:\n{"a": "}"} Enjoy!', '{"a": "}"}'),
    ('{"a": "\\"}{"}\n', '{"a": "\\"}{"}'),
    ('[{"a": []}] ', '[{"a": []}]'),
    ('{"a": "\\\\"}x', '{"a": "\\\\"}'),
]


@pytest.mark.parametrize(("said", "expected"), ANSWERS)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_what_is_around_an_answer_goes(said, expected, size):
    answer = JsonAnswer()
    deltas = [Delta(text=said[at : at + size]) for at in range(0, len(said), size)]
    filter_stream(answer, [*deltas, Delta(finish="stop")])
    assert "".join(delta.text for delta in deltas) == expected
    choice = Choice(text=said)
    check_whole([choice])
    assert choice.text == expected


@pytest.mark.parametrize("said", ["No.", '{"a": ', "", "{a: 1}"])
def test_an_answer_that_is_none(said):
    with pytest.raises(MalformedUpstream):
        check_whole([Choice(text=said)])
    check_whole([Choice(text=said, finish="length")])
    if said != "{a: 1}":  # what a stream looks at is where it ends
        with pytest.raises(MalformedUpstream):
            filter_stream(JsonAnswer(), [Delta(text=said), Delta(finish="stop")])
