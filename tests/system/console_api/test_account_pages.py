"""What a customer sees is what the ledger has, and enough to recompute it."""

import csv
import io
import math
import os
import shutil
import subprocess
from fractions import Fraction

import pytest

from tests.support.drivers import DRIVERS
from tests.system.console_api.person import invited

ASK = {"model": "gpt-4", "prompt": "Say hello", "max_tokens": 20}


@pytest.fixture(scope="module")
def busy(shop):
    """A customer with requests, and their member."""
    customer = shop.customer()
    for _ in range(7):
        assert customer.post("/v1/completions", ASK).status == 200
    assert customer.post("/v1/completions", {**ASK, "model": "none"}).status == 404
    return customer, invited(shop, customer.id, "busy@example.com")


def test_the_overview_ticks_itself(shop):
    customer = shop.customer(balance=5_000_000)
    member = invited(shop, customer.id, "first@example.com")
    path = f"/api/accounts/{customer.id}/overview"
    before = member.call("GET", path)
    assert before["checklist"] == {
        "has_balance": True,
        "has_token": True,
        "has_request": False,
    }
    assert customer.post("/v1/completions", ASK).status == 200
    after = member.call("GET", path)
    assert after["checklist"]["has_request"]
    assert after["spend"]["today"] == customer.spent > 0
    assert after["account"]["balance"] == 5_000_000 - customer.spent
    assert {limit["model"] for limit in after["limits"]} >= {"gpt-4"}


def test_a_request_explains_its_charge(busy):
    customer, member = busy
    base = f"/api/accounts/{customer.id}"
    log = member.call("GET", f"{base}/logs")["items"][0]
    detail = member.call("GET", f"{base}/logs/{log['request_id']}")
    price = detail["price"]
    exact = sum(Fraction(line["count"]) * Fraction(line["price"]) for line in price["lines"])
    assert all(
        Fraction(line["cost"]) == line["count"] * Fraction(line["price"]) for line in price["lines"]
    )
    assert math.ceil(exact * Fraction(price["factor"])) == price["charge"] == log["charge"]
    assert [entry["amount"] for entry in detail["entries"]] == [-log["charge"]]
    assert detail["hold"] >= log["charge"]
    assert detail["attempts"][0]["channel_id"] is None, "who delivers is the operator's"
    assert detail["curl"].startswith("curl ")
    assert member.refused("GET", f"{base}/logs/ex_none") == "not_found"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", DRIVERS)
