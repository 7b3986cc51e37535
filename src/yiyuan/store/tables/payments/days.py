"""The daily comparison, and requests for invoices."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, upsert


class DayRow(NamedTuple):
    """One day of one method, UTC+8; `differences` is a JSON list."""

    method_id: str
    day: str
    ours_minor: int
    theirs_minor: int
    differences: str
    at: int


class InvoiceRow(NamedTuple):
    """A customer's request for a 发票."""

    id: str
    account_id: str
    order_id: str
    title: str
    tax_number: str
    email: str
    at: int
    done_at: int | None
    done_by: str | None


_DAYS = f"SELECT {columns(DayRow)} FROM payment_days "  # noqa: S608 - field names
_INVOICES = f"SELECT {columns(InvoiceRow)} FROM invoice_requests "  # noqa: S608 - field names


def put_day(row: DayRow) -> Statement:
    """Keep a comparison; a later one of the same day replaces it."""
    return upsert("payment_days", row, ("method_id", "day"))


async def days(database: Database, limit: int = 200) -> list[DayRow]:
    """Comparisons, the latest day first."""
    rows = await database.read(_DAYS + "ORDER BY day DESC, method_id LIMIT ?", (limit,))
    return [DayRow(*row) for row in rows]


async def has_day(database: Database, method_id: str, day: str) -> bool:
    """Whether a day was compared."""
    sql = "SELECT 1 FROM payment_days WHERE method_id = ? AND day = ?"
    return bool(await database.read(sql, (method_id, day)))


def put_invoice(row: InvoiceRow) -> Statement:
    """Keep a request; a later one for the same order replaces it."""
    return upsert("invoice_requests", row, ("order_id",))


async def invoices(database: Database, account_id: str = "") -> list[InvoiceRow]:
    """Requests, the latest first."""
    sql = _INVOICES + "WHERE (? = '' OR account_id = ?) ORDER BY at DESC, id LIMIT 500"
    return [InvoiceRow(*row) for row in await database.read(sql, (account_id, account_id))]


async def invoice_of(database: Database, order_id: str) -> InvoiceRow | None:
    """The request for an order."""
    rows = await database.read(_INVOICES + "WHERE order_id = ?", (order_id,))
    return InvoiceRow(*rows[0]) if rows else None


def close_invoice(invoice_id: str, at: int, actor: str) -> Statement:
    """The invoice was made."""
    sql = "UPDATE invoice_requests SET done_at = ?, done_by = ? WHERE id = ?"
    return (sql, (at, actor, invoice_id))


TABLES: Final = (
    Table("payment_days", DayRow, "method_id, day", after=("payment_methods",)),
    Table("invoice_requests", InvoiceRow, "id", after=("accounts", "payment_orders")),
)
