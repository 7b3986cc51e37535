"""Budgets per day and month: to the millisecond in UTC, and each request in its own."""

import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger.sqlite import (
    StillClock,
    audit,
    hold,
    open_account,
    open_book,
    rows,
    settle,
    state_with,
    void,
)
from yiyuan.kernel.clock import parse_time
from yiyuan.ledger.budgets import (
    DAY_MS,
    budget_id,
    counted_from_json,
    counted_to_json,
    period_end,
    period_start,
)
from yiyuan.ledger.operations import Held, Keep, Refund, Refused, Reverse, SetBudget
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.views import view_budget
from yiyuan.store.tables.ledger import EntryRow

MIDNIGHT = parse_time("2026-12-01")
"""A day begins, and a month."""
NAME = {"day": "tok_a/day", "month": "tok_a/month"}


def held(name, at, amount=60, budget_ids=("b",), **fields):
    times = {"opened_at": at, "deadline": at + DAY_MS}
    return hold(name, amount=amount, budget_ids=budget_ids, **times, **fields)


def with_budget(period, limit=100, at=MIDNIGHT - DAY_MS, balance=1_000):
    state = state_with(balance=balance)
    apply(state, SetBudget("b", "tok_a", limit, at, period))
    return state, state.budgets["b"]


def charge_of(state, number=0):
    return [entry for entry in state.entries if entry.kind == "charge"][number]


# ---------------------------------------------------------------- when


@given(st.integers(0, 4_102_444_800_000))
def test_periods_are_those_of_utc(at):
    day = datetime.fromtimestamp(at // 1000, UTC).replace(hour=0, minute=0, second=0)
    assert period_start("day", at) == day.timestamp() * 1000
    assert period_end("day", at) == (day + timedelta(days=1)).timestamp() * 1000
    month = day.replace(day=1)
    days = calendar.monthrange(day.year, day.month)[1]
    assert period_start("month", at) == month.timestamp() * 1000
    assert period_end("month", at) == (month + timedelta(days=days)).timestamp() * 1000
    assert (period_start("total", at), period_end("total", at)) == (0, None)


@pytest.mark.parametrize("period", ["day", "month"])
@given(at=st.integers(0, 4_102_444_800_000))
def test_one_period_ends_where_the_next_begins(period, at):
    start, end = period_start(period, at), period_end(period, at)
    assert start <= at < end
    assert period_start(period, end) == end
    assert period_start(period, end - 1) == start


def test_a_budget_is_named_by_token_period_and_model():
    assert budget_id("tok_a", "total", None) == "tok_a"
    names = {
        budget_id("tok_a", period, model)
        for period in ("total", "day", "month")
        for model in (None, "total", "day", "gpt-4", "a/b")
    }
    assert len(names) == 15


def test_rows_of_the_first_release_list_the_ids_only():
    assert counted_from_json('["a", "b"]') == {"a": None, "b": None}
    assert counted_from_json(counted_to_json(("a", 'ü"'), (5, 6))) == {"a": 5, 'ü"': 6}
    assert counted_from_json(counted_to_json((), ())) == {}


# ---------------------------------------------------------------- the boundary


@pytest.mark.parametrize("period", ["day", "month"])
def test_a_new_period_begins_with_its_first_millisecond(period):
    state, budget = with_budget(period)
    assert isinstance(apply(state, held("ex_1", MIDNIGHT - 2)), Held)
    refused = apply(state, held("ex_2", MIDNIGHT - 1))
    assert (refused.which, refused.budget_id, refused.budget_available_micros) == (
        "budget",
        "b",
        40,
    )
    assert isinstance(apply(state, held("ex_2", MIDNIGHT)), Held)
    assert (budget.spent, budget.held, budget.counted_since) == (0, 60, MIDNIGHT)
    assert state.accounts["acct_a"].held == 120, "the account holds both"


def test_in_total_nothing_begins_anew():
    state, budget = with_budget("total")
    apply(state, held("ex_1", MIDNIGHT - 1))
    assert isinstance(apply(state, held("ex_2", MIDNIGHT + 400 * DAY_MS)), Refused)
    assert budget.ends_at is None


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("ending", [settle, void])
def test_a_request_counts_in_the_period_in_which_it_was_admitted(ending, is_kept):
    state, budget = with_budget("day")
    apply(state, held("ex_old", MIDNIGHT - 1))
    if is_kept:
        apply(state, Keep("ex_old"))
    apply(state, held("ex_new", MIDNIGHT, 30))
    assert (budget.spent, budget.held) == (0, 30)
    state.take_batch()
    answer = apply(state, ending("ex_old"))
    assert answer.charge_micros == (20 if ending is settle else 0)
    assert (budget.spent, budget.held) == (0, 30)
    assert "b" not in state.changed_budgets
    apply(state, settle("ex_new"))
    assert (budget.spent, budget.held, budget.kept) == (20, 0, 0)


def test_a_request_that_ends_late_still_counts_if_nothing_was_held_since():
    """The period goes on until something is held in the next; then it is forgotten."""
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 1))
    apply(state, settle("ex_1"))
    assert (budget.spent, budget.counted_since) == (20, MIDNIGHT - DAY_MS)
    assert view_budget(budget, MIDNIGHT - 1).spent_micros == 20
    seen = view_budget(budget, MIDNIGHT)
    assert (seen.spent_micros, seen.held_micros, seen.available_micros) == (0, 0, 100)
    assert seen.resets_at == MIDNIGHT + DAY_MS


