"""A hold ends exactly once: settled, voided or recovered."""

import pytest

from tests.support.ledger.sqlite import hold, settle, state_with, void
from yiyuan.ledger.errors import AlreadyEnded, AlreadyOpen, InvalidAmount, UnknownAccount
from yiyuan.ledger.operations import Held, Keep, Progress, Recover, Settled, Start
from yiyuan.ledger.rules.apply import apply

ENDS = [settle(), void(), Recover("ex_1", 5)]


def test_a_settlement_charges_what_was_used_and_releases_the_rest():
    state = state_with(balance=1_000)
    assert apply(state, hold(amount=300)) == Held(300, 700)

    assert apply(state, settle(input_tokens=10, output_tokens=5)) == Settled(20, 0, 980)

    account = state.accounts["acct_a"]
    assert (account.posted, account.held, account.kept) == (980, 0, 0)
    assert not state.holds
    assert not state.young
    assert not state.open_counts


def test_a_void_charges_nothing():
    state = state_with(balance=1_000)
    apply(state, hold(amount=300))
    assert apply(state, void()) == Settled(0, 0, 1_000)
    batch = state.take_batch()
    assert batch.entries == []
    assert [(row.charge, row.outcome, row.source) for row in batch.usage] == [(0, "failed", "none")]


@pytest.mark.parametrize("first", ENDS, ids=lambda end: type(end).__name__)
@pytest.mark.parametrize("second", ENDS, ids=lambda end: type(end).__name__)
def test_the_second_end_is_refused_before_any_effect(first, second):
    state = state_with()
    apply(state, hold())
    apply(state, Start("ex_1", 10))
    apply(state, first)
    batch = state.take_batch()
    assert len(batch.usage) == 1
    balance = state.accounts["acct_a"].posted

    assert isinstance(apply(state, second), AlreadyEnded)

    assert not state.has_changes
    assert state.accounts["acct_a"].posted == balance


@pytest.mark.parametrize(
    "operation", [Start("ex_1", 1), Progress("ex_1", 1), Keep("ex_1"), *ENDS], ids=str
)
def test_nothing_can_be_done_to_a_request_that_was_never_held(operation):
    state = state_with()
    assert isinstance(apply(state, operation), AlreadyEnded)
    assert not state.has_changes


def test_a_request_is_held_once():
    state = state_with()
    apply(state, hold())
    assert isinstance(apply(state, hold()), AlreadyOpen)
    assert state.accounts["acct_a"].held == 100


def test_a_hold_needs_an_account_and_an_amount_that_can_be():
    state = state_with()
    assert isinstance(apply(state, hold(account_id="acct_b")), UnknownAccount)
    assert isinstance(apply(state, hold(amount=-1)), InvalidAmount)
    assert isinstance(apply(state, hold(input_bound=-1)), InvalidAmount)
    assert isinstance(apply(state, hold(output_bound=-1)), InvalidAmount)
    assert apply(state, hold(amount=0)) == Held(0, 1_000)
    assert apply(state, settle(input_tokens=0, output_tokens=0)) == Settled(0, 0, 1_000)
