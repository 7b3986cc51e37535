"""What every answer has in common: paths with and without /v1, CORS, ids, languages."""

import re

import pytest

from tests.support import wire
from tests.support.drivers import CHAT, COMPLETIONS, DRIVERS, MESSAGES, RESPONSES

OPERATIONS = [
    "/completions",
    "/chat/completions",
    "/messages",
    "/messages/count_tokens",
    "/embeddings",
    "/responses",
]


def post_body(operation: str) -> dict:
    body = {
        "/completions": COMPLETIONS.body("gpt-4", "Hi"),
        "/chat/completions": CHAT.body("gpt-4", "Hi"),
        "/messages": MESSAGES.body("gpt-4", "Hi"),
        "/messages/count_tokens": {
            "model": "gpt-4",
            "messages": [{"role": "user", "content": "Hi"}],
        },
        "/embeddings": {"model": "text-embedding-3-small", "input": "Hi"},
        "/responses": RESPONSES.body("gpt-4", "Hi"),
    }
    return body[operation]


@pytest.mark.parametrize("prefix", ["", "/v1", "/v1/v1"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_path_answers_with_and_without_v1(customer, prefix, operation):
    answer = customer.post(prefix + operation, post_body(operation))
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("prefix", ["", "/v1", "/v1/v1"])
@pytest.mark.parametrize(
    "path",
    ["/models", "/models/gpt-4", "/dashboard/billing/subscription", "/dashboard/billing/usage"],
)
def test_every_get_path_too(customer, prefix, path):
    answer = customer.get(prefix + path)
    assert answer.status == 200, answer.body


def test_a_trailing_slash_never_redirects(customer):
    for path in ("/v1/models/", "/v1/chat/completions/"):
        assert not 300 <= customer.get(path).status < 400


def test_a_query_string_is_ignored(customer):
    """Claude Code posts to /v1/messages?beta=true."""
    answer = customer.post("/v1/messages?beta=true", MESSAGES.body("claude-2", "Hi"))
    assert answer.status == 200


def test_head_of_the_root(gateway):
    answer = wire.call(gateway.origin, "HEAD", "/")
    assert (answer.status, answer.body) == (200, b"")


def test_an_unknown_path_and_method(customer):
    unknown = customer.get("/v1/nothing/here")
    assert (unknown.status, unknown.reason) == (404, "Not Found")
    assert set(unknown.error) >= {"message", "type", "param", "code"}
    method = customer.get("/v1/chat/completions")
    assert (method.status, method.reason) == (405, "Method Not Allowed")
    assert "POST" in method.headers["allow"]


REQUEST_ID = re.compile(r"ex_[0-9a-f]{32}")


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_every_answer_has_both_ids_and_the_limits(customer, driver):
    answers = [
        customer.post(driver.path, driver.body("gpt-4", "Hi")),
        customer.post(driver.path, {}),
        customer.post(driver.path, driver.body("no-such-model", "Hi")),
    ]
    for answer in answers:
        assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])
        assert answer.headers["request-id"] == answer.headers["x-request-id"]
        assert answer.headers["content-type"].startswith("application/json")
    ids = {answer.request_id for answer in answers}
    assert len(ids) == 3
    good = answers[0]
    assert good.headers["x-ratelimit-limit-requests"] == "500"
    assert good.headers["x-ratelimit-remaining-requests"] == "499"
    assert re.fullmatch(r"(\d+m)?[\d.]+m?s", good.headers["x-ratelimit-reset-requests"])
    with customer.stream(driver.path, driver.body("gpt-4", "Hi")) as stream:
        stream.rest()
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["x-accel-buffering"] == "no"
        assert "no-cache" in stream.headers["cache-control"]
        assert REQUEST_ID.fullmatch(stream.headers["x-request-id"])
        assert stream.headers["x-ratelimit-remaining-requests"] == "498"


