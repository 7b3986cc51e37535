"""Each change of a balance is one entry; entries are numbered, dated and add up."""

import pytest

from tests.support.ledger.sqlite import T0, credit, hold, settle, state_with
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.errors import (
    AccountExists,
    InvalidAmount,
    InvalidText,
    NothingToRefund,
    UnknownAccount,
)
from yiyuan.ledger.operations import OpenAccount, Reverse
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.state import LedgerState


def test_a_new_account_with_a_balance_has_one_grant():
    state = LedgerState(1)
    row = apply(state, OpenAccount("acct_a", "Ada", T0, grant_micros=500, actor="me"))
    batch = state.take_batch()
    assert row == batch.accounts[0] == ("acct_a", "Ada", 500, 0, 1, T0, None, T0)
    entry = batch.entries[0]
    assert (entry.kind, entry.amount, entry.contra, entry.idem_key, entry.actor) == (
        "grant",
        500,
        "promo",
        "create:acct_a",
        "me",
    )


def test_a_new_account_without_a_balance_has_no_entry():
    state = LedgerState(1)
    apply(state, OpenAccount("acct_a", "Ada", T0))
    assert state.take_batch().entries == []


@pytest.mark.parametrize(
    ("operation", "refusal"),
    [
        (OpenAccount("acct_a", "other", T0), AccountExists),
        (OpenAccount("acct_b", "", T0), InvalidText),
        (OpenAccount("acct_b", "x" * 501, T0), InvalidText),
        (OpenAccount("acct_b", "\ud800", T0), InvalidText),
        (OpenAccount("acct_b", "b", T0, grant_micros=-1), InvalidAmount),
        (OpenAccount("acct_b", "b", T0, grant_micros=2**63), InvalidAmount),
        (credit(0), InvalidAmount),
        (credit(-5, kind="topup", contra="cash"), InvalidAmount),
        (credit(-5, kind="grant", contra="promo"), InvalidAmount),
        (credit(MICROS_MAX), InvalidAmount),
        (credit(5, account_id="acct_x"), UnknownAccount),
        (credit(5, idem_key=""), InvalidText),
        (credit(5, idem_key="create:acct_b"), InvalidText),
        (credit(5, idem_key="refund:ex_1"), InvalidText),
        (credit(5, idem_key="\ud800"), InvalidText),
    ],
)
def test_what_cannot_be_posted_is_refused_without_effect(operation, refusal):
    state = state_with()
    assert isinstance(apply(state, operation), refusal)
    assert not state.has_changes
    assert "acct_b" not in state.accounts


def test_entries_continue_each_other_and_never_go_back_in_time():
    state = state_with(balance=1_000)
    apply(state, credit(50, at=T0 + 10))
    apply(state, hold(amount=100))
    apply(state, settle())  # dated T0 + 5: the clock was set back
    apply(state, credit(-30, at=T0 + 20))
    entries = state.take_batch().entries
    assert [(e.seq, e.amount, e.balance_after, e.at - T0) for e in entries] == [
        (2, 50, 1_050, 10),
        (3, -20, 1_030, 10),
        (4, -30, 1_000, 20),
    ]


def test_a_refund_is_the_opposite_entry():
    state = state_with(balance=1_000)
    apply(state, hold(amount=100))
    apply(state, settle())
    charge = state.take_batch().entries[0]
    entry = apply(state, Reverse(charge, "me", "sorry", T0 + 50))
    assert (entry.kind, entry.amount, entry.balance_after, entry.contra) == (
        "refund",
        20,
        1_000,
        "revenue",
    )
    assert (entry.request_id, entry.idem_key) == (None, "refund:ex_1")


def test_only_a_charge_can_be_refunded():
    state = state_with(balance=1_000)
    topup = apply(state, credit(50))
    assert isinstance(apply(state, Reverse(topup, "me", "", T0)), NothingToRefund)
    gone = topup._replace(account_id="acct_x")
    assert isinstance(apply(state, Reverse(gone, "me", "", T0)), UnknownAccount)
    huge = topup._replace(kind="charge", request_id="ex_1", amount=-MICROS_MAX)
    assert isinstance(apply(state, Reverse(huge, "me", "", T0)), InvalidAmount)
