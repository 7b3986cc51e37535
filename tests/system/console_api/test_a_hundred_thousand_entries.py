"""Statement, month's summary and invoice over 100,000 entries are the sums of their rows.

The entries are written into the stopped shop's database; what the pages say is compared
with SQL's own sums, never with what the same code adds up.
"""

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support.gateway_process import Gateway
from tests.system.console_api.person import operator
from yiyuan.ledger.rules.posting import entry_id

ENTRIES = {"Hui 惠": 60_000, "Kestrel": 39_000, "Late": 1_000}
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
STEP_MS = 120_000
"""Sixty thousand of these are 83 days: three months and their ends."""
MONTHS = ("2025-03", "2025-04", "2025-05", "2025-06")
KINDS = itertools.cycle(
    [("topup", "cash", 9_000_001)]
    + [("charge", "revenue", -777_777)] * 8
    + [("refund", "revenue", 777_777), ("adjust", "adjust", -13)]
)
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
INSERT = "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def rows(account: str, count: int) -> Iterator[tuple]:
    """Entries as the ledger keeps them, from a balance of 0 on."""
    balance, first = 0, int(FIRST.timestamp() * 1_000)
    for seq in range(1, count + 1):
        kind, contra, amount = next(KINDS)
        amount = max(amount, -balance) or 1
        kind, contra = ("topup", "cash") if amount == 1 else (kind, contra)
        balance += amount
        request = f"req_{account[-6:]}_{seq}" if kind == "charge" else None
        at = first + seq * STEP_MS
        key = entry_id(account, seq)
        yield (key, account, seq, kind, amount, balance, contra, request, None, "test", "", at)


@pytest.fixture(scope="module")
def shop(cli, tmp_path_factory):
    """A running shop with all the entries; its ledger is not proved, since nothing was used."""
    with Gateway(tmp_path_factory.mktemp("many") / "home", cli) as gateway:
        ids = {name: gateway.cli("account", "create", name)["id"] for name in ENTRIES}
        with closing(sqlite3.connect(gateway.home / "yiyuan.db")) as database, database:
            for name, count in ENTRIES.items():
                database.executemany(INSERT, rows(ids[name], count))
            database.execute(
                """UPDATE accounts SET (seq, posted, last_entry_at) = (
                     SELECT seq, balance_after, at FROM entries
                     WHERE account_id = accounts.id ORDER BY seq DESC LIMIT 1)"""
            )
        gateway.start()
        gateway.ids = ids
        yield gateway


@pytest.fixture(scope="module")
def owner(shop):
    """The owner, signed in."""
    return operator(shop, "owner@example.com")


def asked(shop, query: str, *values: object) -> list[tuple]:
    """Rows of the database, read beside the server."""
    with closing(sqlite3.connect(f"file:{shop.home / 'yiyuan.db'}?mode=ro", uri=True)) as database:
        return database.execute(query, values).fetchall()


def span(month: str) -> tuple[str, str, int, int]:
    """A month's days as the API takes them, and as the database has them."""
    begin = datetime.strptime(month + "+0000", "%Y-%m%z")
    end = begin.replace(month=begin.month + 1)
    days = [f"{each:%Y-%m-%d}" for each in (begin, end)]
    return days[0], days[1], *(int(each.timestamp() * 1_000) for each in (begin, end))


def test_there_are_as_many_as_said(shop) -> None:
    assert asked(shop, "SELECT count(*) FROM entries") == [(sum(ENTRIES.values()),)]


@pytest.mark.parametrize("month", MONTHS)
def test_a_month_s_summary_is_the_sum_of_its_rows(month, shop, owner) -> None:
    since, until, first, end = span(month)
    found = owner.call("GET", f"/api/operator/ledger/summary?since={since}&until={until}")
    assert found["adds_up"]
    by_kind = asked(
        shop,
        """SELECT account_id, kind, sum(amount) FROM entries WHERE at >= ? AND at < ?
           GROUP BY account_id, kind""",
        first,
        end,
    )
    shown = {
        (one["account_id"], kind): amount
        for one in found["accounts"]
        for kind, amount in one["amounts"].items()
        if amount
    }
    assert shown == {(account, kind): amount for account, kind, amount in by_kind}
    for name, moment in (("opening", first), ("closing", end)):
        (posted,) = asked(shop, "SELECT coalesce(sum(amount), 0) FROM entries WHERE at < ?", moment)
        assert found["total"][name] == posted[0]


@pytest.mark.parametrize("name", ENTRIES)
def test_a_statement_and_an_invoice_are_the_sums_of_their_rows(name, shop, owner) -> None:
    account = shop.ids[name]
    since, until, first, end = span("2025-04")
    sums = owner.call(
        "GET", f"/api/accounts/{account}/statement?since={since}&until={until}&limit=1"
    )["sums"]
    ((incoming, outgoing, entries),) = asked(
        shop,
        """SELECT coalesce(sum(max(amount, 0)), 0), coalesce(-sum(min(amount, 0)), 0), count(*)
           FROM entries WHERE account_id = ? AND at >= ? AND at < ?""",
        account,
        first,
        end,
    )
    assert (sums["incoming"], sums["outgoing"], sums["entries"]) == (incoming, outgoing, entries)
    assert sums["opening"] + incoming - outgoing == sums["closing"]
    invoice = owner.call("GET", f"/api/accounts/{account}/invoice?month=2025-04")
    kinds = dict(
        asked(
            shop,
            """SELECT kind, sum(amount) FROM entries WHERE account_id = ? AND at >= ? AND at < ?
               GROUP BY kind""",
            account,
            first,
            end,
        )
    )
    assert invoice["charged"] == -kinds.get("charge", 0)
    assert invoice["paid_in"] == kinds.get("topup", 0)
    moved = invoice["paid_in"] + invoice["adjusted"] - invoice["total"]
    assert invoice["opening"] + moved == invoice["closing"] == sums["closing"]


def test_the_whole_statement_reaches_its_closing_page_by_page(shop, owner) -> None:
    account = shop.ids["Late"]
    path = f"/api/accounts/{account}/statement?since=2025-03-01&limit=400"
    page = owner.call("GET", path)
    sums, seen, total = page["sums"], 0, page["opening"]
    while True:
        seen += len(page["items"])
        total += sum(entry["amount"] for entry in page["items"])
        if page["next"] is None:
            break
        page = owner.call("GET", f"{path}&after={page['next']}")
    assert (seen, total) == (sums["entries"], sums["closing"]) == (ENTRIES["Late"], total)
