"""Statement, refund, verify and usage over charges that were really made."""

import pytest

from tests.unit.services.conftest import CATALOG
from tests.unit.services.spending import spend
from yiyuan.ledger.statement import entry_document
from yiyuan.store.tables.ledger import EntryRow

DAY = 86_400_000


@pytest.fixture
async def customer(operator):
    await operator.apply(CATALOG + '[[model]]\nname = "b"\nprice = { input = "1", output = "2" }\n')
    made = await operator("account.create", name="alice", balance=1_000_000)
    return made["id"]


async def test_a_statement_adds_up(operator, customer):
    await spend(operator.context, customer)
    page = await operator("ledger.statement_page", name="alice")
    assert (page["opening"], page["closing"], page["next"]) == (0, 1_000_000 - 3600, None)
    assert [row.amount for row in page["rows"]] == [1_000_000, -3600]
    assert entry_document(EntryRow(*page["rows"][1]))["kind"] == "charge"


async def test_a_statement_comes_in_pages(operator, customer):
    for number in range(3):
        await operator("account.credit", name="alice", amount=number + 1, reason="x")
    first = await operator("ledger.statement_page", name="alice", first=2, end=4)
    assert (first["opening"], first["closing"], first["next"]) == (1_000_000, 1_000_003, None)
    assert [row.amount for row in first["rows"]] == [1, 2]
    nothing = await operator("ledger.statement_page", name="alice", until="2001-01-01")
    assert (nothing["opening"], nothing["rows"], nothing["closing"]) == (0, [], 0)
    later = await operator("ledger.statement_page", name="alice", since="2999-01-01")
    assert (later["opening"], later["rows"], later["closing"]) == (1_000_006, [], 1_000_006)
    error = await operator.refused("ledger.statement_page", name="alice", since="yesterday")
    assert error.code == "invalid_argument"


async def test_a_charge_is_refunded_once(operator, customer):
    request_id = await spend(operator.context, customer)
    entry = await operator("ledger.refund", request_id=request_id, reason="wrong model")
    assert (entry["kind"], entry["amount"], entry["reason"]) == ("refund", 3600, "wrong model")
    assert (await operator("account.show", name="alice"))["balance"] == 1_000_000
    error = await operator.refused("ledger.refund", request_id=request_id, reason="again")
    assert error.code == "already_refunded"
    error = await operator.refused("ledger.refund", request_id="ex_none", reason="x")
    assert error.code == "not_found"
    assert (await operator("ledger.verify"))["ok"]


async def test_verify_tells_how_far_it_is(operator, customer):
    verdict = await operator("ledger.verify", full=True)
    assert verdict == {"ok": True, "accounts": 1, "entries": 1, "read": 1, "problems": []}
    assert operator.progress[-1]["message"] == "checked 1 of 1 entry"


async def test_verify_names_what_is_wrong(operator, customer):
    sql = "UPDATE accounts SET posted = posted + 1 WHERE id = ?"
    await operator.context.database.write([(sql, (customer,))])
    verdict = await operator("ledger.verify")
    assert not verdict["ok"]
    assert any(problem.startswith(f"V1 account {customer}") for problem in verdict["problems"])


async def test_usage_by_day_and_model(operator, customer):
    today = operator.context.clock.wall_ms() // DAY * DAY
    await spend(operator.context, customer, at=today - 2 * DAY)
    await spend(operator.context, customer, at=today)
    await spend(operator.context, customer, at=today + 1, input_tokens=1, output_tokens=2)
    await spend(operator.context, customer, at=today, model="b")
    found = await operator("usage.by_day", name="alice")
    shown = [
        (line["model"], line["requests"], line["input_tokens"], line["output_tokens"])
        for line in found["usage"]
    ]
    assert shown == [("gpt-4", 1, 100, 10), ("b", 1, 100, 10), ("gpt-4", 2, 101, 12)]
    charges = [line["charge"] for line in found["usage"]]
    assert charges == [3600, 120, 3600 + 150]
    assert found["total"]["charge"] == sum(charges)
    assert found["total"]["requests"] == 4
    assert found["usage"][0]["day"] < found["usage"][1]["day"] == found["usage"][2]["day"]
    later = await operator("usage.by_day", name=customer, since=found["usage"][1]["day"])
    assert later["usage"] == found["usage"][1:]
    error = await operator.refused("usage.by_day", name="nobody")
    assert error.code == "not_found"
