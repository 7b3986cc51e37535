"""Reranking and moderation: metered in the strict way, in the shapes that clients know."""

import pytest
from openai import OpenAI

DOCUMENTS = ["short", "a much longer document", {"text": "of middle size"}]


@pytest.mark.parametrize("path", ["/v1/rerank", "/rerank", "/v2/rerank"])
def test_documents_are_ordered_and_charged_by_the_upstreams_count(customer, path) -> None:
    body = {"model": "ranker", "query": "two words", "documents": DOCUMENTS, "top_n": 2}
    answer = customer.post(path, body)
    assert answer.status == 200, answer.body
    document = answer.json()
    assert [result["index"] for result in document["results"]] == [2, 1]
    tokens = document["usage"]["total_tokens"]
    assert document["meta"]["tokens"]["input_tokens"] == tokens
    assert document["usage"]["charge"] == tokens * 2 + 5 == customer.spent
    assert answer.headers["x-yiyuan-charge"] == str(customer.spent)


def test_the_query_is_held_for_each_document(gateway) -> None:
    body = {"model": "ranker", "query": "q" * 1000, "documents": ["d"] * 100}
    refused = gateway.customer(150_000).post("/v1/rerank", body)
    assert refused.status == 402
    assert refused.error["required"] > 150_000
    assert gateway.customer(1_000_000).post("/v1/rerank", body).status == 200


def test_without_a_count_of_the_upstream_ours_is_charged(customer, upstream) -> None:
    script = upstream.script({"usage": "missing"})
    body = {"model": "ranker", "query": script.mark, "documents": ["one", "two"]}
    answer = customer.post("/v1/rerank", body)
    assert answer.status == 200
    assert customer.spent == answer.json()["usage"]["charge"] > 5


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"query": None}, "query"),
        ({"query": 5}, "query"),
        ({"documents": None}, "documents"),
        ({"documents": []}, "documents"),
        ({"documents": [5]}, "documents[0]"),
        ({"documents": ["x"] * 2049}, "documents"),
        ({"top_n": 0}, "top_n"),
    ],
)
def test_a_wrong_field_is_named(customer, change, param) -> None:
    body = {"model": "ranker", "query": "q", "documents": ["a"]} | change
    refused = customer.post("/v1/rerank", body)
    assert refused.status == 400
    assert refused.error["param"] == param
    assert customer.spent == 0


def test_a_model_that_does_not_rerank_is_refused(customer) -> None:
    body = {"model": "claude-2", "query": "q", "documents": ["a"]}
    refused = customer.post("/v1/rerank", body)
    assert (refused.status, refused.error["code"]) == (400, "operation_not_supported")


def test_texts_are_judged_for_the_price_of_a_request(gateway, customer) -> None:
    address = f"{gateway.origin}/v1"
    with OpenAI(api_key=customer.key, base_url=address, max_retries=0) as client:
        judged = client.moderations.create(input=["kind words", "something harmful"])
    assert [result.flagged for result in judged.results] == [False, True]
    assert judged.model == "omni-moderation-latest"
    assert customer.spent == 3


def test_a_failed_judgement_costs_nothing(customer, upstream) -> None:
    script = upstream.script({"status": 500})
    assert customer.post("/v1/moderations", {"input": script.mark}).status == 502
    assert customer.spent == 0
