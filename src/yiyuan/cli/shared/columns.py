"""Text in a terminal's columns, of which a Chinese character takes two.

Lines break between words, and anywhere in Chinese, but no line begins with a closing
mark or ends with an opening one. A word longer than the line stays whole.
"""

import re
from collections.abc import Iterator
from typing import Final
from unicodedata import combining, east_asian_width

_CLOSING: Final = "，。、；：？！）》」』】”’…"
_OPENING: Final = "（《「『【“‘"
_PIECE: Final = re.compile(r"(\s*)([\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+)")


def columns(text: str) -> int:
    """How many columns a text takes."""
    wide = sum(east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(combining(character) > 0 for character in text)


def padded(text: str, width: int) -> str:
    """A text with spaces after it, `width` columns at least."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """A paragraph as lines of at most `width` columns."""
    lines = [""]
    for space, piece in _pieces(text):
        if lines[-1] and columns(lines[-1] + space + piece) > width:
            lines.append(piece)
        else:
            lines[-1] += (space if lines[-1] else "") + piece
    return lines


def cut(text: str, width: int) -> str:
    """A text of at most `width` columns, with … where it was cut."""
    while columns(text) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What must stay together, each with the space before it."""
    before, held = "", ""
    for space, piece in _PIECE.findall(text):
        is_bound = held and not space and (piece[0] in _CLOSING or held[-1] in _OPENING)
        if held and not is_bound:
            yield before, held
            before, held = space, piece
        elif held:
            held += piece
        else:
            before, held = space, piece
    if held:
        yield before, held
