"""What was said of orders; rows are added and read, never changed: triggers see to that."""

import json
from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns
from yiyuan.store.tables.payments.orders import OrderRow

TEST: Final = "test"
TEST_NOTIFIED: Final = "test_notified"


class EventRow(NamedTuple):
    """One thing that was said; `facts` is a JSON object without secrets."""

    seq: int
    at: int
    order_id: str | None
    method_id: str
    source: str
    event_ref: str
    verdict: str
    facts: str
    address: str


_NEW = columns(EventRow).removeprefix("seq, ")
_EVENTS = f"SELECT {columns(EventRow)} FROM payment_events "  # noqa: S608 - field names


def add_event(row: EventRow) -> Statement:
    """Add one; its number is the database's."""
    places = ", ".join("?" * (len(row) - 1))
    return (f"INSERT INTO payment_events ({_NEW}) VALUES ({places})", row[1:])  # noqa: S608


async def events_of(database: Database, order_id: str) -> list[EventRow]:
    """What was said of an order, in order."""
    sql = _EVENTS + "WHERE order_id = ? ORDER BY seq LIMIT 500"
    return [EventRow(*row) for row in await database.read(sql, (order_id,))]


async def unmatched_events(database: Database, limit: int = 200) -> list[EventRow]:
    """Notifies with a good signature that belong to no order, the latest first."""
    sql = _EVENTS + "WHERE order_id IS NULL AND verdict = 'unmatched' ORDER BY seq DESC LIMIT ?"
    return [EventRow(*row) for row in await database.read(sql, (limit,))]


async def unmatched_of(database: Database, method_id: str, payment_ref: str) -> list[EventRow]:
    """Of the latest notifies without an order those that speak of a payment."""
    sql = f"""SELECT {columns(EventRow)} FROM
                (SELECT * FROM payment_events WHERE order_id IS NULL
                 ORDER BY seq DESC LIMIT 2000) AS latest
              WHERE method_id = ? AND verdict = 'unmatched' AND facts LIKE ?
              ORDER BY seq DESC"""  # noqa: S608 - field names
    rows = await database.read(sql, (method_id, f'%"{payment_ref}"%'))
    return [EventRow(*row) for row in rows]


async def is_noted(database: Database, event: EventRow) -> bool:
    """Whether the latest events without an order have the same already, whenever it came."""
    sql = """SELECT 1 FROM (SELECT * FROM payment_events WHERE order_id IS NULL
                            ORDER BY seq DESC LIMIT 2000) AS latest
             WHERE method_id = ? AND event_ref = ? AND verdict = ? AND facts = ? LIMIT 1"""
    same = (event.method_id, event.event_ref, event.verdict, event.facts)
    return bool(await database.read(sql, same))


async def test_events(database: Database, method_id: str, number: str) -> list[EventRow]:
    """What is known of a test order of this number: that it was made, and notified."""
    sql = f"""SELECT {columns(EventRow)} FROM
                (SELECT * FROM payment_events WHERE order_id IS NULL
                 ORDER BY seq DESC LIMIT 2000) AS latest
              WHERE method_id = ? AND event_ref = ? AND verdict IN (?, ?)
              ORDER BY at, seq"""  # noqa: S608 - field names
    rows = await database.read(sql, (method_id, number, TEST, TEST_NOTIFIED))
    return [EventRow(*row) for row in rows]


async def disputes_of(database: Database, order_id: str) -> list[str]:
    """The provider's numbers of the disputes that took an order's money, in order."""
    sql = """SELECT facts FROM payment_events WHERE order_id = ?
             AND verdict IN ('dispute_withdrawn', 'dispute_lost') ORDER BY seq"""
    found = [json.loads(row[0]) for row in await database.read(sql, (order_id,))]
    refs = [facts.get("dispute") or facts.get("object") for facts in found]
    return list(dict.fromkeys(ref for ref in refs if ref))


def suspension(row: OrderRow, at: int) -> Statement:
    """Note that an account is suspended because of an order, and when exactly."""
    event = EventRow(0, at, row.id, row.method_id, "query", "", "account_suspended", "{}", "")
    return add_event(event)


async def is_suspended_by_payments(database: Database, account_id: str) -> bool:
    """Whether an account's suspension is one of those notes, and no operator's."""
    sql = """SELECT 1 FROM accounts AS a JOIN payment_orders AS o ON o.account_id = a.id
             JOIN payment_events AS e ON e.order_id = o.id
             WHERE a.id = ? AND e.verdict = 'account_suspended' AND e.at = a.suspended_at"""
    return bool(await database.read(sql, (account_id,)))


def untell_unless_in(notice_id: str, order_id: str, state: str) -> Statement:
    """Take a notice back, in the transaction that wrote it, if the order was not moved there."""
    sql = """DELETE FROM notices WHERE id = ? AND NOT EXISTS
             (SELECT 1 FROM payment_orders WHERE id = ? AND state = ?)"""
    return (sql, (notice_id, order_id, state))


def untell_unless_refunded(notice_id: str, refund_id: str) -> Statement:
    """The same for a refund that was not done."""
    sql = """DELETE FROM notices WHERE id = ? AND NOT EXISTS
             (SELECT 1 FROM payment_refunds WHERE id = ? AND state = 'done')"""
    return (sql, (notice_id, refund_id))


TABLES: Final = (Table("payment_events", EventRow, "seq"),)
