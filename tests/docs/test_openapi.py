"""`/openapi.json` says what the server does: paths, parameters, refusals, answers."""

import ast
import json
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests import wire
from tests.docs.site import read
from tests.tidy.tree import tree_of
from yiyuan.dialects import dialect as dialects
from yiyuan.documentation.operations import operations
from yiyuan.kernel.text import MESSAGES

MESSAGE = [{"role": "user", "content": "Hello!"}]
BODIES: dict[str, dict[str, Any]] = {
    "completions": {"model": "gpt-4", "prompt": "Hello!", "max_tokens": 5},
    "chat": {"model": "gpt-4", "messages": MESSAGE, "max_tokens": 5},
    "messages": {"model": "claude-2", "messages": MESSAGE, "max_tokens": 5},
    "count_tokens": {"model": "claude-2", "messages": MESSAGE},
    "responses": {"model": "gpt-4", "input": "Hello!", "max_output_tokens": 16},
    "embeddings": {"model": "text-embedding-3-small", "input": "Hello!"},
}
KNOWN = {
    "completions": "completions_request",
    "chat": "openai_chat_request",
    "messages": "anthropic_request",
    "responses": "responses_request",
}
"""Where each format says which fields it understands."""
NOT_CODES = (
    "value_",
    "key_",
    "http_",
    "demo_",
    "limits_",
    "budget_",
    "token_rate_",
    "tokens_over_",
)


@pytest.fixture(scope="module")
def document(gateway) -> dict[str, Any]:
    answer = wire.call(gateway.origin, "GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def routes() -> set[tuple[str, str]]:
    """Method and path of everything that `web/v1.py` serves."""
    tree = tree_of(Path("src/yiyuan/web/v1.py"))
    free = {
        (ast.literal_eval(value.elts[0]).lower(), ast.literal_eval(key))
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(value, ast.Tuple)
    }
    free = {(method, re.sub("/$", "/{id}", path)) for method, path in free}
    return free | {("post", each.client_path) for each in dialects.discover().values()}


def test_it_has_every_path_of_the_server_and_no_other(document) -> None:
    described = {(m, path) for path, methods in document["paths"].items() for m in methods}
    assert described == routes()
    assert document["openapi"] == "3.1.0"


def test_its_references_lead_somewhere_and_its_names_are_unique(document, gateway) -> None:
    for reference in re.findall(r'"\$ref": ?"#/([^"]+)"', json.dumps(document)):
        place = document
        for step in reference.split("/"):
            place = place[step]
    names = [m["operationId"] for path in document["paths"].values() for m in path.values()]
    assert sorted(names) == sorted(set(names)) == sorted(operations())
    assert document["servers"] == [{"url": f"{gateway.origin}/v1"}]


def parameters(document: dict[str, Any], name: str) -> dict[str, Any]:
    """The body of an operation."""
    path = document["paths"][operations()[name].path]
    return path["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize("name", KNOWN)
def test_every_field_that_a_format_understands_is_described(name: str, document) -> None:
    known = import_module(f"yiyuan.dialects.{KNOWN[name]}").KNOWN
    assert parameters(document, name)["properties"].keys() == known


@pytest.mark.parametrize("name", BODIES)
def test_what_is_required_is_required(name: str, document, customer) -> None:
    schema = parameters(document, name)
    path = f"/v1{operations()[name].path}"
    assert customer.post(path, BODIES[name]).status == 200
    for required in schema["required"]:
        body = {key: value for key, value in BODIES[name].items() if key != required}
        answer = customer.post(path, body)
        assert answer.status == 400, (required, answer.body)
        assert f"'{required}'" in answer.error["message"]
    for each in BODIES[name].keys() - set(schema["required"]):
        body = {key: value for key, value in BODIES[name].items() if key != each}
        assert customer.post(path, body).status == 200


def fields(schema: dict[str, Any], document: dict[str, Any], at: str = "") -> Iterator[str]:
    """The dotted names of what an answer is said to hold."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for name, below in schema.get("properties", {}).items():
        yield f"{at}{name}"
        yield from fields(below, document, f"{at}{name}.")


@pytest.mark.parametrize("name", operations())
def test_answers_hold_what_is_said_of_them(name: str, document, customer) -> None:
    operation = operations()[name]
    path = f"/v1{operation.path}".replace("{id}", "gpt-4")
    answer = customer.post(path, BODIES[name]) if name in BODIES else customer.get(path)
    assert answer.status == 200
    described = document["paths"][operation.path][operation.method]["responses"]["200"]
    for field in fields(described["content"]["application/json"]["schema"], document):
        place = answer.json()
        for step in field.split("."):
            assert step in place, field
            place = place[step]
    for header in described["headers"]:
        is_limit = header.startswith("x-ratelimit") and name != "embeddings"  # it has none here
        if is_limit or header == "x-yiyuan-charge":
            assert header in answer.headers


def test_errors_hold_what_is_said_of_them(document, customer) -> None:
    for path, name in (("/v1/chat/completions", "error"), ("/v1/messages", "anthropic_error")):
        answer = customer.post(path, {})
        schema = document["components"]["schemas"][name]
        for field in fields(schema, document):
            place = answer.json()
            for step in field.split("."):
                assert step in place, field
                place = place[step]


def test_every_parameter_is_described_in_both_languages() -> None:
    for operation in operations().values():
        for each in operation.parameters:
            is_words = re.search("[\u4e00-\u9fff]|`[，：、]", each.texts["zh"])
            assert is_words, each.name
            assert not re.search("[\u4e00-\u9fff]", each.texts["en"]), each.name


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_shows_every_operation_and_parameter(language: str, gateway) -> None:
    page = read(gateway.origin, f"/docs/{language}/api")
    for operation in operations().values():
        assert f"{operation.method.upper()} /v1{operation.path}" in page.text
        for each in operation.parameters:
            assert each.texts[language].replace("`", "") in page.text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_error_has_its_cause_and_cure(language: str, gateway) -> None:
    page = read(gateway.origin, f"/docs/{language}/errors")
    codes = {key for key in MESSAGES["en"] if not key.startswith(NOT_CODES)}
    assert len(codes) > 25
    assert {code for code in codes if code not in page.text} == set()
