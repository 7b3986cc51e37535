"""The same operations through the core alone, SQLite and PostgreSQL: same answers, same rows."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.ledger import postgres as postgres_support
from tests.support.ledger.postgres import TABLES, audit, open_postgres_book
from tests.support.ledger.sqlite import T0, credit, hold, settle
from tests.unit.ledger.test_core_and_book_agree import (
    ask,
    closing_operations,
    comparable,
    once,
    opening_operations,
    sequences,
    through_book,
    through_core,
)
from yiyuan.ledger.errors import (
    AccountExists,
    AlreadyRefunded,
    IdempotencyMismatch,
    NothingToRefund,
)
from yiyuan.ledger.operations import Held, OpenAccount, Refund, Rename
from yiyuan.store.tables.ledger import AccountRow, BudgetRow


def alike(answer, operation):
    """What a row says is held counts stored holds; only PostgreSQL stores each at once."""
    answer = comparable(answer, operation)
    return answer._replace(held=0) if isinstance(answer, AccountRow | BudgetRow) else answer


@pytest.fixture(scope="module")
def url(postgres):
    return postgres.new_database()


async def through_postgres(url, sequence):
    async with open_postgres_book(url) as (ledger, _):
        return [await ask(ledger, operation) for operation in sequence]


async def in_groups(url, sequence, sizes):
    """Several operations at once, so that they share batches."""
    async with open_postgres_book(url) as (ledger, _):
        while sequence:
            size = sizes[len(sequence) % len(sizes)]
            group, sequence = sequence[:size], sequence[size:]
            await asyncio.gather(*(ask(ledger, operation) for operation in group))
        for operation in closing_operations():  # what is still open, once all is answered
            await ask(ledger, operation)


@pytest.mark.timeout(900)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequences.map(once))
def test_core_sqlite_and_postgres_agree(url, sequence):
    asyncio.run(through_postgres(url, []))  # the schema
    postgres_support.empty(url)
    sequence = opening_operations() + sequence + closing_operations()
    core_answers, core_rows = through_core(sequence, 3)
    answers = asyncio.run(through_postgres(url, sequence))
    for operation, expected, answer in zip(sequence, core_answers, answers, strict=True):
        assert alike(answer, operation) == alike(expected, operation), operation
    stored = {table: postgres_support.rows(url, table) for table in TABLES}
    assert stored == core_rows
    with tempfile.TemporaryDirectory() as home:
        _, book_rows = asyncio.run(through_book(Path(home), sequence))
    assert stored == book_rows
    assert asyncio.run(audit(url))["problems"] == []


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequences.map(once), st.lists(st.integers(1, 20), min_size=3))
def test_whatever_shares_a_batch_keeps_the_books(url, sequence, sizes):
    asyncio.run(through_postgres(url, []))
    postgres_support.empty(url)
    asyncio.run(in_groups(url, opening_operations(), [1]))
    asyncio.run(in_groups(url, sequence, sizes))
    assert asyncio.run(audit(url))["problems"] == []


async def test_a_key_posts_once_whoever_posts_it(postgres):
    url = postgres.new_database()
    async with open_postgres_book(url) as (one, _), open_postgres_book(url) as (two, _):
        for name in ("a", "b"):
            await one.post(OpenAccount(f"acct_{name}", name, T0, grant_micros=1_000))
        same = credit(50, idem_key="key:1")
        entries = await asyncio.gather(*(ledger.post(same) for ledger in (one, two) * 10))
        assert len(set(entries)) == 1
        other = credit(50, account_id="acct_b", idem_key="key:2")
        again = credit(50, account_id="acct_a", idem_key="key:2")
        results = await asyncio.gather(one.post(other), two.post(again), return_exceptions=True)
        assert sorted(type(result) for result in results if isinstance(result, Exception)) == [
            IdempotencyMismatch
        ]
        names = [Rename("acct_a", "c"), Rename("acct_b", "c")]
        renamed = await asyncio.gather(
            *(ledger.post(each) for ledger, each in zip((one, two), names, strict=True)),
            return_exceptions=True,
        )
        assert [type(each) for each in renamed if isinstance(each, Exception)] == [AccountExists]
        owner = next(each for each in renamed if not isinstance(each, Exception))
        assert await two.post(Rename(owner.id, "c")) == owner, "it has that name"
        accounts = [OpenAccount(f"acct_{n}", "same", T0) for n in range(4)]
        opened = await asyncio.gather(
            *(ledger.post(each) for ledger, each in zip((one, two) * 2, accounts, strict=True)),
            return_exceptions=True,
        )
        assert [type(each) for each in opened if isinstance(each, Exception)] == [AccountExists] * 3
    assert (await audit(url))["problems"] == []


async def test_a_refund_is_made_once(postgres):
    url = postgres.new_database()
    async with open_postgres_book(url) as (one, _), open_postgres_book(url) as (two, _):
        await one.post(OpenAccount("acct_a", "a", T0, grant_micros=1_000))
        assert isinstance(await one.hold(hold()), Held)
        await one.settle(settle())
        refund = Refund("ex_1", "operator", "because", T0)
        results = await asyncio.gather(
            *(ledger.post(refund) for ledger in (one, two)), return_exceptions=True
        )
        assert [type(each) for each in results if isinstance(each, Exception)] == [AlreadyRefunded]
        with pytest.raises(NothingToRefund):
            await one.post(Refund("ex_2", "operator", "because", T0))
        # The second book read its charge before it was there: looked up under the lock.
        entry = next(each for each in results if not isinstance(each, Exception))
        assert entry.amount == 20
    assert (await audit(url))["problems"] == []


def test_only_known_operations_are_generated():
    """Whoever adds an operation to the core thinks of PostgreSQL, too."""
    from yiyuan.ledger.rules.apply import _RULES  # noqa: PLC0415

    assert {kind.__name__ for kind in _RULES} == {
        *("Hold", "Keep", "Switch", "Start", "Progress", "Settle", "Void", "Recover"),
        *("OpenAccount", "Suspend", "Resume", "Rename", "SetBudget", "Credit", "Reverse"),
    }
