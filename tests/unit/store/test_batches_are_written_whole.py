"""A batch of any size puts every row where it belongs."""

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.store.sqlite.batch import write_batch
from yiyuan.store.sqlite.migrate import migrate
from yiyuan.store.tables.ledger import (
    AccountRow,
    AttemptRow,
    Batch,
    BudgetRow,
    EntryRow,
    EpochRow,
    HoldRow,
    UsageRow,
)

MOST = 2**63 - 1
EMPTY = Batch([], [], [], [], [], [], [], [])


def account(n, posted=5):
    return AccountRow(f"a{n}", f"name {n}", posted, 0, 0, 0, None, 0)


def entry(n):
    return EntryRow(f"e{n}", "a0", n + 1, "charge", -1, 5, "revenue", f"ex{n}", None, "", "", n)


def hold(n, started=0):
    bounds = (1_000_000, 7, 1, 1, started, 2, 3, "[]", 1, 0, 0)
    return HoldRow(f"ex{n}", "a0", "tok", "m", "p", *bounds)


def usage(n):
    counts = (1_000_000, 1, 2, 3, 4, 5, 6)
    ending = ("upstream", "completed", 200, 1, 7, 0, None, 0, None, 5, 1, None, None, 0, 1)
    counted = ('{"tok": 0}', None)
    return UsageRow(f"ex{n}", "a0", "tok", "m", "chat", None, None, "p", *counts, *ending, *counted)


def attempt(n):
    return AttemptRow(f"ex{n}", 1, "ch", None, "completed", 200, None, None, 5)


def fresh():
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    return closing(connection)


def stored(connection, kind, table):
    columns = ", ".join(kind._fields)
    return [kind._make(row) for row in connection.execute(f"SELECT {columns} FROM {table}")]


@settings(max_examples=25)
@given(st.integers(0, 300))
def test_any_number_of_rows(count):
    kinds = {
        "accounts": [account(n) for n in range(count)],
        "entries": [entry(n) for n in range(count)],
        "holds": [hold(n) for n in range(count)],
        "budgets": [BudgetRow(f"b{n}", "tok", None, n, 0, "day", "m", n) for n in range(count)],
        "usage": [usage(n) for n in range(count)],
        "attempts": [attempt(n) for n in range(count)],
        "epochs": [EpochRow(n, n, None) for n in range(count)],
    }
    with fresh() as connection:
        write_batch(connection, EMPTY._replace(**kinds))
        for table, expected in kinds.items():
            kind = type(expected[0]) if expected else AccountRow
            assert sorted(stored(connection, kind, table)) == sorted(expected) if expected else True
        ended = [row.request_id for row in kinds["holds"]]
        write_batch(connection, EMPTY._replace(ended_holds=ended))
        assert connection.execute("SELECT count(*) FROM holds").fetchone() == (0,)


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.booleans()] * 5), max_size=40))
def test_rows_that_are_alike_in_some_columns_keep_their_own_in_the_others(others):
    """Whatever a statement's rows have in common, each is stored as it is."""
    kinds = {"entries": [], "usage": [], "attempts": []}
    for n, (who, what, how, much, call) in enumerate(others):
        one = entry(n)
        if who:
            one = one._replace(account_id="b0")
        if how:
            one = one._replace(kind="grant", request_id=None, idem_key=f"k{n}", memo="thanks")
        kinds["entries"].append(one._replace(balance_after=MOST - n, at=MOST))
        one = usage(n)._replace(total_ms=n)
        if who:
            one = one._replace(account_id="b0", counted=None, counted_at=n)
        if what:
            one = one._replace(model="n", channel_id="ch", price_factor_ppm=0)
        if how:
            one = one._replace(outcome="interrupted", status=None, streamed=1, shortfall=MOST)
        if much:
            one = one._replace(charge=MOST, hold_amount=MOST, upstream_cost=MOST - n)
        kinds["usage"].append(one)
        one = attempt(n)
        if call:
            one = one._replace(channel_id="other", key_id="key", status=None, upstream_cost=0)
        kinds["attempts"].append(one)
    with fresh() as connection:
        write_batch(connection, EMPTY._replace(**kinds))
        for table, expected in kinds.items():
            if expected:
                assert sorted(stored(connection, type(expected[0]), table), key=repr) == sorted(
                    expected, key=repr
                )


def test_a_row_that_is_refused_undoes_the_whole_transaction():
    """It stops the ledger: nothing of what the transaction wrote may be committed."""
    with fresh() as connection:
        connection.execute("BEGIN IMMEDIATE")
        write_batch(connection, EMPTY._replace(attempts=[attempt(n) for n in range(3)]))
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed: shortfall"):
            wrong = usage(2)._replace(shortfall=-1)
            write_batch(connection, EMPTY._replace(usage=[usage(0), usage(1), wrong]))
        assert not connection.in_transaction
        assert stored(connection, UsageRow, "usage") == []
        assert stored(connection, AttemptRow, "attempts") == []


def test_rows_of_the_same_id_are_replaced_and_keep_what_never_changes():
    with fresh() as connection:
        write_batch(connection, EMPTY._replace(accounts=[account(1), account(2)], holds=[hold(1)]))
        changed = account(1, posted=9)._replace(name="other", created_at=7)
        write_batch(connection, EMPTY._replace(accounts=[changed], holds=[hold(1, started=1)]))
        rows = stored(connection, AccountRow, "accounts")
        assert rows == [account(1, posted=9), account(2)]
        assert stored(connection, HoldRow, "holds") == [hold(1, started=1)]


def test_a_name_is_written_where_it_has_changed():
    with fresh() as connection:
        write_batch(connection, EMPTY._replace(accounts=[account(1), account(2)]))
        changed = [account(n, posted=9)._replace(name=f"other {n}") for n in (1, 2, 3)]
        write_batch(connection, EMPTY._replace(accounts=changed, renamed=["a1", "a3"]))
        rows = stored(connection, AccountRow, "accounts")
        assert rows == [changed[0], account(2, posted=9), changed[2]]


def test_a_hold_that_ends_must_be_there():
    with fresh() as connection:
        write_batch(connection, EMPTY._replace(holds=[hold(1)]))
        with pytest.raises(AssertionError, match="1 ended holds had no row"):
            write_batch(connection, EMPTY._replace(ended_holds=["ex1", "ex2"]))
