"""Young holds have no row, and the stored accounts show only what stored holds hold."""

import pytest

from tests.support.ledger.sqlite import T0, hold, settle, state_with, void
from yiyuan.ledger.errors import InvalidUsage, NotStarted
from yiyuan.ledger.operations import DONE, Keep, Progress, SetBudget, Start
from yiyuan.ledger.rules.apply import apply


def held_rows(state):
    batch = state.take_batch()
    return {row.id: row.held for row in batch.accounts}, batch


def test_a_request_that_ends_young_leaves_only_its_charge():
    state = state_with()
    apply(state, hold())
    assert not state.has_changes
    apply(state, settle())
    held, batch = held_rows(state)
    assert held == {"acct_a": 0}
    assert batch.holds == []
    assert batch.ended_holds == []
    assert len(batch.entries) == len(batch.usage) == 1


def test_a_young_void_leaves_only_its_usage():
    state = state_with()
    apply(state, hold())
    apply(state, void())
    batch = state.take_batch()
    assert batch.accounts == batch.entries == batch.ended_holds == []
    assert len(batch.usage) == 1


def test_start_and_keep_give_a_hold_its_row():
    state = state_with()
    apply(state, SetBudget("b", "tok_a", 500))
    state.take_batch()
    apply(state, hold("ex_1", amount=100, budget_ids=("b",)))
    apply(state, hold("ex_2", amount=30))
    assert apply(state, Start("ex_1", 40)) == DONE
    held, batch = held_rows(state)
    assert held == {"acct_a": 100}
    assert [(row.request_id, row.started, row.input_count) for row in batch.holds] == [
        ("ex_1", 1, 40)
    ]
    assert batch.budgets == [("b", "tok_a", 500, 0, 100, "total", None, 0)]
    assert apply(state, Keep("ex_2")) == DONE
    assert apply(state, Keep("ex_2")) == DONE
    held, batch = held_rows(state)
    assert held == {"acct_a": 130}
    assert [(row.request_id, row.started, row.epoch) for row in batch.holds] == [("ex_2", 0, 1)]


def test_a_stored_hold_that_ends_has_its_row_deleted():
    state = state_with()
    apply(state, hold())
    apply(state, Start("ex_1", 10))
    state.take_batch()
    apply(state, Progress("ex_1", 3))
    apply(state, settle())
    held, batch = held_rows(state)
    assert held == {"acct_a": 0}
    assert batch.holds == []
    assert batch.ended_holds == ["ex_1"]


def test_a_kept_hold_that_ends_before_it_was_taken_was_never_there():
    state = state_with()
    apply(state, hold())
    apply(state, Start("ex_1", 10))
    apply(state, settle())
    held, batch = held_rows(state)
    assert held == {"acct_a": 0}
    assert batch.holds == []
    assert batch.ended_holds == []


def test_the_input_count_is_cut_to_the_bound_and_may_be_corrected():
    state = state_with()
    apply(state, hold(input_bound=50))
    apply(state, Start("ex_1", 70))
    assert state.take_batch().holds[0].input_count == 50
    apply(state, Start("ex_1", 20))
    assert state.take_batch().holds[0].input_count == 20
    assert isinstance(apply(state, Start("ex_1", -1)), InvalidUsage)


def test_progress_only_grows():
    state = state_with()
    apply(state, hold())
    assert isinstance(apply(state, Progress("ex_1", 5)), NotStarted)
    apply(state, Start("ex_1", 10))
    apply(state, Progress("ex_1", 5))
    assert state.take_batch().holds[0].progress_output == 5
    apply(state, Progress("ex_1", 4))
    assert not state.has_changes
    assert isinstance(apply(state, Progress("ex_1", -1)), InvalidUsage)
    apply(state, Progress("ex_1", 9))
    assert state.take_batch().holds[0].progress_output == 9


@pytest.mark.parametrize("budget_ids", [(), ("b",), ("b", 'ü"c')])
def test_a_hold_row_says_all_that_recovery_needs(budget_ids):
    state = state_with()
    for budget_id in budget_ids:
        apply(state, SetBudget(budget_id, "tok_a", None))
    opened = hold(budget_ids=budget_ids, price_factor_ppm=900_000)
    apply(state, opened)
    apply(state, Keep("ex_1"))
    row = state.take_batch().holds[0]
    assert row[:9] == ("ex_1", "acct_a", "tok_a", "m", "price_a", 900_000, 100, 1_000, 1_000)
    assert row[9:12] == (0, 0, 0)
    assert row.opened_at == T0
    assert row.deadline == opened.deadline
