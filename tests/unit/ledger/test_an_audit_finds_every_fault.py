"""V1 to V9: sound books pass; each spoiled row is named."""

import asyncio
import shutil

import pytest

from tests.support.ledger.sqlite import (
    RICH_PRICE,
    T0,
    audit,
    credit,
    hold,
    open_account,
    open_book,
    settle,
    spoil,
    void,
)
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Refund, SetBudget

NO_TRIGGERS = ("DROP TRIGGER entries_are_never_changed", "DROP TRIGGER entries_are_never_deleted")


async def make_history(home) -> None:
    """Two accounts with entries and usage of every kind, and one open hold."""
    async with open_book(home) as (ledger, _):
        await open_account(ledger, 10_000, "acct_a")
        await open_account(ledger, 500, "acct_b")
        await ledger.post(SetBudget("tok_a", "tok_a", 5_000))
        await ledger.post(credit(200, kind="topup", contra="cash", idem_key="paid-1"))
        await ledger.post(credit(-50))
        for number in range(6):
            name = f"ex_{number}"
            await ledger.hold(hold(name, amount=1_000, price=RICH_PRICE, budget_ids=("tok_a",)))
            if number % 2:
                await ledger.start(name, 10)
            usage = Usage(number * 20, number * 3, cached_input_tokens=number)
            await ledger.settle(settle(name, usage=usage))
        await ledger.hold(hold("ex_void"))
        await ledger.void(void("ex_void"))
        await ledger.post(Refund("ex_1", "operator", "sorry", T0))
        await ledger.hold(hold("ex_open", "acct_b", budget_ids=("tok_a",)))
        await ledger.start("ex_open", 5)
        result = audit(home)
        assert result == {"ok": True, "accounts": 2, "entries": 11, "read": 11, "problems": []}
    # Only now, that the epoch has ended, something is left open.
    assert audit(home)["problems"] == [
        "V7 account acct_b: the hold of request ex_open is of epoch 1, which does not run"
    ]
    spoil(home, "UPDATE epochs SET ended_at = NULL")
    assert audit(home)["ok"]


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    home = tmp_path_factory.mktemp("history")
    asyncio.run(make_history(home))
    return home