def test_the_command_of_a_request_runs_as_it_is(shop, name):
    customer, driver = shop.customer(), DRIVERS[name]
    member = invited(shop, customer.id, f"{name}@example.com")
    body = driver.body("gpt-4", "Say hello")
    request_id = customer.post(driver.path, body).headers["x-request-id"]
    shop.usage(request_id)
    command = member.call("GET", f"/api/accounts/{customer.id}/logs/{request_id}")["curl"]
    said = subprocess.run(
        ["/bin/sh", "-c", command.replace("curl ", "curl -sS --fail-with-body ", 1)],
        env={"PATH": os.environ["PATH"], "KEY": customer.key, "NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert said.returncode == 0, (command, said.stdout, said.stderr)


def test_pages_of_requests_by_key(busy):
    customer, member = busy
    base = f"/api/accounts/{customer.id}/logs"
    seen, after = [], ""
    while True:
        page = member.call("GET", f"{base}?limit=2{after}")
        seen += [log["request_id"] for log in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == 7
    newest = member.call("GET", f"{base}?limit=1")["newest"]
    assert member.call("GET", f"{base}?newer_than={newest}")["items"] == []
    assert customer.post("/v1/completions", ASK).status == 200
    fresh = member.call("GET", f"{base}?newer_than={newest}")["items"]
    assert len(fresh) == 1
    assert member.refused("GET", f"{base}?after=nonsense") == "invalid_argument"
    assert member.call("GET", f"{base}?model=gpt-3.5-turbo")["items"] == []


def test_usage_sums_are_the_requests(busy):
    customer, member = busy
    base = f"/api/accounts/{customer.id}"
    logs = member.call("GET", f"{base}/logs?limit=200")["items"]
    for by in ("model", "token", "status", "day", "endpoint"):
        report = member.call("GET", f"{base}/usage?by={by}")
        assert report["total"]["requests"] == len(logs)
        assert report["total"]["charge"] == sum(log["charge"] for log in logs)
        assert sum(group["charge"] for group in report["groups"]) == report["total"]["charge"]
        assert sum(day["requests"] for day in report["days"]) == len(logs)
    answer = member.ask("GET", f"{base}/usage.csv?by=model")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][0] == "gpt-4"


def test_a_statement_adds_up_page_by_page(busy):
    customer, member = busy
    base = f"/api/accounts/{customer.id}"
    whole = member.call("GET", f"{base}/statement")
    assert whole["opening"] + sum(e["amount"] for e in whole["items"]) == whole["closing"]
    assert whole["closing"] == customer.balance
    entries, after, balance = [], "", None
    while True:
        page = member.call("GET", f"{base}/statement?limit=3{after}")
        assert balance is None or page["opening"] == balance
        balance = page["closing"]
        entries += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert entries == whole["items"]
    answer = member.ask("GET", f"{base}/statement.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == len(entries) + 1
    assert answer.headers["content-type"].startswith("text/csv")


def test_no_cell_is_a_formula(shop, owner):
    account = owner.call("POST", "/api/operator/accounts", {"name": "formula"})["id"]
    reason = '=HYPERLINK("https://evil.example")'
    owner.call("POST", f"/api/operator/accounts/{account}/adjust", {"amount": 5, "reason": reason})
    answer = owner.ask("GET", f"/api/accounts/{account}/statement.csv")
    assert ",=HYPERLINK" not in answer.text
    assert "'=HYPERLINK" in answer.text


def test_the_playground_has_a_key_of_its_own(shop):
    customer = shop.customer()
    member = invited(shop, customer.id, "player@example.com")
    key = member.call("POST", f"/api/accounts/{customer.id}/playground-key")["key"]
    customer.key = key
    assert customer.post("/v1/completions", ASK).status == 200
    log = member.call("GET", f"/api/accounts/{customer.id}/logs")["items"][0]
    assert log["token_name"] == "playground"
    names = [t["name"] for t in shop.cli("token", "list", "--account", customer.id)["tokens"]]
    assert names == ["main"]


def test_models_have_the_prices_and_limits_of_this_account(shop):
    customer = shop.customer(balance=2_000_000_000)
    member = invited(shop, customer.id, "prices@example.com")
    models = member.call("GET", f"/api/accounts/{customer.id}/models")["items"]
    gpt_4 = next(model for model in models if model["name"] == "gpt-4")
    said = shop.cli("limits", customer.id, "gpt-4")["requests_per_minute"]["limit"]
    assert gpt_4["limit_rpm"] == said
    assert gpt_4["price"]["cached_input"]
    assert gpt_4["is_available"]


def test_a_token_from_birth_to_end(shop):
    customer = shop.customer()
    member = invited(shop, customer.id, "tokens@example.com")
    base = f"/api/accounts/{customer.id}/tokens"
    asked = {
        "name": "laptop",
        "models": ["gpt-4"],
        "rpm": 50,
        "budgets": [{"period": "day", "limit": 900_000}, {"period": "total", "limit": 5_000_000}],
    }
    made = member.call("POST", base, asked)
    customer.key = made["key"]
    assert customer.post("/v1/completions", ASK).status == 200
    assert customer.post("/v1/completions", {**ASK, "model": "gpt-3.5-turbo"}).status == 403

    def shown():
        return next(t for t in member.call("GET", base)["items"] if t["id"] == made["id"])

    token = shown()
    assert token["status"] == "active"
    assert token["last_used"] is not None
    assert made["key"] not in str(token)
    day = next(budget for budget in token["budgets"] if budget["period"] == "day")
    assert day["spent"] == customer.spent > 0
    assert day["resets_at"].endswith("T00:00:00.000Z")
    path = f"{base}/{made['id']}"
    changed = member.call("PATCH", path, {"models": None, "name": "desk", "rpm": None})
    assert (changed["models"], changed["name"], changed["rpm"]) == (None, "desk", None)
    assert customer.post("/v1/completions", {**ASK, "model": "gpt-3.5-turbo"}).status == 200
    assert member.call("PATCH", path, {"is_disabled": True})["status"] == "disabled"
    assert customer.post("/v1/completions", ASK).status == 401
    assert member.call("PATCH", path, {"is_disabled": False})["status"] == "active"
    rotated = member.call("POST", f"{path}/rotate", {"overlap_seconds": 3600})
    assert customer.post("/v1/completions", ASK).status == 200, "the old key, for an hour"
    customer.key = rotated["key"]
    assert customer.post("/v1/completions", ASK).status == 200
    member.call("POST", f"{path}/rotate", {})
    assert customer.post("/v1/completions", ASK).status == 401
    member.call("DELETE", path)
    assert shown()["status"] == "revoked"
    bad = {"name": "x", "expires": "yesterday"}
    assert member.refused("POST", base, bad) == "invalid_argument"
    assert member.refused("POST", base, {"name": "x", "models": ["none"]}) == "not_found"
