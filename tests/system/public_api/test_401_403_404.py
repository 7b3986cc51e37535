"""Who may send: no, wrong, expired, revoked, narrowed credentials, and models that are not."""

import datetime as dt
import re

import pytest

from tests.support import wire
from tests.support.drivers import CHAT, DRIVERS, MESSAGES
from tests.support.waiting import wait_for

SEED = "您的词元密钥"


def with_header(gateway, driver, name: str, value: str | bytes) -> wire.Answer:
    body = wire.encode(driver.body("gpt-4", "Hi"))
    raw = value if isinstance(value, bytes) else value.encode()
    head = (
        f"POST {driver.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{name}: "
    )
    return wire.parse_raw(wire.raw(gateway.origin, head.encode() + raw + b"\r\n\r\n" + body))


WRONG = {
    "nothing": "",
    "bare": "Bearer",
    "empty": "Bearer ",
    "unknown": "Bearer sk-" + "a" * 43,
    "basic": "Basic dXNlcjpwYXNz",
    "placeholder": f"Bearer {SEED}",
    "url": "Bearer https://api.1yuan.ai/v1",
    "another vendor's": "Bearer sk-ant-api03-abcdef",
    "masked": "Bearer sk-abc***xyz",
    "sql": "Bearer ' OR 1=1; DROP TABLE accounts; --",
    "percent": "Bearer %",
    "nul-ish": "Bearer \\x00",
    "long": "Bearer " + "k" * 10_000,
    "latin": b"Bearer \xe4\xf6\xfc",
    "spaces": "Bearer a b c",
}


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("value", WRONG.values(), ids=WRONG)
def test_401(gateway, driver, value):
    answer = with_header(gateway, driver, "Authorization", value)
    assert (answer.status, answer.reason) == (401, "Unauthorized"), answer.body
    if driver is MESSAGES:
        assert answer.error["type"] == "authentication_error"
    else:
        assert answer.error["type"] == "invalid_request_error"
        assert answer.error["code"] == "invalid_api_key"
    assert "sqlite" not in answer.body.decode().lower()
    assert "k" * 40 not in answer.body.decode(), "a credential is not echoed"


def test_no_credential_at_all(gateway):
    for driver in DRIVERS.values():
        answer = wire.call(gateway.origin, "POST", driver.path, driver.body("gpt-4", "Hi"))
        assert answer.status == 401


def test_the_text_says_what_was_wrong(gateway):
    said = {
        name: with_header(gateway, CHAT, "Authorization", WRONG[name]).error["message"]
        for name in ("placeholder", "url", "unknown", "empty")
    }
    assert "placeholder" in said["placeholder"]
    assert "address" in said["url"]
    assert "no token was sent" in said["empty"]
    assert len(set(said.values())) == 4


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_bearer_and_x_api_key_are_equals(gateway, customer, driver):
    assert with_header(gateway, driver, "x-api-key", customer.key).status == 200
    assert with_header(gateway, driver, "Authorization", f"Bearer {customer.key}").status == 200
    assert with_header(gateway, driver, "Authorization", f"bearer   {customer.key}").status == 200


def test_two_different_credentials_are_a_400(gateway, customer):
    other = gateway.customer(1_000)
    both = {"authorization": f"Bearer {customer.key}", "x-api-key": other.key}
    answer = wire.call(gateway.origin, "POST", CHAT.path, CHAT.body("gpt-4", "Hi"), headers=both)
    assert (answer.status, answer.error["code"]) == (400, "conflicting_credentials")
    same = {"authorization": f"Bearer {customer.key}", "x-api-key": customer.key}
    answer = wire.call(gateway.origin, "POST", CHAT.path, CHAT.body("gpt-4", "Hi"), headers=same)
    assert answer.status == 200


def test_a_new_key_has_the_promised_form(customer):
    assert re.fullmatch(r"sk-[A-Za-z0-9_-]{43}", customer.key)


def test_a_key_taken_over_from_elsewhere(gateway):
    key = "other-system-KEY_0123456789"
    customer = gateway.customer(1_000_000, key_stdin=True, stdin=key)
    answer = wire.call(gateway.origin, "POST", CHAT.path, CHAT.body("gpt-4", "Hi", 2), key=key)
    assert answer.status == 200
    assert customer.balance < 1_000_000


def test_an_expired_token(gateway):
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    customer = gateway.customer(1_000_000, expires=soon.isoformat(timespec="milliseconds"))
    assert customer.get("/v1/models").status == 200
    wait_for(lambda: customer.get("/v1/models").status == 401)
    assert dt.datetime.now(dt.UTC) >= soon
    for path in (CHAT.path, MESSAGES.path):
        answer = customer.post(path, {})
        assert answer.status == 401
        assert "expired" in answer.error["message"]
    assert customer.get("/v1/models").status == 401


def test_a_token_that_expires_later_works(gateway):
    customer = gateway.customer(1_000_000, expires="2999-01-01")
    assert customer.get("/v1/models").status == 200


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_403_model(gateway, upstream, driver, header):
    narrow = gateway.customer(1_000_000_000, models="claude-2")
    value = narrow.key if header == "x-api-key" else f"Bearer {narrow.key}"
    answer = with_header(gateway, driver, header, value)
    assert (answer.status, answer.reason) == (403, "Forbidden")
    assert driver.code(answer) in ("model_not_allowed", "permission_error")


def test_403_address(gateway):
    outside = gateway.customer(1_000_000, allow_ip="10.0.0.0/8")
    answer = outside.post(CHAT.path, CHAT.body("gpt-4", "Hi"))
    assert (answer.status, answer.error["code"]) == (403, "ip_not_allowed")
    assert outside.get("/v1/models").status == 403
    spoofed = outside.post(CHAT.path, CHAT.body("gpt-4", "Hi"), x_forwarded_for="10.1.2.3")
    assert spoofed.status == 403, "nobody is a trusted proxy here"
    inside = gateway.customer(1_000_000, allow_ip="127.0.0.0/8")
    assert inside.post(CHAT.path, CHAT.body("gpt-4", "Hi", 1)).status == 200


def test_403_suspended(gateway):
    customer = gateway.customer(1_000_000_000)
    gateway.cli("account", "suspend", customer.id)
    answer = customer.post(CHAT.path, CHAT.body("gpt-4", "Hi"))
    assert (answer.status, answer.error["code"]) == (403, "account_suspended")
    gateway.cli("account", "resume", customer.id)
    # Beside a shared database the server follows within a second, not at once.
    wait_for(
        lambda: customer.post(CHAT.path, CHAT.body("gpt-4", "Hi")).status == 200,
        timeout=1.0,
        what="an account that may go on",
    )


@pytest.mark.parametrize("driver", DRIVERS.values(), ids=DRIVERS)
def test_404_model(customer, driver):
    answer = customer.post(driver.path, driver.body("gpt-17", "Hi"))
    assert (answer.status, answer.reason) == (404, "Not Found")
    assert driver.code(answer) in ("model_not_found", "not_found_error")
    assert "gpt-17" in answer.error["message"]


@pytest.mark.parametrize("name", ["", "x" * 5_000, "gpt-4\n", "../gpt-4", "<script>", "gpt-4 "])
def test_odd_model_names(customer, name):
    answer = customer.post(CHAT.path, CHAT.body(name, "Hi"))
    assert answer.status in (400, 404)
    assert len(answer.body) < 20_000
