"""Codes, adjustments and refunds: each once, each an entry, whoever asks how often."""

import contextlib
import json
import sqlite3
import threading

import pytest

from tests.support.gateway_process import Gateway
from tests.support.postgres_server import NoPostgres, query, shared_server
from tests.system.console_api.person import Person, invited, operator
from yiyuan.store.postgres.placeholders import numbered

ACCOUNTS = 100
VALUE = 7_000_000


@pytest.fixture(params=["sqlite", "postgres"])
def engine_shop(request, tmp_path, cli):
    """A gateway of its own on either engine."""
    environment = {}
    if request.param == "postgres":
        try:
            environment["YIYUAN_DATABASE_URL"] = shared_server().new_database()
        except NoPostgres as reason:
            pytest.skip(str(reason))
    with Gateway(tmp_path / "home", cli, **environment) as gateway:
        yield gateway.start()


def change(gateway, sql, *values):
    """Write as a crash would have left it, while no server runs."""
    url = gateway.environment.get("YIYUAN_DATABASE_URL")
    if url is not None:
        query(url, numbered(sql), *values)
        return
    with contextlib.closing(sqlite3.connect(gateway.home / "yiyuan.db")) as connection:
        connection.execute(sql, values)
        connection.commit()


def at_once(calls):
    """Run calls side by side; their results in order."""
    results, gate = [None] * len(calls), threading.Barrier(len(calls))

    def run(number, call):
        gate.wait()
        results[number] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_code_and_a_hundred_accounts_at_once(engine_shop):
    owner = operator(engine_shop, "codes@example.com")
    asked = {"name": "spring", "value": VALUE, "count": 2}
    code, other = owner.call("POST", "/api/operator/codes", asked)["codes"]
    ids = [
        owner.call("POST", "/api/operator/accounts", {"name": f"many-{n}"})["id"]
        for n in range(ACCOUNTS)
    ]
    # An operator may redeem for any account; guesses of one address would have to wait.
    answers = at_once(
        [
            lambda account=account: owner.ask(
                "POST", f"/api/accounts/{account}/redeem", {"code": code}
            )
            for account in ids
        ]
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses.count(200) == 1, statuses
    assert set(statuses) <= {200, 409, 429}
    balances = [engine_shop.cli("account", "show", account)["balance"] for account in ids]
    assert sorted(balances) == [0] * (ACCOUNTS - 1) + [VALUE]
    entries = engine_shop.rows("SELECT * FROM entries WHERE kind = 'redeem'")
    assert len(entries) == 1
    batch = owner.call("GET", "/api/operator/codes")["items"][0]
    assert batch["redeemed"] == 1
    uses = owner.call("GET", f"/api/operator/codes/{batch['id']}")["items"]
    assert [use["entry_id"] for use in uses] == [entries[0]["id"]]
    assert other not in str(engine_shop.rows("SELECT * FROM redeem_codes"))
    engine_shop.verify()


def test_an_account_uses_as_many_as_it_may(engine_shop):
    owner = operator(engine_shop, "codes@example.com")
    asked = {"name": "welcome", "value": VALUE, "count": 6, "per_account": 2}
    codes = owner.call("POST", "/api/operator/codes", asked)["codes"]
    account = owner.call("POST", "/api/operator/accounts", {"name": "eager"})["id"]
    answers = at_once(
        [
            lambda code=code: owner.ask(
                "POST", f"/api/accounts/{account}/redeem", {"code": code.lower()}
            )
            for code in codes
        ]
    )
    assert [answer.status_code for answer in answers].count(200) <= 2
    for code in codes:
        owner.ask("POST", f"/api/accounts/{account}/redeem", {"code": code})
    assert engine_shop.cli("account", "show", account)["balance"] == 2 * VALUE
    engine_shop.verify()


def test_a_claim_that_a_crash_left_is_booked_at_the_next_start(engine_shop):
    owner = operator(engine_shop, "codes@example.com")
    asked = {"name": "crash", "value": VALUE, "count": 1}
    made = owner.call("POST", "/api/operator/codes", asked)
    account = owner.call("POST", "/api/operator/accounts", {"name": "unlucky"})["id"]
    engine_shop.stop()
    sql = "UPDATE redeem_codes SET claimed_by = ?, claimed_n = 1, claimed_at = 1 WHERE batch_id = ?"
    change(engine_shop, sql, account, made["batch"])
    engine_shop.start()
    assert engine_shop.cli("account", "show", account)["balance"] == VALUE
    engine_shop.verify()


def test_verify_finds_codes_and_entries_that_do_not_belong_together(engine_shop):
    owner = operator(engine_shop, "codes@example.com")
    asked = {"name": "v8", "value": VALUE, "count": 3}
    made = owner.call("POST", "/api/operator/codes", asked)
    mine, other = (
        owner.call("POST", "/api/operator/accounts", {"name": name})["id"] for name in ("a", "b")
    )
    for code in made["codes"][:2]:
        owner.call("POST", f"/api/accounts/{mine}/redeem", {"code": code})
    engine_shop.verify()
    engine_shop.stop()
    change(
        engine_shop,
        """UPDATE redeem_codes SET claimed_by = ?, claimed_n = 9
           WHERE hash = (SELECT min(hash) FROM redeem_codes WHERE claimed_by = ?)""",
        other,
        mine,
    )
    said = engine_shop.run("ledger", "verify", "--json")
    problems = [p for p in json.loads(said.stdout)["problems"] if p.startswith("V8")]
    assert said.code == 1
    assert len(problems) == 2, problems
    assert any("redeems no code of its own" in problem for problem in problems)
    engine_shop.start()


def test_expired_revoked_and_mistyped_codes(shop, owner):
    account = owner.call("POST", "/api/operator/accounts", {"name": "codes"})["id"]
    redeem = f"/api/accounts/{account}/redeem"
    asked = {"name": "gone", "value": VALUE, "count": 2}
    made = owner.call("POST", "/api/operator/codes", asked)
    owner.call("POST", f"/api/operator/codes/{made['batch']}/revoke")
    assert owner.refused("POST", redeem, {"code": made["codes"][0]}) == "code_expired"
    wrong = made["codes"][1][:-1] + ("0" if made["codes"][1][-1] != "0" else "1")
    assert owner.refused("POST", redeem, {"code": wrong}) == "code_not_valid"
    assert owner.refused("POST", redeem, {"code": "hello"}) == "code_not_valid"


def test_an_adjustment_is_an_entry_with_a_reason_and_in_the_audit_log(shop, owner):
    account = owner.call("POST", "/api/operator/accounts", {"name": "adjusted"})["id"]
    path = f"/api/operator/accounts/{account}/adjust"
    asked = {"amount": 500, "reason": "a gift", "key": "gift-1"}
    first = owner.call("POST", path, asked)
    assert owner.call("POST", path, asked)["id"] == first["id"], "the same key posts once"
    assert owner.refused("POST", path, {**asked, "amount": 501}) == "idempotency_mismatch"
    assert owner.refused("POST", path, {"amount": -501, "reason": "x"}) == "insufficient_balance"
    assert owner.call("POST", path, {"amount": -200, "reason": "oops"})["balance_after"] == 300
    assert owner.refused("POST", path, {"amount": 1.5, "reason": "x"}) == "invalid_argument"
    assert owner.refused("POST", path, {"amount": 5}) == "invalid_argument"
    actions = owner.call("GET", "/api/operator/audit?action=operator_accounts.adjust")["items"]
    mine = [action for action in actions if action["subject"] == account]
    assert [action["reason"] for action in mine] == ["oops", "a gift", "a gift"]
    assert all(action["actor_name"] == "owner@example.com" for action in mine)
    statement = owner.call("GET", f"/api/accounts/{account}/statement")
    assert [entry["amount"] for entry in statement["items"]] == [500, -200]
    assert statement["opening"] + 300 == statement["closing"]
    assert statement["items"][0]["actor"].startswith("usr_")


def test_a_key_names_each_payment(shop, owner):
    asked = {"name": "shop", "role": "finance"}
    key = owner.call("POST", "/api/operator/management-keys", asked)
    script = Person(shop, key["key"])
    account = script.call("POST", "/api/operator/accounts", {"name": "by script"})["id"]
    path = f"/api/operator/accounts/{account}/adjust"
    pay = {"amount": 900, "reason": "order 17"}
    assert script.refused("POST", path, pay) == "invalid_argument"
    first = script.call("POST", path, pay, idempotency_key="order-17")
    assert script.call("POST", path, pay, idempotency_key="order-17") == first
    assert shop.cli("account", "show", account)["balance"] == 900
    assert script.refused("GET", "/api/operator/management-keys") == "not_allowed"
    answer = script.http.get(shop.origin + "/v1/models", timeout=30)
    assert answer.status_code == 401, "no key of ours is a key of the API"
    owner.call("DELETE", f"/api/operator/management-keys/{key['id']}")
    assert script.refused("GET", "/api/operator/home") == "not_signed_in"


def test_a_key_has_an_end_and_a_place(shop, owner):
    base = {"role": "readonly", "name": "bounded"}
    elsewhere = {**base, "allow_ip": ["203.0.113.0/24"]}
    key = owner.call("POST", "/api/operator/management-keys", elsewhere)["key"]
    assert Person(shop, key).refused("GET", "/api/operator/home") == "not_allowed"
    past = {**base, "expires": "2020-01-01"}
    assert owner.refused("POST", "/api/operator/management-keys", past) == "invalid_argument"


def test_a_refund_is_made_once(shop, owner, upstream):
    customer = shop.customer()
    answer = customer.post("/v1/completions", {"model": "gpt-4", "prompt": "Hi", "max_tokens": 5})
    assert answer.status == 200, answer.body
    member = invited(shop, customer.id, "refund@example.com")
    log = member.call("GET", f"/api/accounts/{customer.id}/logs")["items"][0]
    ask = {"request_id": log["request_id"], "reason": "sorry"}
    assert member.refused("POST", "/api/operator/refunds", ask) == "not_allowed"
    entry = owner.call("POST", "/api/operator/refunds", ask)
    assert entry["amount"] == log["charge"]
    assert owner.refused("POST", "/api/operator/refunds", ask) == "already_refunded"
    detail = member.call("GET", f"/api/accounts/{customer.id}/logs/{log['request_id']}")
    assert [e["kind"] for e in detail["entries"]] == ["charge", "refund"]
