"""The same operations through the core alone and through book and disk: same answers, same rows."""

import asyncio
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger.support import PRICES, T0, credit, details, hold, open_book, rows, void
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.core import apply
from yiyuan.ledger.operations import (
    Hold,
    OpenAccount,
    Progress,
    Resume,
    SetBudget,
    Settle,
    Start,
    Suspend,
    Void,
)
from yiyuan.ledger.refusals import LedgerError
from yiyuan.ledger.state import LedgerState
from yiyuan.store.batch import write_batch
from yiyuan.store.migrate import migrate

TABLES = ("accounts", "entries", "holds", "budgets", "usage", "attempts")
ACCOUNTS = st.sampled_from(["acct_a", "acct_b"])
REQUESTS = st.integers(0, 9).map("ex_{}".format)
COUNTS = st.integers(-1, 60)

operations = st.one_of(
    st.builds(
        lambda name, account, amount, price, budget_ids: hold(
            name, account, amount, price=PRICES[price], budget_ids=budget_ids
        ),
        REQUESTS,
        ACCOUNTS,
        st.integers(0, 300),
        st.sampled_from(sorted(PRICES)),
        st.sampled_from([(), ("tok_a",), ("unknown",)]),
    ),
    st.builds(Start, REQUESTS, COUNTS),
    st.builds(Progress, REQUESTS, COUNTS),
    st.builds(
        lambda name, usage: Settle(name, usage, "upstream", "completed", details()),
        REQUESTS,
        st.builds(Usage, COUNTS, COUNTS, st.integers(0, 9)),
    ),
    st.builds(void, REQUESTS),
    st.builds(credit, st.integers(-300, 300), ACCOUNTS),
    st.builds(Suspend, ACCOUNTS, st.just(T0)),
    st.builds(Resume, ACCOUNTS),
    st.builds(SetBudget, st.just("tok_a"), st.just("tok_a"), st.sampled_from([None, 50, 200])),
)


def once(sequence):
    """Request ids are never used again once their request has ended."""
    ended, kept = set(), []
    for operation in sequence:
        name = getattr(operation, "request_id", None)
        if isinstance(operation, Hold) and name in ended:
            continue
        if isinstance(operation, Settle | Void):
            ended.add(name)
        kept.append(operation)
    return kept


def closing_operations():
    return [void(f"ex_{number}") for number in range(10)]


def opening_operations():
    return [
        OpenAccount("acct_a", "Ada", T0, grant_micros=700),
        OpenAccount("acct_b", "Bob", T0),
        SetBudget("tok_a", "tok_a", 200),
    ]


def through_core(sequence, take_every):
    state = LedgerState(1)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as store:
        migrate(store)
        answers = []
        for number, operation in enumerate(sequence):
            answers.append(apply(state, operation))
            if number % take_every == 0:
                write_batch(store, state.take_batch())
        write_batch(store, state.take_batch())
        stored = {table: sorted(store.execute(f"SELECT * FROM {table}")) for table in TABLES}
    return answers, stored


async def ask(book, operation):
    try:
        match operation:
            case Hold():
                return await book.hold(operation)
            case Start(request_id, input_count):
                return await book.start(request_id, input_count)
            case Progress(request_id, output_tokens):
                return await book.progress(request_id, output_tokens)
            case Settle():
                return await book.settle(operation)
            case Void():
                return await book.void(operation)
            case _:
                return await book.post(operation)
    except LedgerError as error:
        return error


async def through_book(home, sequence):
    async with open_book(home) as (book, _):
        answers = [await ask(book, operation) for operation in sequence]
    return answers, {table: sorted(rows(home, f"SELECT * FROM {table}")) for table in TABLES}


def comparable(answer, operation):
    if isinstance(answer, LedgerError):
        return type(answer)
    return None if isinstance(operation, Start | Progress | Void) else answer


@settings(max_examples=40, deadline=None)
@given(st.lists(operations, max_size=40).map(once), st.integers(1, 7))
def test_core_and_book_agree(sequence, take_every):
    sequence = opening_operations() + sequence + closing_operations()
    core_answers, core_rows = through_core(sequence, take_every)
    with tempfile.TemporaryDirectory() as home:
        book_answers, book_rows = asyncio.run(through_book(Path(home), sequence))
    for operation, expected, answer in zip(sequence, core_answers, book_answers, strict=True):
        assert comparable(answer, operation) == comparable(expected, operation), operation
    assert book_rows == core_rows
