"""A QR code as the path of an SVG: a number and a text that a page draws without HTML."""

from typing import NamedTuple

CHARACTERS_MAX = 2_000


class QrCode(NamedTuple):
    """`size` modules a side, the quiet zone included; `path` fills the dark ones."""

    size: int
    path: str


def qr_code(text: str) -> QrCode:
    """Draw a text, at a level that survives a finger on the screen (M, 15 %)."""
    if not 0 < len(text) <= CHARACTERS_MAX:
        raise ValueError("a QR code holds 1 to 2,000 characters")
    import segno  # noqa: PLC0415 - seldom needed

    border = 4
    made = segno.make(text, error="m", micro=False)
    path = []
    for y, row in enumerate(made.matrix):
        x = 0
        while x < len(row):
            run = x
            while run < len(row) and row[run]:
                run += 1
            if run > x:
                path.append(f"M{x + border} {y + border}h{run - x}v1h{x - run}z")
            x = max(run, x + 1)
    return QrCode(len(made.matrix) + 2 * border, "".join(path))
