"""Shapes that several routes share. Money is whole 词元, times are ISO 8601 in UTC."""

from typing import Annotated, Any

import msgspec

from yiyuan.services.shared.answer import Account, Entry, Page
from yiyuan.services.shared.answer import Answer as ResponseBody
from yiyuan.services.shared.request import Amount, Line, Positive, Signed
from yiyuan.services.shared.request import Request as RequestBody

__all__ = [
    "Account",
    "Amount",
    "Entry",
    "Line",
    "Page",
    "PageSize",
    "Positive",
    "RequestBody",
    "ResponseBody",
    "Secret",
    "Signed",
    "Url",
    "shown_entry",
]

Secret = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=200)]


class Url(ResponseBody):
    """An address to open, once."""

    url: str


def shown_entry(document: dict[str, Any]) -> Entry:
    """An entry as `ledger.statement.entry_document` writes it."""
    return msgspec.convert(document, Entry)
