"""Opening, entries and closing between any two times."""

import csv
import io
import random

import pytest

from tests.support.ledger.sqlite import T0, credit, open_account, open_book, spoil
from yiyuan.ledger.errors import LedgerInconsistent
from yiyuan.ledger.statement import make_statement
from yiyuan.store.sqlite.database import open_for_reading


@pytest.fixture
async def home(tmp_path):
    chance = random.Random(1)
    async with open_book(tmp_path) as (ledger, _):
        await open_account(ledger, 1_000)
        await open_account(ledger, 0, "acct_b")
        for number in range(60):
            at = T0 + number // 3 * 10
            await ledger.post(credit(chance.choice([5, 7, -3]), at=at, memo=f"=note {number}"))
    return tmp_path


def read(home, account_id="acct_a", **bounds):
    connection = open_for_reading(home / "yiyuan.db")
    try:
        return make_statement(connection, account_id, **bounds)
    finally:
        connection.close()


def test_the_whole_history(home):
    statement = read(home)
    assert statement.opening == 0
    assert len(statement.entries) == 61
    assert statement.closing == statement.entries[-1].balance_after
    document = statement.to_document()
    assert document["entries"][0] == {
        "id": "ent_a_1",
        "account": "acct_a",
        "seq": 1,
        "at": "2026-09-21T14:13:20.000Z",
        "kind": "grant",
        "amount": 1_000,
        "balance_after": 1_000,
        "contra": "promo",
        "request_id": None,
        "key": "create:acct_a",
        "actor": "operator",
        "reason": "",
    }


@pytest.mark.parametrize("since", [-5, 0, 1, 10, 55, 190, 191, 500])
@pytest.mark.parametrize("until", [-5, 0, 1, 10, 55, 190, 191, 500])
def test_between_two_times(home, since, until):
    everything = read(home).entries
    wanted = [e for e in everything if T0 + since <= e.at < T0 + until]
    before = [e for e in everything if e.at < T0 + since]
    statement = read(home, since_ms=T0 + since, until_ms=T0 + until)
    assert statement.entries == wanted
    assert statement.opening == (before[-1].balance_after if before else 0)
    assert statement.closing == statement.opening + sum(e.amount for e in wanted)


def test_an_account_without_entries(home):
    assert read(home, "acct_b", since_ms=5).to_document() == {
        "opening": 0,
        "entries": [],
        "closing": 0,
    }


def test_csv_has_every_entry_and_no_formulas(home):
    lines = list(csv.DictReader(io.StringIO(read(home).to_csv())))
    assert len(lines) == 61
    assert lines[1]["reason"] == "'=note 0"
    assert int(lines[0]["amount"]) == 1_000
    assert any(line["amount"] == "-3" for line in lines)


def test_entries_that_do_not_add_up_are_not_shown(home):
    spoil(home, "DROP TRIGGER entries_are_never_changed", "UPDATE entries SET amount = 9")
    with pytest.raises(LedgerInconsistent):
        read(home)
