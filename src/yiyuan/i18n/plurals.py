"""One thing is not "1 things": English templates are filled with the noun that fits the number."""

import re
from collections.abc import Mapping
from typing import Final

_COUNTED: Final = re.compile(r"\{(\w+)(?::,)?\} ([a-z]+)(?: (are|have|were|stay)\b)?")
_ONE: Final = {
    "accounts": "account",
    "balances": "balance",
    "calls": "call",
    "charges": "charge",
    "differences": "difference",
    "entries": "entry",
    "files": "file",
    "keys": "key",
    "micros": "micro",
    "models": "model",
    "notes": "note",
    "people": "person",
    "problems": "problem",
    "requests": "request",
    "rows": "row",
    "tokens": "token",
    "units": "unit",
}
_VERBS: Final = {"are": "is", "have": "has", "were": "was", "stay": "stays"}
_NOUN: Final = re.compile(r" ([a-z]+)(?: (are|have|were|stay)\b)?")


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

    return _COUNTED.sub(fitted, template).format_map(fields)


def either(piece: str) -> str:
    """A pattern for what follows a place of a template, with the noun for one or for many."""
    found = _NOUN.match(piece)
    if found is None or found[1] not in _ONE:
        return re.escape(piece)
    noun, verb = found.groups()
    words = f"(?:{noun}|{_ONE[noun]})"
    if verb is not None:
        words += f" (?:{verb}|{_VERBS[verb]})"
    return " " + words + re.escape(piece[found.end() :])
