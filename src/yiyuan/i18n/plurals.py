"""One thing is not "1 things": English templates are filled with the noun that fits the number."""

import re
from collections.abc import Mapping
from typing import Final

_COUNTED: Final = re.compile(r"\{(\w+)(?::,)?\} ([a-z]+)(?: (are|have|were|stay)\b)?")
_ONE: Final = {
    "accounts": "account",
    "calls": "call",
    "entries": "entry",
    "people": "person",
    "problems": "problem",
    "requests": "request",
    "rows": "row",
    "tokens": "token",
}
_VERBS: Final = {"are": "is", "have": "has", "were": "was", "stay": "stays"}


def fill(template: str, fields: Mapping[str, object]) -> str:
    """`template` with its places filled; `{n} requests` is `1 request` where n is 1.

    Only a number is counted, and only a noun that follows its place at once.
    """

    def fitted(found: re.Match[str]) -> str:
        name, noun, verb = found.groups()
        if fields.get(name) not in (1, "1") or noun not in _ONE:
            return found[0]
        words = f"{found[0].split('}')[0]}}} {_ONE[noun]}"
        return words if verb is None else f"{words} {_VERBS[verb]}"

    return _COUNTED.sub(fitted, template).format(**fields)
