"""Embeddings: floats by default, base64 where asked, charged by input alone."""

import base64
import struct

from tests.support.upstreams.behaviour import WORD

PATH, MODEL = "/v1/embeddings", "text-embedding-3-small"
VECTOR = [0.5, -0.25, 1.0, 0.0]


def test_floats_by_default(customer, upstream):
    script = upstream.script({"input_tokens": 20})
    text = f"{script.mark} {WORD * 20}"
    answer = customer.post(PATH, {"model": MODEL, "input": text})
    assert answer.status == 200, answer.body
    document = answer.json()
    assert document["object"] == "list"
    assert document["model"] == MODEL
    assert document["data"][0]["embedding"] == VECTOR
    assert document["usage"]["prompt_tokens"] == 20
    assert document["usage"]["charge"] == answer.charge == 3  # 20 × 0.15
    assert customer.balance == 1_000_000_000 - 3


def test_base64(customer):
    body = {"model": MODEL, "input": ["a", "b"], "encoding_format": "base64"}
    items = customer.post(PATH, body).json()["data"]
    assert [item["index"] for item in items] == [0, 1]
    raw = base64.b64decode(items[1]["embedding"])
    assert list(struct.unpack("<4f", raw)) == VECTOR


def test_lists_and_token_ids(customer):
    for value in (["a", "b", "c"], [1, 2, 3], [[1, 2], [3]]):
        answer = customer.post(PATH, {"model": MODEL, "input": value})
        assert answer.status == 200, answer.body


def test_402_and_404(gateway, upstream):
    poor = gateway.customer(0)
    script = upstream.script({})
    assert poor.post(PATH, {"model": MODEL, "input": script.mark}).status == 402
    assert poor.post(PATH, {"model": "none", "input": script.mark}).status == 404
    assert script.log() == []


def test_extra_fields_go_along(customer, upstream):
    script = upstream.script({})
    body = {"model": MODEL, "input": script.mark, "dimensions": 4, "user": "u"}
    assert customer.post(PATH, body).status == 200
    assert script.only()["body"]["dimensions"] == 4


def test_upstream_failure_costs_nothing(customer, upstream):
    script = upstream.script({"status": 500})
    answer = customer.post(PATH, {"model": MODEL, "input": script.mark})
    assert answer.status == 502
    assert customer.balance == 1_000_000_000
    assert customer.post(PATH, {"model": MODEL, "input": "ok"}).status == 200
