"""Every kind of endpoint, every format: who cannot pay the bound reaches no upstream."""

import pytest

from tests.support.drivers import DRIVERS, GEMINI
from yiyuan.dialects.contract import Dialect
from yiyuan.dialects.contract import discover as discover_dialects
from yiyuan.gateway.operations.contract import discover as discover_operations

BODIES = {
    "generation": lambda dialect, mark: (DRIVERS | {"gemini": GEMINI})[dialect.name].body(
        "gpt-4", mark
    ),
    "embeddings": lambda dialect, mark: (
        {"content": {"parts": [{"text": mark}]}}
        if dialect.name == "gemini_embeddings"
        else {"model": "text-embedding-3-small", "input": mark}
    ),
    "rerank": lambda _, mark: {"model": "ranker", "query": mark, "documents": ["a", "b"]},
    "moderation": lambda _, mark: {"model": "omni-moderation-latest", "input": mark},
}
"""A least request of each operation; who adds an operation adds it here, or this fails."""
FORMATS = sorted(discover_dialects().values(), key=lambda dialect: dialect.name)


def test_every_format_has_an_operation() -> None:
    assert {dialect.operation for dialect in FORMATS} == discover_operations().keys()
    assert discover_operations().keys() == BODIES.keys()


@pytest.mark.parametrize("dialect", FORMATS, ids=lambda dialect: dialect.name)
def test_without_money_no_upstream_hears_of_it(gateway, upstream, dialect: Dialect) -> None:
    script = upstream.script({})
    body = BODIES[dialect.operation](dialect, script.mark)
    name = {"embeddings": "text-embedding-3-small"}.get(dialect.operation, "gpt-4")
    path = "/v1" + dialect.client_path.replace("{model}", name)
    poor = gateway.customer(0)
    answer = poor.post(path, body)
    assert answer.status == 402, answer.body
    assert script.log() == []
    rich = gateway.customer(1_000_000_000)
    answer = rich.post(path, body)
    assert answer.status == 200, answer.body
    assert len(script.log()) == 1