ORIGIN = {"origin": "https://app.example"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/v1/models",
        "/chat/completions",
        "/dashboard/billing/usage",
        "/v1/messages",
    ],
)
def test_the_preflight_names_authorization(gateway, path):
    answer = wire.call(
        gateway.origin,
        "OPTIONS",
        path,
        headers={
            **ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,x-stainless-os",
        },
    )
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    allowed = answer.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "x-api-key", "anthropic-version"):
        assert name in allowed
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert int(answer.headers["access-control-max-age"]) > 0


def test_cors_on_answers_errors_and_streams(gateway, customer):
    body = CHAT.body("gpt-4", "Hi")
    answers = [
        customer.post(CHAT.path, body, **ORIGIN),
        customer.post(CHAT.path, b"{", **ORIGIN),
        wire.call(gateway.origin, "POST", CHAT.path, body, headers=ORIGIN),
        customer.get("/v1/models", **ORIGIN),
        gateway.customer(0).post(CHAT.path, body, **ORIGIN),
    ]
    assert [answer.status for answer in answers] == [200, 400, 401, 200, 402]
    for answer in answers:
        assert answer.headers["access-control-allow-origin"] == "*"
        exposed = answer.headers["access-control-expose-headers"].lower()
        assert "x-request-id" in exposed
        assert "retry-after" in exposed
    with customer.stream(CHAT.path, body, headers=ORIGIN) as stream:
        stream.rest()
        assert stream.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/"])
def test_cors_is_closed_elsewhere(gateway, path):
    answer = wire.call(gateway.origin, "GET", path, headers=ORIGIN)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "has_chinese"),
    [
        ("zh", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("en", False),
        ("en-US,en;q=0.9,zh;q=0.5", False),
        ("fr, zh;q=0.1", True),
        ("fr", False),
        ("*", False),
        ("\x7f;;;q=,", False),
        (None, False),
    ],
)
def test_the_language_of_errors(customer, accept, has_chinese):
    headers = {} if accept is None else {"accept-language": accept}
    for path in (CHAT.path, MESSAGES.path):
        message = customer.post(path, {"model": 5}, **headers).error["message"]
        assert bool(re.search(r"[\u4e00-\u9fff]", message)) == has_chinese, message


def test_standard_reason_phrases(customer):
    answer = customer.post(CHAT.path, b"nonsense")
    assert (answer.status, answer.reason) == (400, "Bad Request")


def test_unknown_fields_are_left_out_named_and_never_refused(customer, upstream):
    extra = {"a_new_field": {"deep": [1]}, "Model": "gpt-5", "MAX_TOKENS": 100_000}
    for driver in DRIVERS.values():
        for model in ("gpt-4", "claude-2"):
            script = upstream.script({})
            answer = customer.post(driver.path, driver.body(model, script.mark, **extra))
            assert answer.status == 200, answer.body
            assert not set(extra) & set(script.only()["body"])
            assert set(answer.headers["x-yiyuan-dropped-params"].split(",")) == set(extra)


@pytest.mark.parametrize("name", ["姓名", "a\r\nx-evil: 1", "a\0b", "é", "n" * 5000])
def test_odd_names_inside_are_left_out_and_break_nothing(customer, name):
    """They are charged for like any other answer, so the answer has to come."""
    body = CHAT.body("gpt-4", "Hi")
    body["messages"][0][name] = 1
    answer = customer.post(CHAT.path, body)
    assert answer.status == 200, answer.body
    assert answer.headers["x-yiyuan-dropped-params"].startswith("messages.")
    assert "x-evil" not in answer.headers
    with customer.stream(CHAT.path, body) as stream:
        assert stream.status == 200


def test_the_model_of_the_answer_is_the_one_asked_for(customer):
    for driver in DRIVERS.values():
        for model in ("gpt-4", "claude-2"):
            assert customer.post(driver.path, driver.body(model, "Hi")).json()["model"] == model
            with customer.stream(driver.path, driver.body(model, "Hi")) as stream:
                for event in stream.rest():
                    assert "gpt-4.1" not in (event.data or "")
                    assert "claude-up" not in (event.data or "")


def test_no_answer_names_the_upstream(customer):
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", "Hi"))
    told = str(answer.headers) + answer.body.decode()
    assert "req-upstream" not in told
    assert "127.0.0.1" not in told
