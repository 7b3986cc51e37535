"""CSV for people: a head row, and cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from decimal import Decimal

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes Chinese for something else."""


def csv_piece(rows: Iterable[Sequence[object]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode()


async def csv_pieces(
    head: Sequence[str], pages: AsyncIterator[list[tuple[object, ...]]]
) -> AsyncIterator[bytes]:
    """A whole file, page by page; the first page is there before anything is given out."""
    first: list[tuple[object, ...]] = await anext(pages, [])
    yield BYTE_ORDER_MARK.encode() + csv_piece([head, *first])
    async for page in pages:
        yield csv_piece(page)


def yuan(micros: int) -> Decimal:
    """An amount in 元 with all its decimals: a number for a spreadsheet, signs included."""
    return Decimal(micros).scaleb(-6).quantize(Decimal("0.000001"))


def head_in_yuan(head: Sequence[str], amounts: Sequence[str]) -> list[str]:
    """The same columns, each amount in 词元 followed by itself in 元 (`…_yuan`)."""
    names = ((name, f"{name}_yuan") if name in amounts else (name,) for name in head)
    return [name for group in names for name in group]


def row_in_yuan(
    head: Sequence[str], row: Sequence[object], amounts: Sequence[str]
) -> tuple[object, ...]:
    """A row for `head_in_yuan`."""
    cells: list[object] = []
    for name, value in zip(head, row, strict=True):
        cells.append(value)
        if name in amounts:
            cells.append(yuan(value) if isinstance(value, int) else None)
    return tuple(cells)


def file_name(what: str, since: str | None, until: str | None) -> str:
    """Such as `statement_2026-11-01_2026-12-01.csv`: what it is of, and its span as asked."""
    days = [text[:10] for text in (since, until) if text and text[:10].replace("-", "").isdigit()]
    return "_".join([what, *days]) + ".csv"


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
