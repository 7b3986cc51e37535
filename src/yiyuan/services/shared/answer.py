"""What services answer with: shapes that every surface shows. Money is whole micros (词元)."""

from typing import Generic, TypeVar

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.store.tables.ledger import EntryRow

Item = TypeVar("Item")


class Answer(msgspec.Struct, kw_only=True):
    """What a caller gets; times are ISO 8601 in UTC."""


class Page(Answer, Generic[Item]):
    """A part of a list; `next` is what to ask on `after`, null at its end."""

    items: list[Item]
    next: str | None = None


class Account(Answer):
    """The holder of a balance; `available` is what new requests may use."""

    id: str
    name: str
    balance: int
    held: int
    available: int
    is_suspended: bool
    created: str


class Spend(Answer):
    """词元 since midnight UTC, in 7 days, and in this month."""

    today: int
    week: int
    month: int


class Entry(Answer):
    """One entry of the ledger, as the account saw it."""

    id: str
    seq: int
    at: str
    kind: str
    amount: int
    balance_after: int
    request_id: str | None
    actor: str
    reason: str


def entry_of(row: EntryRow) -> Entry:
    """An entry from its row."""
    return Entry(
        id=row.id,
        seq=row.seq,
        at=iso(row.at),
        kind=row.kind,
        amount=row.amount,
        balance_after=row.balance_after,
        request_id=row.request_id,
        actor=row.actor,
        reason=row.memo,
    )


def time_text(at_ms: int | None) -> str | None:
    """A time as people and programs read it; None stays None."""
    return None if at_ms is None else iso(at_ms)
