"""Shapes that several routes share. Money is whole 词元, times are ISO 8601 in UTC."""

from typing import Annotated, Any, Generic, TypeVar

import msgspec

from yiyuan.kernel.money import MICROS_MAX

Item = TypeVar("Item")

Amount = Annotated[int, msgspec.Meta(ge=0, le=MICROS_MAX)]
Positive = Annotated[int, msgspec.Meta(ge=1, le=MICROS_MAX)]
Signed = Annotated[int, msgspec.Meta(ge=-MICROS_MAX, le=MICROS_MAX)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Asked(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What a caller sends: a field that is not known is refused, so nothing is set by chance."""


class Shown(msgspec.Struct, kw_only=True):
    """What a caller gets."""


class Page(Shown, Generic[Item]):
    """A part of a list; `next` is what to ask on `after`, null at its end."""

    items: list[Item]
    next: str | None = None


class Account(Shown):
    """The holder of a balance; `available` is what new requests may use."""

    id: str
    name: str
    balance: int
    held: int
    available: int
    is_suspended: bool
    created: str


class Entry(Shown):
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


class Url(Shown):
    """An address to open, once."""

    url: str


def shown_entry(document: dict[str, Any]) -> Entry:
    """An entry as `ledger.statement.entry_document` writes it."""
    return msgspec.convert(document, Entry)
