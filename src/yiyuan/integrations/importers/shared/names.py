"""Names that must be made to fit here, and lists as the old gateways kept them."""

import json
from collections.abc import Iterable

NAME_CHARACTERS_MAX = 90


def printable_name(name: str, instead: str) -> str:
    """A name that can stand in tables, headers and logs: one printable line."""
    kept = "".join(character if character.isprintable() else " " for character in name)
    kept = " ".join(kept.split())[:NAME_CHARACTERS_MAX].strip()
    return kept or instead


def comma_list(value: str) -> tuple[str, ...]:
    """The parts between commas exactly as they stand; an empty text has none.

    Nothing is trimmed: there, a name with a space never matched one without.
    """
    return tuple(part for part in value.split(",") if part) if value else ()


def key_list(raw: str) -> tuple[str, ...]:
    """Keys of a channel: by line, as a JSON list, or one that is a JSON object itself."""
    raw = raw.strip()
    if raw.startswith(("[", "{")):
        try:
            found = json.loads(raw)
        except ValueError:
            found = None
        if isinstance(found, dict):
            return (raw,)
        if isinstance(found, list):
            return tuple(each if isinstance(each, str) else json.dumps(each) for each in found)
    return tuple(line.strip() for line in raw.splitlines() if line.strip())


def is_model_name(name: str) -> bool:
    """Whether a model can have this name here: printable, no white space, no commas."""
    return 0 < len(name) <= 200 and name.isprintable() and not any(c in " ,\u3000" for c in name)


def unique(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by id, with ` (id)` behind those that repeat (case and all)."""
    pairs = list(names)
    counts: dict[str, int] = {}
    for _, name in pairs:
        counts[name] = counts.get(name, 0) + 1
    return {id_: name if counts[name] == 1 else f"{name} ({id_})" for id_, name in pairs}
