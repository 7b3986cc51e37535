"""A charge notes which budgets counted it, so that the proof needs no clock to be right."""

import asyncio

import pytest

from tests.support.ledger import postgres as shared
from tests.support.ledger.postgres import open_postgres_book
from tests.support.ledger.sqlite import audit, hold, open_account, open_book, rows, settle
from tests.support.postgres_server import query
from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import parse_time
from yiyuan.ledger.operations import Held, Refund, SetBudget

FIRST = parse_time("2026-09-21")
LATER = FIRST + 9 * DAY_MS
NAMES = {"tok_a": "total", "tok_a/day": "day", "tok_a/month": "month"}
SPENT = "SELECT spent FROM budgets ORDER BY id"
NOTES = "SELECT request_id, counted, counted_at FROM usage ORDER BY request_id"


def at(name, moment):
    return hold(name, budget_ids=tuple(NAMES), opened_at=moment, deadline=moment + DAY_MS)


async def while_the_clock_goes_back(ledger):
    """A request, one nine days later, the first one's end, one at the first one's time again."""
    await open_account(ledger)
    for name, period in NAMES.items():
        await ledger.post(SetBudget(name, "tok_a", 500, FIRST, period))
    for name, moment in (("ex_1", FIRST), ("ex_2", LATER)):
        assert isinstance(await ledger.hold(at(name, moment)), Held)
    await ledger.settle(settle("ex_1"))
    assert isinstance(await ledger.hold(at("ex_3", FIRST)), Held)
    await ledger.settle(settle("ex_3"))
    await ledger.settle(settle("ex_2"))


EXPECTED = [
    ("ex_1", f'{{"tok_a": {FIRST}, "tok_a/month": {FIRST}}}', FIRST),
    (
        "ex_2",
        f'{{"tok_a": {FIRST}, "tok_a/day": {LATER}, "tok_a/month": {FIRST}}}',
        LATER,
    ),
    (
        "ex_3",
        f'{{"tok_a": {FIRST}, "tok_a/day": {LATER}, "tok_a/month": {FIRST}}}',
        LATER,
    ),
]
"""The day of the first is over when it ends; the third is counted in the day that goes on."""


async def test_a_clock_that_goes_back_is_no_fault_of_the_books(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await while_the_clock_goes_back(ledger)
    assert rows(tmp_path, NOTES) == EXPECTED
    assert rows(tmp_path, SPENT) == [(60,), (40,), (60,)]
    for full in (False, True):
        assert audit(tmp_path, full=full)["problems"] == []


async def test_the_same_in_postgresql(postgres):
    url = postgres.new_database()
    async with open_postgres_book(url) as (ledger, _):
        await while_the_clock_goes_back(ledger)
    assert [tuple(row) for row in query(url, NOTES)] == EXPECTED
    assert [tuple(row) for row in query(url, SPENT)] == [(60,), (40,), (60,)]
    assert (await shared.audit(url))["problems"] == []


@pytest.mark.parametrize("wrong", [59, 61])
async def test_one_micro_too_much_or_too_little_is_found(tmp_path, wrong):
    async with open_book(tmp_path) as (ledger, _):
        await while_the_clock_goes_back(ledger)
    rows_of = f"UPDATE budgets SET spent = {wrong} WHERE id = 'tok_a/month'"
    await asyncio.to_thread(_write, tmp_path, rows_of)
    [problem] = audit(tmp_path, full=True)["problems"]
    assert f"{wrong} is spent, its usage makes 60" in problem


async def test_a_refund_goes_back_to_the_budgets_that_counted_it(tmp_path):
    async with open_book(tmp_path) as (ledger, _):
        await while_the_clock_goes_back(ledger)
        await ledger.post(Refund("ex_1", "operator", "because", LATER))
    assert rows(tmp_path, SPENT) == [(40,), (40,), (40,)], "the day that counted it is over"
    assert audit(tmp_path, full=True)["problems"] == []
    async with open_book(tmp_path) as (ledger, _):
        await ledger.post(Refund("ex_3", "operator", "because", LATER))
    assert rows(tmp_path, SPENT) == [(20,), (20,), (20,)]
    assert audit(tmp_path, full=True)["problems"] == []


def _write(home, statement):
    import sqlite3  # noqa: PLC0415

    with sqlite3.connect(home / "yiyuan.db") as connection:
        connection.execute(statement)
