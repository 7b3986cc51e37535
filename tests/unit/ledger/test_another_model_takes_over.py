"""A hold that another model takes over: its price, its bounds and its budgets, one amount."""

import pytest

from tests.support.ledger.sqlite import (
    PRICE,
    RICH_PRICE,
    audit,
    hold,
    open_account,
    open_book,
    rows,
    settle,
    state_with,
)
from yiyuan.ledger.errors import AlreadyEnded, AlreadyStarted, InvalidAmount, UnknownBudget
from yiyuan.ledger.operations import DONE, Keep, Refused, SetBudget, Start, Switch
from yiyuan.ledger.rules.apply import apply


def switch(name="ex_1", model="n", **fields):
    values = {"price": RICH_PRICE, "price_factor_ppm": 900_000, "input_bound": 50}
    return Switch(**{"request_id": name, "model": model, "output_bound": 60, **values, **fields})


def test_it_is_settled_at_the_price_of_the_model_that_answers():
    state = state_with()
    apply(state, hold(amount=500))
    assert apply(state, switch()) == DONE
    settled = apply(state, settle())  # 10 in, 5 out: (30 + 75 + 7) x 0.9, rounded up
    assert settled.charge_micros == 101
    (usage,) = state.take_batch().usage
    assert (usage.model, usage.price_id, usage.price_factor_ppm) == ("n", "price_rich", 900_000)
    assert usage.hold_amount == 500


def test_the_amount_stays_and_bounds_the_charge():
    state = state_with()
    apply(state, hold(amount=60))
    apply(state, switch())
    assert state.accounts["acct_a"].held == 60
    settled = apply(state, settle())
    assert (settled.charge_micros, settled.shortfall_micros) == (60, 41)


@pytest.mark.parametrize("is_kept", [False, True])
def test_its_row_says_what_recovery_needs(is_kept):
    state = state_with()
    apply(state, hold())
    if is_kept:
        apply(state, Keep("ex_1"))
        state.take_batch()
    apply(state, switch())
    assert state.has_changes == is_kept
    apply(state, Start("ex_1", 99))
    (row,) = state.take_batch().holds
    assert row[3:9] == ("n", "price_rich", 900_000, 100, 50, 60)
    assert row.input_count == 50


def test_it_leaves_the_budgets_of_one_model_and_joins_those_of_the_other():
    state = state_with()
    for name in ("all", "only m", "only n"):
        apply(state, SetBudget(name, "tok_a", 300))
    apply(state, hold(budget_ids=("all", "only m")))
    apply(state, Keep("ex_1"))
    state.take_batch()
    assert apply(state, switch(budget_ids=("all", "only n"))) == DONE
    budgets = {row.id: row.held for row in state.take_batch().budgets}
    assert budgets == {"only m": 0, "only n": 100}
    apply(state, settle())
    spent = {name: budget.spent for name, budget in state.budgets.items()}
    assert spent == {"all": 100, "only m": 0, "only n": 100}


@pytest.mark.parametrize(
    ("asked", "which"),
    [
        (switch(budget_ids=("small",)), "budget"),
        (switch(account_concurrency=1), "concurrency"),
    ],
    ids=["budget", "concurrency"],
)
def test_a_refusal_leaves_the_hold_as_it_was(asked, which):
    state = state_with()
    apply(state, SetBudget("small", "tok_a", 99))
    apply(state, hold("ex_0", model="n"))
    apply(state, hold())
    answer = apply(state, asked)
    assert isinstance(answer, Refused)
    assert answer.which == which
    assert state.holds["ex_1"].operation.price == PRICE
    assert state.open_counts == {("acct_a", "n"): 1, ("acct_a", "m"): 1}
    assert state.budgets["small"].held == 0


def test_the_limit_of_open_requests_follows_it():
    state = state_with()
    apply(state, hold(account_concurrency=1))
    apply(state, switch())
    assert state.open_counts == {("acct_a", "n"): 1}
    assert not isinstance(apply(state, hold("ex_2", account_concurrency=1)), Refused)
    refused = apply(state, hold("ex_3", model="n", account_concurrency=1))
    assert isinstance(refused, Refused)
    apply(state, settle())
    assert state.open_counts == {("acct_a", "m"): 1}


def test_what_it_cannot_be_asked_for():
    state = state_with()
    assert isinstance(apply(state, switch()), AlreadyEnded)
    apply(state, hold())
    assert isinstance(apply(state, switch(input_bound=-1)), InvalidAmount)
    assert isinstance(apply(state, switch(budget_ids=("lost",))), UnknownBudget)
    apply(state, Start("ex_1", 5))
    assert isinstance(apply(state, switch()), AlreadyStarted)
    assert state.holds["ex_1"].operation.model == "m"


async def test_a_crash_charges_what_was_delivered_at_the_price_of_that_model(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger)
        await ledger.hold(hold(amount=500))
        await ledger.switch(switch())
        await ledger.start("ex_1", 10)
        await ledger.progress("ex_1", 5)
        assert rows(tmp_path, "SELECT model, price_id FROM holds") == [("n", "price_rich")]
    async with open_book(tmp_path):
        pass
    found = rows(tmp_path, "SELECT model, price_id, charge, outcome FROM usage")
    assert found == [("n", "price_rich", 101, "recovered")]
    assert audit(tmp_path)["ok"]
