"""A QR code as the path of an SVG, drawn here so that no page needs a library for it."""

from functools import lru_cache
from typing import NamedTuple

TEXT_CHARACTERS_MAX = 2_000


class QrPicture(NamedTuple):
    """Dark squares in a square of `size` units, the quiet zone of four included."""

    size: int
    path: str


@lru_cache(maxsize=256)
def qr_picture(text: str) -> QrPicture | None:
    """The code of a text; None when it is too long for one."""
    if len(text) > TEXT_CHARACTERS_MAX:
        return None
    import segno  # noqa: PLC0415 - seldom needed

    code = segno.make_qr(text, error="m")
    parts, size = [], 0
    for y, cells in enumerate(code.matrix_iter(border=4)):
        row, size = bytes(cells), y + 1
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                parts.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run + 1
    return QrPicture(size, "".join(parts))
