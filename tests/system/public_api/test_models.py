"""The list of models: free, outside the limits, at zero balance, in both vendors' shapes."""

import pytest

from tests.support import wire

ANTHROPIC = {"anthropic-version": "2023-06-01"}


def test_openais_shape(customer):
    document = customer.get("/v1/models").json()
    assert document["object"] == "list"
    by_id = {item["id"]: item for item in document["data"]}
    assert {"gpt-4", "gpt-3.5-turbo", "claude-2", "text-embedding-3-small"} <= set(by_id)
    gpt_4 = by_id["gpt-4"]
    assert gpt_4["object"] == "model"
    assert isinstance(gpt_4["created"], int)
    assert isinstance(gpt_4["owned_by"], str)
    told = str(gpt_4)
    assert "8192" in told, "the context is told"
    assert "'30'" in told, "the price is told as in the catalog"
    assert "'60'" in told


def test_anthropics_shape(gateway, customer):
    answer = wire.call(
        gateway.origin, "GET", "/v1/models", headers={**ANTHROPIC, "x-api-key": customer.key}
    )
    document = answer.json()
    assert document["has_more"] is False
    ids = [item["id"] for item in document["data"]]
    assert document["first_id"] == ids[0]
    assert document["last_id"] == ids[-1]
    for item in document["data"]:
        assert item["type"] == "model"
        assert isinstance(item["display_name"], str)
        assert item["created_at"].endswith("Z")


def test_one_model(customer):
    assert customer.get("/v1/models/gpt-4").json()["id"] == "gpt-4"
    missing = customer.get("/v1/models/gpt-5")
    assert (missing.status, missing.error["code"]) == (404, "model_not_found")
    anthropic = customer.get("/v1/models/claude-2", **ANTHROPIC)
    assert anthropic.json()["type"] == "model"


def test_zero_balance_still_lists(gateway):
    poor = gateway.customer(0)
    assert poor.get("/v1/models").status == 200
    assert poor.get("/v1/models/gpt-4").status == 200


def test_only_what_the_token_may_use(gateway):
    narrow = gateway.customer(1_000_000, models="gpt-4,claude-2")
    assert {m["id"] for m in narrow.get("/v1/models").json()["data"]} == {"gpt-4", "claude-2"}
    assert narrow.get("/v1/models/gpt-3.5-turbo").status in (403, 404)
    answer = narrow.post("/v1/completions", {"model": "gpt-3.5-turbo", "prompt": "x"})
    assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")


def test_a_credential_is_needed(gateway):
    assert wire.call(gateway.origin, "GET", "/v1/models").status == 401


COUNT = "/v1/messages/count_tokens"
QUESTION = {"model": "gpt-4", "messages": [{"role": "user", "content": "How many tokens is it?"}]}


@pytest.mark.parametrize("model", ["gpt-4", "claude-2", "gpt-3.5-turbo"])
def test_count_tokens(gateway, model):
    poor = gateway.customer(0)
    answer = poor.post(COUNT, {**QUESTION, "model": model})
    assert answer.status == 200, answer.body
    assert set(answer.json()) >= {"input_tokens"}
    assert 5 <= answer.json()["input_tokens"] <= 40
    assert "x-ratelimit-limit-requests" not in answer.headers
    assert poor.balance == 0


def test_count_tokens_asks_an_upstream_that_can(customer, upstream):
    script = upstream.script({"input_tokens": 4711})
    messages = [{"role": "user", "content": script.mark}]
    answer = customer.post(COUNT, {"model": "claude-2", "messages": messages})
    assert answer.json()["input_tokens"] == 4711
    entry = script.only()
    assert entry["path"] == COUNT
    assert entry["body"]["model"] == "claude-up"


def test_count_tokens_survives_its_upstream(customer, upstream):
    script = upstream.script({"status": 500})
    messages = [{"role": "user", "content": script.mark}]
    answer = customer.post(COUNT, {"model": "claude-2", "messages": messages})
    assert answer.status == 200, "it is local where the upstream fails"
    assert answer.json()["input_tokens"] > 0


def test_count_tokens_counts_tools_and_system(customer):
    plain = customer.post(COUNT, QUESTION).json()["input_tokens"]
    tool = {"name": "look", "description": "Looks at things", "input_schema": {"type": "object"}}
    more = customer.post(COUNT, {**QUESTION, "tools": [tool], "system": "Be brief, please."})
    assert more.json()["input_tokens"] > plain


def test_count_tokens_bad_requests(customer):
    for body in ({}, {"model": "gpt-4"}, {"model": "gpt-4", "messages": "x"}, b"{"):
        answer = customer.post(COUNT, body)
        assert answer.status == 400
        assert answer.json()["type"] == "error"
    assert customer.post(COUNT, {**QUESTION, "model": "none"}).status == 404
