"""Turns the `?` of our SQL into PostgreSQL's `$1`, `$2`, …: the only place that does."""

import re
from functools import lru_cache

_QUOTED_OR_PLACE = re.compile(r"'(?:[^']|'')*'|\?")


@lru_cache(maxsize=1_024)
def numbered(sql: str) -> str:
    """The same statement with numbered places; a `?` inside a quoted text stays."""
    number = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal number
        if match[0] != "?":
            return match[0]
        number += 1
        return f"${number}"

    return _QUOTED_OR_PLACE.sub(replace, sql)