def test_a_refused_request_begins_no_period():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 1))
    state.take_batch()
    refused = apply(state, held("ex_2", MIDNIGHT, 101))
    assert (refused.which, refused.budget_available_micros, refused.may_fit_later) == (
        "budget",
        100,
        False,
    )
    assert budget.counted_since == MIDNIGHT - DAY_MS
    assert not state.has_changes
    apply(state, SetBudget("c", "tok_a", 10, MIDNIGHT))
    state.take_batch()
    both = apply(state, held("ex_3", MIDNIGHT, 60, budget_ids=("b", "c")))
    assert (both.which, both.budget_id) == ("budget", "c")
    assert (budget.held, budget.counted_since) == (60, MIDNIGHT - DAY_MS)
    assert not state.has_changes


def test_a_clock_that_is_behind_counts_in_the_period_that_has_begun():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT))
    assert isinstance(apply(state, held("ex_2", MIDNIGHT - 1)), Refused)
    apply(state, held("ex_3", MIDNIGHT - 1, 40))
    apply(state, settle("ex_3"))
    assert (budget.spent, budget.held, budget.counted_since) == (20, 60, MIDNIGHT)


def test_skipped_periods_cost_nothing():
    state, budget = with_budget("month")
    apply(state, held("ex_1", MIDNIGHT + 200 * DAY_MS))
    assert budget.counted_since == period_start("month", MIDNIGHT + 200 * DAY_MS)


def test_day_and_month_and_model_are_checked_together():
    state, _ = with_budget("day", 100)
    apply(state, SetBudget("m", "tok_a", 150, MIDNIGHT - DAY_MS, "month"))
    apply(state, SetBudget("x", "tok_a", 90, MIDNIGHT - DAY_MS, "total", "m"))
    all_of = {"budget_ids": ("b", "m", "x")}
    refused = apply(state, held("ex_1", MIDNIGHT - 5, 95, **all_of))
    assert (refused.budget_id, refused.budget_available_micros) == ("x", 90)
    assert {budget.held for budget in state.budgets.values()} == {0}
    apply(state, held("ex_1", MIDNIGHT - 5, 80, **all_of))
    refused = apply(state, held("ex_2", MIDNIGHT - 4, 30, budget_ids=("b", "m")))
    assert (refused.budget_id, refused.may_fit_later) == ("b", True)
    assert {budget.held for budget in state.budgets.values()} == {80}


# ---------------------------------------------------------------- changed by the operator


def test_another_limit_keeps_what_is_spent_and_a_lifted_one_counts_anew():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 9))
    apply(state, settle("ex_1"))
    apply(state, SetBudget("b", "tok_a", 500, MIDNIGHT - 8, "day"))
    assert (budget.spent, budget.counted_since) == (20, MIDNIGHT - DAY_MS)
    apply(state, held("ex_2", MIDNIGHT - 7))
    apply(state, SetBudget("b", "tok_a", None, MIDNIGHT - 6, "day"))
    apply(state, SetBudget("b", "tok_a", 70, MIDNIGHT - DAY_MS, "day"))
    assert (budget.spent, budget.held) == (0, 0)
    assert budget.counted_since == MIDNIGHT - DAY_MS + 1, "later, whatever the clock says"
    apply(state, settle("ex_2"))
    assert (budget.spent, budget.held) == (0, 0)


# ---------------------------------------------------------------- refunds


def reverse(state, admitted_at, number=0, budget_ids=("b",)):
    """Of a charge from before it was noted which budgets counted it: its time tells."""
    charge, counted = charge_of(state, number), tuple((name, None) for name in budget_ids)
    return apply(state, Reverse(charge, "operator", "", MIDNIGHT + 5, counted, admitted_at))


def test_a_refund_gives_the_budget_back_what_it_still_counts():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 2))
    apply(state, settle("ex_1"))
    assert budget.spent == 20
    assert isinstance(reverse(state, MIDNIGHT - 2), EntryRow)
    assert budget.spent == 0
    assert "b" in state.changed_budgets


