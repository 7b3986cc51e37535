"""What a `[[model]]` says beside its price and limits: who may answer, and what is told of it."""

from datetime import date
from typing import Any, Final

from yiyuan.pricing.model import FALLBACK_MAX, About
from yiyuan.services.catalog.reading.toml_fields import Table

MODALITIES: Final = ("text", "image", "audio", "video", "file")
SUPPORTS: Final = ("tools", "json_schema", "reasoning", "caching")
AFFINITY: Final = ("auto", "off")


def read_choices(table: Table, name: str) -> dict[str, Any]:
    """Check the fields; the values of a `ModelDocument`. Raises ServiceError."""
    about = About(
        modalities=_words(table, "modalities", MODALITIES),
        supports=_words(table, "supports", SUPPORTS),
        shutdown_date=_date(table, "shutdown_date"),
    )
    return {
        "fallback": _fallback(table, name),
        "affinity": table.choice("affinity", AFFINITY, "auto"),
        "about": about,
    }


def _fallback(table: Table, name: str) -> tuple[str, ...]:
    names: tuple[str, ...] = table.texts("fallback")
    if len(names) > FALLBACK_MAX:
        raise table.problem("fallback", "must be at most {most} models", most=FALLBACK_MAX)
    for index, other in enumerate(names):
        if other == name:
            place = (*table.path, "fallback", index)
            raise table.source.problem(place, "is the model itself")
    return names


def _words(table: Table, name: str, known: tuple[str, ...]) -> tuple[str, ...] | None:
    words: tuple[str, ...] | None = table.texts(name, None)
    for index, word in enumerate(words or ()):
        if word not in known:
            place = (*table.path, name, index)
            choices = ", ".join(known)
            raise table.source.problem(place, "must be one of {choices}", choices=choices)
    return words


def _date(table: Table, name: str) -> str | None:
    """A bare date, written as text or as TOML's own."""
    value = table.take(name, None)
    if type(value) is date:
        return value.isoformat()
    if value is None:
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise table.problem(name, "must be a date like 2027-01-31") from None
