"""Output for people: tables, and amounts with ¥ first and 词元 second."""

import io
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yiyuan.i18n.locale_env import told, words
from yiyuan.i18n.message import Message
from yiyuan.kernel.money import PPM

PIPE_WIDTH = 200
_STEERS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]")

_LABELS: Final = {
    "channel": "channel {name}",
    "model": "model {name}",
    "tier": "tier {name}",
    "group": "group {name}",
}


def label_of(label: str) -> str:
    """What of a catalog is changed, such as `model gpt-4`, in the reader's language."""
    kind, _, name = label.partition(" ")
    return told(Message(_LABELS[kind], name=name)) if kind in _LABELS else label


def amount(micros: int | None) -> str:
    """`¥10.00 (10,000,000 词元)`; at least two decimals, never rounded."""
    if micros is None:
        return "–"
    whole, fraction = divmod(abs(micros), PPM)
    decimals = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    sign = "-" if micros < 0 else ""
    return f"{sign}¥{whole:,}.{decimals} ({micros:,} 词元)"


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]], empty: str) -> None:
    """A table whose amounts and counts (headings that end in `>`) are to the right.

    Headings, and what is said when it is `empty`, are in the reader's language.
    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        is_number = heading.endswith(">")
        justify = "right" if is_number else "left"
        table.add_column(words(heading.removesuffix(">")), justify=justify, no_wrap=is_number)  # type: ignore[arg-type]  # a Literal, chosen above
    count = 0
    for row in rows:
        # Text, not markup: a name may contain brackets.
        table.add_row(*(Text("–" if cell is None else harmless(str(cell))) for cell in row))
        count += 1
    if count:
        console().print(table)
    else:
        console().print(words(empty), markup=False, highlight=False)


def print_fields(pairs: Iterable[tuple[str, object]]) -> None:
    """One thing, a line per field, whose name is in the reader's language."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(words(name)), Text("–" if value is None else harmless(str(value))))
    console().print(table)


def print_line(text: str) -> None:
    """One line as it is: not wrapped, no markup."""
    console().print(harmless(text), markup=False, highlight=False, soft_wrap=True)


def harmless(text: str) -> str:
    """A text in which nothing can steer the terminal: names come from strangers, too.

    Escapes, other control characters and turns of direction become a question mark.
    """
    return _STEERS.sub("?", text)


def say(english: str, /, **fields: object) -> None:
    """A line in the reader's language."""
    print_line(words(english, **fields))


def console() -> Console:
    """The terminal; into a pipe or file, lines are not cut at 80 columns.

    A character that the terminal's encoding lacks, such as ¥ in GBK, becomes a question mark.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def print_url(document: dict[str, Any]) -> None:
    """A link on a line of its own."""
    print_line(document["url"])
    say("It works once. Open it yourself, or give it to the person it is for.")


def print_entry(entry: dict[str, Any]) -> None:
    """One entry of the ledger."""
    print_fields(
        [
            ("entry", entry["id"]),
            ("time", entry["at"]),
            ("kind", words(entry["kind"])),
            ("amount", amount(entry["amount"])),
            ("balance after", amount(entry["balance_after"])),
            ("reason", entry["reason"]),
        ]
    )