def test_a_refund_from_a_period_that_is_over_gives_nothing_back():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 2))
    apply(state, settle("ex_1"))
    apply(state, held("ex_2", MIDNIGHT))
    apply(state, settle("ex_2"))
    reverse(state, MIDNIGHT - 2)
    assert budget.spent == 20
    reverse(state, MIDNIGHT, 1)
    assert budget.spent == 0


def test_never_below_zero():
    state, budget = with_budget("day")
    apply(state, held("ex_1", MIDNIGHT - 2, budget_ids=()))
    apply(state, settle("ex_1"))
    reverse(state, MIDNIGHT - 2)
    assert budget.spent == 0
    reverse(state, MIDNIGHT - 2, budget_ids=("gone",))


# ---------------------------------------------------------------- through book and disk


async def test_a_start_finds_every_request_in_its_own_period(tmp_path):
    """Holds of two periods are open when the process dies; each is charged in its own."""
    clock = StillClock(MIDNIGHT + 5)
    ids = (NAME["day"], "tok_a")
    async with open_book(tmp_path, clock=clock) as (ledger, _):
        await open_account(ledger, 1_000)
        await ledger.post(SetBudget(NAME["day"], "tok_a", 100, MIDNIGHT - DAY_MS, "day"))
        await ledger.post(SetBudget("tok_a", "tok_a", 500, MIDNIGHT - DAY_MS))
        for name, at in (("ex_old", MIDNIGHT - 1), ("ex_new", MIDNIGHT)):
            await ledger.hold(held(name, at, 60, budget_ids=ids))
            await ledger.start(name, 10)
        assert audit(tmp_path, MIDNIGHT, full=True)["problems"] == []
    assert rows(tmp_path, "SELECT id, spent, held FROM budgets ORDER BY id") == [
        ("tok_a", 0, 120),
        ("tok_a/day", 0, 60),
    ]
    async with open_book(tmp_path, clock=clock) as (ledger, _):
        assert ledger.recovered.charge_micros == 20
        assert (await ledger.budget("tok_a/day")).spent_micros == 10
        assert (await ledger.budget("tok_a")).spent_micros == 20
        assert audit(tmp_path, MIDNIGHT, full=True)["problems"] == []


async def test_a_refund_finds_the_budgets_by_itself(tmp_path):
    clock = StillClock(MIDNIGHT + 5)
    async with open_book(tmp_path, clock=clock) as (ledger, _):
        await open_account(ledger, 1_000)
        for budget_id_, period, model in (
            ("tok_a", "total", None),
            ("tok_a/day", "day", None),
            ("tok_a/day/m", "day", "m"),
            ("tok_a/day/other", "day", "other"),
            ("tok_b", "total", None),
        ):
            owner = budget_id_[:5]
            await ledger.post(SetBudget(budget_id_, owner, 500, MIDNIGHT - DAY_MS, period, model))
        ids = ("tok_a", "tok_a/day", "tok_a/day/m")
        for name, at in (("ex_old", MIDNIGHT - 1), ("ex_new", MIDNIGHT)):
            await ledger.hold(held(name, at, budget_ids=ids))
            await ledger.settle(settle(name))
        await ledger.hold(held("ex_b", MIDNIGHT, budget_ids=("tok_b",), api_token_id="tok_b"))
        await ledger.settle(settle("ex_b"))
        spent = "SELECT id, spent FROM budgets ORDER BY id"
        before = {"tok_a": 40, "tok_a/day": 20, "tok_a/day/m": 20, "tok_a/day/other": 0}
        assert dict(rows(tmp_path, spent)) == {**before, "tok_b": 20}
        assert audit(tmp_path, MIDNIGHT, full=True)["problems"] == []
        await ledger.post(Refund("ex_old", "operator", "", MIDNIGHT + 6))
        before["tok_a"] = 20
        assert dict(rows(tmp_path, spent)) == {**before, "tok_b": 20}
        await ledger.post(Refund("ex_new", "operator", "", MIDNIGHT + 6))
        assert dict(rows(tmp_path, spent)) == {**dict.fromkeys(before, 0), "tok_b": 20}
        assert audit(tmp_path, MIDNIGHT, full=True)["problems"] == []


async def test_a_start_makes_its_budgets_durable_as_of_their_period(tmp_path):
    """The row that a new period changes is stored with the first hold of it."""
    async with open_book(tmp_path, clock=StillClock(MIDNIGHT)) as (ledger, _):
        await open_account(ledger, 1_000)
        await ledger.post(SetBudget("b", "tok_a", 100, MIDNIGHT - DAY_MS, "day"))
        await ledger.hold(held("ex_1", MIDNIGHT))
        await ledger.start("ex_1", 1)
        assert rows(tmp_path, "SELECT held, counted_since FROM budgets") == [(60, MIDNIGHT)]
