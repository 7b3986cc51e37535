"""What is held cannot be held or debited again; a refusal says why and how much is left."""

from msgspec.structs import replace

from tests.support.ledger.sqlite import credit, hold, settle, state_with
from yiyuan.ledger.errors import InsufficientFunds, InvalidAmount, UnknownAccount, UnknownBudget
from yiyuan.ledger.operations import Held, Refused, Resume, SetBudget, Suspend
from yiyuan.ledger.rules.apply import apply


def test_a_hold_of_more_than_is_available_is_refused_with_the_figures():
    state = state_with(balance=1_000)
    apply(state, hold("ex_1", amount=700))
    refused = apply(state, hold("ex_2", amount=301))
    assert refused == Refused(
        which="balance",
        required_micros=301,
        available_micros=300,
        held_micros=700,
        posted_micros=1_000,
        may_fit_later=True,
    )
    assert "ex_2" not in state.holds
    assert apply(state, hold("ex_3", amount=300)) == Held(300, 0)


def test_what_could_never_fit_is_not_worth_waiting_for():
    state = state_with(balance=1_000)
    apply(state, hold("ex_1", amount=700))
    assert not apply(state, hold("ex_2", amount=1_001)).may_fit_later


def test_the_reasons_for_refusing_have_an_order():
    state = state_with(balance=1_000)
    apply(state, SetBudget("b", "tok_a", 10))
    apply(state, hold("ex_1", amount=1_000))
    apply(state, Suspend("acct_a", 5))
    too_much = hold("ex_2", amount=5_000, budget_ids=("b",), account_concurrency=1)

    assert apply(state, too_much).which == "suspended"
    apply(state, Resume("acct_a"))
    assert apply(state, too_much).which == "concurrency"
    too_much = replace(too_much, account_concurrency=2)
    refused = apply(state, too_much)
    assert (refused.which, refused.budget_available_micros) == ("budget", 10)
    apply(state, SetBudget("b", "tok_a", None))
    assert apply(state, too_much).which == "balance"


def test_a_suspended_account_settles_what_is_open():
    state = state_with()
    apply(state, hold())
    first = apply(state, Suspend("acct_a", 7))
    assert first.suspended_at == 7
    assert apply(state, Suspend("acct_a", 9)).suspended_at == 7
    assert apply(state, settle()).charge_micros == 20
    assert apply(state, hold("ex_2")).which == "suspended"
    assert apply(state, Resume("acct_a")).suspended_at is None
    assert isinstance(apply(state, hold("ex_2")), Held)
    assert isinstance(apply(state, Suspend("acct_x", 9)), UnknownAccount)
    assert isinstance(apply(state, Resume("acct_x")), UnknownAccount)


def test_concurrency_counts_open_holds_of_the_account_and_model():
    state = state_with()
    for number in range(3):
        assert isinstance(apply(state, hold(f"ex_{number}", amount=1, account_concurrency=3)), Held)
    assert apply(state, hold("ex_4", amount=1, account_concurrency=3)).which == "concurrency"
    assert isinstance(apply(state, hold("ex_5", amount=1, model="n", account_concurrency=3)), Held)
    apply(state, settle("ex_1"))
    assert isinstance(apply(state, hold("ex_4", amount=1, account_concurrency=3)), Held)


def test_a_budget_counts_what_is_spent_and_what_is_held():
    state = state_with(balance=1_000)
    apply(state, SetBudget("b", "tok_a", 100))
    apply(state, hold("ex_1", amount=60, budget_ids=("b",)))
    refused = apply(state, hold("ex_2", amount=41, budget_ids=("b",)))
    assert (refused.which, refused.budget_available_micros, refused.may_fit_later) == (
        "budget",
        40,
        True,
    )
    apply(state, settle("ex_1", input_tokens=30, output_tokens=0))
    budget = state.budgets["b"]
    assert (budget.spent, budget.held) == (30, 0)
    assert not apply(state, hold("ex_2", amount=71, budget_ids=("b",))).may_fit_later
    assert isinstance(apply(state, hold("ex_2", amount=70, budget_ids=("b",))), Held)


def test_every_budget_of_a_request_must_allow_it():
    state = state_with(balance=1_000)
    apply(state, SetBudget("b", "tok_a", 100))
    apply(state, SetBudget("c", "tok_a", 50))
    refused = apply(state, hold(amount=60, budget_ids=("b", "c")))
    assert (refused.which, refused.budget_available_micros) == ("budget", 50)
    assert state.budgets["b"].held == 0
    assert isinstance(apply(state, hold(amount=60, budget_ids=("b", "x"))), UnknownBudget)
    assert isinstance(apply(state, hold(amount=60, budget_ids=("b", "b"))), UnknownBudget)


def test_a_limit_lowered_below_what_is_spent_admits_nothing_more():
    state = state_with(balance=1_000)
    apply(state, SetBudget("b", "tok_a", 100))
    apply(state, hold("ex_1", amount=60, budget_ids=("b",)))
    assert apply(state, SetBudget("b", "tok_a", 10)).limit_micros == 10
    assert apply(state, hold("ex_2", amount=1, budget_ids=("b",))).budget_available_micros == 0
    apply(state, settle("ex_1"))
    assert isinstance(apply(state, SetBudget("b", "tok_a", -1)), InvalidAmount)


def test_a_debit_takes_only_what_is_not_held():
    state = state_with(balance=1_000)
    apply(state, hold(amount=700))
    refused = apply(state, credit(-301))
    assert isinstance(refused, InsufficientFunds)
    assert refused.available_micros == 300
    assert apply(state, credit(-300)).balance_after == 700
    assert apply(state, settle(input_tokens=700, output_tokens=0)).balance_micros == 0
