"""`/openapi.json` says what the server does: paths, parameters, refusals, answers."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project.tidy.tree import tree_of
from tests.support import wire
from tests.system.documentation.site import read
from yiyuan.dialects import contract as dialects
from yiyuan.dialects.anthropic import fields as anthropic
from yiyuan.dialects.openai.chat import fields as chat
from yiyuan.dialects.openai.completions import fields as completions
from yiyuan.dialects.openai.responses import fields as responses
from yiyuan.documentation.reference.operations import operations
from yiyuan.i18n.api_texts import MESSAGES

MESSAGE = [{"role": "user", "content": "Hello!"}]
BODIES: dict[str, dict[str, Any]] = {
    "completions": {"model": "gpt-4", "prompt": "Hello!", "max_tokens": 5},
    "chat": {"model": "gpt-4", "messages": MESSAGE, "max_tokens": 5},
    "messages": {"model": "claude-2", "messages": MESSAGE, "max_tokens": 5},
    "count_tokens": {"model": "claude-2", "messages": MESSAGE},
    "responses": {"model": "gpt-4", "input": "Hello!", "max_output_tokens": 16},
    "embeddings": {"model": "text-embedding-3-small", "input": "Hello!"},
    "rerank": {"model": "ranker", "query": "Hello!", "documents": ["a", "b"]},
    "moderations": {"model": "omni-moderation-latest", "input": "Hello!"},
    "generate_content": {"contents": [{"parts": [{"text": "Hello!"}]}]},
    "embed_content": {"content": {"parts": [{"text": "Hello!"}]}},
}
TABLES = {
    "completions": completions,
    "chat": chat,
    "messages": anthropic,
    "responses": responses,
}
"""Where each format says what becomes of each field."""
NOT_CODES = (
    "value_",
    "key_",
    "http_",
    "demo_",
    "limits_",
    "budget_",
    "token_rate_",
    "tokens_over_",
    *("balance_is_empty", "account_owes", "refused_too_often", "counted_too_often"),
    *("large_requests_waiting", "bodies_too_large_at_once", "member_budget_exceeded"),
    "file_may_need",
)


@pytest.fixture(scope="module")
def document(gateway) -> dict[str, Any]:
    answer = wire.call(gateway.origin, "GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def routes() -> set[tuple[str, str]]:
    """Method and path of everything that `api/public/routes.py` serves."""
    tree = tree_of(Path("src/yiyuan/api/public/routes.py"))
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


@pytest.mark.parametrize("name", TABLES)
def test_every_field_that_a_format_understands_is_described(name: str, document) -> None:
    table = TABLES[name].FIELDS
    assert parameters(document, name)["properties"].keys() == table.carried.keys() | table.paid


def address_of(name: str) -> str:
    """An operation's path, with a model where it names one."""
    model = "text-embedding-3-small" if name == "embed_content" else "gpt-4"
    return re.sub(r"\{\w+\}", model, f"/v1{operations()[name].path}")


@pytest.mark.parametrize("name", BODIES)
def test_what_is_required_is_required(name: str, document, customer) -> None:
    schema = parameters(document, name)
    path = address_of(name)
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
    path = address_of(name)
    answer = customer.post(path, BODIES[name]) if name in BODIES else customer.get(path)
    assert answer.status == 200
    described = document["paths"][operation.path][operation.method]["responses"]["200"]
    for field in fields(described["content"]["application/json"]["schema"], document):
        place = answer.json()
        for step in field.split("."):
            assert step in place, field
            place = place[step]
    for header in described["headers"]:
        is_limit = header.startswith("x-ratelimit") and "embed" not in name  # none here
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


READS = [each for each in operations().values() if each.method == "get"]


@pytest.mark.parametrize("operation", READS, ids=lambda each: each.name)
def test_a_reading_that_is_asked_amiss_answers_what_is_said(operation, document, gateway) -> None:
    """Two keys are 400, none is 401; both are said, and so is what an address may refuse."""
    path = re.sub(r"\{\w+\}", "gpt-4", operation.path)
    stem = operation.path if operation.path.startswith("/v1") else f"/v1{operation.path}"
    said = document["paths"].get(stem) or document["paths"][operation.path]
    told = set(said["get"]["responses"])
    address = path if path.startswith("/v1") else f"/v1{path}"
    two = {
        "Authorization": "Bearer sk-one-0123456789abcdef",
        "x-api-key": "sk-two-0123456789abcdef",
    }
    for headers, status in ((two, 400), ({}, 401)):
        answer = wire.call(gateway.origin, "GET", address, headers=headers)
        assert answer.status == status, answer.body
        assert str(status) in told