@pytest.fixture
def home(history, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(history, tmp_path / "home")


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        (
            ["UPDATE accounts SET posted = posted + 5 WHERE id = 'acct_b'"],
            [
                "V1 account acct_b: its balance is 505, its entries make 500",
                "V9 all balances are",
            ],
        ),
        (
            ["UPDATE accounts SET seq = 9 WHERE id = 'acct_b'"],
            ["V1 account acct_b: its seq is 9, its last entry's is 1"],
        ),
        (
            ["UPDATE accounts SET last_entry_at = 1 WHERE id = 'acct_b'"],
            ["V1 account acct_b: last_entry_at is 1"],
        ),
        (
            ["DELETE FROM accounts WHERE id = 'acct_b'"],
            [
                "V3 account acct_b: does not exist, but 100 is held",
                "V1 entry ent_b_1: its account acct_b does not exist",
                "V9",
            ],
        ),
        (
            ["DELETE FROM accounts WHERE id = 'acct_a'"],
            ["V1 entry ent_a_1: its account acct_a does not exist"],
        ),
        (
            ["UPDATE entries SET amount = amount + 1 WHERE id = 'ent_a_2'"],
            ["V2 account acct_a: entry 2 leaves 10200, but 10000 and 201 make 10201", "V9"],
        ),
        (
            ["DELETE FROM entries WHERE id = 'ent_a_3'"],
            [
                "V2 account acct_a: entry 4 follows entry 2",
                "V2 account acct_a: entry 4 leaves",
                "V9",
            ],
        ),
        (
            ["UPDATE entries SET at = 5 WHERE id = 'ent_a_3'"],
            ["V2 account acct_a: entry 3 is dated before entry 2"],
        ),
        (
            ["UPDATE entries SET id = 'ent_x' WHERE id = 'ent_a_3'"],
            ["V2 account acct_a: entry 3 has the id ent_x"],
        ),
        (
            ["UPDATE entries SET contra = 'revenue' WHERE id = 'ent_a_2'"],
            ["V2 account acct_a: entry 2 is a topup against revenue"],
        ),
        (
            ["UPDATE accounts SET held = 99 WHERE id = 'acct_b'"],
            ["V3 account acct_b: 99 is held, its open holds are 100"],
        ),
        (
            ["UPDATE budgets SET held = 0"],
            ["V3 budget tok_a: 0 is held"],
        ),
        (["UPDATE budgets SET spent = -1"], ["V3 budget tok_a: -1 is spent"]),
        (
            ["UPDATE budgets SET spent = spent + 1"],
            ["V3 budget tok_a: 2424 is spent, its usage makes 2423"],
        ),
        (["UPDATE budgets SET spent = spent - 1"], ["V3 budget tok_a: 2422 is spent"]),
        (
            ["UPDATE budgets SET counted_since = 1"],
            ["V3 budget tok_a: 100 is held, which its open holds do not make"],
        ),
        (["DELETE FROM budgets"], ["V3 budget tok_a: does not exist, but holds name it"]),
        (["UPDATE holds SET budget_ids = '['"], ["V3 request ex_open", "V3 budget tok_a: 100"]),
        (
            ["UPDATE accounts SET held = 600 WHERE id = 'acct_b'", "UPDATE holds SET amount = 600"],
            ["V4 account acct_b: 600 of 500 is held", "V3 budget tok_a"],
        ),
        (
            ["DELETE FROM usage WHERE request_id = 'ex_2'"],
            ["V5 account acct_a: entry ent_a_6 of -212 for request ex_2, which has no usage"],
        ),
        (
            ["UPDATE usage SET account_id = 'acct_b' WHERE request_id = 'ex_2'"],
            ["V5 account acct_a: entry ent_a_6 of -212 for request ex_2, which has usage of"],
        ),
        (
            [
                "DROP INDEX entries_request",
                "UPDATE entries SET request_id = 'ex_4' WHERE request_id = 'ex_5'",
            ],
            [
                "V5 account acct_a: request ex_5 was charged",
                "V5 request ex_4: charged 2 times",
                "V5 account acct_a: entry ent_a_9",
            ],
        ),
        (
            ["UPDATE entries SET idem_key = 'refund:ex_2' WHERE kind = 'refund'"],
            ["V5 account acct_a: refund ent_a_10 (refund:ex_2) is not the opposite of a charge"],
        ),
        (
            ["UPDATE usage SET input_tokens = 1000 WHERE request_id = 'ex_0'"],
            ["V6 account acct_a: request ex_0 cost"],
        ),
        (
            ["UPDATE usage SET admitted_at = admitted_at + 28800000 WHERE request_id = 'ex_1'"],
            ["V6 account acct_a: request ex_1"],
        ),
        (
            ["UPDATE usage SET shortfall = 3 WHERE request_id = 'ex_0'"],
            ["V6 account acct_a: request ex_0 cost 7 and paid 7, but its shortfall is 3"],
        ),
        (
            ["UPDATE usage SET price_factor_ppm = 2000000 WHERE request_id = 'ex_0'"],
            ["V6 account acct_a: request ex_0 cost 14 and held 1000, but 7 is charged"],
        ),
        (
            ["UPDATE usage SET price_id = 'gone' WHERE request_id = 'ex_0'"],
            ["V6 account acct_a: request ex_0 names the price gone"],
        ),
        (
            ["UPDATE usage SET cached_input_tokens = 99 WHERE request_id = 'ex_0'"],
            ["V6 account acct_a: request ex_0 has impossible usage"],
        ),
        (
            ["UPDATE usage SET charge = 1 WHERE request_id = 'ex_void'"],
            ["V5 account acct_a: request ex_void was charged 1 without entry", "V6"],
        ),
        (
            ["DROP TRIGGER prices_are_never_changed", "UPDATE prices SET document = '{}'"],
            ["V6 price price_a: price.input: is required", "V6 price price_rich"],
        ),
        (
            [f"UPDATE holds SET deadline = {T0 - 61_000}"],
            ["V7 account acct_b: the hold of request ex_open is overdue by 61 s"],
        ),
        (
            ["UPDATE holds SET epoch = 0"],
            ["V7 account acct_b: the hold of request ex_open is of epoch 0, which does not run"],
        ),
        (
            ["UPDATE usage SET request_id = 'ex_open' WHERE request_id = 'ex_void'"],
            ["V7 account acct_b: request ex_open has ended and is still held"],
        ),
    ],
)
def test_a_spoiled_row_is_named(home, statements, expected):
    spoil(home, *NO_TRIGGERS, *statements)
    result = audit(home, full=True)
    assert not result["ok"]
    for text in expected:
        assert any(problem.startswith(text) for problem in result["problems"]), result["problems"]


def test_problems_beyond_a_thousand_are_counted(home):
    insert = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        INSERT INTO accounts SELECT 'acct_' || i, 'n' || i, 1, 0, 0, 0, NULL, 0 FROM n"""
    spoil(home, insert)
    result = audit(home)
    assert len(result["problems"]) == 1_001
    assert result["problems"][-1] == "… and 501 more"
    assert result["accounts"] == 1_502


def test_progress_is_told_up_to_the_end(home):
    seen = []
    audit(home, full=True, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(11, 11)]
