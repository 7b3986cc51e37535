"""Accounts: what commands answer, what they refuse, and what the ledger then says."""

import pytest


async def test_create_show_list(operator):
    made = await operator("account.create", name="甲 公司", balance=10_000_000)
    assert list(made) == ["id", "name", "balance", "held"]
    assert made == {"id": made["id"], "name": "甲 公司", "balance": 10_000_000, "held": 0}
    assert await operator("account.show", name="甲 公司") == made
    assert await operator("account.show", name=made["id"]) == made
    other = await operator("account.create", name="b")
    assert other["balance"] == 0
    assert await operator("account.list") == {"accounts": [other, made]}


async def test_the_starting_balance_is_one_grant(operator):
    made = await operator("account.create", name="a", balance=5)
    (entry,) = (await operator("ledger.statement_page", name="a"))["rows"]
    assert (entry.kind, entry.amount, entry.idem_key) == ("grant", 5, f"create:{made['id']}")


async def test_credit_and_debit_answer_with_the_entry(operator):
    made = await operator("account.create", name="a", balance=100)
    entry = await operator("account.credit", name="a", amount=50, reason="bank 4711")
    assert entry["account"] == made["id"]
    assert (entry["kind"], entry["amount"], entry["balance_after"]) == ("adjust", 50, 150)
    assert (entry["reason"], entry["seq"]) == ("bank 4711", 2)
    entry = await operator("account.debit", name="a", amount=150, reason="closed")
    assert (entry["amount"], entry["balance_after"]) == (-150, 0)
    error = await operator.refused("account.debit", name="a", amount=1, reason="more")
    assert error.code == "insufficient_balance"
    assert (await operator("ledger.verify"))["ok"]


async def test_the_same_key_posts_once(operator):
    await operator("account.create", name="a")
    await operator("account.create", name="b")
    first = await operator("account.credit", name="a", amount=5, reason="x", key="K")
    assert await operator("account.credit", name="a", amount=5, reason="again", key="K") == first
    for other in (
        {"name": "a", "amount": 6},
        {"name": "b", "amount": 5},
    ):
        error = await operator.refused("account.credit", **other, reason="x", key="K")
        assert error.code == "idempotency_mismatch"
    error = await operator.refused("account.debit", name="a", amount=5, reason="x", key="K")
    assert error.code == "idempotency_mismatch"
    assert (await operator("account.show", name="a"))["balance"] == 5


async def test_an_operators_key_cannot_take_one_of_the_ledgers_own(operator):
    made = await operator("account.create", name="a")
    key = f"create:{made['id']}"
    await operator("account.credit", name="a", amount=1, reason="x", key=key)
    await operator("account.credit", name="a", amount=1, reason="x", key="refund:ex_1")
    other = await operator("account.create", name="b", balance=7)
    assert other["balance"] == 7


async def test_suspend_and_resume(operator):
    made = await operator("account.create", name="a")
    assert await operator("account.suspend", name="a") == {**made, "suspended": True}
    assert (await operator("account.show", name="a"))["suspended"] is True
    assert await operator("account.suspend", name="a") == {**made, "suspended": True}
    assert await operator("account.resume", name="a") == made
    assert await operator("account.resume", name="a") == made


@pytest.mark.parametrize(
    ("command", "parameters", "code"),
    [
        ("account.show", {"name": "nobody"}, "not_found"),
        ("account.credit", {"name": "nobody", "amount": 1, "reason": "x"}, "not_found"),
        ("account.suspend", {"name": "nobody"}, "not_found"),
        ("account.resume", {"name": "nobody"}, "not_found"),
        ("account.create", {"name": "taken"}, "already_exists"),
        ("account.create", {"name": ""}, "invalid_argument"),
        ("account.create", {"name": " a"}, "invalid_argument"),
        ("account.create", {"name": "a\x1b[1m"}, "invalid_argument"),
        ("account.create", {"name": "a\udcff"}, "invalid_argument"),
        ("account.create", {"name": "x" * 101}, "invalid_argument"),
        ("account.create", {"name": "acct_" + "0" * 32}, "invalid_argument"),
        ("account.create", {}, "invalid_argument"),
        ("account.create", {"name": 5}, "invalid_argument"),
        ("account.create", {"name": "a", "balance": -1}, "invalid_argument"),
        ("account.create", {"name": "a", "balance": 2**63}, "invalid_argument"),
        ("account.create", {"name": "a", "balance": 1.0}, "invalid_argument"),
        ("account.create", {"name": "a", "balance": True}, "invalid_argument"),
        ("account.create", {"name": "a", "admin": True}, "invalid_argument"),
        ("account.credit", {"name": "taken", "amount": 0, "reason": "x"}, "invalid_argument"),
        ("account.credit", {"name": "taken", "amount": 1, "reason": " "}, "invalid_argument"),
        ("account.credit", {"name": "taken", "amount": 1, "reason": "a\nb"}, "invalid_argument"),
        ("account.credit", {"name": "taken", "amount": 1}, "invalid_argument"),
        ("account.credit", {"name": "taken", "amount": 2**63 - 1, "reason": "x"}, "invalid_arg"),
        ("account.destroy", {}, "unknown_command"),
    ],
)
async def test_what_is_refused(operator, command, parameters, code):
    await operator("account.create", name="taken", balance=1)
    error = await operator.refused(command, **parameters)
    assert error.code.startswith(code), error.message
    assert (await operator("account.list"))["accounts"][0]["balance"] == 1


async def test_an_account_takes_another_name(operator):
    made = await operator("account.create", name="a", balance=5)
    await operator("account.create", name="b")
    renamed = await operator("account.rename", name="a", new_name="甲 公司")
    assert renamed == {**made, "name": "甲 公司"}
    assert await operator("account.show", name="甲 公司") == renamed
    assert (await operator.refused("account.show", name="a")).code == "not_found"
    taken = await operator.refused("account.rename", name="b", new_name="甲 公司")
    assert taken.code == "already_exists"
    for name in ("", " b", "acct_" + "0" * 32, "x" * 101):
        refused = await operator.refused("account.rename", name="b", new_name=name)
        assert refused.code == "invalid_argument", name
    # The name before is free at once, and the next posting does not bring it back.
    other = await operator("account.create", name="a", balance=7)
    await operator("account.credit", name=made["id"], amount=1, reason="x")
    assert (await operator("account.show", name="甲 公司"))["balance"] == 6
    assert (await operator("account.show", name="a"))["id"] == other["id"]
    assert (await operator("ledger.verify"))["ok"]
