"""An account's statement: what it had, each entry, what it has then.

Exact to the entry: opening + the sum of the amounts = closing, or LedgerInconsistent is
raised. Times are those of the entries, `since` included and `until` excluded.
"""

import csv
import io
from dataclasses import dataclass
from typing import Any

from yiyuan.kernel.clock import iso
from yiyuan.ledger.errors import LedgerInconsistent
from yiyuan.store.database import Connection
from yiyuan.store.queries import statement
from yiyuan.store.tables.ledger import EntryRow

_COLUMNS = (
    "at",
    "seq",
    "kind",
    "amount",
    "balance_after",
    "contra",
    "request_id",
    "key",
    "actor",
    "reason",
    "id",
)
# A cell that begins like these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(slots=True, frozen=True)
class Statement:
    """Opening and closing balances in micros, and the entries between."""

    opening: int
    entries: list[EntryRow]
    closing: int

    def to_document(self) -> dict[str, Any]:
        """As JSON: `{"opening", "entries": […], "closing"}`."""
        entries = [entry_document(entry) for entry in self.entries]
        return {"opening": self.opening, "entries": entries, "closing": self.closing}

    def to_csv(self) -> str:
        """As CSV, one row per entry, with a head row."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for entry in self.entries:
            document = entry_document(entry)
            writer.writerow([_cell(document[column]) for column in _COLUMNS])
        return text.getvalue()


def entry_document(entry: EntryRow) -> dict[str, Any]:
    """One entry as JSON; amounts in micros, `amount` signed as the account saw it."""
    return {
        "id": entry.id,
        "account": entry.account_id,
        "seq": entry.seq,
        "at": iso(entry.at),
        "kind": entry.kind,
        "amount": entry.amount,
        "balance_after": entry.balance_after,
        "contra": entry.contra,
        "request_id": entry.request_id,
        "key": entry.idem_key,
        "actor": entry.actor,
        "reason": entry.memo,
    }


def entry_range(
    connection: Connection, account_id: str, since_ms: int | None, until_ms: int | None
) -> tuple[int, int]:
    """Numbers of the first entry of a span of time and of the one after its last."""
    last = statement.last_seq(connection, account_id)
    first, end = 1, last + 1
    if since_ms is not None:
        first = statement.first_seq_from(connection, account_id, since_ms, last)
    if until_ms is not None:
        end = statement.first_seq_from(connection, account_id, until_ms, last)
    return first, max(first, end)


def make_statement(
    connection: Connection,
    account_id: str,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
) -> Statement:
    """The statement of an account; without bounds, from its first entry to its last."""
    first, end = entry_range(connection, account_id, since_ms, until_ms)
    opening = statement.balance_after(connection, account_id, first - 1)
    entries = list(statement.entries_between(connection, account_id, first, end))
    closing = entries[-1].balance_after if entries else opening
    if opening + sum(entry.amount for entry in entries) != closing:
        raise LedgerInconsistent(f"{account_id}: its entries do not make its balance")
    return Statement(opening, entries, closing)


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
