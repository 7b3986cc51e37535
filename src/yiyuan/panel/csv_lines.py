"""CSV for people: a head row, and cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

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
    """A whole file, page by page."""
    yield BYTE_ORDER_MARK.encode() + csv_piece([head])
    async for page in pages:
        yield csv_piece(page)


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
