"""What a door into another gateway's database gives: columns first, then chosen rows.

Everything is read in one transaction of one moment, and nothing is ever written. A
database of millions of log rows is no trouble: only the tables that were chosen are read,
at most `ROWS_MAX` rows of each.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yiyuan.i18n.message import Message, SaidError

Schema = Mapping[str, frozenset[str]]
Rows = list[dict[str, Any]]
Choose = Callable[[Schema], Collection[str]]
"""Looks at the columns by table and names the tables to read; may raise."""

ROWS_MAX = 2_000_000
TIMEOUT_SECONDS = 30


class ForeignError(SaidError):
    """The other database cannot be read; the message says why, without its password."""


@dataclass(slots=True, frozen=True)
class Reading:
    """The tables of one moment."""

    schema: Schema
    tables: Mapping[str, Rows]


def check_size(table: str, rows: int) -> None:
    """Refuse a table that no shop has. Raises ForeignError."""
    if rows > ROWS_MAX:
        template = "the table {table} has more than {limit} rows"
        raise ForeignError(Message(template, table=table, limit=ROWS_MAX))


def read_rows(table: str, rows: Iterable[dict[str, Any]]) -> Rows:
    """All rows as they come, though the server told another number. Raises ForeignError."""
    found: Rows = []
    for row in rows:
        found.append(row)
        check_size(table, len(found))
    return found
